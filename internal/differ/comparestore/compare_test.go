//go:build labcompare

package comparestore_test

import (
	"context"
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
		return side{func(l, u kv.Bound) harness.Scan { return student.store.Scan(l, u) }, student}, side{func(l, u kv.Bound) harness.Scan { return reference.store.Scan(l, u) }, reference}, nil
	})
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
	scan func(lower, upper kv.Bound) harness.Scan
	reopener
}

// Close closes the store.
func (s side) Close() error { return s.db().Close() }

// Do carries out one operation.
func (s side) Do(o harness.Op) string {
	ctx := context.Background()
	switch o.Name {
	case "put":
		return harness.Done(s.db().Put(o.Key, o.Value))
	case "delete":
		return harness.Done(s.db().Delete(o.Key))
	case "flush":
		return harness.Done(s.db().Flush(ctx))
	case "compact":
		return harness.Done(s.db().Compact(ctx))
	case "reopen":
		return harness.Done(s.reopen())
	case "get":
		return harness.Found(s.db().Get(o.Key))
	case "scan":
		return harness.Scanned(s.scan(o.Lower, o.Upper))
	}
	return ""
}
