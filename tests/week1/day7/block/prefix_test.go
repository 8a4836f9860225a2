package block_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	refblock "lsmlab/solution/week1/block"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// Two sizes, then what the first key does not have. The first key of the block is whole, "apricots" is 7 and "s", and
// "apron" shares three letters with "apricot". What it might share with the key before it does not matter.
//
//lab:task 3 points=3
func TestPrefix_WritesTheFormatByteByByte(t *testing.T) {
	data, _ := prefixBlock(t, goldenPrefixEntries)
	labtest.DiffBytes(t, "block with shared prefixes", goldenPrefix, data)
	b, err := block.Parse(goldenPrefix, block.Prefix())
	require.NoError(t, err)
	got, err := labtest.Collect(b.NewIterator())
	require.NoError(t, err)
	labtest.Diff(t, "what is read from those bytes", goldenPrefixEntries, got)
}

// How far two keys agree has an end: that of the shorter one. "app" and "apple" share "app", "apple" and "app" too, two equal
// keys all of it, and nothing shares anything with an empty first key. Zero bytes and 0xff are bytes like others.
//
//lab:task 3 points=2
func TestPrefixAppend_SharesAsMuchAsThereIs(t *testing.T) {
	long := strings.Repeat("k", 200)
	for _, c := range []struct{ first, user, want string }{
		{"", "apple", "\x00\x05apple"},
		{"apple", "apple", "\x05\x00"},
		{"app", "apple", "\x03\x02le"},
		{"apple", "app", "\x03\x00"},
		{"apple", "apricot", "\x02\x05ricot"},
		{"apple", "banana", "\x00\x06banana"},
		{"a\x00\xff", "a\x00\xfe", "\x02\x01\xfe"},
		{long, long + "!", "\xc8\x01\x01!"},
		{"x", long, "\x00\xc8\x01" + long},
	} {
		got := block.Prefix().Append([]byte(">"), []byte(c.first), []byte(c.user))
		if diff := cmp.Diff(">"+c.want, string(got)); diff != "" {
			t.Errorf("%.20q in a block that begins with %.20q, appended to \">\" (-want +got)\n%s", c.user, c.first, diff)
		}
	}
}

// Split gets all that is left of a block and takes one key off its beginning. A size that ends nowhere, a key that is longer than
// what is left, a number that no int can hold: 0, and no panic.
//
//lab:task 3 points=2
func TestPrefixSplit_RefusesWhatIsCutOff(t *testing.T) {
	shared, rest, n := block.Prefix().Split([]byte("\x03\x02le and more"))
	require.Equal(t, `3 "le" 4`, fmt.Sprintf("%d %q %d", shared, rest, n))
	require.Equal(t, 2, cap(rest), "appending to rest must not write over what follows")
	endless, huge := strings.Repeat("\xff", 12), strings.Repeat("\xff", 9)+"\x01"
	for _, src := range []string{
		"", "\x03", "\x80", "\x03\x80", "\x03\x02", "\x03\x02l", "\x00\x05appl", "\xff", endless, "\x00" + endless,
		"\x00" + huge + "x", huge + "\x01x", "\x00" + strings.Repeat("\x80", 9) + "\x01x",
		strings.Repeat("\x80", 9) + "\x01" + "\x01x", "\x00\x80\x80\x80\x80\x10x",
	} {
		if shared, rest, n := block.Prefix().Split([]byte(src)); n > 0 {
			t.Errorf("Split(%q): want n ≤ 0, got shared %d, rest %q, n %d", src, shared, rest, n)
		}
	}
}

// Rest is a slice of the block: 4,000 keys a block would otherwise be 4,000 allocations for whoever searches.
//
//lab:task 3 points=1
func TestPrefix_DoesNotAllocate(t *testing.T) {
	var entries []labtest.Entry
	for i := range 40 {
		user := fmt.Sprintf("tenant/orders/%05d", i) + strings.Repeat("x", i%2*150) // every other size has two bytes
		entries = append(entries, labtest.E(user, kv.Seq(i+1), "value"))
	}
	_, b := prefixBlock(t, entries)
	var it block.Iterator
	it.Init(b)
	walk := func() {
		n := 0
		for it.First(); it.Valid(); it.Next() {
			n++
		}
		_, _, found := b.Get(entries[33].Key.User, kv.MaxSeq)
		if n != 40 || !found {
			t.Fatalf("walked over %d entries, found is %v", n, found)
		}
	}
	require.Zero(t, testing.AllocsPerRun(20, walk), "allocations for a walk and a get")
}

// 40 keys of one tenant differ in their last two bytes. Plain they are 1,080 bytes of keys; 96 are left of them, and each has two
// sizes instead of one. That is what the codec is for.
//
//lab:task 3 points=1
func TestPrefix_MakesBlocksSmaller(t *testing.T) {
	var entries []labtest.Entry
	plain := block.NewBuilder(block.Plain(), 1<<20)
	for i := range 40 {
		e := labtest.E(fmt.Sprintf("tenant-0000042/orders/000%02d", i), kv.Seq(i+1), "")
		entries = append(entries, e)
		plain.Add(e.Key, e.Value)
	}
	data, _ := prefixBlock(t, entries)
	saved := 0
	for _, e := range entries[1:] {
		for i := range e.Key.User {
			if e.Key.User[i] != entries[0].Key.User[i] {
				break
			}
			saved++
		}
	}
	require.Equal(t, plain.Size()-saved+len(entries), len(data), "plain size, less what is shared, and one size more a key")
}

// A search jumps into the middle of the block, decodes two pieces there, and compares. Targets that end within the shared part, or
// leave it, are where it goes wrong.
//
//lab:task 3 points=2
func TestPrefix_BlocksAreSearched(t *testing.T) {
	entries := []labtest.Entry{
		labtest.E("team", 9, "0"), labtest.E("team", 2, "1"), labtest.E("teammate", 8, "2"), labtest.E("teams", 7, "3"),
		labtest.D("teams", 3), labtest.E("tear", 6, "5"), labtest.E("ten", 5, "6"), labtest.E("zoo", 4, "7"),
	}
	_, b := prefixBlock(t, entries)
	want := map[string]int{"": 0, "te": 0, "team": 0, "teama": 2, "teams": 3, "teamsters": 5, "tea": 0, "tez": 7, "ten": 6, "zoom": 8}
	got := map[string]int{}
	for user := range want {
		got[user] = b.Search(kv.SeekKey([]byte(user), kv.MaxSeq))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("index of the first entry at or after a target (-want +got)\n%s", diff)
	}
	answers := map[string]string{"team": `"1"`, "teams": "deleted", "tea": "no answer", "teammates": "no answer", "zoo": `"7"`}
	for user, want := range answers {
		if got := prefixAnswer(b, user, 4); got != want {
			t.Errorf("Get(%q) at 4: want %s, got %s", user, want, got)
		}
	}
}

// Any two keys: what is appended, and split again, is the same key, whatever follows it; and your bytes are the reference's.
//
//lab:task 3 points=3 random
func TestPrefixSplit_UndoesAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, user := longKeys().Draw(t, "first"), longKeys().Draw(t, "user")
		enc := block.Prefix().Append(nil, []byte(first), []byte(user))
		labtest.DiffBytes(t, "the key", refblock.Prefix().Append(nil, []byte(first), []byte(user)), enc)
		shared, rest, n := block.Prefix().Split(append(slices.Clip(enc), rapid.SliceOf(rapid.Byte()).Draw(t, "behind")...))
		require.Equal(t, len(enc), n)
		require.LessOrEqual(t, shared, len(first))
		require.Equal(t, user, first[:shared]+string(rest))
	})
}

// Random blocks, written by you and read by the reference, and the other way round: the same bytes, entries, places and answers.
//
//lab:task 3 points=3 random
func TestPrefix_AgreesWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := prefixEntries().Draw(t, "entries")
		data, b := prefixBlock(t, entries)
		refData, ref := refPrefixBlock(t, entries)
		labtest.DiffBytes(t, "block", refData, data)
		got, err := labtest.Collect(labtest.Check(t, b.NewIterator()))
		require.NoError(t, err)
		labtest.Diff(t, "all entries", entries, got)
		for range 10 {
			user, at := longKeys().Draw(t, "user"), kv.Seq(rapid.IntRange(0, 61).Draw(t, "at"))
			if got, want := b.Search(kv.SeekKey([]byte(user), at)), ref.Search(kv.SeekKey([]byte(user), at)); got != want {
				t.Fatalf("Search(%q at %d): want %d, got %d", user, at, want, got)
			}
			if got, want := prefixAnswer(b, user, at), prefixAnswer(ref, user, at); got != want {
				t.Fatalf("Get(%q) at %d: want %s, got %s", user, at, want, got)
			}
		}
	})
}

// Bytes from a disk, once more, with a codec that has more to get wrong. `go test -fuzz FuzzPrefix` looks further.
//
//lab:task 3 points=2
func FuzzPrefix(f *testing.F) {
	f.Add(goldenPrefix)
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0})
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	for at := range 60 {
		data := bytes.Clone(goldenPrefix)
		data[at] ^= 0x81
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := block.Parse(data, block.Prefix())
		ref, refErr := refblock.Parse(data, refblock.Prefix())
		if (err == nil) != (refErr == nil) {
			t.Fatalf("the reference says %v, you say %v, of the block % x", refErr, err, data)
		}
		if err != nil {
			return
		}
		got, _ := labtest.Collect(b.NewIterator())
		want, _ := labtest.Collect(ref.NewIterator())
		labtest.Diff(t, "all entries", want, got)
	})
}

// The footer of a table names the codec of its keys. So tables written before you switched, with plain keys, and tables written
// after, stand beside each other in one store, and each is read as it was written. Without the codec, a table is refused: read with
// the wrong one, it would be nonsense.
//
//lab:task 3 points=3
func TestPrefix_TablesOfBothCodecsStayReadable(t *testing.T) {
	var entries []labtest.Entry
	for i := range 200 {
		entries = append(entries, labtest.E(fmt.Sprintf("key%04d", i), kv.Seq(i+1), fmt.Sprint(i)))
	}
	shared, plain := sstable.Options{Codec: block.Prefix()}, sstable.Options{}
	known := sstable.Options{Codecs: []block.Codec{block.Prefix()}}
	written, old := prefixTable(t, shared, entries), prefixTable(t, plain, entries)
	require.Less(t, len(written), len(old), "bytes of the table with shared prefixes, and of the plain one")
	labtest.Diff(t, "prefixes, read by who writes them", entries, readPrefixTable(t, "prefixes", written, shared))
	labtest.Diff(t, "prefixes, read by who writes plain keys", entries, readPrefixTable(t, "prefixes", written, known))
	labtest.Diff(t, "plain keys, read by who writes prefixes", entries, readPrefixTable(t, "plain keys", old, shared))
	table, err := sstable.Open(prefixFile(t, written), "000001.sst", 1, plain)
	if err == nil {
		table.Close()
		t.Errorf("a table with prefixes was opened by somebody who does not know them")
	}
}

// Random tables of small blocks: every block begins with a whole key of its own. Yours are the reference's to the byte, and each
// side reads the other's.
//
//lab:task 3 points=2 random
func TestPrefix_TablesAreReadAndWrittenLikeTheReferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := prefixEntries().Draw(t, "entries")
		size := rapid.IntRange(20, 400).Draw(t, "block size")
		o, ref := sstable.Options{Codec: block.Prefix(), BlockSize: size}, refsstable.Options{Codec: refblock.Prefix(), BlockSize: size}
		mine, theirs := prefixTable(t, o, entries), refPrefixTable(t, ref, entries)
		labtest.DiffBytes(t, "file of the table", theirs, mine)
		labtest.Diff(t, "the reference's table, read by you", entries, readPrefixTable(t, "the reference's table", theirs, o))
	})
}
