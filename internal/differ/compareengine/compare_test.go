//go:build labcompare

package compareengine_test

import (
	"context"
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

// store is what both engines do.
type store[S harness.Scan] interface {
	Put(key, value []byte) error
	Delete(key []byte) error
	Get(key []byte) ([]byte, error)
	Scan(lower, upper kv.Bound) S
	Flush(ctx context.Context) error
	Close() error
}

// side is one engine.
type side[S harness.Scan] struct{ store[S] }

// Do carries out one operation.
func (s side[S]) Do(o harness.Op) string {
	switch o.Name {
	case "put":
		return harness.Done(s.Put(o.Key, o.Value))
	case "delete":
		return harness.Done(s.Delete(o.Key))
	case "flush":
		return harness.Done(s.Flush(context.Background()))
	case "get":
		return harness.Found(s.Get(o.Key))
	case "scan":
		return harness.Scanned(s.Scan(o.Lower, o.Upper))
	}
	return ""
}
