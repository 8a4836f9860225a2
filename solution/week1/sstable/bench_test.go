//lab:day 1.4

package sstable_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
)

// benchEntries is the size of the table in the benchmarks: about 13 MiB of 16-byte keys and 100-byte values.
const benchEntries = 100_000

// benchKey writes the i-th of the table's keys into key.
func benchKey(key []byte, i int) { binary.BigEndian.PutUint64(key[8:], uint64(i)*2) }

// benchTable writes a table to an in-memory file system and opens it.
func benchTable(b *testing.B, o sstable.Options) *sstable.Table {
	b.Helper()
	fs := vfs.NewMem()
	f, err := fs.Create("000001.sst")
	benchCheck(b, err)
	w := sstable.NewWriter(f, o)
	key, value := make([]byte, 16), make([]byte, 100)
	for i := range benchEntries {
		benchKey(key, i)
		benchCheck(b, w.Add(kv.MakeKey(key, kv.Seq(i+1), kv.KindSet), value))
	}
	_, err = w.Finish()
	benchCheck(b, err)
	f, err = fs.Open("000001.sst")
	benchCheck(b, err)
	t, err := sstable.Open(f, "000001.sst", 1, o)
	benchCheck(b, err)
	b.Cleanup(func() { t.Close() })
	return t
}

// benchCheck ends the benchmark at an error.
func benchCheck(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// sink is a file that forgets what it is given.
type sink struct{ vfs.File }

func (sink) Write(p []byte) (int, error) { return len(p), nil }
func (sink) Sync() error                 { return nil }
func (sink) Close() error                { return nil }

// BenchmarkWriter writes tables of entries with 16-byte keys and 100-byte values.
func BenchmarkWriter(b *testing.B) {
	w := sstable.NewWriter(sink{}, sstable.Options{})
	key, value := make([]byte, 16), make([]byte, 100)
	b.SetBytes(116)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i == benchEntries {
			_, err := w.Finish()
			benchCheck(b, err)
			w, i = sstable.NewWriter(sink{}, sstable.Options{}), 0
		}
		benchKey(key, i)
		if err := w.Add(kv.MakeKey(key, kv.Seq(i+1), kv.KindSet), value); err != nil {
			b.Fatal(err)
		}
	}
}

// benchGet looks up keys all over the table.
func benchGet(b *testing.B, t *sstable.Table) {
	key := make([]byte, 16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		benchKey(key, i*7919%benchEntries)
		if _, _, found, err := t.Get(key, kv.MaxSeq); !found || err != nil {
			b.Fatal("not found", err)
		}
	}
}

// BenchmarkGet_CacheHit finds keys in blocks that are in the cache.
func BenchmarkGet_CacheHit(b *testing.B) {
	t := benchTable(b, sstable.Options{Cache: sstable.NewCache(64 << 20)})
	it := t.NewIterator()
	for it.First(); it.Valid(); it.Next() {
	}
	benchGet(b, t)
}

// BenchmarkGet_CacheMiss finds keys in blocks that must be read, from a file in memory.
func BenchmarkGet_CacheMiss(b *testing.B) {
	benchGet(b, benchTable(b, sstable.Options{Cache: sstable.NewCache(64 << 10)}))
}

// BenchmarkGet_CacheHitParallel is BenchmarkGet_CacheHit from as many goroutines as there are processors.
func BenchmarkGet_CacheHitParallel(b *testing.B) {
	t := benchTable(b, sstable.Options{Cache: sstable.NewCache(64 << 20)})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		key := make([]byte, 16)
		for i := 0; pb.Next(); i++ {
			benchKey(key, i*7919%benchEntries)
			if _, _, found, err := t.Get(key, kv.MaxSeq); !found || err != nil {
				b.Error("not found", err)
				return
			}
		}
	})
}

// benchFilter is a filter that knows the benchmarks' table: it holds even numbers.
type benchFilter struct{}

func (benchFilter) Name() string                              { return "bench.even" }
func (benchFilter) NewBuilder() sstable.FilterBuilder         { return benchFilter{} }
func (benchFilter) Parse(data []byte) (sstable.Filter, error) { return benchFilter{}, benchParse(data) }
func (benchFilter) Add([]byte)                                {}
func (benchFilter) Finish() []byte                            { return []byte("even") }
func (benchFilter) MayContain(user []byte) bool               { return user[15]&1 == 0 }

// benchParse accepts what Finish returns.
func benchParse(data []byte) error {
	if string(data) != "even" {
		return errors.New("odd")
	}
	return nil
}

// BenchmarkGet_FilteredMiss looks for keys that the filter knows not to be there.
func BenchmarkGet_FilteredMiss(b *testing.B) {
	t := benchTable(b, sstable.Options{Filter: benchFilter{}})
	key := make([]byte, 16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		benchKey(key, i*7919%benchEntries)
		key[15]++
		if _, _, found, err := t.Get(key, kv.MaxSeq); found || err != nil {
			b.Fatal("found", err)
		}
	}
}

// BenchmarkSeek moves an iterator to keys all over the table, in cached blocks.
func BenchmarkSeek(b *testing.B) {
	t := benchTable(b, sstable.Options{Cache: sstable.NewCache(64 << 20)})
	it := t.NewIterator()
	key := make([]byte, 16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		benchKey(key, i*7919%benchEntries)
		it.SeekGE(kv.SeekKey(key, kv.MaxSeq))
		if !it.Valid() {
			b.Fatal("not found")
		}
	}
}

// benchNext steps through the table again and again.
func benchNext(b *testing.B, it *sstable.Iterator) {
	it.First()
	b.SetBytes(116)
	b.ReportAllocs()
	for b.Loop() {
		if it.Next(); !it.Valid() {
			it.First()
		}
	}
	benchCheck(b, it.Err())
}

// BenchmarkNext_Cached iterates over cached blocks.
func BenchmarkNext_Cached(b *testing.B) {
	benchNext(b, benchTable(b, sstable.Options{Cache: sstable.NewCache(64 << 20)}).NewIterator())
}

// BenchmarkNext_Uncached iterates over blocks that are read from a file in memory and checked.
func BenchmarkNext_Uncached(b *testing.B) {
	benchNext(b, benchTable(b, sstable.Options{}).NewScanner())
}
