package block_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/block"
	refblock "lsmlab/solution/week1/block"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// goldenPrefix is a block with shared prefixes, byte by byte: "apricot"#9 = "a", "apricot"#3 deleted, "apricots"#4 = "b",
// "apron"#5 = "", "banana"#6 = "c". goldenPrefixEntries are those entries.
var goldenPrefix = slices.Concat(
	[]byte{0, 7}, []byte("apricot"), //      0: shares 0 bytes, 7 follow: the first key of a block is whole
	[]byte{1, 9, 0, 0, 0, 0, 0, 0}, //       9: trailer: set, sequence number 9
	[]byte{1}, []byte("a"),         //              17: value size 1, value
	[]byte{7, 0},                      //                        19: shares all 7 bytes of apricot, none follows: the same key
	[]byte{0, 3, 0, 0, 0, 0, 0, 0, 0}, //   21: trailer: delete, sequence number 3; value size 0
	[]byte{7, 1}, []byte("s"),         //           30: shares 7 bytes, and then an s
	[]byte{1, 4, 0, 0, 0, 0, 0, 0}, //      33: trailer: set, sequence number 4
	[]byte{1}, []byte("b"),         //              41: value size 1, value
	[]byte{3, 2}, []byte("on"), //          43: shares apr with the first key, not with the key before
	[]byte{1, 5, 0, 0, 0, 0, 0, 0, 0}, //   47: trailer: set, sequence number 5; value size 0
	[]byte{0, 6}, []byte("banana"),    //      56: shares nothing
	[]byte{1, 6, 0, 0, 0, 0, 0, 0}, //      64: trailer: set, sequence number 6
	[]byte{1}, []byte("c"),         //              72: value size 1, value
	[]byte{0, 0, 0, 0, 19, 0, 0, 0},  //     74: entries 0 and 1 begin at 0 and 19
	[]byte{30, 0, 0, 0, 43, 0, 0, 0}, //    82: entries 2 and 3 begin at 30 and 43
	[]byte{56, 0, 0, 0, 5, 0, 0, 0},  //     90: entry 4 begins at 56; 5 entries
)

// goldenPrefixEntries is what goldenPrefix holds.
var goldenPrefixEntries = []labtest.Entry{
	labtest.E("apricot", 9, "a"), labtest.D("apricot", 3), labtest.E("apricots", 4, "b"), labtest.E("apron", 5, ""),
	labtest.E("banana", 6, "c"),
}

// prefixBlock returns the bytes of a block with the subject's shared prefixes, and the block itself. Builder and parser are
// the subject's too, as they stand since day 3.
func prefixBlock(t labtest.TB, entries []labtest.Entry) ([]byte, *block.Block) {
	t.Helper()
	builder := block.NewBuilder(block.Prefix(), 1<<30)
	for _, e := range entries {
		require.True(t, builder.Add(e.Key, e.Value))
	}
	data := builder.Finish()
	b, err := block.Parse(data, block.Prefix())
	require.NoError(t, err, "parsing a block with shared prefixes")
	return data, b
}

// refPrefixBlock is prefixBlock by the reference.
func refPrefixBlock(t labtest.TB, entries []labtest.Entry) ([]byte, *refblock.Block) {
	t.Helper()
	builder := refblock.NewBuilder(refblock.Prefix(), 1<<30)
	for _, e := range entries {
		require.True(t, builder.Add(e.Key, e.Value))
	}
	data := builder.Finish()
	b, err := refblock.Parse(data, refblock.Prefix())
	require.NoError(t, err)
	return data, b
}

// prefixGetter is a block, the subject's or the reference's.
type prefixGetter interface {
	Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool)
}

// prefixAnswer puts what a block says into words.
func prefixAnswer(g prefixGetter, user string, at kv.Seq) string {
	value, kind, found := g.Get([]byte(user), at)
	switch {
	case !found:
		return "no answer"
	case kind == kv.KindDelete:
		return "deleted"
	}
	return fmt.Sprintf("%q", value)
}

// longKeys generates user keys with much in common, some of them longer than 127 bytes, so that lengths take two bytes.
func longKeys() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		n := rapid.SampledFrom([]int{0, 0, 0, 3, 127, 128, 129, 300}).Draw(t, "common")
		return strings.Repeat("k", n) + string(labtest.Keys().Draw(t, "key"))
	})
}

// prefixEntries generates entries in the order of a block.
func prefixEntries() *rapid.Generator[[]labtest.Entry] {
	return rapid.Custom(func(t *rapid.T) []labtest.Entry {
		entries := []labtest.Entry{labtest.E("a", 1, "first")}
		for range rapid.IntRange(0, 12).Draw(t, "entries") {
			user, seq := longKeys().Draw(t, "user"), kv.Seq(rapid.IntRange(2, 60).Draw(t, "seq"))
			if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				entries = append(entries, labtest.D(user, seq))
			} else {
				entries = append(entries, labtest.E(user, seq, string(labtest.Values().Draw(t, "value"))))
			}
		}
		slices.SortFunc(entries, func(a, b labtest.Entry) int { return a.Key.Compare(b.Key) })
		return slices.CompactFunc(entries, func(a, b labtest.Entry) bool {
			return string(a.Key.User) == string(b.Key.User) && a.Key.Seq() == b.Key.Seq()
		})
	})
}

// prefixFile returns a file in memory that holds data.
func prefixFile(t labtest.TB, data []byte) vfs.File {
	t.Helper()
	f, err := vfs.NewMem().Create("000001.sst")
	require.NoError(t, err)
	_, err = f.Write(data)
	require.NoError(t, err)
	return f
}

// prefixWriter is what a table writer can do, the subject's or the reference's.
type prefixWriter interface {
	Add(key kv.Key, value []byte) error
}

// prefixFileOf writes a table of the entries with the writer that newWriter makes, and returns the file's bytes.
func prefixFileOf(t labtest.TB, entries []labtest.Entry, newWriter func(vfs.File) (prefixWriter, func() error)) []byte {
	t.Helper()
	fs := vfs.NewMem()
	f, err := fs.Create("000001.sst")
	require.NoError(t, err)
	w, finish := newWriter(f)
	for _, e := range entries {
		require.NoError(t, w.Add(e.Key, e.Value))
	}
	require.NoError(t, finish())
	f, err = fs.Open("000001.sst")
	require.NoError(t, err)
	defer f.Close()
	size, err := f.Size()
	require.NoError(t, err)
	data := make([]byte, size)
	_, err = f.ReadAt(data, 0)
	require.NoError(t, err)
	return data
}

// prefixTable returns a table's file, written by the subject.
func prefixTable(t labtest.TB, o sstable.Options, entries []labtest.Entry) []byte {
	t.Helper()
	return prefixFileOf(t, entries, func(f vfs.File) (prefixWriter, func() error) {
		w := sstable.NewWriter(f, o)
		return w, func() error { _, err := w.Finish(); return err }
	})
}

// refPrefixTable returns a table's file, written by the reference.
func refPrefixTable(t labtest.TB, o refsstable.Options, entries []labtest.Entry) []byte {
	t.Helper()
	return prefixFileOf(t, entries, func(f vfs.File) (prefixWriter, func() error) {
		w := refsstable.NewWriter(f, o)
		return w, func() error { _, err := w.Finish(); return err }
	})
}

// readPrefixTable returns all entries of a table's file, read by the subject.
func readPrefixTable(t labtest.TB, what string, data []byte, o sstable.Options) []labtest.Entry {
	t.Helper()
	table, err := sstable.Open(prefixFile(t, data), "000001.sst", 1, o)
	require.NoError(t, err, what)
	defer table.Close()
	entries, err := labtest.Collect(labtest.Check(t, table.NewIterator()))
	require.NoError(t, err, what)
	return entries
}
