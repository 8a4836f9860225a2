package sstable_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/sstable"
)

// sstGoldenEntries are what the golden table holds.
func sstGoldenEntries() []labtest.Entry {
	return []labtest.Entry{
		labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("banana", 3, ""), labtest.E("cherry", 9, "dark"),
	}
}

// sstGoldenOptions are the options with which the golden table is written: two entries a block, and a filter that lists
// the keys.
func sstGoldenOptions() sstable.Options {
	return sstable.Options{BlockSize: 64, Filter: &sstPolicy{sstList{name: "list"}}}
}

// sstField is a part of the golden file.
type sstField struct{ name, hex string }

// sstGolden is the golden file, field by field. It is testdata/w1d4_golden.sst, too.
var sstGolden = []sstField{
	{"data block 0, apple#7: size of the user key, user key", "05 61 70 70 6c 65"},
	{"data block 0, apple#7: trailer", "01 07 00 00 00 00 00 00"},
	{"data block 0, apple#7: size of the value, value", "03 72 65 64"},
	{"data block 0, apple#4: size of the user key, user key", "05 61 70 70 6c 65"},
	{"data block 0, apple#4: trailer", "00 04 00 00 00 00 00 00"},
	{"data block 0, apple#4: size of the value, value", "00"},
	{"data block 0: where entry 0 begins", "00 00 00 00"},
	{"data block 0: where entry 1 begins", "12 00 00 00"},
	{"data block 0: number of entries", "02 00 00 00"},
	{"data block 0: kind", "01"},
	{"data block 0: CRC-32C", "73 d1 80 ff"},
	{"data block 1, banana#3: size of the user key, user key", "06 62 61 6e 61 6e 61"},
	{"data block 1, banana#3: trailer", "01 03 00 00 00 00 00 00"},
	{"data block 1, banana#3: size of the value, value", "00"},
	{"data block 1, cherry#9: size of the user key, user key", "06 63 68 65 72 72 79"},
	{"data block 1, cherry#9: trailer", "01 09 00 00 00 00 00 00"},
	{"data block 1, cherry#9: size of the value, value", "04 64 61 72 6b"},
	{"data block 1: where entry 0 begins", "00 00 00 00"},
	{"data block 1: where entry 1 begins", "10 00 00 00"},
	{"data block 1: number of entries", "02 00 00 00"},
	{"data block 1: kind", "01"},
	{"data block 1: CRC-32C", "65 e4 21 92"},
	{"filter: what the policy wrote", "61 70 70 6c 65 2c 62 61 6e 61 6e 61 2c 63 68 65 72 72 79"},
	{"filter: kind", "02"},
	{"filter: CRC-32C", "fd 94 dc ab"},
	{"index, apple#4, the last key of block 0: user key", "05 61 70 70 6c 65"},
	{"index, apple#4, the last key of block 0: trailer", "00 04 00 00 00 00 00 00"},
	{"index, apple#4, the last key of block 0: size of a handle", "10"},
	{"index, apple#4, the last key of block 0: offset of the block", "00 00 00 00 00 00 00 00"},
	{"index, apple#4, the last key of block 0: size of the block", "2d 00 00 00 00 00 00 00"},
	{"index, cherry#9, the last key of block 1: user key", "06 63 68 65 72 72 79"},
	{"index, cherry#9, the last key of block 1: trailer", "01 09 00 00 00 00 00 00"},
	{"index, cherry#9, the last key of block 1: size of a handle", "10"},
	{"index, cherry#9, the last key of block 1: offset of the block", "32 00 00 00 00 00 00 00"},
	{"index, cherry#9, the last key of block 1: size of the block", "30 00 00 00 00 00 00 00"},
	{"index: where entry 0 begins", "00 00 00 00"},
	{"index: where entry 1 begins", "1f 00 00 00"},
	{"index: number of entries", "02 00 00 00"},
	{"index: kind", "03"},
	{"index: CRC-32C", "9c 59 92 4f"},
	{"properties, data-blocks: name, with sequence number 0 and kind set", "0b 64 61 74 61 2d 62 6c 6f 63 6b 73 01 00 00 00 00 00 00 00"},
	{"properties, data-blocks: value", "01 02"},
	{"properties, data-size: name, with sequence number 0 and kind set", "09 64 61 74 61 2d 73 69 7a 65 01 00 00 00 00 00 00 00"},
	{"properties, data-size: value", "01 67"},
	{"properties, deletes: name, with sequence number 0 and kind set", "07 64 65 6c 65 74 65 73 01 00 00 00 00 00 00 00"},
	{"properties, deletes: value", "01 01"},
	{"properties, entries: name, with sequence number 0 and kind set", "07 65 6e 74 72 69 65 73 01 00 00 00 00 00 00 00"},
	{"properties, entries: value", "01 04"},
	{"properties, filter: name, with sequence number 0 and kind set", "06 66 69 6c 74 65 72 01 00 00 00 00 00 00 00"},
	{"properties, filter: value", "04 6c 69 73 74"},
	{"properties, first: name, with sequence number 0 and kind set", "05 66 69 72 73 74 01 00 00 00 00 00 00 00"},
	{"properties, first: value", "05 61 70 70 6c 65"},
	{"properties, key-size: name, with sequence number 0 and kind set", "08 6b 65 79 2d 73 69 7a 65 01 00 00 00 00 00 00 00"},
	{"properties, key-size: value", "01 16"},
	{"properties, max-seq: name, with sequence number 0 and kind set", "07 6d 61 78 2d 73 65 71 01 00 00 00 00 00 00 00"},
	{"properties, max-seq: value", "01 09"},
	{"properties, min-seq: name, with sequence number 0 and kind set", "07 6d 69 6e 2d 73 65 71 01 00 00 00 00 00 00 00"},
	{"properties, min-seq: value", "01 03"},
	{"properties, value-size: name, with sequence number 0 and kind set", "0a 76 61 6c 75 65 2d 73 69 7a 65 01 00 00 00 00 00 00 00"},
	{"properties, value-size: value", "01 07"},
	{"properties: where entry 0 begins", "00 00 00 00"},
	{"properties: where entry 1 begins", "16 00 00 00"},
	{"properties: where entry 2 begins", "2a 00 00 00"},
	{"properties: where entry 3 begins", "3c 00 00 00"},
	{"properties: where entry 4 begins", "4e 00 00 00"},
	{"properties: where entry 5 begins", "62 00 00 00"},
	{"properties: where entry 6 begins", "76 00 00 00"},
	{"properties: where entry 7 begins", "89 00 00 00"},
	{"properties: where entry 8 begins", "9b 00 00 00"},
	{"properties: where entry 9 begins", "ad 00 00 00"},
	{"properties: number of entries", "0a 00 00 00"},
	{"properties: kind", "04"},
	{"properties: CRC-32C", "fe 01 70 40"},
	{"footer: offset of the filter block", "67 00 00 00 00 00 00 00"},
	{"footer: size of the filter block", "13 00 00 00 00 00 00 00"},
	{"footer: offset of the index block", "7f 00 00 00 00 00 00 00"},
	{"footer: size of the index block", "4b 00 00 00 00 00 00 00"},
	{"footer: offset of the properties block", "cf 00 00 00 00 00 00 00"},
	{"footer: size of the properties block", "ee 00 00 00 00 00 00 00"},
	{"footer: ID of the key codec", "00"},
	{"footer: reserved", "00 00 00 00 00 00 00"},
	{"footer: format version", "01 00 00 00"},
	{"footer: CRC-32C", "96 4b ba 3b"},
	{"footer: magic", "4c 53 4d 4c 61 62 54 b5"},
}

// sstGoldenBytes returns the golden file.
func sstGoldenBytes(t *testing.T) []byte {
	t.Helper()
	var all strings.Builder
	for _, f := range sstGolden {
		all.WriteString(strings.ReplaceAll(f.hex, " ", ""))
	}
	data, err := hex.DecodeString(all.String())
	require.NoError(t, err)
	return data
}

// sstFields returns a file in lines of fields, cut as the golden file is.
func sstFields(data []byte) []string {
	var out []string
	for _, f := range sstGolden {
		n := min((len(f.hex)+1)/3, len(data))
		out = append(out, fmt.Sprintf("%-60s % x", f.name, data[:n]))
		data = data[n:]
	}
	if len(data) > 0 {
		out = append(out, fmt.Sprintf("%-60s % x", "behind the footer", data))
	}
	return out
}

// A table outlives the program that wrote it. So the format is fixed to the last byte: 522 of them for these four
// entries, in two data blocks with a filter. Whatever differs, a table of last year can no longer be read.
//
//lab:task 1 points=3
func TestWriter_WritesGoldenBytes(t *testing.T) {
	got := sstWrite(t, sstGoldenOptions(), sstGoldenEntries()...)
	if diff := cmp.Diff(sstFields(sstGoldenBytes(t)), sstFields(got)); diff != "" {
		t.Errorf("the table apple#7=red, apple#4 deleted, banana#3=empty, cherry#9=dark (-want +got)\n%s", diff)
	}
}

// The other way round: bytes that were written when the format was laid down must open, today and in ten years, and tell
// what is in them before a single data block has been read.
//
//lab:task 2 points=2
func TestOpen_ReadsGoldenFile(t *testing.T) {
	data, err := os.ReadFile("testdata/w1d4_golden.sst")
	require.NoError(t, err)
	require.Equal(t, sstGoldenBytes(t), data, "the file and the fields in this test")
	table, _ := sstOpen(t, data, sstGoldenOptions())
	require.Equal(t, "apple", string(table.First()), "the smallest user key")
	require.Equal(t, "cherry", string(table.Last()), "the largest user key")
	require.EqualValues(t, 522, table.Size())
	want := sstable.Properties{
		DataBlocks: 2, DataSize: 103, Deletes: 1, Entries: 4, Filter: "list", First: []byte("apple"),
		KeySize: 22, MaxSeq: 9, MinSeq: 3, ValueSize: 7,
	}
	if diff := cmp.Diff(want, table.Properties()); diff != "" {
		t.Errorf("properties (-want +got)\n%s", diff)
	}
}

// And the contents of the golden file, entry for entry: a value, a tombstone, an empty value, across two blocks.
//
//lab:task 3 points=2
func TestIterator_ReadsGoldenFile(t *testing.T) {
	table, _ := sstOpen(t, sstGoldenBytes(t), sstGoldenOptions())
	labtest.Diff(t, "entries of the golden file", sstGoldenEntries(), sstCollect(t, table.NewIterator()))
}
