package block_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	refblock "lsmlab/solution/week1/block"
)

// goldenBlock is a block of three entries, byte by byte: "apple"#7 = "red", "apple"#4 deleted, "banana"#0x010203 = 130
// times 'x'. goldenEntries are those entries.
var goldenBlock = slices.Concat(
	[]byte{5}, []byte("apple"), //            0: size of the key in bytes, as a uvarint, and the key
	[]byte{1, 7, 0, 0, 0, 0, 0, 0}, //        6: trailer, little-endian: kind 1 is set, sequence number 7
	[]byte{3}, []byte("red"),       //             14: size of the value, as a uvarint, and the value
	[]byte{5}, []byte("apple"), //           18: the second entry begins
	[]byte{0, 4, 0, 0, 0, 0, 0, 0}, //       24: kind 0 is delete, sequence number 4
	[]byte{0},                      //           32: a tombstone's value has size 0
	[]byte{6}, []byte("banana"),    //          33: the third entry begins
	[]byte{1, 3, 2, 1, 0, 0, 0, 0}, //       40: set, sequence number 0x010203, the lowest byte first
	[]byte{0x82, 1}, bytesOf(130),  //        48: 130 needs two bytes as a uvarint: 0x02 and "more follows", then 0x01
	[]byte{0, 0, 0, 0},  //                 180: entry 0 begins at 0: offsets have 4 bytes, little-endian
	[]byte{18, 0, 0, 0}, //                 184: entry 1 begins at 18
	[]byte{33, 0, 0, 0}, //                 188: entry 2 begins at 33
	[]byte{3, 0, 0, 0},  //                  192: 3 entries, in 4 bytes, little-endian
)

// goldenEntries is what goldenBlock holds.
var goldenEntries = []labtest.Entry{
	labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("banana", 0x010203, string(bytesOf(130))),
}

// bytesOf returns n times the letter x.
func bytesOf(n int) []byte { return []byte(strings.Repeat("x", n)) }

// headCodec is a codec as day 7 will bring one: a key is written as the length of what it has in common with the block's
// first key, the length of the rest, and the rest. Here each length is one byte. It serves the subject and the reference.
type headCodec struct{}

// ID returns a number that no codec of the course has.
func (headCodec) ID() byte { return 200 }

// Append appends the two lengths and the rest of user.
func (headCodec) Append(dst, first, user []byte) []byte {
	shared := 0
	for shared < min(len(first), len(user)) && first[shared] == user[shared] {
		shared++
	}
	dst = append(dst, byte(shared), byte(len(user)-shared))
	return append(dst, user[shared:]...)
}

// Split undoes Append.
func (headCodec) Split(src []byte) (shared int, rest []byte, n int) {
	if len(src) < 2 || len(src)-2 < int(src[1]) {
		return 0, nil, 0
	}
	n = 2 + int(src[1])
	return int(src[0]), src[2:n:n], n
}

// refBlock returns the bytes of one block that holds the entries, built by the reference.
func refBlock(t labtest.TB, codec refblock.Codec, entries ...labtest.Entry) []byte {
	t.Helper()
	b := refblock.NewBuilder(codec, 1<<30)
	for _, e := range entries {
		require.True(t, b.Add(e.Key, e.Value))
	}
	return b.Finish()
}

// parseBlock parses a block with the subject, which must succeed.
func parseBlock(t labtest.TB, data []byte, codec block.Codec) *block.Block {
	t.Helper()
	b, err := block.Parse(data, codec)
	require.NoError(t, err, "parsing a sound block")
	return b
}

// blockOf returns a block that holds the entries, built by the reference, parsed by the subject.
func blockOf(t labtest.TB, entries ...labtest.Entry) *block.Block {
	t.Helper()
	return parseBlock(t, refBlock(t, refblock.Plain(), entries...), block.Plain())
}

// walk returns all entries of a block, read through the contract checker.
func walk(t labtest.TB, it kv.Iterator) []labtest.Entry {
	t.Helper()
	entries, err := labtest.Collect(labtest.Check(t, it))
	require.NoError(t, err)
	return entries
}

// expectBytes compares a block with the one wanted, byte by byte.
func expectBytes(t labtest.TB, want, got []byte) {
	t.Helper()
	labtest.DiffBytes(t, "the block", want, got)
}

// expectCorrupt checks that err is a CorruptionError that names the block and a place in it.
func expectCorrupt(t *testing.T, what string, data []byte, err error) {
	t.Helper()
	var corrupt *kv.CorruptionError
	switch {
	case !errors.As(err, &corrupt):
		t.Errorf("%s: want a *kv.CorruptionError, got %v", what, err)
	case corrupt.File != "block" || corrupt.Offset < 0 || corrupt.Offset > int64(len(data)) || corrupt.Reason == "":
		t.Errorf("%s: want file \"block\", an offset of 0 to %d and a reason, got %+v", what, len(data), *corrupt)
	}
}

// sortedEntries generates entries in order, no key twice: user keys that are prefixes of each other, several versions of
// one key, and now and then a key or value whose length needs more than one byte.
func sortedEntries() *rapid.Generator[[]labtest.Entry] {
	return rapid.Custom(func(t *rapid.T) []labtest.Entry {
		var entries []labtest.Entry
		for range rapid.IntRange(0, 12).Draw(t, "entries") {
			user := labtest.Keys().Draw(t, "key")
			if rapid.IntRange(0, 9).Draw(t, "long key") == 9 {
				user = append(slices.Clone(user), bytesOf(rapid.IntRange(120, 135).Draw(t, "length"))...)
			}
			value := labtest.Values().Draw(t, "value")
			if rapid.IntRange(0, 9).Draw(t, "long value") == 9 {
				value = bytesOf(rapid.IntRange(120, 300).Draw(t, "length"))
			}
			e := labtest.E(string(user), kv.Seq(rapid.IntRange(1, 300).Draw(t, "seq")), string(value))
			if rapid.IntRange(0, 3).Draw(t, "delete") == 3 {
				e = labtest.D(string(user), e.Key.Seq())
			}
			entries = append(entries, e)
		}
		slices.SortFunc(entries, func(a, b labtest.Entry) int { return a.Key.Compare(b.Key) })
		return slices.CompactFunc(entries, func(a, b labtest.Entry) bool { return a.Key.Compare(b.Key) == 0 })
	})
}

// numbered returns n entries, "key00000" and so on, every value of so many bytes.
func numbered(n, size int) []labtest.Entry {
	var entries []labtest.Entry
	for i := range n {
		entries = append(entries, labtest.E(fmt.Sprintf("key%05d", i), kv.Seq(i+1), string(bytesOf(size))))
	}
	return entries
}
