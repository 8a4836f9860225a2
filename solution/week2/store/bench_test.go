//lab:day 2.7

package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
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
