package memtable_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/memtable"
	refmemtable "lsmlab/solution/week1/memtable"
)

// contents walks a whole table and returns what it met.
func contents(t labtest.TB, table interface{ NewIterator() kv.Iterator }) []labtest.Entry {
	entries, err := labtest.Collect(labtest.Check(t, table.NewIterator()))
	require.NoError(t, err)
	return entries
}

// put writes a value into a table and fails the test if that fails.
func put(t labtest.TB, table *memtable.Table, seq kv.Seq, key, value string) {
	t.Helper()
	require.NoError(t, table.Put(seq, []byte(key), []byte(value)))
}

// A memtable becomes a file in one walk from front to back, and files are sorted. So the list must be in order at any
// time, whatever order the writes come in: here "fig", "apple", "cherry".
//
//lab:task 1 points=2
func TestInsert_KeepsKeysSorted(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "fig", "violet")
	put(t, table, 2, "apple", "green")
	put(t, table, 3, "cherry", "red")
	want := []labtest.Entry{labtest.E("apple", 2, "green"), labtest.E("cherry", 3, "red"), labtest.E("fig", 1, "violet")}
	labtest.Diff(t, "all entries", want, contents(t, table))
}

// Writing "apple" again does not replace the old version: somebody may still be reading at the older sequence number.
// Both stay, and the newer one stands first, so that whoever comes from the left meets it first.
//
//lab:task 1 points=2
func TestInsert_PutsNewerVersionFirst(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "apple", "green")
	put(t, table, 7, "apple", "red")
	put(t, table, 4, "apple", "yellow")
	put(t, table, 5, "banana", "")
	want := []labtest.Entry{
		labtest.E("apple", 7, "red"), labtest.E("apple", 4, "yellow"), labtest.E("apple", 1, "green"), labtest.E("banana", 5, ""),
	}
	labtest.Diff(t, "all entries", want, contents(t, table))
}

// Keys are bytes, not words. "a" stands before "a\x00", which stands before "aa", and a key of 64 KiB or with 0xff in it is
// a key like any other. Whoever compares with anything but bytes.Compare gets one of these wrong.
//
//lab:task 1 points=2
func TestInsert_OrdersKeysAsBytes(t *testing.T) {
	table := memtable.New(1, 1<<18)
	long := string(bytes.Repeat([]byte{'b'}, kv.MaxKeySize))
	keys := []string{"\xff\xff", "aa", long, "a", "\x00", "\xff", "b", "a\x00"}
	for i, key := range keys {
		put(t, table, kv.Seq(i+1), key, fmt.Sprint(i))
	}
	want := []string{"\x00", "a", "a\x00", "aa", "b", long, "\xff", "\xff\xff"}
	var got []string
	for _, e := range contents(t, table) {
		got = append(got, string(e.Key.User))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys in order (-want +got)\n%s", diff)
	}
}

// The caller's buffers are the caller's: a server reads the next request into the same memory. If the table kept the
// slice instead of the bytes, "apple" would turn into whatever comes next, and the list would not even be sorted any more.
//
//lab:task 1 points=3
func TestInsert_CopiesKeyAndValue(t *testing.T) {
	table := memtable.New(1, 1<<16)
	key, value := []byte("apple"), []byte("green")
	require.NoError(t, table.Put(1, key, value))
	copy(key, "zzzzz")
	copy(value, "XXXXX")
	labtest.Diff(t, "the entry after its buffers were used again", []labtest.Entry{labtest.E("apple", 1, "green")}, contents(t, table))
}

// Seeking "c" in a list of "b", "d" and "f" must stand on "d": the first key at or after the target, never the one before.
// Behind the last key there is nothing to stand on, and in an empty table there never is.
//
//lab:task 1 points=2
func TestSeek_StandsOnFirstKeyAtOrAfterTarget(t *testing.T) {
	table := memtable.New(1, 1<<16)
	for i, key := range []string{"d", "b", "f"} {
		put(t, table, kv.Seq(i+1), key, "v-"+key)
	}
	empty := memtable.New(2, 1<<16)
	for _, c := range []struct {
		table  *memtable.Table
		target string
		want   string
	}{
		{table, "a", "b"}, {table, "b", "b"}, {table, "c", "d"}, {table, "d", "d"}, {table, "e", "f"}, {table, "f", "f"},
		{table, "f\x00", "nothing"}, {table, "g", "nothing"}, {empty, "a", "nothing"},
	} {
		it := labtest.Check(t, c.table.NewIterator())
		it.SeekGE(kv.SeekKey([]byte(c.target), kv.MaxSeq))
		got := "nothing"
		if it.Valid() {
			got = string(it.Key().User)
		}
		if got != c.want {
			t.Errorf("seek to %q: want %s, got %s", c.target, c.want, got)
		}
		require.NoError(t, it.Close())
	}
}

// Three versions of "apple" are three entries. A reader at sequence number 5 must land on version 4: 7 is from its future,
// and 1 is out of date.
//
//lab:task 1 points=2
func TestSeek_LandsOnNewestVersionVisible(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "apple", "green")
	put(t, table, 4, "apple", "yellow")
	put(t, table, 7, "apple", "red")
	it := labtest.Check(t, table.NewIterator())
	defer it.Close()
	for at, want := range map[kv.Seq]kv.Seq{7: 7, 6: 4, 5: 4, 4: 4, 3: 1, 1: 1} {
		it.SeekGE(kv.SeekKey([]byte("apple"), at))
		require.True(t, it.Valid(), "seek at %d", at)
		if got := it.Key().Seq(); got != want {
			t.Errorf("seek to apple at sequence number %d: want version %d, got %d", at, want, got)
		}
	}
	it.SeekGE(kv.SeekKey([]byte("apple"), 0))
	require.False(t, it.Valid(), "at 0 nothing was written yet")
	it.SeekGE(kv.MakeKey([]byte("apple"), 4, kv.KindSet))
	require.True(t, it.Valid() && it.Key().Seq() == 4, "a seek to exactly one version stands on it")
}

// The towers are there so that a search among 2,000 keys looks at some two dozen of them, and not at 1,000. Everything else
// about a list without express lanes is right, but to find one of a million keys it would look at half of them.
//
//lab:task 1 points=2
func TestSeek_TakesTheExpressLanes(t *testing.T) {
	const keys, limit = 2000, 100 // four times what the dice give: only a list without lanes, or one lane, is above
	table := memtable.New(1, memtable.Capacity(keys, keys*4))
	compared := 0
	table.OnCompare(func([]byte) { compared++ })
	for i := range keys {
		put(t, table, kv.Seq(i+1), fmt.Sprintf("%04d", i), "")
	}
	if mean := compared / keys; mean > limit {
		t.Errorf("an insert into a list of up to %d keys, in ascending order, compared %d of them on average: want at most %d", keys, mean, limit)
	}
	compared = 0
	it := table.NewIterator()
	for i := range keys {
		it.SeekGE(kv.SeekKey(fmt.Appendf(nil, "%04d", i), kv.MaxSeq))
	}
	if mean := compared / keys; mean > limit {
		t.Errorf("a seek in a list of %d keys compared %d of them on average: want at most %d", keys, mean, limit)
	}
}

// A table has a fixed budget of memory. What does not fit is refused with ErrFull, and what was there stays as it was:
// the engine will freeze this table and write into the next one.
//
//lab:task 1 points=1
func TestInsert_RefusesWhatDoesNotFit(t *testing.T) {
	table := memtable.New(1, 4<<10)
	put(t, table, 1, "apple", "green")
	require.ErrorIs(t, table.Put(2, []byte("whale"), make([]byte, 8<<10)), memtable.ErrFull)
	put(t, table, 3, "banana", "yellow")
	want := []labtest.Entry{labtest.E("apple", 1, "green"), labtest.E("banana", 3, "yellow")}
	labtest.Diff(t, "all entries", want, contents(t, table))
}

// The same random writes go into your table and into the reference's: both must hold the same versions in the same order,
// and a seek to any key must land on the same one.
//
//lab:task 1 points=3 random
func TestSkipList_AgreesWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, ref := memtable.New(1, 1<<16), refmemtable.New(1, 1<<16)
		for i, key := range rapid.SliceOfN(labtest.Keys(), 0, 40).Draw(t, "keys") {
			value := fmt.Appendf(nil, "v%d", i)
			require.NoError(t, table.Put(kv.Seq(i+1), key, value))
			require.NoError(t, ref.Put(kv.Seq(i+1), key, value))
		}
		labtest.Diff(t, "all entries", contents(t, ref), contents(t, table))
		target := kv.SeekKey(labtest.Keys().Draw(t, "target"), kv.Seq(rapid.IntRange(0, 45).Draw(t, "at")))
		labtest.Diff(t, "entries from "+target.String(), from(t, ref.NewIterator(), target), from(t, table.NewIterator(), target))
	})
}

// from returns the entries at and after target.
func from(t labtest.TB, it kv.Iterator, target kv.Key) []labtest.Entry {
	entries, err := labtest.CollectFrom(labtest.Check(t, it), target)
	require.NoError(t, err)
	return entries
}
