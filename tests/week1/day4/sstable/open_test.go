package sstable_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// A store opens hundreds of tables when it starts. If each read all of its data, that would take minutes, and memory as
// large as the disk. Opening reads what stands at the end of the file, behind the last data block, and nothing before it.
//
//lab:task 2 points=2
func TestOpen_ReadsNoData(t *testing.T) {
	data := sstRefFruit(t)
	var metrics sstable.Metrics
	table, f := sstOpen(t, data, sstable.Options{Metrics: &metrics})
	require.GreaterOrEqual(t, f.lowest.Load(), int64(table.Properties().DataSize), "the lowest offset that was read")
	require.Zero(t, metrics.BlockReads.Load(), "data blocks read")
	require.Equal(t, "apple", string(table.First()))
	require.Equal(t, "lemon", string(table.Last()))
	require.False(t, f.closed.Load(), "the table keeps its file")
	require.NoError(t, table.Close())
	require.True(t, f.closed.Load(), "Close closes it")
}

// A copy was cut off, a name was mixed up, a disk returned zeros: what is opened as a table may be anything. "Is it one?" is
// decided by the magic at its end, before any number in it is believed. The error names the file and the place, and the file
// is closed again.
//
//lab:task 2 points=2
func TestOpen_RefusesWhatIsNoTable(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":                        nil,
		"one byte":                       {7},
		"71 bytes":                       make([]byte, 71),
		"72 zeros":                       make([]byte, 72),
		"a page of zeros":                make([]byte, 4096),
		"a page of 0xff":                 bytes.Repeat([]byte{0xff}, 4096),
		"a text":                         []byte(strings.Repeat("It was a dark and stormy night. ", 20)),
		"a table with one byte too much": append(sstRefFruit(t), 0),
		"a right magic and nothing else": append(make([]byte, 64), sstMagic...),
	} {
		f := newSSTFile(data)
		table, err := sstable.Open(f, "000001.sst", 1, sstable.Options{})
		require.Nil(t, table, name)
		damage := sstCorrupt(t, err, name)
		require.LessOrEqual(t, damage.Offset, int64(len(data)), "%s: the offset of the error lies in the file", name)
		if len(data) >= 72 && !bytes.HasSuffix(data, []byte(sstMagic)) {
			require.EqualValues(t, len(data)-8, damage.Offset, "%s: the magic is what is wrong, and comes before any checksum (%s)", name, damage.Reason)
		}
		require.True(t, f.closed.Load(), "%s: the file is closed", name)
	}
}

// When a machine loses power while a table is written, what is left is some beginning of it. However long that is, it is
// not a table, and must not bring the program down: here all 0 to 521 first bytes of the golden file.
//
//lab:task 2 points=3
func TestOpen_RefusesEveryTruncatedTable(t *testing.T) {
	golden := sstGoldenBytes(t)
	for n := range golden {
		_, err := sstable.Open(newSSTFile(golden[:n:n]), "000001.sst", 1, sstGoldenOptions())
		sstCorrupt(t, err, fmt.Sprintf("the first %d bytes of a table of %d", n, len(golden)))
	}
}

// Disks return wrong bits, rarely, and say nothing. A checksum that is written and never compared is worth nothing. Here each
// byte of the golden table is changed in turn: in footer, index, filter or properties it must be found by Open, in a data
// block by whoever reads that block, as Verify does. The error names the block, or the field of the footer, in which it is.
//
//lab:task 2 points=4
func TestOpenAndVerify_FindEveryFlippedByte(t *testing.T) {
	golden := sstGoldenBytes(t)
	require.NoError(t, sstVerify(golden, sstGoldenOptions()), "the undamaged table")
	for at := range golden {
		for _, bits := range []byte{0x01, 0x80, 0xff} {
			data := bytes.Clone(golden)
			data[at] ^= bits
			what := fmt.Sprintf("byte %d changed from %#02x to %#02x", at, golden[at], data[at])
			damage := sstCorrupt(t, sstVerify(data, sstGoldenOptions()), what)
			begin, end := sstPartAt(at)
			if damage.Offset < begin || damage.Offset >= end {
				t.Fatalf("%s: want an offset from %d on, below %d, got %d (%s)", what, begin, end, damage.Offset, damage.Reason)
			}
		}
	}
}

// sstPartAt returns the part of the golden file, a block or the footer, in which an offset lies.
func sstPartAt(at int) (begin, end int64) {
	ends := []int64{0, 50, 103, 127, 207, 450, 522}
	for i, e := range ends[1:] {
		if int64(at) < e {
			return ends[i], e
		}
	}
	return 0, 0
}

// "The disk did not answer" says nothing about the bytes on it. If it is reported as corruption, somebody restores a backup
// over data that is fine. So an error of the file comes through as what it is.
//
//lab:task 2 points=2
func TestOpen_KeepsReadErrorsApartFromCorruption(t *testing.T) {
	f := newSSTFile(sstRefFruit(t))
	f.failWith(errSST)
	_, err := sstable.Open(f, "000001.sst", 1, sstable.Options{})
	require.ErrorIs(t, err, errSST)
	require.NotErrorIs(t, err, kv.ErrCorrupt)
	require.True(t, f.closed.Load(), "the file is closed")

	table, f := sstOpen(t, sstRefFruit(t), sstable.Options{})
	f.failWith(errSST)
	err = table.Verify(context.Background())
	require.ErrorIs(t, err, errSST)
	require.NotErrorIs(t, err, kv.ErrCorrupt)
}

// A program meets tables of other editions. A format or a key codec that it does not know is refused with its number, and is
// not called damage; a filter that it does not know is only left out, as the data can be read without it.
//
//lab:task 2 points=2
func TestOpen_SaysWhatItDoesNotKnow(t *testing.T) {
	data := sstRefFruit(t)
	open := func(data []byte) error {
		_, err := sstable.Open(newSSTFile(data), "000001.sst", 1, sstable.Options{})
		return err
	}
	err := open(sstForge(data, func(footer []byte) { footer[56] = 9 }))
	require.ErrorContains(t, err, "version 9")
	require.NotErrorIs(t, err, kv.ErrCorrupt)
	err = open(sstForge(data, func(footer []byte) { footer[48] = 200 }))
	require.ErrorContains(t, err, "codec 200")
	require.NotErrorIs(t, err, kv.ErrCorrupt)

	coded := sstRefWrite(t, refsstable.Options{Codec: sstCodec{}}, sstFruit()...)
	require.ErrorContains(t, open(coded), "codec 77")
	require.NoError(t, sstVerify(coded, sstable.Options{Codecs: []block.Codec{sstCodec{}}}), "a codec that is known for reading")

	filtered := sstRefWrite(t, refsstable.Options{Filter: &sstRefPolicy{sstList{name: "unheard-of"}}}, sstFruit()...)
	require.NoError(t, open(filtered), "a filter of a policy that nobody knows")
	require.NoError(t, sstVerify(filtered, sstable.Options{Filters: []sstable.FilterPolicy{&sstPolicy{sstList{name: "unheard-of"}}}}))
}

// The filter's bytes are handed to its policy, which may find that they make no sense. That is damage like any other.
//
//lab:task 2 points=1
func TestOpen_ReportsFilterThatItsPolicyRefuses(t *testing.T) {
	entries := append([]labtest.Entry{labtest.E("?", 1, "")}, sstFruit()...)
	data := sstRefWrite(t, refsstable.Options{Filter: &sstRefPolicy{sstList{name: "list"}}}, entries...)
	_, err := sstable.Open(newSSTFile(data), "000001.sst", 1, sstable.Options{Filter: &sstPolicy{sstList{name: "list"}}})
	sstCorrupt(t, err, "a filter that begins with a question mark")
	require.ErrorContains(t, err, "no list of keys")
}

// Random tables with random damage: bytes changed, cut out, doubled. The answer is an error that says "corrupt", from Open or
// from Verify, or the table is still the one that was written. Your code and the reference must agree on which.
//
//lab:task 2 points=3 random
func TestOpen_SurvivesRandomDamage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := sstRandomEntries(t)
		data := sstRefWrite(t, refsstable.Options{BlockSize: rapid.SampledFrom([]int{1, 64, 4096}).Draw(t, "block size")}, entries...)
		damaged := sstDamage(t, data)
		err := sstVerify(damaged, sstable.Options{})
		if bytes.Equal(data, damaged) {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, kv.ErrCorrupt)
		var got, want *kv.CorruptionError
		require.ErrorAs(t, err, &got)
		require.ErrorAs(t, sstRefVerify(damaged), &want)
		if diff := cmp.Diff(want.Offset, got.Offset); diff != "" {
			t.Errorf("offset of the damage (-want +got)\n%s\nthe reference says: %v\nyours says: %v", diff, want, got)
		}
	})
}

// sstRefVerify is sstVerify with the reference.
func sstRefVerify(data []byte) error {
	table, err := refsstable.Open(newSSTFile(data), "000001.sst", 1, refsstable.Options{})
	if err != nil {
		return err
	}
	defer table.Close()
	return table.Verify(context.Background())
}

// sstDamage draws damage to a file.
func sstDamage(t *rapid.T, data []byte) []byte {
	out := bytes.Clone(data)
	for range rapid.IntRange(1, 3).Draw(t, "damages") {
		if len(out) == 0 {
			break
		}
		at := rapid.IntRange(0, len(out)-1).Draw(t, "at")
		n := rapid.IntRange(1, min(10, len(out)-at)).Draw(t, "bytes")
		switch rapid.IntRange(0, 3).Draw(t, "damage") {
		case 0:
			out[at] ^= rapid.ByteRange(1, 255).Draw(t, "bits")
		case 1:
			out = append(out[:at], out[at+n:]...)
		case 2:
			out = append(out[:at], append(bytes.Clone(out[at:at+n]), out[at:]...)...)
		case 3:
			out = out[:at]
		}
	}
	return out
}

// A fuzzer finds what nobody thought of. Whatever the bytes are: Open and Verify return, with an error that says what is
// wrong, or without one.
//
//lab:task 2 points=1
func FuzzOpen(f *testing.F) {
	f.Add(sstRefWrite(f, refsstable.Options{BlockSize: 64}, sstFruit()...))
	f.Add(sstRefWrite(f, refsstable.Options{Filter: &sstRefPolicy{sstList{name: "list"}}}, sstFruit()[:3]...))
	f.Add([]byte("LSMLabT\xb5"))
	f.Add(append(make([]byte, 64), sstMagic...))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := sstVerify(data, sstable.Options{Filters: []sstable.FilterPolicy{&sstPolicy{sstList{name: "list"}}}})
		var damage *kv.CorruptionError
		if errors.Is(err, kv.ErrCorrupt) && !errors.As(err, &damage) {
			t.Errorf("%v does not say what is corrupt", err)
		}
	})
}
