package iterator_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/iterator"
	refiterator "lsmlab/solution/week1/iterator"
)

// countSources returns what NumActive says before the walk, at every entry and after the end.
func countSources(it kv.Iterator, count func(kv.Iterator) int) []int {
	counts := []int{count(it)}
	for it.First(); it.Valid(); it.Next() {
		counts = append(counts, count(it))
	}
	return append(counts, count(it))
}

// sourcesOf returns iterators over the given lists.
func sourcesOf(lists ...[]labtest.Entry) []kv.Iterator {
	var all []kv.Iterator
	for _, entries := range lists {
		all = append(all, labtest.FromSlice(entries))
	}
	return all
}

// expectCounts compares the numbers of active sources.
func expectCounts(t labtest.TB, what string, want, got []int) {
	t.Helper()
	require.Equal(t, want, got, "%s: active sources before the walk, at each entry, and after the end", what)
}

// Three sources with 1, 2 and 3 entries. At the beginning all three still have entries, the one under the merge's feet
// included. Each time a source has given its last one, there is one less. In the end there is none.
//
//lab:task 3 points=2
func TestNumActive_OfMergeCountsSourcesWithEntriesLeft(t *testing.T) {
	merged := iterator.NewMerging(sourcesOf(
		[]labtest.Entry{labtest.E("b", 9, "x")},
		[]labtest.Entry{labtest.E("a", 5, "x"), labtest.E("c", 6, "x")},
		[]labtest.Entry{labtest.E("a", 1, "x"), labtest.E("c", 2, "x"), labtest.E("d", 3, "x")},
	)...)
	defer merged.Close()
	// The entries in order: a5 a1 b9 c6 c2 d3.
	expectCounts(t, "merge", []int{0, 3, 3, 3, 2, 1, 1, 0}, countSources(merged, iterator.NumActive))
}

// A source without entries is not active, not even at the beginning.
//
//lab:task 3 points=1
func TestNumActive_OfMergeLeavesOutEmptySources(t *testing.T) {
	merged := iterator.NewMerging(sourcesOf(nil, []labtest.Entry{labtest.E("a", 1, "x")}, nil)...)
	defer merged.Close()
	expectCounts(t, "merge with two empty sources", []int{0, 1, 0}, countSources(merged, iterator.NumActive))
	none := iterator.NewMerging()
	defer none.Close()
	expectCounts(t, "merge of nothing", []int{0, 0}, countSources(none, iterator.NumActive))
}

// One source fails at its second entry. That ends the merge: the other source still stands on an entry, but nobody will get
// to see it. An iterator that has ended has no active source, whatever has ended it.
//
//lab:task 3 points=1
func TestNumActive_OfFailedMergeIsZero(t *testing.T) {
	broken := labtest.Failing([]labtest.Entry{labtest.E("a", 2, "x"), labtest.E("b", 3, "x")}, 1, errors.New("broken"))
	merged := iterator.NewMerging(broken, labtest.FromSlice([]labtest.Entry{labtest.E("c", 1, "x")}))
	defer merged.Close()
	expectCounts(t, "merge with a source that fails", []int{0, 2, 0}, countSources(merged, iterator.NumActive))
	require.Error(t, merged.Err())
}

// A visible view and a bounded view have the sources of what they look at: they add none and remove none. When the bounds end
// the walk at "b", the sources behind still have "c" and "d"; but this iterator has ended, and says 0.
//
//lab:task 3 points=2
func TestNumActive_OfViewsIsThatOfTheirInner(t *testing.T) {
	lists := [][]labtest.Entry{
		{labtest.E("a", 9, "x"), labtest.D("c", 8)},
		{labtest.E("a", 4, "x"), labtest.E("b", 5, "x"), labtest.E("d", 6, "x")},
	}
	visible := iterator.NewVisible(iterator.NewMerging(sourcesOf(lists...)...), kv.MaxSeq)
	defer visible.Close()
	expectCounts(t, "visible: a, b, d", []int{0, 2, 2, 1, 0}, countSources(visible, iterator.NumActive))

	inner := iterator.NewVisible(iterator.NewMerging(sourcesOf(lists...)...), kv.MaxSeq)
	bounded := iterator.NewBounded(inner, kv.Unbounded(), kv.Excluded([]byte("c")))
	defer bounded.Close()
	expectCounts(t, "bounded: a, b", []int{0, 2, 2, 0}, countSources(bounded, iterator.NumActive))

	old := iterator.NewVisible(iterator.NewMerging(sourcesOf(lists...)...), 3)
	defer old.Close()
	expectCounts(t, "visible at 3: nothing", []int{0, 0}, countSources(old, iterator.NumActive))
}

// Any other iterator is one source, for as long as it stands on an entry. A merge may itself be a child of a merge, and
// counts as one there: as one child that still has entries.
//
//lab:task 3 points=1
func TestNumActive_OfOthersIsOneWhileValid(t *testing.T) {
	single := labtest.FromSlice([]labtest.Entry{labtest.E("a", 1, "x"), labtest.E("b", 2, "x")})
	expectCounts(t, "a plain source", []int{0, 1, 1, 0}, countSources(single, iterator.NumActive))
	inner := iterator.NewMerging(sourcesOf([]labtest.Entry{labtest.E("a", 1, "x")}, []labtest.Entry{labtest.E("b", 2, "x")})...)
	outer := iterator.NewMerging(inner, labtest.FromSlice([]labtest.Entry{labtest.E("c", 3, "x")}))
	defer outer.Close()
	expectCounts(t, "a merge in a merge", []int{0, 2, 2, 1, 0}, countSources(outer, iterator.NumActive))
}

// Random sources, a random moment, random bounds: at every step the number must be what the reference says.
//
//lab:task 3 points=2 random
func TestNumActive_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := make([][]labtest.Entry, rapid.IntRange(0, 4).Draw(t, "sources"))
		seq := kv.Seq(100)
		for i := range lists {
			model := labtest.NewModel()
			for _, w := range labtest.Ops(6).Draw(t, "source") {
				var b kv.Batch
				w.AddTo(&b)
				model.Apply(seq, &b)
				seq += kv.Seq(b.Len())
			}
			lists[i] = model.Entries()
		}
		at := kv.Seq(rapid.IntRange(99, 130).Draw(t, "at"))
		lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
		got := iterator.NewBounded(iterator.NewVisible(iterator.NewMerging(sourcesOf(lists...)...), at), lower, upper)
		want := refiterator.NewBounded(refiterator.NewVisible(refiterator.NewMerging(sourcesOf(lists...)...), at), lower, upper)
		expectCounts(t, "random sources", countSources(want, refiterator.NumActive), countSources(got, iterator.NumActive))
		require.NoError(t, got.Close())
		require.NoError(t, want.Close())
	})
}
