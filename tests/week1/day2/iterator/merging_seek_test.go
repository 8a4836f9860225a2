package iterator_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/iterator"
	refiterator "lsmlab/solution/week1/iterator"
)

// A seek moves every source. If only the one at the root moved, the others would go on showing keys from before the
// target: here "banana", after a seek to "cherry".
//
//lab:task 2 points=2
func TestMergingSeek_MovesEverySource(t *testing.T) {
	it := labtest.Check(t, iterator.NewMerging(mergeSources(t,
		[]labtest.Entry{labtest.E("apple", 5, ""), labtest.E("date", 6, "")},
		[]labtest.Entry{labtest.E("banana", 3, ""), labtest.E("elder", 4, "")},
		[]labtest.Entry{labtest.E("aloe", 1, ""), labtest.E("cherry", 2, "")},
	)...))
	defer it.Close()
	it.First()
	it.SeekGE(kv.SeekKey([]byte("cherry"), kv.MaxSeq))
	want := []labtest.Entry{labtest.E("cherry", 2, ""), labtest.E("date", 6, ""), labtest.E("elder", 4, "")}
	labtest.Diff(t, "from cherry on", want, mergeRest(it))
}

// Before the seek the first source stood before the second, which stood before the third; after it the order is just the
// reverse. The heap that was right before is wrong now, though each source is in the right place.
//
//lab:task 2 points=2
func TestMergingSeek_RestoresTheHeap(t *testing.T) {
	lists := [][]labtest.Entry{
		{labtest.E("a", 10, ""), labtest.E("t", 11, "")},
		{labtest.E("b", 8, ""), labtest.E("s", 9, "")},
		{labtest.E("c", 6, ""), labtest.E("r", 7, "")},
		{labtest.E("d", 4, ""), labtest.E("q", 5, "")},
		{labtest.E("e", 2, ""), labtest.E("p", 3, "")},
	}
	it := labtest.Check(t, iterator.NewMerging(mergeSources(t, lists...)...))
	defer it.Close()
	it.First()
	it.SeekGE(kv.SeekKey([]byte("m"), kv.MaxSeq))
	want := []labtest.Entry{lists[4][1], lists[3][1], lists[2][1], lists[1][1], lists[0][1]}
	labtest.Diff(t, "from m on", want, mergeRest(it))
}

// A seek may go back, and sources that had ended have entries again: they must come back into the heap. It may also go
// behind everything, and then the merge has ended, without an error.
//
//lab:task 2 points=2
func TestMergingSeek_BringsEndedSourcesBack(t *testing.T) {
	lists := [][]labtest.Entry{{labtest.E("a", 3, "")}, {labtest.E("b", 2, ""), labtest.E("c", 1, "")}}
	it := labtest.Check(t, iterator.NewMerging(mergeSources(t, lists...)...))
	defer it.Close()
	it.First()
	require.Len(t, mergeRest(it), 3)
	it.SeekGE(kv.SeekKey([]byte("a"), kv.MaxSeq))
	labtest.Diff(t, "back to a, from the end", []labtest.Entry{lists[0][0], lists[1][0], lists[1][1]}, mergeRest(it))
	it.SeekGE(kv.SeekKey([]byte("d"), kv.MaxSeq))
	require.False(t, it.Valid(), "nothing stands behind c")
	require.NoError(t, it.Err())
	it.SeekGE(kv.SeekKey([]byte("b"), kv.MaxSeq))
	labtest.Diff(t, "from b on", lists[1], mergeRest(it))
}

// The merge stands on "c", and the source of "a" has ended already. A seek to "a" goes back, so that source must move too: a seek
// that moves only what is in the heap, or that only walks forward, never finds "a" again.
//
//lab:task 2 points=2
func TestMergingSeek_GoesBackFromTheMiddle(t *testing.T) {
	lists := [][]labtest.Entry{{labtest.E("a", 4, "")}, {labtest.E("b", 1, ""), labtest.E("c", 2, ""), labtest.E("d", 3, "")}}
	it := labtest.Check(t, iterator.NewMerging(mergeSources(t, lists...)...))
	defer it.Close()
	it.SeekGE(kv.SeekKey([]byte("c"), kv.MaxSeq))
	require.Equal(t, `"c"#2,set = ""`, mergeState(it))
	it.SeekGE(kv.SeekKey([]byte("a"), kv.MaxSeq))
	labtest.Diff(t, "from a on", []labtest.Entry{lists[0][0], lists[1][0], lists[1][1], lists[1][2]}, mergeRest(it))
}

// A target is an internal key, and can stand among the versions of one user key: from 5 on, "apple" 7 is passed, and 4, in
// the other source, is the first.
//
//lab:task 2 points=1
func TestMergingSeek_LandsAmongVersions(t *testing.T) {
	it := labtest.Check(t, iterator.NewMerging(mergeSources(t,
		[]labtest.Entry{labtest.E("apple", 7, "red"), labtest.E("apple", 2, "pink")},
		[]labtest.Entry{labtest.E("apple", 4, "green")},
	)...))
	defer it.Close()
	it.SeekGE(kv.SeekKey([]byte("apple"), 5))
	labtest.Diff(t, "from 5 on", []labtest.Entry{labtest.E("apple", 4, "green"), labtest.E("apple", 2, "pink")}, mergeRest(it))
}

// The newer source cannot read its second block. Whatever it holds from there on is unknown: perhaps a newer "cherry",
// perhaps a tombstone. To go on with the older source would show old values as if they were true. So the merge ends, with
// the error, though the other source has more.
//
//lab:task 2 points=3
func TestMergingFailure_EndsTheMerge(t *testing.T) {
	it := labtest.Check(t, iterator.NewMerging(
		labtest.Failing([]labtest.Entry{labtest.E("apple", 5, "red"), labtest.E("cherry", 6, "new")}, 1, errBadBlock),
		labtest.FromSlice([]labtest.Entry{labtest.E("banana", 1, ""), labtest.E("cherry", 2, "old"), labtest.E("date", 3, "")}),
	))
	defer it.Close()
	it.First()
	require.True(t, it.Valid())
	require.NoError(t, it.Err(), "nothing has failed yet")
	it.Next()
	if it.Valid() {
		t.Errorf("the merge goes on with %v, though one of its sources has failed", it.Key())
	}
	require.ErrorIs(t, it.Err(), errBadBlock)
}

// A source can fail before it has shown anything, when it is positioned; whether it is the first of the children or the
// last. An error there must not pass for an empty source: a table that cannot be read is not a table without keys.
//
//lab:task 2 points=2
func TestMergingFailure_WhenPositioned(t *testing.T) {
	good := []labtest.Entry{labtest.E("apple", 1, "red"), labtest.E("banana", 2, "yellow")}
	for place := range 3 {
		for _, seek := range []bool{false, true} {
			sources := mergeSources(t, good, good, good)
			require.NoError(t, sources[place].Close())
			sources[place] = labtest.Failing(good, 0, errBadBlock)
			it := labtest.Check(t, iterator.NewMerging(sources...))
			if seek {
				it.SeekGE(kv.SeekKey([]byte("banana"), kv.MaxSeq))
			} else {
				it.First()
			}
			if it.Valid() {
				t.Errorf("source %d has failed, and the merge shows %v", place, it.Key())
			}
			require.ErrorIs(t, it.Err(), errBadBlock, "source %d of 3 has failed", place)
			require.NoError(t, it.Close())
		}
	}
}

// An error is there until the merge is positioned anew. Somebody asks Valid twice, or calls Next once more, and only then
// looks at Err: the error must still be there, and no entry must have come back.
//
//lab:task 2 points=2
func TestMergingFailure_StaysUntilPositioned(t *testing.T) {
	it := iterator.NewMerging(
		labtest.FromSlice([]labtest.Entry{labtest.E("banana", 3, "")}),
		labtest.Failing([]labtest.Entry{labtest.E("apple", 1, "red"), labtest.E("cherry", 2, "")}, 1, errBadBlock),
	)
	t.Cleanup(func() { it.Close() })
	it.First()
	for range 3 {
		it.Next()
		require.False(t, it.Valid(), "a merge that has failed is valid again")
		require.ErrorIs(t, it.Err(), errBadBlock)
	}
	it.First()
	require.True(t, it.Valid(), "positioned anew")
	require.NoError(t, it.Err(), "positioned anew")
	require.Equal(t, "apple", string(it.Key().User))
	it.Next()
	require.ErrorIs(t, it.Err(), errBadBlock, "the block is still bad")
	it.SeekGE(kv.SeekKey([]byte("apple"), kv.MaxSeq))
	require.NoError(t, it.Err(), "positioned anew")
	require.Equal(t, `"apple"#1,set = "red"`, mergeState(it))
}

// The merge owns its children: who closes it can reach them no more. It closes each of them once, in whatever state they
// are, and one that fails to close keeps no other open, nor does its error get lost.
//
//lab:task 2 points=1
func TestMergingFailure_DoesNotKeepSourcesOpen(t *testing.T) {
	errClosing := errors.New("cannot close")
	meters := []*mergeMeter{
		{Iterator: kv.Empty(nil)},
		{Iterator: labtest.Failing(nil, 0, errBadBlock), closing: errClosing},
		{Iterator: labtest.FromSlice([]labtest.Entry{labtest.E("apple", 1, "")})},
	}
	it := iterator.NewMerging(meters[0], meters[1], meters[2])
	it.SeekGE(kv.SeekKey([]byte("apple"), kv.MaxSeq))
	require.ErrorIs(t, it.Err(), errBadBlock)
	require.ErrorIs(t, it.Close(), errClosing)
	for i, m := range meters {
		if m.closes != 1 {
			t.Errorf("source %d was closed %d times, want once", i, m.closes)
		}
	}
}

// Your merge and the reference's take the same random steps, First, SeekGE and Next in any order, over the same sources, of
// which one may fail somewhere. After each step both must stand on the same entry, or have ended in the same way.
//
//lab:task 2 points=3 random
func TestMergingSeek_WalksLikeTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := mergeDeal(t, mergeVersions(t, 24))
		fails := rapid.IntRange(0, 3*len(lists)).Draw(t, "source that fails")
		var subject, reference []kv.Iterator
		for i, entries := range lists {
			after, err := len(entries), error(nil)
			if i == fails {
				after, err = rapid.IntRange(0, len(entries)).Draw(t, "entries before the failure"), errBadBlock
			}
			subject = append(subject, labtest.Check(t, labtest.Failing(entries, after, err)))
			reference = append(reference, labtest.Failing(entries, after, err))
		}
		mergeLockstep(t, slices.Concat(lists...), iterator.NewMerging(subject...), refiterator.NewMerging(reference...))
	})
}
