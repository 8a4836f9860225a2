//lab:day 2.7

package store_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/filter"
	"lsmlab/solution/week2/store"
)

// benchValue is the value that all keys get.
var benchValue = make([]byte, 100)

// countingFS is the operating system's file system. It counts the syncs of files.
type countingFS struct {
	vfs.FS
	syncs atomic.Int64
}

// countingFile is an open file of it.
type countingFile struct {
	vfs.File
	fs *countingFS
}

// Create makes a file.
func (c *countingFS) Create(name string) (vfs.File, error) {
	f, err := c.FS.Create(name)
	return countingFile{f, c}, err
}

// Sync counts.
func (f countingFile) Sync() error {
	f.fs.syncs.Add(1)
	return f.File.Sync()
}

// benchPut has several goroutines put b.N keys together.
func benchPut(b *testing.B, mode store.LogMode, writers int) {
	fs := &countingFS{FS: vfs.OS()}
	o := &store.Options{Log: mode}
	o.FS = fs
	s, err := store.Open(b.TempDir(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	fs.syncs.Store(0)
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			var key []byte
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				key = fmt.Appendf(key[:0], "user%016d", i*0x9e3779b9%(1<<32))
				if err := s.Put(key, benchValue); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(fs.syncs.Load())/float64(b.N), "syncs/op")
}

// BenchmarkPut measures a put in each log mode, from one goroutine and from many.
func BenchmarkPut(b *testing.B) {
	for i, name := range []string{"written", "synced", "loses-on-kill", "off"} {
		for _, writers := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("log=%s/goroutines=%d", name, writers), func(b *testing.B) {
				benchPut(b, store.LogMode(i), writers)
			})
		}
	}
}

// BenchmarkOpen measures a restart with a log of 4 MB to be replayed.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		s, err := store.Open(dir, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		var batch kv.Batch
		for i := range 30_000 {
			batch.Set(fmt.Appendf(nil, "user%016d", i), benchValue)
		}
		if err := s.Apply(&batch); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// readKeys is the number of keys that the benchmarks of reading have.
const readKeys = 500_000

// readKey returns key i in dst, 16 bytes: neighbours in number are not neighbours in order (Stafford's mix 13).
func readKey(dst []byte, i int) []byte {
	x := uint64(i) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst[:0], x^x>>31), uint64(i))
}

// openFull returns a store with the first n keys, all in one run of tables, and a cache that holds every block.
func openFull(b *testing.B, n int) *store.Store {
	b.Helper()
	o := &store.Options{Log: store.LogLosesOnKill}
	o.Filter, o.Codec, o.CacheSize = filter.Bloom(10), block.Prefix(), 256<<20
	s, err := store.Open(b.TempDir(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	var key []byte
	for i := range n {
		key = readKey(key, i)
		if err := s.Put(key, benchValue); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Compact(context.Background()); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkFill measures puts of keys in no order, with all the work that they cause until they are one run of tables.
func BenchmarkFill(b *testing.B) {
	b.ReportAllocs()
	openFull(b, b.N)
}

// BenchmarkRead measures reading from a compacted store: a step of a scan over all keys, ten steps from a key on, a get,
// and a get of a key that is not there.
func BenchmarkRead(b *testing.B) {
	s := openFull(b, readKeys)
	b.Run("scan", func(b *testing.B) { benchScan(b, s) })
	b.Run("seek+10", func(b *testing.B) { benchSeek(b, s) })
	b.Run("get", func(b *testing.B) { benchGet(b, s, 0, nil) })
	b.Run("miss", func(b *testing.B) { benchGet(b, s, readKeys, kv.ErrNotFound) })
}

// benchScan walks over all keys, again and again.
func benchScan(b *testing.B, s *store.Store) {
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	b.ReportAllocs()
	scan.First()
	for b.Loop() {
		_, _ = scan.Key(), scan.Value()
		if scan.Next(); !scan.Valid() {
			scan.First()
		}
	}
}

// benchSeek begins a scan at a key, takes ten steps and closes it.
func benchSeek(b *testing.B, s *store.Store) {
	var key []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		key = readKey(key, i*7919%readKeys)
		scan := s.Scan(kv.Included(key), kv.Unbounded())
		steps := 0
		for scan.First(); scan.Valid() && steps < 10; scan.Next() {
			steps++
		}
		if err := scan.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchGet asks for keys from number first on.
func benchGet(b *testing.B, s *store.Store, first int, want error) {
	var key []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		key = readKey(key, first+i*7919%readKeys)
		if _, err := s.Get(key); err != want {
			b.Fatal(err)
		}
	}
}
