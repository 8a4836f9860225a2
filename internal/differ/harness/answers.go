package harness

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// What a side answers, in the words in which both sides say it.

// Scan is what the scans of all engines and stores do.
type Scan interface {
	All() iter.Seq2[[]byte, []byte]
	Err() error
	Close() error
}

// Done returns how an operation ended that yields nothing.
func Done(err error) string {
	if err != nil {
		return err.Error()
	}
	return "no error"
}

// Found returns what a Get found.
func Found(value []byte, err error) string {
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return "nothing"
	case err != nil:
		return err.Error()
	}
	return fmt.Sprintf("%q", value)
}

// Scanned returns what a scan yields, and closes it.
func Scanned(s Scan) string {
	var parts []string
	for key, value := range s.All() {
		parts = append(parts, fmt.Sprintf("%q = %q", key, value))
	}
	return ended(parts, s)
}

// Answer returns what a read found of the versions of a key.
func Answer(value []byte, kind kv.Kind, found bool) string {
	switch {
	case !found:
		return "nothing"
	case kind == kv.KindDelete:
		return "a tombstone"
	}
	return fmt.Sprintf("%q", value)
}

// Entries returns what an iterator yields from where it stands, and closes it.
func Entries(it kv.Iterator) string {
	var parts []string
	for ; it.Valid(); it.Next() {
		k := it.Key()
		parts = append(parts, labtest.Entry{Key: k.Clone(), Value: append([]byte(nil), it.Value()...)}.String())
	}
	return ended(parts, it)
}

// ended closes a walk and returns what it yielded, and what went wrong.
func ended(parts []string, walk interface {
	Err() error
	Close() error
}) string {
	if err := walk.Err(); err != nil {
		parts = append(parts, "error: "+err.Error())
	}
	if err := walk.Close(); err != nil {
		parts = append(parts, "error from Close: "+err.Error())
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "\n")
}
