//lab:day 1.2

package iterator_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/iterator"
)

// run is the cheapest iterator there can be, so that a benchmark measures what is around it: a sorted slice of keys.
type run struct {
	keys []kv.Key
	at   int
}

func (r *run) First() { r.at = 0 }
func (r *run) SeekGE(target kv.Key) {
	r.at, _ = slices.BinarySearchFunc(r.keys, target, kv.Key.Compare)
}
func (r *run) Next()         { r.at++ }
func (r *run) Valid() bool   { return r.at < len(r.keys) }
func (r *run) Key() kv.Key   { return r.keys[r.at] }
func (r *run) Value() []byte { return nil }
func (r *run) Err() error    { return nil }
func (r *run) Close() error  { return nil }

// benchEntries is how many entries the sources of a benchmark hold together.
const benchEntries = 1 << 14

// sources returns n runs that hold benchEntries versions of 16-byte user keys together, spread at random. One version in
// ten is of the user key before it.
func sources(n int) []kv.Iterator {
	rnd := rand.New(rand.NewPCG(1, 2))
	runs := make([]*run, n)
	for i := range runs {
		runs[i] = &run{}
	}
	user := 0
	for seq := range kv.Seq(benchEntries) {
		if rnd.IntN(10) > 0 {
			user++
		}
		r := runs[rnd.IntN(n)]
		r.keys = append(r.keys, kv.MakeKey(fmt.Appendf(nil, "%016d", user*7919), seq+1, kv.KindSet))
	}
	children := make([]kv.Iterator, n)
	for i, r := range runs {
		slices.SortFunc(r.keys, kv.Key.Compare)
		children[i] = r
	}
	return children
}

// benchmarkSteps measures one Next of it, and what it costs to look at the key.
func benchmarkSteps(b *testing.B, it kv.Iterator) {
	b.ReportAllocs()
	it.First()
	for b.Loop() {
		if !it.Valid() {
			it.First()
		}
		if len(it.Key().User) != 16 {
			b.Fatal("wrong key")
		}
		it.Next()
	}
}

// BenchmarkMerging steps through merges of one source (the overhead of the merge itself) and of more.
func BenchmarkMerging(b *testing.B) {
	for _, n := range []int{1, 2, 8, 32} {
		b.Run(fmt.Sprintf("sources=%d", n), func(b *testing.B) {
			benchmarkSteps(b, iterator.NewMerging(sources(n)...))
		})
	}
}

// BenchmarkVisible steps through the visible view of a merge of eight sources, and of that with bounds.
func BenchmarkVisible(b *testing.B) {
	b.Run("visible", func(b *testing.B) {
		benchmarkSteps(b, iterator.NewVisible(iterator.NewMerging(sources(8)...), kv.MaxSeq))
	})
	b.Run("visible+bounded", func(b *testing.B) {
		view := iterator.NewVisible(iterator.NewMerging(sources(8)...), kv.MaxSeq)
		benchmarkSteps(b, iterator.NewBounded(view, kv.Included([]byte("0")), kv.Excluded([]byte("9"))))
	})
}

// BenchmarkSeek positions the whole stack of iterators over eight sources.
func BenchmarkSeek(b *testing.B) {
	view := iterator.NewVisible(iterator.NewMerging(sources(8)...), kv.MaxSeq)
	it := iterator.NewBounded(view, kv.Included([]byte("0")), kv.Excluded([]byte("9")))
	targets := sources(1)[0].(*run).keys
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		it.SeekGE(targets[i%len(targets)])
		i += 7919
	}
}
