//lab:day 1.1

package memtable_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/memtable"
)

// benchKey writes the i-th of a set of 16-byte keys in random order into key.
func benchKey(key []byte, i uint64) {
	binary.BigEndian.PutUint64(key, i*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(key[8:], i)
}

// benchTable returns a table with n entries of 16-byte keys and 100-byte values.
func benchTable(n int) *memtable.Table {
	t := memtable.New(1, memtable.Capacity(n, n*116))
	key, value := make([]byte, 16), make([]byte, 100)
	for i := range n {
		benchKey(key, uint64(i))
		if err := t.Put(kv.Seq(i+1), key, value); err != nil {
			panic(err)
		}
	}
	return t
}

// BenchmarkPut fills tables of 4 MiB, 16-byte keys in random order and 100-byte values.
func BenchmarkPut(b *testing.B) {
	key, value := make([]byte, 16), make([]byte, 100)
	t := memtable.New(1, 4<<20)
	b.ReportAllocs()
	b.SetBytes(116)
	for i := range b.N {
		benchKey(key, uint64(i))
		if t.Put(kv.Seq(i+1), key, value) != nil {
			b.StopTimer()
			t = memtable.New(1, 4<<20)
			b.StartTimer()
		}
	}
}

// BenchmarkPutParallel is BenchmarkPut from as many goroutines as there are processors, into one table at a time.
func BenchmarkPutParallel(b *testing.B) {
	b.ReportAllocs()
	t := memtable.New(1, memtable.Capacity(b.N, b.N*116))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		key, value := make([]byte, 16), make([]byte, 100)
		for i := rand.Uint64(); pb.Next(); i++ {
			benchKey(key, i)
			if err := t.Put(kv.Seq(i%1000), key, value); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkGet reads existing keys from a table of about 4 MiB.
func BenchmarkGet(b *testing.B) {
	const n = 24_000
	t := benchTable(n)
	key := make([]byte, 16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		benchKey(key, uint64(i*7919%n))
		if _, _, found := t.Get(key, kv.MaxSeq); !found {
			b.Fatal("not found")
		}
	}
}

// BenchmarkNext steps through a table.
func BenchmarkNext(b *testing.B) {
	t := benchTable(24_000)
	it := t.NewIterator()
	b.ReportAllocs()
	for b.Loop() {
		if !it.Valid() {
			it.First()
		}
		it.Next()
	}
}
