//lab:day 3.7

package partition_test

import (
	"context"
	"fmt"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// BenchmarkRoute measures what a router adds to each put and get, with a key of 16 bytes and 64 partitions.
func BenchmarkRoute(b *testing.B) {
	key := []byte("user000000001234")
	for _, r := range []partition.Router{
		partition.Hash(64), partition.Consistent(64), partition.Jump(64), partition.Ranges("m", "t", "user1", "v"),
	} {
		b.Run(fmt.Sprint(r), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Route(key)
			}
		})
	}
}

// filled returns a database with 100,000 keys in tables, and the keys.
func filled(b *testing.B, n int) (*partition.DB, [][]byte) {
	o := &partition.Options{Router: partition.Hash(n)}
	o.Store.FS = vfs.NewMem()
	db, err := partition.Open("db", o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	keys := make([][]byte, 100_000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "user%012d", i)
		if err := db.Put(keys[i], make([]byte, 100)); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Compact(context.Background()); err != nil {
		b.Fatal(err)
	}
	return db, keys
}

// BenchmarkGetBatch measures a hundred keys at once and one after the other.
func BenchmarkGetBatch(b *testing.B) {
	db, keys := filled(b, 4)
	b.Run("batch", func(b *testing.B) {
		for i := 0; b.Loop(); i += 7919 {
			at := i % (len(keys) - 100)
			db.GetBatch(keys[at : at+100])
		}
	})
	b.Run("gets", func(b *testing.B) {
		for i := 0; b.Loop(); i += 7919 {
			at := i % (len(keys) - 100)
			for _, key := range keys[at : at+100] {
				if _, err := db.Get(key); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkScan measures a step of a scan over all keys.
func BenchmarkScan(b *testing.B) {
	for _, n := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("partitions=%d", n), func(b *testing.B) {
			db, _ := filled(b, n)
			scan := db.Scan(kv.Unbounded(), kv.Unbounded())
			defer scan.Close()
			b.ReportAllocs()
			scan.First()
			for b.Loop() {
				if scan.Next(); !scan.Valid() {
					scan.First()
				}
			}
		})
	}
}
