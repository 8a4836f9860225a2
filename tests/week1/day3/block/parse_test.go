package block_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	refblock "lsmlab/solution/week1/block"
)

// The bytes of the chapter's example, written down by hand. Your code did not write them, so here it cannot read its own
// mistakes back.
//
//lab:task 2 points=2
func TestIterator_ReadsTheFormatByteByByte(t *testing.T) {
	b := parseBlock(t, goldenBlock, block.Plain())
	require.Equal(t, 3, b.Len())
	require.Equal(t, len(goldenBlock), b.Size())
	labtest.Diff(t, "all entries", goldenEntries, walk(t, b.NewIterator()))
}

// A block without entries is sound, and walking it ends before it begins. Positions that are computed from "the first entry"
// are the usual way to fall over here.
//
//lab:task 2 points=1
func TestIterator_WalksAnEmptyBlock(t *testing.T) {
	b := parseBlock(t, []byte{0, 0, 0, 0}, block.Plain())
	require.Zero(t, b.Len())
	it := b.NewIterator()
	require.False(t, it.Valid(), "a new iterator stands nowhere")
	it.First()
	require.False(t, it.Valid())
	require.NoError(t, it.Err())
}

// A merge asks its children again and again whether they are valid, those too that have long ended. An iterator that has
// ended stays ended, until it is positioned anew.
//
//lab:task 2 points=1
func TestIterator_StaysEndedUntilItIsPositioned(t *testing.T) {
	it := blockOf(t, labtest.E("apple", 1, "red")).NewIterator()
	require.False(t, it.Valid(), "a new iterator stands nowhere")
	it.First()
	require.True(t, it.Valid())
	it.Next()
	require.False(t, it.Valid(), "behind the only entry")
	require.False(t, it.Valid(), "asked once more")
	it.First()
	require.True(t, it.Valid())
	require.Equal(t, `"apple"#1,set`, it.Key().String())
}

// The key of "april" is not in the block: its codec has written "3 from the first key, then il". The iterator puts it together
// from the first key, "apricot"; "apricots" shares all of that, and "banana" nothing. It does so in memory of its own: the block
// is shared by all readers, and nobody may write into it. What "april" has left in that memory must not get into "apricots" when
// the iterator begins again.
//
//lab:task 2 points=3
func TestIterator_PutsSharedKeysTogether(t *testing.T) {
	entries := []labtest.Entry{
		labtest.E("apricot", 9, "9"), labtest.E("apricot", 3, "3"), labtest.E("apricots", 4, "4"),
		labtest.E("april", 5, "5"), labtest.E("banana", 6, "6"), labtest.E("bananas", 7, "7"),
	}
	data := refBlock(t, headCodec{}, entries...)
	before := bytes.Clone(data)
	b := parseBlock(t, data, headCodec{})
	it := b.NewIterator()
	labtest.Diff(t, "all entries", entries, walk(t, it))
	labtest.Diff(t, "all entries, by the same iterator once more", entries, walk(t, it))
	expectBytes(t, before, data)
}

// Who walks a thousand blocks keeps one Iterator and initialises it anew for each of them. Then nothing of the block before
// may shine through: not its entries, not its first key, not the place where the iterator stood.
//
//lab:task 2 points=1
func TestInit_BeginsAnewWithAnotherBlock(t *testing.T) {
	one := parseBlock(t, refBlock(t, headCodec{}, labtest.E("apple", 1, "1"), labtest.E("apples", 2, "2")), headCodec{})
	two := parseBlock(t, refBlock(t, headCodec{}, labtest.E("fig", 3, "3"), labtest.E("figs", 4, "4")), headCodec{})
	var it block.Iterator
	it.Init(one)
	it.First()
	it.Next()
	require.Equal(t, `"apples"#2,set`, it.Key().String())
	it.Init(two)
	require.False(t, it.Valid(), "an initialised iterator stands nowhere")
	labtest.Diff(t, "the second block", []labtest.Entry{labtest.E("fig", 3, "3"), labtest.E("figs", 4, "4")}, walk(t, &it))
}

// Keys and values are slices of the block. A copy of each would cost ten times as much as finding them, and compaction walks
// over everything there is.
//
//lab:task 2 points=2
func TestIterator_StepsWithoutAllocating(t *testing.T) {
	for _, codec := range []block.Codec{block.Plain(), headCodec{}} {
		b := parseBlock(t, refBlock(t, codec, numbered(30, 100)...), codec)
		var it block.Iterator
		allocs := testing.AllocsPerRun(20, func() {
			it.Init(b)
			n := 0
			for it.First(); it.Valid(); it.Next() {
				n += len(it.Key().User) + len(it.Value())
			}
			if n != 30*(8+100) {
				t.Fatalf("walked over %d bytes of keys and values instead of %d", n, 30*(8+100))
			}
		})
		require.Zero(t, allocs, "allocations for 30 steps, codec %d", codec.ID())
	}
}

// 3,000 entries of 117 bytes: offsets up to 351,000. An offset that is read as a number of two bytes points somewhere into
// the first part of the block.
//
//lab:task 2 points=1
func TestIterator_WalksALargeBlock(t *testing.T) {
	entries := numbered(3000, 100)
	b := blockOf(t, entries...)
	require.Equal(t, 3000, b.Len())
	labtest.Diff(t, "all entries", entries, walk(t, b.NewIterator()))
}

// damage is a sound block of "apple"#7 = "red" and "fig"#4 = "blue", 18 and 17 bytes, with some bytes changed.
type damage struct {
	name string
	at   int    // where
	with []byte // what is written there
}

// refuseDamage checks that each damage is noticed.
func refuseDamage(t *testing.T, cases []damage) {
	t.Helper()
	sound := refBlock(t, refblock.Plain(), labtest.E("apple", 7, "red"), labtest.E("fig", 4, "blue"))
	parseBlock(t, sound, block.Plain())
	for _, c := range cases {
		data := bytes.Clone(sound)
		copy(data[c.at:], c.with)
		_, err := block.Parse(data, block.Plain())
		expectCorrupt(t, c.name, data, err)
	}
}

// The number of entries says how many offsets there are, and so where the entries end. It comes from a disk, so it may be
// anything: 2³⁰ times 4 is 0 in 32 bits, and then everything seems to fit.
//
//lab:task 2 points=2
func TestParse_RefusesNumberOfEntriesThatCannotBe(t *testing.T) {
	refuseDamage(t, []damage{
		{"one entry more than there is", 43, []byte{3, 0, 0, 0}},
		{"one entry less than there is", 43, []byte{1, 0, 0, 0}},
		{"no entry, but 35 bytes of entries", 43, []byte{0, 0, 0, 0}},
		{"44 bytes of offsets where there are 43", 43, []byte{11, 0, 0, 0}},
		{"more offsets than bytes", 43, []byte{0, 1, 0, 0}},
		{"2³⁰ entries: four times that is 0 in 32 bits", 43, []byte{0, 0, 0, 0x40}},
		{"2³¹ entries", 43, []byte{0, 0, 0, 0x80}},
		{"2³²-1 entries", 43, []byte{0xff, 0xff, 0xff, 0xff}},
		{"the number in the other byte order", 43, []byte{0, 0, 0, 2}},
	})
}

// Four bytes hold the number of entries; fewer are no block. A file that was cut off gives you such pieces.
//
//lab:task 2 points=1
func TestParse_RefusesPiecesOfABlock(t *testing.T) {
	parseBlock(t, goldenBlock, block.Plain())
	for n := range len(goldenBlock) {
		data := slices.Clip(bytes.Clone(goldenBlock[:n]))
		_, err := block.Parse(data, block.Plain())
		_, want := refblock.Parse(data, refblock.Plain())
		if want != nil {
			expectCorrupt(t, "a block cut off", data, err)
		}
	}
}

// A search trusts the offsets: it jumps. An offset that is off by one points at a byte of a key, takes it for a length, and
// reads nonsense. So each must be exactly where its entry begins, which the entries themselves tell.
//
//lab:task 2 points=2
func TestParse_RefusesOffsetsThatLie(t *testing.T) {
	refuseDamage(t, []damage{
		{"the first entry does not begin at 0", 35, []byte{1, 0, 0, 0}},
		{"one too small", 39, []byte{17, 0, 0, 0}},
		{"one too large", 39, []byte{19, 0, 0, 0}},
		{"where the first entry is", 39, []byte{0, 0, 0, 0}},
		{"behind the entries", 39, []byte{35, 0, 0, 0}},
		{"far behind the block", 39, []byte{0xff, 0xff, 0xff, 0xff}},
		{"the two exchanged", 35, []byte{18, 0, 0, 0, 0, 0, 0, 0}},
	})
}

// Every length in an entry is compared with the bytes that are left before anything is cut by it. A length may have ten
// bytes and be 2⁶⁴-1, which as an int is -1: smaller than everything, and deadly.
//
//lab:task 2 points=3
func TestParse_RefusesLengthsThatDoNotFit(t *testing.T) {
	huge := bytes.Repeat([]byte{0xff}, 9)
	refuseDamage(t, []damage{
		{"a key one byte too long for its entry", 0, []byte{6}},
		{"a key longer than the block", 0, []byte{200, 1}},
		{"the last key one byte longer than what is left", 18, []byte{17}},
		{"a key of 2⁶⁴-1 bytes", 0, append(huge, 1)},
		{"a key of 2⁶³ bytes", 0, []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}},
		{"a key length that does not end", 0, bytes.Repeat([]byte{0xff}, 18)},
		{"the last key ends where its trailer should", 18, []byte{16}},
		{"the last key leaves half a trailer", 18, []byte{12}},
		{"no byte left for the last value's size", 18, []byte{8}},
		{"the last value one byte too long", 30, []byte{5}},
		{"the last value one byte too short", 30, []byte{3}},
		{"the last value's size does not end", 30, []byte{0xff, 0xff, 0xff, 0xff, 0xff}},
		{"the first value reaches into the next entry", 14, []byte{4}},
		{"the first value is longer than the block", 14, []byte{0xff, 0x7f}},
		{"a value of 2⁶⁴-1 bytes", 14, append(huge, 1)},
		{"a value of 2⁶³ bytes", 14, []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}},
	})
}

// Damage may add up. The first block below is one entry of 12 bytes: if its impossible key is passed over, what follows has
// just the right length. In the second block a value of 2⁶⁴-1 bytes, taken for -1, ends one byte before it begins, where the
// next entry seems to start. Both look sound to a parser that only compares sums, and the first reader falls over.
//
//lab:task 2 points=2
func TestParse_RefusesDamageThatAddsUp(t *testing.T) {
	for name, data := range map[string][]byte{
		"a key of 200 bytes in an entry of 12": slices.Concat(
			[]byte{200, 0, 0, 0, 0, 0, 0, 0, 3}, []byte("red"), []byte{0, 0, 0, 0}, []byte{1, 0, 0, 0},
		),
		"a value of -1 byte": slices.Concat(
			[]byte{1, 'a', 1, 1, 0, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{0xff}, 9),
			[]byte{1, 'b', 1, 2, 0, 0, 0, 0, 0, 0, 0}, []byte{0, 0, 0, 0, 19, 0, 0, 0}, []byte{2, 0, 0, 0},
		),
	} {
		_, err := block.Parse(data, block.Plain())
		expectCorrupt(t, name, data, err)
	}
}

// Between the last entry and the first offset there is nothing. Bytes that belong to nobody are a sign that something is
// not as it was written.
//
//lab:task 2 points=1
func TestParse_RefusesBytesBehindTheLastEntry(t *testing.T) {
	sound := refBlock(t, refblock.Plain(), labtest.E("apple", 7, "red"))
	parseBlock(t, sound, block.Plain())
	data := slices.Concat(sound[:18], []byte{0}, sound[18:])
	_, err := block.Parse(data, block.Plain())
	expectCorrupt(t, "a byte between entries and offsets", data, err)
}

// A key cannot have more in common with the first key than there is of it, and the first key itself has nothing to share
// with. The codec cannot see that: it knows one entry only.
//
//lab:task 2 points=2
func TestParse_RefusesMoreSharedBytesThanTheFirstKeyHas(t *testing.T) {
	sound := refBlock(t, headCodec{}, labtest.E("fig", 9, "9"), labtest.E("figs", 8, "8"))
	parseBlock(t, sound, headCodec{})
	first, second := bytes.Clone(sound), bytes.Clone(sound)
	first[0] = 1
	_, err := block.Parse(first, headCodec{})
	expectCorrupt(t, "the first key shares a byte with nothing", first, err)
	second[binary.LittleEndian.Uint32(sound[len(sound)-8:])] = 4
	_, err = block.Parse(second, headCodec{})
	expectCorrupt(t, "the second key shares 4 bytes with a key of 3", second, err)
}

// A block often lies in the middle of a larger buffer, and a slice in Go may be extended up to its capacity without any
// panic. So a length that is one too large does not fail by itself: it silently takes in bytes of whatever follows.
//
//lab:task 2 points=2
func TestParse_StaysWithinTheBlock(t *testing.T) {
	sound := refBlock(t, refblock.Plain(), labtest.E("apple", 7, "red"), labtest.E("fig", 6, "blue"))
	around := append(bytes.Clone(sound), bytes.Repeat([]byte{'!'}, 64)...)
	data := around[:len(sound)]
	b := parseBlock(t, data, block.Plain())
	it := b.NewIterator()
	it.First()
	require.Equal(t, "red", string(it.Value()))
	value := append(it.Value(), "dish"...)
	user := append(it.Key().User, "!!!!"...)
	require.Equal(t, "reddish apple!!!!", string(value)+" "+string(user))
	expectBytes(t, sound, data)
	for size := byte(5); size < 80; size++ {
		data[30] = size
		_, err := block.Parse(data, block.Plain())
		expectCorrupt(t, "a value that reaches into the offsets or behind the block", data, err)
	}
}

// One byte of the example's block is changed, each in turn, to each of several values. Your parser either refuses, or the
// walk goes through without a panic; and it agrees with the reference which of the two it is.
//
//lab:task 2 points=2
func TestParse_SurvivesEveryChangedByte(t *testing.T) {
	for at := range goldenBlock {
		for _, flip := range []byte{0x01, 0x04, 0x40, 0x80, 0xff} {
			data := bytes.Clone(goldenBlock)
			data[at] ^= flip
			sameVerdict(t, data)
		}
	}
}

// sameVerdict parses and walks data with the subject and the reference, and fails the test unless they agree.
func sameVerdict(t testing.TB, data []byte) {
	t.Helper()
	b, err := block.Parse(data, block.Plain())
	ref, refErr := refblock.Parse(data, refblock.Plain())
	if (err == nil) != (refErr == nil) {
		t.Fatalf("the reference says %v, your parser %v, of the block\n% x", refErr, err, data)
	}
	if err != nil {
		return
	}
	want, _ := labtest.Collect(ref.NewIterator())
	got, _ := labtest.Collect(b.NewIterator())
	if len(want) != len(got) || len(got) != b.Len() {
		t.Fatalf("the reference finds %d entries, you %d, in the block\n% x", len(want), len(got), data)
	}
	for i := range want {
		if want[i].Key.Compare(got[i].Key) != 0 || !bytes.Equal(want[i].Value, got[i].Value) {
			t.Fatalf("entry %d: want %v, got %v, in the block\n% x", i, want[i], got[i], data)
		}
	}
}

// Bytes from a disk may be anything, and the machine that invents them is more patient than you. As a test this tries the
// blocks below; `go test -fuzz FuzzParse` goes on from there for as long as you like.
//
//lab:task 2 points=2
func FuzzParse(f *testing.F) {
	f.Add(goldenBlock)
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add(refBlock(f, refblock.Plain(), numbered(5, 3)...))
	f.Add(slices.Concat(bytes.Repeat([]byte{0xff}, 30), []byte{0, 0, 0, 0, 1, 0, 0, 0}))
	f.Add([]byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) { sameVerdict(t, data) })
}

// Random blocks written by the reference, with plain or shared keys, long and short lengths, tombstones and empty values:
// your iterator must find just what was written.
//
//lab:task 2 points=3 random
func TestIterator_ReadsWhatTheReferenceWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := sortedEntries().Draw(t, "entries")
		codec := rapid.SampledFrom([]block.Codec{block.Plain(), headCodec{}}).Draw(t, "codec")
		b := parseBlock(t, refBlock(t, codec, entries...), codec)
		require.Equal(t, len(entries), b.Len())
		labtest.Diff(t, "all entries", entries, walk(t, b.NewIterator()))
	})
}

var _ kv.Iterator = (*block.Iterator)(nil)
