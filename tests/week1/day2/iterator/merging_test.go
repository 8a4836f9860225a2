package iterator_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/iterator"
	refiterator "lsmlab/solution/week1/iterator"
)

// A scan sees one sorted sequence, though "apple" and "cherry" lie in one table and "banana" and "date" in another. Each
// step must find the smallest key of all sources, and not the next key of the source that was last.
//
//lab:task 1 points=2
func TestMerging_InterleavesItsSources(t *testing.T) {
	got := mergeWalk(t, iterator.NewMerging(mergeSources(t,
		[]labtest.Entry{labtest.E("apple", 5, "red"), labtest.E("cherry", 6, "dark")},
		[]labtest.Entry{labtest.E("banana", 3, "yellow"), labtest.E("date", 4, "brown")},
		[]labtest.Entry{labtest.E("aloe", 1, "green"), labtest.E("elder", 2, "black")},
	)...))
	want := []labtest.Entry{
		labtest.E("aloe", 1, "green"), labtest.E("apple", 5, "red"), labtest.E("banana", 3, "yellow"),
		labtest.E("cherry", 6, "dark"), labtest.E("date", 4, "brown"), labtest.E("elder", 2, "black"),
	}
	labtest.Diff(t, "the merge", want, got)
}

// Versions of one user key can lie in several sources. The merge puts them in the order of all versions, the highest
// sequence number first: 9, 7, 4, 2. That is what lets the next layer say "the first one I meet is the newest".
//
//lab:task 1 points=2
func TestMerging_OrdersVersionsFromNewestToOldest(t *testing.T) {
	got := mergeWalk(t, iterator.NewMerging(mergeSources(t,
		[]labtest.Entry{labtest.E("apple", 9, "red"), labtest.E("apple", 2, "pink")},
		[]labtest.Entry{labtest.D("apple", 7), labtest.E("apple", 4, "green")},
	)...))
	want := []labtest.Entry{labtest.E("apple", 9, "red"), labtest.D("apple", 7), labtest.E("apple", 4, "green"), labtest.E("apple", 2, "pink")}
	labtest.Diff(t, "the merge", want, got)
}

// The same version may stand in two sources, say after a table was written a second time. The children are given newest
// first, so among equal keys the earlier child's entry comes first, and it wins. With four sources the heap has two
// floors: an order that holds by luck for two does not hold here.
//
//lab:task 1 points=3
func TestMerging_PutsNewerSourceFirstAmongEqualKeys(t *testing.T) {
	source := func(value string) []labtest.Entry {
		return []labtest.Entry{labtest.E("apple", 5, value), labtest.E("banana", 6, value), labtest.E("cherry", 7, value)}
	}
	got := mergeWalk(t, iterator.NewMerging(mergeSources(t, source("newest"), source("second"), source("third"), source("oldest"))...))
	var want []labtest.Entry
	for i, user := range []string{"apple", "banana", "cherry"} {
		for _, value := range []string{"newest", "second", "third", "oldest"} {
			want = append(want, labtest.E(user, kv.Seq(5+i), value))
		}
	}
	labtest.Diff(t, "the merge", want, got)
}

// A merge chooses an order and nothing else. Old versions, tombstones and doubles all come out, as a compaction or a
// reader of an older moment needs them. What a reader may see is the next layer's question.
//
//lab:task 1 points=1
func TestMerging_LeavesNothingOut(t *testing.T) {
	first := []labtest.Entry{labtest.D("apple", 8), labtest.E("apple", 3, "red"), labtest.D("banana", 6)}
	second := []labtest.Entry{labtest.D("apple", 8), labtest.E("banana", 2, "")}
	got := mergeWalk(t, iterator.NewMerging(mergeSources(t, first, second)...))
	want := []labtest.Entry{labtest.D("apple", 8), labtest.D("apple", 8), labtest.E("apple", 3, "red"), labtest.D("banana", 6), labtest.E("banana", 2, "")}
	labtest.Diff(t, "the merge", want, got)
}

// A memtable that was just made is empty, and has no key to compare. An empty source must never get into the heap, on
// whatever place it stands; and a merge of nothing but empty sources, or of none, has simply ended.
//
//lab:task 1 points=2
func TestMerging_LeavesEmptySourcesOutOfTheHeap(t *testing.T) {
	apple, banana := []labtest.Entry{labtest.E("apple", 1, "red")}, []labtest.Entry{labtest.E("banana", 2, "yellow")}
	both := []labtest.Entry{apple[0], banana[0]}
	for _, c := range []struct {
		name  string
		lists [][]labtest.Entry
		want  []labtest.Entry
	}{
		{"empty first", [][]labtest.Entry{nil, banana, apple}, both},
		{"empty in between", [][]labtest.Entry{banana, nil, nil, apple}, both},
		{"empty last", [][]labtest.Entry{apple, banana, nil}, both},
		{"all empty", [][]labtest.Entry{nil, nil}, nil},
		{"no sources", nil, nil},
	} {
		labtest.Diff(t, c.name, c.want, mergeWalk(t, iterator.NewMerging(mergeSources(t, c.lists...)...)))
	}
}

// When the last entry of a source has been shown, that source leaves the heap and the others go on. Here they end one
// after the other: first the shortest, then the middle one; the last to stay walks alone.
//
//lab:task 1 points=2
func TestMerging_GoesOnWhenOneSourceHasEnded(t *testing.T) {
	got := mergeWalk(t, iterator.NewMerging(mergeSources(t,
		[]labtest.Entry{labtest.E("b", 5, "1"), labtest.E("d", 6, "1"), labtest.E("f", 7, "1"), labtest.E("g", 8, "1")},
		[]labtest.Entry{labtest.E("a", 2, "2")},
		[]labtest.Entry{labtest.E("c", 3, "3"), labtest.E("e", 4, "3")},
	)...))
	want := []labtest.Entry{
		labtest.E("a", 2, "2"), labtest.E("b", 5, "1"), labtest.E("c", 3, "3"), labtest.E("d", 6, "1"),
		labtest.E("e", 4, "3"), labtest.E("f", 7, "1"), labtest.E("g", 8, "1"),
	}
	labtest.Diff(t, "the merge", want, got)
}

// A step of a merge moves one source: the one whose entry was shown. Over a walk each source is moved once for each of
// its entries; more would skip entries, and to position all sources anew at each step would be slow beyond use.
//
//lab:task 1 points=2
func TestMerging_MovesOnlyTheSourceThatWasShown(t *testing.T) {
	first := &mergeMeter{Iterator: labtest.FromSlice([]labtest.Entry{labtest.E("a", 5, ""), labtest.E("b", 6, ""), labtest.E("e", 7, "")})}
	second := &mergeMeter{Iterator: labtest.FromSlice([]labtest.Entry{labtest.E("c", 3, ""), labtest.E("d", 4, "")})}
	it := iterator.NewMerging(first, second)
	t.Cleanup(func() { it.Close() })
	it.First()
	for i, want := range [][2]int{{0, 0}, {1, 0}, {2, 0}, {2, 1}, {2, 2}, {3, 2}} {
		if got := [2]int{first.nexts, second.nexts}; got != want {
			t.Errorf("after %d steps the sources have been moved %v times each, want %v", i, got, want)
		}
		require.Equal(t, i < 5, it.Valid(), "valid after %d steps", i)
		it.Next()
	}
	require.Equal(t, [2]int{1, 1}, [2]int{first.firsts + first.seeks, second.firsts + second.seeks}, "each source is positioned once")
}

// Who holds the slices of Key and Value may read them until the merge moves, and the bytes belong to the source. So the
// source must not move before the merge does: whoever moves it ahead, to know the next key early, pulls the current
// entry away under the reader. The sources here overwrite what they have shown as soon as they move.
//
//lab:task 1 points=2
func TestMerging_KeepsEntryUntilItMoves(t *testing.T) {
	it := iterator.NewMerging(
		labtest.FromSlice([]labtest.Entry{labtest.E("apple", 7, "red"), labtest.E("apple", 2, "green")}),
		labtest.FromSlice([]labtest.Entry{labtest.E("banana", 1, "yellow")}),
	)
	t.Cleanup(func() { it.Close() })
	it.First()
	for _, want := range []string{`"apple"#7,set = "red"`, `"apple"#2,set = "green"`, `"banana"#1,set = "yellow"`} {
		require.True(t, it.Valid())
		key, value := it.Key(), it.Value()
		require.True(t, it.Valid())
		require.NoError(t, it.Err())
		if got := (labtest.Entry{Key: key, Value: value}).String(); got != want {
			t.Errorf("the entry that the reader holds: want %s, got %s", want, got)
		}
		it.Next()
	}
	require.False(t, it.Valid())
}

// The end is the end. A loop that calls Next once too often must not be given old entries again, nor crash: on a merge that
// has ended, Next does nothing.
//
//lab:task 1 points=1
func TestMerging_StaysEnded(t *testing.T) {
	source := &mergeMeter{Iterator: labtest.FromSlice([]labtest.Entry{labtest.E("apple", 1, "red")})}
	it := iterator.NewMerging(source, kv.Empty(nil))
	t.Cleanup(func() { it.Close() })
	it.First()
	require.True(t, it.Valid())
	for range 3 {
		it.Next()
		require.False(t, it.Valid(), "a merge that has ended is valid again")
		require.NoError(t, it.Err())
	}
	require.Equal(t, 1, source.nexts, "moves of the only source")
}

// First means the first entry, wherever the merge stood: in the middle of a walk, or at its end, when all sources had left the
// heap. What the heap held before is out of date.
//
//lab:task 1 points=1
func TestMerging_FirstBeginsAnew(t *testing.T) {
	lists := [][]labtest.Entry{
		{labtest.E("b", 4, ""), labtest.E("c", 5, "")},
		{labtest.E("a", 1, ""), labtest.E("d", 2, ""), labtest.E("e", 3, "")},
	}
	want := []labtest.Entry{lists[1][0], lists[0][0], lists[0][1], lists[1][1], lists[1][2]}
	it := labtest.Check(t, iterator.NewMerging(mergeSources(t, lists...)...))
	defer it.Close()
	for steps := range 6 {
		it.First()
		for range min(steps, 5) {
			it.Next()
		}
		it.First()
		labtest.Diff(t, "a walk after some steps of an earlier one", want, mergeRest(it))
	}
}

// A full scan takes a hundred million steps. What a step allocates, the garbage collector pays a hundred million times; so
// it allocates nothing: the heap's memory is there since the merge was made.
//
//lab:task 1 points=1
func TestMerging_StepsWithoutAllocating(t *testing.T) {
	var sources []kv.Iterator
	for _, entries := range mergeSpread(600, 8) {
		sources = append(sources, &mergePlain{entries: entries})
	}
	it := iterator.NewMerging(sources...)
	t.Cleanup(func() { it.Close() })
	if got := mergeAllocs(it); got >= 20 {
		t.Errorf("a walk over 600 entries made %.0f allocations, want none a step", got)
	}
}

// Any versions in any number of sources: the merge is what you get by putting all of them into one list and sorting it,
// newer sources first among equals. Up to five sources, some empty, some with the same versions.
//
//lab:task 1 points=3 random
func TestMerging_EqualsSortedWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := mergeDeal(t, mergeVersions(t, 24))
		want := mergeSorted(slices.Concat(lists...))
		labtest.Diff(t, "the merge", want, mergeWalk(t, iterator.NewMerging(mergeSources(t, lists...)...)))
		labtest.Diff(t, "the reference's merge", want, mergeWalk(t, refiterator.NewMerging(mergeSources(t, lists...)...)))
	})
}
