//lab:day 1.6

package engine_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
)

// benchKeys is how many different keys a benchmark uses.
const benchKeys = 1 << 18

// benchValue is the value that they all get.
var benchValue = make([]byte, 100)

// benchKey writes the i-th of benchKeys 16-byte keys to dst. Keys that follow each other are far apart in order.
func benchKey(dst []byte, i uint64) []byte {
	spread := (i * 0x9e3779b97f4a7c15) >> 46 // a permutation of 18 bits
	dst = append(dst[:0], "user"...)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(dst, spread), uint32(spread))
}

// open opens an engine in a directory of its own.
func open(b *testing.B) *engine.Engine {
	b.Helper()
	e, err := engine.Open(b.TempDir(), &engine.Options{CacheSize: 256 << 20})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	})
	return e
}

// fill puts n keys in and flushes.
func fill(b *testing.B, e *engine.Engine, n uint64) {
	b.Helper()
	var key []byte
	for i := range n {
		key = benchKey(key, i)
		if err := e.Put(key, benchValue); err != nil {
			b.Fatal(err)
		}
	}
	if err := e.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	scan := e.Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	for range scan.All() { // now every block is in the cache
	}
}

// BenchmarkPut measures puts of random keys from several goroutines, flushes included.
func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 4, 8} {
		b.Run(fmt.Sprintf("goroutines=%d", writers), func(b *testing.B) {
			e := open(b)
			b.ReportAllocs()
			b.ResetTimer()
			var next atomic.Uint64
			var wg sync.WaitGroup
			for range writers {
				wg.Go(func() {
					var key []byte
					for i := next.Add(1); i <= uint64(b.N); i = next.Add(1) {
						key = benchKey(key, i)
						if err := e.Put(key, benchValue); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// BenchmarkGet measures lookups in the tree as a fill leaves it: some ten tables of level 0, without filters, all
// blocks in the cache.
func BenchmarkGet(b *testing.B) {
	e := open(b)
	fill(b, e, benchKeys)
	b.Run("hit", func(b *testing.B) {
		b.ReportAllocs()
		var key []byte
		for b.Loop() {
			key = benchKey(key, rand.Uint64N(benchKeys))
			if _, err := e.Get(key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hit into buffer", func(b *testing.B) {
		b.ReportAllocs()
		var key, value []byte
		var err error
		for b.Loop() {
			key = benchKey(key, rand.Uint64N(benchKeys))
			if value, err = e.GetTo(value[:0], key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("miss", func(b *testing.B) {
		b.ReportAllocs()
		var key []byte
		for b.Loop() {
			key = append(benchKey(key, rand.Uint64N(benchKeys)), 'x')
			if _, err := e.Get(key); !errors.Is(err, kv.ErrNotFound) {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkScan measures one step of a scan over everything, and a seek with ten steps.
func BenchmarkScan(b *testing.B) {
	e := open(b)
	fill(b, e, benchKeys)
	scan := e.Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	b.Run("step", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !scan.Valid() {
				scan.First()
			}
			scan.Next()
		}
	})
	b.Run("seek and 10 steps", func(b *testing.B) {
		b.ReportAllocs()
		var key []byte
		for b.Loop() {
			key = benchKey(key, rand.Uint64N(benchKeys))
			scan := e.Scan(kv.Included(key), kv.Unbounded())
			scan.First()
			for range 10 {
				if scan.Valid() {
					scan.Next()
				}
			}
			scan.Close()
		}
	})
}
