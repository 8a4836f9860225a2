//go:build labcompare

package compareengine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"lsmlab/internal/differ/harness"
	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	refengine "lsmlab/solution/week1/engine"
	"lsmlab/week1/engine"
)

// arena is the size of a memtable: so small that a run of operations fills several.
const arena = 1 << 10

// TestCompare puts the same writes, flushes and reads through both engines.
func TestCompare(t *testing.T) {
	names := []string{"put", "put", "put", "put", "delete", "get", "get", "scan", "flush"}
	harness.Compare(t, names, func() (harness.Side, harness.Side, error) {
		student, err := engine.Open("db", &engine.Options{FS: vfs.NewMem(), MemtableSize: arena})
		if err != nil {
			return nil, nil, err
		}
		reference, err := refengine.Open("db", &refengine.Options{FS: vfs.NewMem(), MemtableSize: arena})
		return side[*engine.Scan]{student}, side[*refengine.Scan]{reference}, err
	})
}

// scan is what both kinds of scan do.
type scan interface {
	All() iter.Seq2[[]byte, []byte]
	Err() error
	Close() error
}

// store is what both engines do.
type store[S scan] interface {
	Put(key, value []byte) error
	Delete(key []byte) error
	Get(key []byte) ([]byte, error)
	Scan(lower, upper kv.Bound) S
	Flush(ctx context.Context) error
	Close() error
}

// side is one engine.
type side[S scan] struct{ store[S] }

// Do carries out one operation.
func (s side[S]) Do(o harness.Op) string {
	switch o.Name {
	case "put":
		return answer(s.Put(o.Key, o.Value))
	case "delete":
		return answer(s.Delete(o.Key))
	case "flush":
		return answer(s.Flush(context.Background()))
	case "get":
		value, err := s.Get(o.Key)
		if errors.Is(err, kv.ErrNotFound) {
			return "nothing"
		}
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%q", value)
	case "scan":
		return entries(s.Scan(o.Lower, o.Upper))
	}
	return ""
}

// answer returns an error as text.
func answer(err error) string {
	if err != nil {
		return err.Error()
	}
	return "no error"
}

// entries returns what a scan yields, and closes it.
func entries[S scan](s S) string {
	var parts []string
	for key, value := range s.All() {
		parts = append(parts, fmt.Sprintf("%q = %q", key, value))
	}
	if err := s.Err(); err != nil {
		parts = append(parts, "error: "+err.Error())
	}
	if err := s.Close(); err != nil {
		parts = append(parts, "error from Close: "+err.Error())
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "\n")
}
