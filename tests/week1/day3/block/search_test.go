package block_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	refblock "lsmlab/solution/week1/block"
)

// seekTo positions a new iterator at target and says in words where it stands.
func seekTo(b *block.Block, target kv.Key) string {
	it := b.NewIterator()
	it.SeekGE(target)
	if !it.Valid() {
		return "ended"
	}
	return fmt.Sprintf("%v = %q", it.Key(), it.Value())
}

// expectSeek compares where a seek lands with where it should.
func expectSeek(t labtest.TB, b *block.Block, target kv.Key, want string) {
	t.Helper()
	if got := seekTo(b, target); got != want {
		t.Errorf("SeekGE(%v): want %s, got %s", target, want, got)
	}
}

// blockAnswer puts what Get returns into words.
func blockAnswer(g interface {
	Get(user []byte, at kv.Seq) ([]byte, kv.Kind, bool)
}, user string, at kv.Seq) string {
	value, kind, found := g.Get([]byte(user), at)
	switch {
	case !found:
		return "no answer"
	case kind == kv.KindDelete:
		return "deleted"
	}
	return fmt.Sprintf("%q", value)
}

// expectGet compares an answer with the one wanted.
func expectGet(t labtest.TB, b *block.Block, user string, at kv.Seq, want string) {
	t.Helper()
	if got := blockAnswer(b, user, at); got != want {
		t.Errorf("Get(%q) at sequence number %v: want %s, got %s", user, at, want, got)
	}
}

// fruits returns the block of "apple", "cherry" and "fig".
func fruits(t labtest.TB) *block.Block {
	return blockOf(t, labtest.E("apple", 1, "red"), labtest.E("cherry", 2, "dark"), labtest.E("fig", 3, "blue"))
}

// "banana" is not in the block. A scan from "banana" must begin with "cherry", the next key there is. The entry before,
// "apple", is outside of the range, and a reader that is given it returns a key that nobody asked for.
//
//lab:task 3 points=2
func TestSeekGE_LandsBehindTheGap(t *testing.T) {
	b := fruits(t)
	expectSeek(t, b, kv.SeekKey([]byte("banana"), kv.MaxSeq), `"cherry"#2,set = "dark"`)
	expectSeek(t, b, kv.SeekKey([]byte("dill"), kv.MaxSeq), `"fig"#3,set = "blue"`)
	expectSeek(t, b, kv.SeekKey([]byte("cherr"), kv.MaxSeq), `"cherry"#2,set = "dark"`)
	expectSeek(t, b, kv.SeekKey([]byte("cherrys"), kv.MaxSeq), `"fig"#3,set = "blue"`)
}

// A target that is there is where the seek ends, the first and the last entry included: those are the two that a search
// with an end that is off by one cannot find.
//
//lab:task 3 points=2
func TestSeekGE_LandsOnTheKeyItself(t *testing.T) {
	b := fruits(t)
	expectSeek(t, b, kv.MakeKey([]byte("apple"), 1, kv.KindSet), `"apple"#1,set = "red"`)
	expectSeek(t, b, kv.MakeKey([]byte("cherry"), 2, kv.KindSet), `"cherry"#2,set = "dark"`)
	expectSeek(t, b, kv.MakeKey([]byte("fig"), 3, kv.KindSet), `"fig"#3,set = "blue"`)
}

// Nothing in the block stands at or after "grape": the iterator has ended, and the reader goes on with the next block. An
// iterator that stays on "fig" instead returns "fig" for "grape", and then, in the next block, all that follows.
//
//lab:task 3 points=2
func TestSeekGE_BehindTheLastEntryEnds(t *testing.T) {
	b := fruits(t)
	it := b.NewIterator()
	it.First()
	it.SeekGE(kv.SeekKey([]byte("grape"), kv.MaxSeq))
	require.False(t, it.Valid(), "an iterator that stood on apple and was sent to grape")
	require.NoError(t, it.Err())
	expectSeek(t, b, kv.MakeKey([]byte("fig"), 2, kv.KindSet), "ended")
	expectSeek(t, b, kv.SeekKey([]byte("fig\x00"), kv.MaxSeq), "ended")
	require.Equal(t, 3, b.Search(kv.SeekKey([]byte("grape"), kv.MaxSeq)), "Search says Len for a place behind all entries")
}

// Everything in the block stands after "a": the seek ends on the first entry.
//
//lab:task 3 points=1
func TestSeekGE_BeforeTheFirstEntryLandsOnIt(t *testing.T) {
	b := fruits(t)
	expectSeek(t, b, kv.SeekKey([]byte("a"), kv.MaxSeq), `"apple"#1,set = "red"`)
	expectSeek(t, b, kv.SeekKey([]byte("\x00"), kv.MaxSeq), `"apple"#1,set = "red"`)
	expectSeek(t, b, kv.SeekKey(nil, kv.MaxSeq), `"apple"#1,set = "red"`)
}

// In an empty block there is nothing to find, nothing to land on, and no middle to look at.
//
//lab:task 3 points=1
func TestSeekGE_EndsAtOnceInAnEmptyBlock(t *testing.T) {
	b := blockOf(t)
	require.Zero(t, b.Search(kv.SeekKey([]byte("apple"), kv.MaxSeq)))
	expectSeek(t, b, kv.SeekKey([]byte("apple"), kv.MaxSeq), "ended")
	expectGet(t, b, "apple", kv.MaxSeq, "no answer")
}

// The versions of "apple" stand beside each other, the newest first. A reader at 5 may not see 7, so it seeks to the place
// behind 7 and lands on 4. Whoever compares user keys only lands on 7, or wherever the search happens to end.
//
//lab:task 3 points=2
func TestSeekGE_ChoosesAmongTheVersionsOfOneKey(t *testing.T) {
	b := blockOf(t, labtest.E("ant", 9, ""), labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("apple", 2, "green"),
		labtest.E("banana", 3, ""))
	apple := []byte("apple")
	expectSeek(t, b, kv.SeekKey(apple, kv.MaxSeq), `"apple"#7,set = "red"`)
	expectSeek(t, b, kv.SeekKey(apple, 7), `"apple"#7,set = "red"`)
	expectSeek(t, b, kv.SeekKey(apple, 6), `"apple"#4,delete = ""`)
	expectSeek(t, b, kv.SeekKey(apple, 3), `"apple"#2,set = "green"`)
	expectSeek(t, b, kv.SeekKey(apple, 1), `"banana"#3,set = ""`)
}

// After a seek the walk goes on: every entry from there to the end, none twice, none left out.
//
//lab:task 3 points=1
func TestSeekGE_ThenNextWalksToTheEnd(t *testing.T) {
	entries := numbered(20, 3)
	b := blockOf(t, entries...)
	for i := range entries {
		got, err := labtest.CollectFrom(labtest.Check(t, b.NewIterator()), entries[i].Key)
		require.NoError(t, err)
		labtest.Diff(t, fmt.Sprintf("from %v", entries[i].Key), entries[i:], got)
	}
}

// Blocks of 0 to 9 entries, each entry sought, and each gap before, between and behind. A binary search is ten lines with
// three places to be off by one, and with small numbers each of them shows.
//
//lab:task 3 points=2
func TestSearch_FindsEveryEntryAndEveryGap(t *testing.T) {
	for n := range 10 {
		var entries []labtest.Entry
		for i := range n {
			entries = append(entries, labtest.E(string(rune('b'+2*i)), 5, ""))
		}
		b := blockOf(t, entries...)
		var want, got []string
		for i := range n {
			on, gap := []byte{byte('b' + 2*i)}, []byte{byte('a' + 2*i)}
			want = append(want, fmt.Sprintf("%s: %d", gap, i), fmt.Sprintf("%s: %d", on, i))
			got = append(got, fmt.Sprintf("%s: %d", gap, b.Search(kv.SeekKey(gap, 9))), fmt.Sprintf("%s: %d", on, b.Search(kv.SeekKey(on, 9))))
		}
		want, got = append(want, fmt.Sprintf("z: %d", n)), append(got, fmt.Sprintf("z: %d", b.Search(kv.SeekKey([]byte("z"), 9))))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Search in a block of b, d, f, …, %d entries (-want +got)\n%s", n, diff)
		}
	}
}

// The codec has left out what keys share with the first, "team". A target may end inside of the shared part ("te"), leave it
// in the middle ("tea", "ten"), or go beyond it ("teams"). Compare the two pieces one after the other, and each comes right.
//
//lab:task 3 points=3
func TestSearch_ComparesKeysInTwoPieces(t *testing.T) {
	entries := []labtest.Entry{
		labtest.E("team", 9, "0"), labtest.E("team", 2, "older"), labtest.E("teammate", 8, "1"), labtest.E("teams", 7, "2"), labtest.E("teams", 3, "3"),
		labtest.E("tear", 6, "4"), labtest.E("ten", 5, "5"), labtest.E("zoo", 4, "6"),
	}
	b := parseBlock(t, refBlock(t, headCodec{}, entries...), headCodec{})
	want := map[string]int{
		"": 0, "t": 0, "te": 0, "tea": 0, "team": 0, "teama": 2, "teammate": 2, "teammates": 3, "teams": 3, "teamsters": 5,
		"teal": 0, "teaz": 6, "tear": 5, "ten": 6, "tent": 7, "tz": 7, "zoo": 7, "zoom": 8, "a": 0,
	}
	got := map[string]int{}
	for user := range want {
		got[user] = b.Search(kv.SeekKey([]byte(user), kv.MaxSeq))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("index of the first entry at or after a target (-want +got)\n%s", diff)
	}
	require.Equal(t, 0, b.Search(kv.SeekKey([]byte("te"), 0)), "te is shorter than what is shared, and before all of it")
	require.Equal(t, 4, b.Search(kv.SeekKey([]byte("teams"), 6)), "the version of teams that a reader at 6 may see")
	expectGet(t, b, "teams", 6, `"3"`)
	expectGet(t, b, "team", kv.MaxSeq, `"0"`)
	for _, user := range []string{"", "te", "teamm", "teamss", "tean", "zo", "zoom"} {
		expectGet(t, b, user, kv.MaxSeq, "no answer")
	}
}

// countingCodec writes plain keys and counts how many it has been asked to decode.
type countingCodec struct {
	block.Codec
	splits *int
}

// Split counts.
func (c countingCodec) Split(src []byte) (shared int, rest []byte, n int) {
	*c.splits++
	return c.Codec.Split(src)
}

// A thousand entries, and ten halvings lead to any one of them. A walk from the front looks at five hundred on average and
// finds the same, so nothing but the time would tell, or, as here, somebody who counts.
//
//lab:task 3 points=2
func TestSearch_LooksAtFewEntries(t *testing.T) {
	splits := 0
	codec := countingCodec{block.Plain(), &splits}
	entries := numbered(1000, 1)
	b := parseBlock(t, refBlock(t, refblock.Plain(), entries...), codec)
	for _, i := range []int{0, 1, 499, 500, 777, 998, 999} {
		splits = 0
		require.Equal(t, i, b.Search(entries[i].Key))
		require.LessOrEqual(t, splits, 11, "keys decoded by Search for entry %d of 1000", i)
		splits = 0
		_, _, found := b.Get(entries[i].Key.User, kv.MaxSeq)
		require.True(t, found)
		require.LessOrEqual(t, splits, 13, "keys decoded by Get of entry %d of 1000", i)
	}
}

// The last of 3,000 entries begins at byte 350,883. A search that reads offsets as numbers of two bytes jumps to 23,203.
//
//lab:task 3 points=1
func TestSearch_JumpsToTheEndOfALargeBlock(t *testing.T) {
	entries := numbered(3000, 100)
	b := blockOf(t, entries...)
	for _, i := range []int{0, 559, 560, 561, 1500, 2999} {
		require.Equal(t, i, b.Search(entries[i].Key))
		expectGet(t, b, string(entries[i].Key.User), kv.MaxSeq, fmt.Sprintf("%q", entries[i].Value))
	}
}

// A reader at 5 asks for "apple": the tombstone 4 is what counts, and that is an answer, not a miss. At 1 there is no
// version at all; the block says so, and older tables are asked.
//
//lab:task 3 points=2
func TestBlockGet_FindsTheVersionThatTheReaderMaySee(t *testing.T) {
	b := blockOf(t, labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("apple", 2, "green"), labtest.E("fig", 3, ""))
	expectGet(t, b, "apple", kv.MaxSeq, `"red"`)
	expectGet(t, b, "apple", 7, `"red"`)
	expectGet(t, b, "apple", 6, "deleted")
	expectGet(t, b, "apple", 4, "deleted")
	expectGet(t, b, "apple", 3, `"green"`)
	expectGet(t, b, "apple", 1, "no answer")
	expectGet(t, b, "fig", 3, `""`)
	expectGet(t, b, "fig", 2, "no answer")
}

// Where the search ends there is often another key. "ban", "banan" and "bananas" are not "banana", and a key that is only
// similar must not be answered with its neighbour's value.
//
//lab:task 3 points=2
func TestBlockGet_IsNotFooledByANeighbour(t *testing.T) {
	b := blockOf(t, labtest.E("banana", 1, "yellow"), labtest.E("cherry", 2, "dark"))
	for _, user := range []string{"a", "ban", "banan", "bananas", "bananb", "banana\x00", "cherr", "cherryy", "z", ""} {
		expectGet(t, b, user, kv.MaxSeq, "no answer")
	}
	expectGet(t, b, "banana", kv.MaxSeq, `"yellow"`)
	expectGet(t, b, "cherry", kv.MaxSeq, `"dark"`)
}

// A store answers a million of these in a second, so a search copies nothing: keys are compared where they lie, and the
// value is a slice of the block.
//
//lab:task 3 points=1
func TestBlockGet_DoesNotAllocate(t *testing.T) {
	for _, codec := range []block.Codec{block.Plain(), headCodec{}} {
		entries := numbered(30, 100)
		b := parseBlock(t, refBlock(t, codec, entries...), codec)
		var it block.Iterator
		it.Init(b)
		allocs := testing.AllocsPerRun(20, func() {
			for _, e := range entries {
				value, _, found := b.Get(e.Key.User, kv.MaxSeq)
				it.SeekGE(e.Key)
				if !found || len(value) != 100 || !it.Valid() {
					t.Fatalf("%v is in the block, and not found", e.Key)
				}
			}
		})
		require.Zero(t, allocs, "allocations for 30 gets and 30 seeks, codec %d", codec.ID())
	}
}

// Random blocks, plain or shared keys, random places and moments: index, seek and get must be the reference's.
//
//lab:task 3 points=3 random
func TestSearch_AgreesWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := sortedEntries().Draw(t, "entries")
		codec := rapid.SampledFrom([]block.Codec{block.Plain(), headCodec{}}).Draw(t, "codec")
		data := refBlock(t, codec, entries...)
		b := parseBlock(t, data, codec)
		ref, err := refblock.Parse(data, codec)
		require.NoError(t, err)
		var users [][]byte
		for range 5 {
			users = append(users, labtest.Keys().Draw(t, "user"))
		}
		for _, e := range entries {
			users = append(users, e.Key.User, append(e.Key.User[:len(e.Key.User):len(e.Key.User)], 0))
		}
		for _, user := range users {
			at := kv.Seq(rapid.IntRange(0, 301).Draw(t, "at"))
			target := kv.SeekKey(user, at)
			if got, want := b.Search(target), ref.Search(target); got != want {
				t.Fatalf("Search(%v): want entry %d, got %d", target, want, got)
			}
			if got, want := blockAnswer(b, string(user), at), blockAnswer(ref, string(user), at); got != want {
				t.Fatalf("Get(%q) at %d: want %s, got %s", user, at, want, got)
			}
			got, err := labtest.CollectFrom(labtest.Check(t, b.NewIterator()), target)
			require.NoError(t, err)
			labtest.Diff(t, fmt.Sprintf("from %v", target), entries[ref.Search(target):], got)
		}
	})
}
