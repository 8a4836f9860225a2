package sstable_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// An iterator over a table does not end where a block ends: after "banana", the last entry of block 0, comes "cherry", the
// first of block 1. Behind the last entry of the last block it has ended, and stays so.
//
//lab:task 3 points=3
func TestIterator_CrossesFromBlockToBlock(t *testing.T) {
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	it := labtest.Check(t, table.NewIterator())
	require.False(t, it.Valid(), "a new iterator stands nowhere")
	it.First()
	for i, e := range sstFruit() {
		require.True(t, it.Valid(), "entry %d of 12", i)
		require.Equal(t, e.Key.String(), it.Key().String(), "entry %d", i)
		require.Equal(t, string(e.Value), string(it.Value()), "entry %d", i)
		it.Next()
	}
	require.False(t, it.Valid(), "behind the last entry")
	require.NoError(t, it.Err())
	it.First()
	require.True(t, it.Valid(), "First begins anew")
	require.Equal(t, "apple", string(it.Key().User))
	require.NoError(t, it.Close())
}

// "bean" is behind all of block 0, and before all of block 1. The first entry at or after it is "cherry", the first of block 1.
// Who seeks in block 0 runs into its end, and takes that for the end of the table.
//
//lab:task 3 points=3
func TestSeekGE_InGapLandsOnNextBlock(t *testing.T) {
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	it := labtest.Check(t, table.NewIterator())
	for _, c := range []struct{ target, want string }{
		{"", "apple"}, {"aaa", "apple"}, {"apple", "apple"}, {"b", "banana"}, {"banana", "banana"}, {"bean", "cherry"},
		{"cherry", "cherry"}, {"dates", "elder"}, {"figs", "grape"}, {"i", "iris"}, {"k", "kiwi"}, {"lemon", "lemon"}, {"lemon\x00", "the end"},
		{"b", "banana"}, {"zoo", "the end"}, {"a", "apple"},
	} {
		it.SeekGE(kv.SeekKey([]byte(c.target), kv.MaxSeq))
		got := "the end"
		if it.Valid() {
			got = string(it.Key().User)
		}
		require.Equal(t, c.want, got, "the first entry at or after %q", c.target)
		require.NoError(t, it.Err())
	}
	require.NoError(t, it.Close())
}

// After a seek the walk goes on from there, through the rest of the block and all blocks behind it.
//
//lab:task 3 points=1
func TestSeekGE_WalkGoesOnFromThere(t *testing.T) {
	fruit := sstFruit()
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	for i, e := range fruit {
		got, err := labtest.CollectFrom(labtest.Check(t, table.NewIterator()), e.Key)
		require.NoError(t, err)
		labtest.Diff(t, fmt.Sprintf("from %s on", e.Key.User), fruit[i:], got)
	}
}

// To create an iterator reads nothing, to seek reads one block, and to step reads a block only when one is used up. Reading
// ahead of need, or the whole table at once, makes a scan of ten entries as expensive as one of a million.
//
//lab:task 3 points=2
func TestIterator_ReadsBlocksOnlyWhenItGetsThere(t *testing.T) {
	table, f := sstOpen(t, sstRefFruit(t), sstable.Options{})
	opened := f.reads.Load()
	it := labtest.Check(t, table.NewIterator())
	var got []string
	step := func(what string, move func()) {
		before := f.reads.Load()
		move()
		got = append(got, fmt.Sprintf("%s: %d", what, f.reads.Load()-before))
	}
	require.Equal(t, opened, f.reads.Load(), "reads of a new iterator")
	seek := func(key string) func() { return func() { it.SeekGE(kv.SeekKey([]byte(key), kv.MaxSeq)) } }
	step("seek to date, in block 1", seek("date"))
	step("next, elder, in block 2", it.Next)
	step("next, fig, in block 2", it.Next)
	step("next, grape, in block 3", it.Next)
	step("seek to hazel, in block 3", seek("hazel"))
	step("seek to apple, in block 0", seek("apple"))
	step("first", it.First)
	step("seek behind the end", seek("zoo"))
	want := []string{
		"seek to date, in block 1: 1", "next, elder, in block 2: 1", "next, fig, in block 2: 0", "next, grape, in block 3: 1",
		"seek to hazel, in block 3: 0", "seek to apple, in block 0: 1", "first: 0", "seek behind the end: 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("blocks read at each move (-want +got)\n%s", diff)
	}
	require.NoError(t, it.Close())
}

// A damaged block ends the walk, and Err says why: a scan that just stops looks like a table with fewer entries. Who positions
// the iterator anew, elsewhere, gets what is there.
//
//lab:task 3 points=2
func TestIterator_StopsWithErrorAtDamagedBlock(t *testing.T) {
	data, fruit := sstRefFruit(t), sstFruit()
	third := sstRefBlocks(t, data)[2]
	data[third.Offset] ^= 1
	table, _ := sstOpen(t, data, sstable.Options{})
	it := labtest.Check(t, table.NewIterator())
	n := 0
	for it.First(); it.Valid(); it.Next() {
		n++
	}
	require.Equal(t, 4, n, "entries before the damaged block")
	require.Equal(t, third.Offset, sstCorrupt(t, it.Err(), "walk into block 2").Offset)

	it.SeekGE(fruit[6].Key)
	require.NoError(t, it.Err(), "an error lasts until the iterator is positioned anew")
	require.True(t, it.Valid())
	require.Equal(t, "grape", string(it.Key().User))
	it.SeekGE(fruit[5].Key)
	require.False(t, it.Valid())
	sstCorrupt(t, it.Err(), "seek into block 2")
	it.First()
	require.NoError(t, it.Err())
	require.Equal(t, "apple", string(it.Key().User))
	it.SeekGE(fruit[4].Key)
	it.SeekGE(kv.SeekKey([]byte("zoo"), 0))
	require.NoError(t, it.Err(), "behind the end there is nothing, and that is no error")
	require.NoError(t, it.Close())
}

// Each byte of the golden table is changed in turn, and the table is read in both ways. The answer is an error or the right
// data; a wrong value, or an entry that is silently missing, would be worse than any crash, and a crash is bad enough.
//
//lab:task 3 points=2
func TestTable_FlippedByteGivesErrorOrTheRightData(t *testing.T) {
	golden, want := sstGoldenBytes(t), sstGoldenEntries()
	for at := range golden {
		data := bytes.Clone(golden)
		data[at] ^= 0x10
		table, err := sstable.Open(newSSTFile(data), "000001.sst", 1, sstGoldenOptions())
		if err != nil {
			require.ErrorIs(t, err, kv.ErrCorrupt)
			continue
		}
		got, err := labtest.Collect(labtest.Check(t, table.NewIterator()))
		if err == nil {
			labtest.Diff(t, fmt.Sprintf("entries with byte %d flipped", at), want, got)
		}
		for _, e := range want {
			value, _, found, err := table.Get(e.Key.User, e.Key.Seq())
			if err == nil && (!found || !bytes.Equal(value, e.Value)) {
				t.Fatalf("byte %d flipped: Get(%q) = %q, %v, and no error", at, e.Key.User, value, found)
			}
		}
		require.NoError(t, table.Close())
	}
}

// Files go both ways: what the reference wrote, your iterator reads; what your writer wrote, the reference reads. With random
// entries, random block sizes, and seeks to random places.
//
//lab:task 3 points=3 random
func TestIterator_AgreesWithReferenceBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := sstRandomEntries(t)
		size := rapid.SampledFrom([]int{1, 40, 64, 4096}).Draw(t, "block size")
		theirs := sstRefWrite(t, refsstable.Options{BlockSize: size}, entries...)
		table, _ := sstOpen(t, theirs, sstable.Options{})
		labtest.Diff(t, "the reference's table, read by you", entries, sstCollect(t, table.NewIterator()))

		yours := sstWrite(t, sstable.Options{BlockSize: size}, entries...)
		ref := sstRefOpen(t, yours, refsstable.Options{})
		labtest.Diff(t, "your table, read by the reference", entries, sstCollect(t, ref.NewIterator()))

		it, refIt := labtest.Check(t, table.NewIterator()), labtest.Check(t, ref.NewIterator())
		for range 10 {
			target := kv.MakeKey(labtest.Keys().Draw(t, "seek"), kv.Seq(rapid.IntRange(0, 40).Draw(t, "at")), kv.KindSet)
			it.SeekGE(target)
			refIt.SeekGE(target)
			for range rapid.IntRange(0, 4).Draw(t, "steps") {
				if it.Valid() && refIt.Valid() {
					it.Next()
					refIt.Next()
				}
			}
			if got, want := sstStand(it), sstStand(refIt); got != want {
				t.Fatalf("seek to %v, then some steps: want %s, got %s", target, want, got)
			}
		}
		require.NoError(t, errors.Join(it.Close(), refIt.Close()))
	})
}

// sstStand says where an iterator stands.
func sstStand(it kv.Iterator) string {
	if !it.Valid() {
		return fmt.Sprintf("the end (%v)", it.Err())
	}
	return labtest.Entry{Key: it.Key(), Value: it.Value()}.String()
}

// Whatever bytes a file has: Open refuses them, or the table can be asked and walked through without a panic, and every
// walk ends.
//
//lab:task 3 points=1
func FuzzTable(f *testing.F) {
	f.Add(sstRefWrite(f, refsstable.Options{BlockSize: 64}, sstFruit()...), "date")
	f.Add(sstRefWrite(f, refsstable.Options{}, labtest.D("apple", 9), labtest.E("apple", 3, "")), "apple")
	f.Fuzz(func(t *testing.T, data []byte, key string) {
		table, err := sstable.Open(newSSTFile(data), "000001.sst", 1, sstable.Options{})
		if err != nil {
			return
		}
		defer table.Close()
		if _, _, _, err := table.Get([]byte(key), kv.MaxSeq); err != nil && !errors.Is(err, kv.ErrCorrupt) {
			t.Errorf("Get: %v", err)
		}
		got, err := labtest.Collect(labtest.Check(t, table.NewIterator()))
		if err == nil && uint64(len(got)) != table.Properties().Entries {
			t.Errorf("walked over %d entries, the properties say %d", len(got), table.Properties().Entries)
		}
	})
}
