//lab:day 3.3

package mvcc_test

import (
	"fmt"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/mvcc"
)

// BenchmarkReader counts a reader in and out at ever higher numbers, while none, 10 and 1,000 others read at numbers of their
// own, alone and from as many goroutines as there are processors.
func BenchmarkReader(b *testing.B) {
	for _, others := range []int{0, 10, 1000} {
		w := mvcc.NewCollector(0)
		for i := range others {
			w.AcquireAt(kv.Seq(i))
		}
		visible := func() kv.Seq { return 1 << 20 }
		b.Run(fmt.Sprintf("others=%d/alone", others), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.Release(w.Acquire(visible))
			}
		})
		b.Run(fmt.Sprintf("others=%d/parallel", others), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					w.Release(w.Acquire(visible))
				}
			})
		})
	}
}

// BenchmarkOldestGoesFirst has 1,000 readers at numbers of their own, the oldest of which goes for each that comes: the most that
// the list has to move.
func BenchmarkOldestGoesFirst(b *testing.B) {
	w := mvcc.NewCollector(0)
	for i := range 1000 {
		w.AcquireAt(kv.Seq(i))
	}
	next := kv.Seq(1000)
	for b.Loop() {
		w.Acquire(func() kv.Seq { return next })
		w.Release(next - 1000)
		next++
	}
}

// BenchmarkKeeper asks about versions of keys with four versions each: the part of a flush or merge that is the collector's.
func BenchmarkKeeper(b *testing.B) {
	for name, keep := range map[string]int{"readers": 0, "newest=3": 3, "cleaning": 3} {
		b.Run(name, func(b *testing.B) {
			w := mvcc.NewCollector(keep)
			if name == "cleaning" {
				w.Cleanup([]byte("other"), 1, func([]byte, kv.Seq) bool { return true })
			}
			keeper := w.Keeper(1 << 40)
			key := []byte("user:000042")
			b.ReportAllocs()
			seq, newer := kv.Seq(1<<20), kv.Seq(0)
			for b.Loop() {
				keeper.Keep(kv.MakeKey(key, seq, kv.KindSet), newer, false)
				newer, seq = seq, seq-1
				if seq%4 == 0 {
					newer = 0
				}
				if seq == 1 {
					seq = 1 << 20
				}
			}
		})
	}
}
