//go:build labcompare

package comparestore_test

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
	refstore "lsmlab/solution/week2/store"
	"lsmlab/week2/store"
)

// arena is the size of a memtable: so small that a run of operations fills several, and compactions begin.
const arena = 1 << 10

// TestCompare puts the same writes, flushes, compactions, reopenings and reads through both stores.
func TestCompare(t *testing.T) {
	names := []string{"put", "put", "put", "put", "delete", "get", "get", "scan", "flush", "compact", "reopen"}
	harness.Compare(t, names, func() (harness.Side, harness.Side, error) {
		student, err := open(func(fs vfs.FS) (*store.Store, error) {
			o := &store.Options{}
			o.FS, o.MemtableSize = fs, arena
			return store.Open("db", o)
		})
		if err != nil {
			return nil, nil, err
		}
		reference, err := open(func(fs vfs.FS) (*refstore.Store, error) {
			o := &refstore.Options{}
			o.FS, o.MemtableSize = fs, arena
			return refstore.Open("db", o)
		})
		if err != nil {
			return nil, nil, err
		}
		return side{func(l, u kv.Bound) scan { return student.store.Scan(l, u) }, student}, side{func(l, u kv.Bound) scan { return reference.store.Scan(l, u) }, reference}, nil
	})
}

// scan is what both kinds of scan do.
type scan interface {
	All() iter.Seq2[[]byte, []byte]
	Err() error
	Close() error
}

// db is what both stores do, but for Scan, whose results differ in type.
type db interface {
	Put(key, value []byte) error
	Delete(key []byte) error
	Get(key []byte) ([]byte, error)
	Flush(ctx context.Context) error
	Compact(ctx context.Context) error
	Close() error
}

// reopener is a db that can be opened again.
type reopener interface {
	db() db
	reopen() error
}

// opened is an open store of one kind over a file system in memory.
type opened[S db] struct {
	store S
	fs    vfs.FS
	again func(fs vfs.FS) (S, error)
}

// open opens a store.
func open[S db](again func(fs vfs.FS) (S, error)) (*opened[S], error) {
	o := &opened[S]{fs: vfs.NewMem(), again: again}
	var err error
	o.store, err = again(o.fs)
	return o, err
}

// db returns the store.
func (o *opened[S]) db() db { return o.store }

// reopen closes the store and opens it again.
func (o *opened[S]) reopen() error {
	if err := o.store.Close(); err != nil {
		return err
	}
	var err error
	o.store, err = o.again(o.fs)
	return err
}

// side is one store.
type side struct {
	scan func(lower, upper kv.Bound) scan
	reopener
}

// Close closes the store.
func (s side) Close() error { return s.db().Close() }

// Do carries out one operation.
func (s side) Do(o harness.Op) string {
	ctx := context.Background()
	switch o.Name {
	case "put":
		return answer(s.db().Put(o.Key, o.Value))
	case "delete":
		return answer(s.db().Delete(o.Key))
	case "flush":
		return answer(s.db().Flush(ctx))
	case "compact":
		return answer(s.db().Compact(ctx))
	case "reopen":
		return answer(s.reopen())
	case "get":
		value, err := s.db().Get(o.Key)
		if errors.Is(err, kv.ErrNotFound) {
			return "nothing"
		}
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%q", value)
	case "scan":
		return entries(s.scan(o.Lower, o.Upper))
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
func entries(s scan) string {
	var parts []string
	for key, value := range s.All() {
		parts = append(parts, fmt.Sprintf("%q = %q", key, value))
	}
	if err := errors.Join(s.Err(), s.Close()); err != nil {
		parts = append(parts, "error: "+err.Error())
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "\n")
}
