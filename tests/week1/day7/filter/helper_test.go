package filter_test

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/filter"
	reffilter "lsmlab/solution/week1/filter"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// goldenFilter is the filter over "apple", "banana" and "cherry" with 10 bits a key: 30 bits would do, 64 is the least. With
// 7 probes the three keys set these bits:
//
//	apple    12 16 20 35 38 57 61
//	banana    0  4  9 14 19 24 59
//	cherry    5  9 14 18 23 27 32
var goldenFilter = []byte{
	0x31, // bits  0,  4,  5: bit 0 is the lowest of byte 0
	0x52, // bits  9, 12, 14
	0x9d, // bits 16, 18, 19, 20, 23
	0x09, // bits 24, 27
	0x49, // bits 32, 35, 38
	0x00, // bits 40 to 47: none
	0x00, // bits 48 to 55: none
	0x2a, // bits 57, 59, 61
	7,    // probes
}

// goldenKeys are the keys in goldenFilter.
var goldenKeys = []string{"apple", "banana", "cherry"}

// keysOf returns n keys made by a pattern from numbers that begin with from.
func keysOf(pattern string, from, n int) []string {
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf(pattern, from+i))
	}
	return keys
}

// build returns the filter block over keys, made by the subject.
func build(bitsPerKey int, keys ...string) []byte {
	b := filter.Bloom(bitsPerKey).NewBuilder()
	for _, key := range keys {
		b.Add([]byte(key))
	}
	return b.Finish()
}

// refBuild returns the filter block over keys, made by the reference.
func refBuild(bitsPerKey int, keys ...string) []byte {
	b := reffilter.Bloom(bitsPerKey).NewBuilder()
	for _, key := range keys {
		b.Add([]byte(key))
	}
	return b.Finish()
}

// parse parses a filter block with the subject, which must succeed.
func parse(t labtest.TB, data []byte) sstable.Filter {
	t.Helper()
	f, err := filter.Bloom(10).Parse(data)
	require.NoError(t, err, "parsing a sound filter")
	return f
}

// expectFilter compares a filter block with the one wanted, byte by byte.
func expectFilter(t labtest.TB, what string, want, got []byte) {
	t.Helper()
	labtest.DiffBytes(t, "filter of "+what+" (its last byte is the number of probes)", want, got)
}

// fileOf returns a file in memory that holds data.
func fileOf(t labtest.TB, data []byte) vfs.File {
	t.Helper()
	f, err := vfs.NewMem().Create("000001.sst")
	require.NoError(t, err)
	_, err = f.Write(data)
	require.NoError(t, err)
	return f
}

// tableWriter is what a writer can do, the subject's or the reference's.
type tableWriter interface {
	Add(key kv.Key, value []byte) error
}

// fill adds entries to a writer.
func fill(t labtest.TB, w tableWriter, entries []labtest.Entry) {
	t.Helper()
	for _, e := range entries {
		require.NoError(t, w.Add(e.Key, e.Value))
	}
}

// contentsOf returns what is in the file of that name.
func contentsOf(t labtest.TB, fs vfs.FS, name string) []byte {
	t.Helper()
	f, err := fs.Open(name)
	require.NoError(t, err)
	defer f.Close()
	size, err := f.Size()
	require.NoError(t, err)
	data := make([]byte, size)
	_, err = f.ReadAt(data, 0)
	require.NoError(t, err)
	return data
}

// tableBytes returns a table's file, written by the subject.
func tableBytes(t labtest.TB, o sstable.Options, entries []labtest.Entry) []byte {
	t.Helper()
	fs := vfs.NewMem()
	f, err := fs.Create("000001.sst")
	require.NoError(t, err)
	w := sstable.NewWriter(f, o)
	fill(t, w, entries)
	_, err = w.Finish()
	require.NoError(t, err)
	return contentsOf(t, fs, "000001.sst")
}

// refTableBytes returns a table's file, written by the reference.
func refTableBytes(t labtest.TB, o refsstable.Options, entries []labtest.Entry) []byte {
	t.Helper()
	fs := vfs.NewMem()
	f, err := fs.Create("000001.sst")
	require.NoError(t, err)
	w := refsstable.NewWriter(f, o)
	fill(t, w, entries)
	_, err = w.Finish()
	require.NoError(t, err)
	return contentsOf(t, fs, "000001.sst")
}

// openTable opens a table's file with the subject; it is closed at the end of the test.
func openTable(t labtest.TB, data []byte, o sstable.Options) *sstable.Table {
	t.Helper()
	table, err := sstable.Open(fileOf(t, data), "000001.sst", 1, o)
	require.NoError(t, err, "opening a table")
	t.Cleanup(func() { require.NoError(t, table.Close()) })
	return table
}

// openRefTable opens a table's file with the reference; it is closed at the end of the test.
func openRefTable(t labtest.TB, data []byte, o refsstable.Options) *refsstable.Table {
	t.Helper()
	table, err := refsstable.Open(fileOf(t, data), "000001.sst", 1, o)
	require.NoError(t, err, "the reference opens the table")
	t.Cleanup(func() { require.NoError(t, table.Close()) })
	return table
}

// tableGetter is a table, the subject's or the reference's.
type tableGetter interface {
	Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool, err error)
}

// tableAnswer puts what a table says into words.
func tableAnswer(g tableGetter, user string, at kv.Seq) string {
	value, kind, found, err := g.Get([]byte(user), at)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case !found:
		return "no answer"
	case kind == kv.KindDelete:
		return "deleted"
	}
	return fmt.Sprintf("%q", value)
}

// expectAnswer compares what a table says with what it should.
func expectAnswer(t labtest.TB, g tableGetter, user string, at kv.Seq, want string) {
	t.Helper()
	if got := tableAnswer(g, user, at); got != want {
		t.Errorf("Get(%q) at sequence number %v: want %s, got %s", user, at, want, got)
	}
}

// entriesOf returns one entry for each key, numbered from 1, each with its key as value. The keys must be sorted.
func entriesOf(keys []string) []labtest.Entry {
	var entries []labtest.Entry
	for i, key := range keys {
		entries = append(entries, labtest.E(key, kv.Seq(i+1), "="+key))
	}
	return entries
}
