package iterator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/iterator"
	refiterator "lsmlab/solution/week1/iterator"
)

// rangeOf returns what an iterator over entries shows between two bounds, from First to the end.
func rangeOf(t labtest.TB, entries []labtest.Entry, lower, upper kv.Bound) []labtest.Entry {
	t.Helper()
	return mergeWalk(t, iterator.NewBounded(labtest.Check(t, labtest.FromSlice(entries)), lower, upper))
}

// rangeFruit is what most tests of bounds walk over: two versions of "banana" and "date" each.
var rangeFruit = []labtest.Entry{
	labtest.E("apple", 1, "red"),
	labtest.E("banana", 6, "yellow"), labtest.E("banana", 2, "green"),
	labtest.E("cherry", 3, "dark"),
	labtest.D("date", 7), labtest.E("date", 4, "brown"),
	labtest.E("elder", 5, "black"),
}

// rangeIn and rangeEx make a bound at a key, included or excluded.
func rangeIn(key string) kv.Bound { return kv.Included([]byte(key)) }
func rangeEx(key string) kv.Bound { return kv.Excluded([]byte(key)) }

// A range from "banana", included, begins with the newest "banana"; excluded, behind the oldest. A bound is about user keys: all
// versions of a key are inside, or none.
//
//lab:task 4 points=3
func TestBounded_LowerBound(t *testing.T) {
	for _, c := range []struct {
		lower kv.Bound
		want  []labtest.Entry
	}{
		{kv.Unbounded(), rangeFruit},
		{rangeIn("apple"), rangeFruit},
		{rangeIn("banana"), rangeFruit[1:]},
		{rangeEx("banana"), rangeFruit[3:]},
		{rangeIn("blueberry"), rangeFruit[3:]},
		{rangeEx("blueberry"), rangeFruit[3:]},
		{rangeEx("elder"), nil},
		{rangeIn("fig"), nil},
	} {
		labtest.Diff(t, "from "+c.lower.String()+" on", c.want, rangeOf(t, rangeFruit, c.lower, kv.Unbounded()))
	}
}

// A range to "date", included, ends behind the oldest "date"; excluded, before the newest. The bound counts at the first entry
// too: up to "aardvark" there is nothing at all.
//
//lab:task 4 points=3
func TestBounded_UpperBound(t *testing.T) {
	for _, c := range []struct {
		upper kv.Bound
		want  []labtest.Entry
	}{
		{kv.Unbounded(), rangeFruit},
		{rangeIn("elder"), rangeFruit},
		{rangeEx("elder"), rangeFruit[:6]},
		{rangeIn("date"), rangeFruit[:6]},
		{rangeEx("date"), rangeFruit[:4]},
		{rangeIn("damson"), rangeFruit[:4]},
		{rangeEx("apple"), nil},
		{rangeIn("aardvark"), nil},
	} {
		labtest.Diff(t, "up to "+c.upper.String(), c.want, rangeOf(t, rangeFruit, kv.Unbounded(), c.upper))
	}
}

// The next key after "b" is "b\x00", not "c". A range that begins behind "b" holds it; a range that ends with "b" does not. Keys with
// zero bytes are rare, until somebody stores numbers.
//
//lab:task 4 points=2
func TestBounded_NextKeyIsAZeroByteAway(t *testing.T) {
	entries := []labtest.Entry{labtest.E("b", 3, "1"), labtest.E("b", 1, "2"), labtest.E("b\x00", 9, "3"), labtest.E("b\x00\x00", 8, "4"), labtest.E("ba", 7, "5")}
	labtest.Diff(t, "behind b", entries[2:], rangeOf(t, entries, rangeEx("b"), kv.Unbounded()))
	labtest.Diff(t, "up to b, included", entries[:2], rangeOf(t, entries, kv.Unbounded(), rangeIn("b")))
	labtest.Diff(t, "from b\\x00, included, to ba, excluded", entries[2:4], rangeOf(t, entries, rangeIn("b\x00"), rangeEx("ba")))
	labtest.Diff(t, "behind b\\x00", entries[3:], rangeOf(t, entries, rangeEx("b\x00"), kv.Unbounded()))
}

// Ranges with nothing in them are no mistake: an end before the begin, one key that is excluded on either side, a gap. They end at
// once, without an error.
//
//lab:task 4 points=1
func TestBounded_EmptyRange(t *testing.T) {
	for _, c := range [][2]kv.Bound{
		{rangeIn("date"), rangeIn("banana")}, {rangeEx("banana"), rangeEx("banana")}, {rangeIn("banana"), rangeEx("banana")}, {rangeEx("banana"), rangeIn("banana")}, {rangeEx("banana"), rangeEx("cherry")},
	} {
		labtest.Diff(t, c[0].String()+" to "+c[1].String(), nil, rangeOf(t, rangeFruit, c[0], c[1]))
	}
	labtest.Diff(t, "banana alone", rangeFruit[1:3], rangeOf(t, rangeFruit, rangeIn("banana"), rangeIn("banana")))
}

// A scan of ten keys in the middle of a million must not begin with a walk over half a million. The source can seek; so First seeks
// to the begin of the range, and steps to nothing.
//
//lab:task 4 points=2
func TestBounded_SeeksToItsBegin(t *testing.T) {
	source := &mergeMeter{Iterator: labtest.FromSlice(mergeSpread(300, 1)[0])}
	it := iterator.NewBounded(source, rangeIn("key0050"), kv.Unbounded())
	t.Cleanup(func() { it.Close() })
	it.First()
	require.True(t, it.Valid())
	require.Equal(t, "key0050", string(it.Key().User))
	require.LessOrEqual(t, source.firsts+source.seeks+source.nexts, 3, "moves of the source before the first entry")
}

// What lies behind the end of the range may be in a table on disk, in a block that was not read yet. The iterator stops at the first
// entry that is outside, and leaves the source alone from then on, even if somebody calls Next.
//
//lab:task 4 points=2
func TestBounded_DoesNotReadBehindItsEnd(t *testing.T) {
	source := &mergeMeter{Iterator: labtest.FromSlice(rangeFruit)}
	it := iterator.NewBounded(source, rangeIn("banana"), rangeEx("cherry"))
	t.Cleanup(func() { it.Close() })
	it.First()
	require.True(t, it.Valid())
	it.Next()
	require.True(t, it.Valid())
	for range 3 {
		it.Next()
		require.False(t, it.Valid(), "an iterator that has ended is valid again")
		require.NoError(t, it.Err())
	}
	require.Equal(t, 2, source.nexts, "moves of the source")
}

// A block behind the end of the range is bad. The reader has not asked for anything in it, so the reader must not hear of it: the range
// ends well. A range that does reach into the bad block fails, and says so until it is positioned anew.
//
//lab:task 4 points=2
func TestBounded_FailsOnlyInsideItsRange(t *testing.T) {
	short := iterator.NewBounded(labtest.Failing(rangeFruit, 4, errBadBlock), rangeIn("banana"), rangeEx("cherry"))
	labtest.Diff(t, "up to cherry, excluded", rangeFruit[1:3], mergeWalk(t, short))

	long := iterator.NewBounded(labtest.Failing(rangeFruit, 4, errBadBlock), rangeIn("cherry"), rangeEx("fig"))
	t.Cleanup(func() { long.Close() })
	long.First()
	require.True(t, long.Valid())
	for range 3 {
		long.Next()
		require.False(t, long.Valid())
		require.ErrorIs(t, long.Err(), errBadBlock)
	}
	long.First()
	require.NoError(t, long.Err(), "positioned anew")
	require.Equal(t, `"cherry"#3,set = "dark"`, mergeState(long))
}

// A seek moves within the range. To a key before its begin, it goes to the begin; to a key behind its end, there is nothing; from there
// it can come back.
//
//lab:task 4 points=2
func TestBoundedSeek_StaysInTheRange(t *testing.T) {
	it := labtest.Check(t, iterator.NewBounded(labtest.Check(t, labtest.FromSlice(rangeFruit)), rangeEx("banana"), rangeIn("date")))
	defer it.Close()
	got := map[string]string{}
	for _, target := range []string{"apple", "banana", "cherry", "coconut", "date", "date\x00", "elder", "zucchini", ""} {
		it.SeekGE(kv.SeekKey([]byte(target), kv.MaxSeq))
		require.NoError(t, it.Err())
		got[target] = mergeState(it)
	}
	cherry, date := `"cherry"#3,set = "dark"`, `"date"#7,delete`
	want := map[string]string{
		"": cherry, "apple": cherry, "banana": cherry, "cherry": cherry, "coconut": date, "date": date,
		"date\x00": "at the end", "elder": "at the end", "zucchini": "at the end",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("where each seek lands (-want +got)\n%s", diff)
	}
	it.SeekGE(kv.MakeKey([]byte("date"), 4, kv.KindSet))
	require.Equal(t, `"date"#4,set = "brown"`, mergeState(it), "a seek among the versions of a key in the range")
	it.SeekGE(kv.MakeKey([]byte("banana"), 2, kv.KindSet))
	require.Equal(t, cherry, mergeState(it), "a seek among the versions of the excluded key")
}

// The range begins at "banana", included. A seek to "banana" 2 asks for what comes from its version 2 on: that is inside the range, and
// behind its begin, so it is where the iterator lands. Begin and target are compared as internal keys, not as user keys.
//
//lab:task 4 points=1
func TestBoundedSeek_LandsAmongVersionsOfItsFirstKey(t *testing.T) {
	it := labtest.Check(t, iterator.NewBounded(labtest.Check(t, labtest.FromSlice(rangeFruit)), rangeIn("banana"), kv.Unbounded()))
	defer it.Close()
	it.SeekGE(kv.SeekKey([]byte("banana"), 5))
	require.Equal(t, `"banana"#2,set = "green"`, mergeState(it))
	it.SeekGE(kv.SeekKey([]byte("banana"), 1))
	require.Equal(t, `"cherry"#3,set = "dark"`, mergeState(it))
	it.SeekGE(kv.SeekKey([]byte("banana"), kv.MaxSeq))
	require.Equal(t, `"banana"#6,set = "yellow"`, mergeState(it))
}

// A bound keeps the caller's key: it is read, never written. Here the key is the beginning of a longer slice, "b" of "bread", as
// it happens when a request is cut into words. An append to it would write over the "r".
//
//lab:task 4 points=1
func TestBounded_LeavesTheCallersKeyAlone(t *testing.T) {
	request := []byte("bread")
	it := iterator.NewBounded(labtest.FromSlice(rangeFruit), kv.Excluded(request[:1]), kv.Unbounded())
	labtest.Diff(t, "behind b", rangeFruit[1:], mergeWalk(t, it))
	require.Equal(t, "bread", string(request))
}

// A bounded iterator finds out once per entry whether it is inside the range, and allocates nothing for it.
//
//lab:task 4 points=1
func TestBounded_StepsWithoutAllocating(t *testing.T) {
	it := iterator.NewBounded(&mergePlain{entries: mergeSpread(600, 1)[0]}, rangeEx("key0001"), rangeIn("key0190"))
	t.Cleanup(func() { it.Close() })
	if got := mergeAllocs(it); got >= 20 {
		t.Errorf("a walk over 600 entries made %.0f allocations, want none a step", got)
	}
}

// Any entries, any bounds: what comes out is what lies within, and in any order of steps the iterator stands where the
// reference stands.
//
//lab:task 4 points=3 random
func TestBounded_WalksLikeTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := mergeSorted(mergeVersions(t, 24))
		lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
		var want []labtest.Entry
		for _, e := range entries {
			if kv.Within(lower, upper, e.Key.User) {
				want = append(want, e)
			}
		}
		labtest.Diff(t, "the range", want, rangeOf(t, entries, lower, upper))
		after, err := rapid.IntRange(0, 2*len(entries)).Draw(t, "entries before the failure"), errBadBlock
		if after > len(entries) {
			after, err = len(entries), nil
		}
		subject := iterator.NewBounded(labtest.Check(t, labtest.Failing(entries, after, err)), lower, upper)
		mergeLockstep(t, entries, subject, refiterator.NewBounded(labtest.Failing(entries, after, err), lower, upper))
	})
}

// The day's three iterators one around the other are a scan: any history, dealt to any sources, read at any moment between any
// bounds, is what a plain sorted list gives. This is what the engine will be made of on day 5.
//
//lab:task 4 points=3 random
func TestScan_EqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := mergeVersions(t, 24)
		lists := make([][]labtest.Entry, rapid.IntRange(1, 5).Draw(t, "sources"))
		var model labtest.Model
		for _, e := range history {
			if e.Key.Kind() == kv.KindDelete {
				model.Delete(e.Key.Seq(), e.Key.User)
			} else {
				model.Put(e.Key.Seq(), e.Key.User, e.Value)
			}
			i := rapid.IntRange(0, len(lists)-1).Draw(t, "source")
			lists[i] = append(lists[i], e)
		}
		for i := range lists {
			lists[i] = mergeSorted(lists[i])
		}
		at := kv.Seq(rapid.IntRange(0, 25).Draw(t, "reader's moment"))
		lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
		merge := labtest.Check(t, iterator.NewMerging(mergeSources(t, lists...)...))
		view := labtest.Check(t, iterator.NewVisible(merge, at))
		got := mergeWalk(t, iterator.NewBounded(view, lower, upper))
		labtest.Diff(t, "the scan", model.Scan(lower, upper, at), got)
	})
}
