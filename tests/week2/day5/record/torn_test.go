package record_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/solution/week2/record"
)

// recBody draws the body of a record: any bytes, at least one.
func recBody() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 300), func(b []byte) string { return string(b) })
}

// The machine stops, and the file ends at any byte. The records before that byte are what was promised, and they are read; what
// was being written is torn, and nothing is an error: this is how half of all openings after a crash begin. Where the file ends
// between two records nothing is torn at all.
//
//lab:task 2 points=3
func TestReader_CutAtEveryByte(t *testing.T) {
	data, ends := build(fileNumber, fruits()...)
	for cut := range int64(len(data)) {
		whole := 0
		for whole+1 < len(ends) && ends[whole+1] <= cut {
			whole++
		}
		want := good(ends, ends[whole] != cut, fruits()[:whole]...)
		if cut < record.HeaderSize {
			want.End, want.Torn = 0, true
		}
		if diff := cmp.Diff(want, readAll(t, data[:cut])); diff != "" {
			t.Fatalf("the file was cut at byte %d of %d (-want +got)\n%s", cut, len(data), diff)
		}
	}
}

// On some file systems the length of a file reaches the disk before its bytes do: after a crash its end is a stretch of zeros.
// Zeros are no records, not even empty ones; they are torn.
//
//lab:task 2 points=2
func TestReader_ZerosAtTheEndAreTorn(t *testing.T) {
	data, ends := build(fileNumber, fruits()...)
	for _, zeros := range []int{1, 4, 11, 12, 13, 24, 4096} {
		got := readAll(t, append(data[:len(data):len(data)], make([]byte, zeros)...))
		if diff := cmp.Diff(good(ends, true, fruits()...), got); diff != "" {
			t.Errorf("%d zeros behind the last record (-want +got)\n%s", zeros, diff)
		}
	}
	half := append(data[:ends[2]+15:ends[2]+15], make([]byte, 100)...)
	if diff := cmp.Diff(good(ends, true, fruits()[:2]...), readAll(t, half)); diff != "" {
		t.Errorf("half a record, then zeros (-want +got)\n%s", diff)
	}
	if got := readAll(t, make([]byte, 100)); !got.Torn || got.End != 0 {
		t.Errorf("a file of zeros: %+v, want torn at 0", got)
	}
}

// Where a record is small, and never ends with a zero, one can know more of a torn end: a write that was cut off lacks its last
// bytes, or has zeros for them; or it lacks its first bytes, if a sector ends in it and the next one was written first. One that
// has all its bytes, and wrong ones among them, was not cut off. The manifest asks this question, as it would remove files
// otherwise that its last record has added.
//
//lab:task 2 points=2
func TestReader_Unfinished(t *testing.T) {
	data, ends := build(fileNumber, fruits()...)
	unfinished := func(data []byte) bool {
		r := record.NewReader(fileName, fileNumber, data)
		for r.Next() {
		}
		require.True(t, r.Torn(), "Torn")
		return r.Unfinished()
	}
	for cut := ends[2] + 1; cut < ends[3]; cut++ {
		require.True(t, unfinished(data[:cut]), "cut off at byte %d of the last record", cut-ends[2])
		require.True(t, unfinished(append(data[:cut:cut], make([]byte, ends[3]-cut)...)), "zeros from byte %d of the last record on", cut-ends[2])
	}
	for sector := ends[2] + 8; sector < ends[3]; sector++ {
		second := append([]byte(nil), data...)
		clear(second[ends[2]:sector])
		require.True(t, unfinished(second), "zeros up to byte %d of the last record, where another sector begins", sector-ends[2])
	}
	for i := ends[2]; i < ends[3]; i++ {
		broken := append([]byte(nil), data...)
		broken[i] ^= 0x04
		require.False(t, unfinished(broken), "all of the last record is there, byte %d is another", i-ends[2])
	}
}

// Of all numbers that a file can have there is one for which twelve zeros at offset 41 are a frame with right checksums, and an
// empty body. A log of some megabytes of zeros would meet such a place once in a thousand crashes. So no body is empty, and a
// length of 0 is never right.
//
//lab:task 2 points=1
func TestReader_ZerosWithRightChecksumsAreTorn(t *testing.T) {
	const unlucky = 1934048355
	data := record.Append(record.AppendHeader(nil, unlucky), unlucky, record.HeaderSize, []byte("apple"))
	require.Len(t, data, 41)
	r := record.NewReader(fileName, unlucky, append(data, make([]byte, 100)...))
	require.True(t, r.Next())
	require.False(t, r.Next(), "Next at 100 zeros: a record of %q", r.Body())
	require.NoError(t, r.Err())
	require.True(t, r.Torn(), "Torn")
	require.Equal(t, int64(41), r.End(), "End")
}

// A disk has changed one byte, somewhere. If records follow that are intact, then this is damage, whatever else it looks like:
// the error names the file, and the offset of the record that cannot be read. Only in the last record nobody can tell damage from
// a write that was cut off. What was read before is right in every case, and there is never a panic, whichever byte it is.
//
//lab:task 2 points=4
func TestReader_FlipEachByte(t *testing.T) {
	data, ends := build(fileNumber, fruits()...)
	for i := range int64(len(data)) {
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			broken := append([]byte(nil), data...)
			broken[i] ^= flip
			hit := 0 // how many parts of the file end before this byte: the header, and records
			for ends[hit] <= i {
				hit++
			}
			got := readAll(t, broken)
			if hit == 0 { // in the header, and three intact records follow
				require.Contains(t, got.Err, fileName+": corrupt at offset", "byte %d, which is in the header, xor %#x", i, flip)
				continue
			}
			want := good(ends, hit == 3, fruits()[:hit-1]...)
			require.Equal(t, want.Bodies, got.Bodies, "records before byte %d, xor %#x", i, flip)
			require.Equal(t, want.End, got.End, "end of the good prefix; byte %d, xor %#x", i, flip)
			require.Equal(t, want.Torn, got.Torn, "torn; byte %d, xor %#x: the error is %q", i, flip, got.Err)
			if hit < 3 {
				require.Contains(t, got.Err, fileName+": "+at(ends[hit-1]), "byte %d, xor %#x", i, flip)
			} else {
				require.Empty(t, got.Err, "byte %d is in the last record, xor %#x", i, flip)
			}
		}
	}
}

// Damage may be larger than a record, and hide several of them: a sector of zeros in the middle. The length of what stood there is
// gone, too. One intact record behind it is enough to know.
//
//lab:task 2 points=2
func TestReader_LargeDamageBeforeIntactRecord(t *testing.T) {
	data, ends := build(fileNumber, "apple", strings.Repeat("banana", 100), strings.Repeat("cherry", 100), "date")
	broken := with(data, ends[1]-3, strings.Repeat("\x00", int(ends[3]-ends[1])-200))
	got := readAll(t, broken)
	require.Empty(t, got.Bodies, "bodies before the damage, which begins in the first")
	require.False(t, got.Torn, "Torn, though an intact record lies behind the damage")
	require.Contains(t, got.Err, at(ends[0]), "the error")
	r := record.NewReader(fileName, fileNumber, broken)
	require.False(t, r.Next())
	require.ErrorIs(t, r.Err(), kv.ErrCorrupt, "Err")
	var damage *kv.CorruptionError
	require.True(t, errors.As(r.Err(), &damage), "%v is no *kv.CorruptionError", r.Err())
	require.Equal(t, fileName, damage.File, "File of the error")
	require.Equal(t, ends[0], damage.Offset, "Offset of the error")

	data, ends = build(fileNumber, "apple", "b")
	got = readAll(t, with(data, ends[0]+record.FrameSize, "X"))
	require.Contains(t, got.Err, at(ends[0]), "the intact record behind is the smallest that there is: 13 bytes, at the very end")
}

// A length that was damaged is a random number: 4 GiB, or one that ends right at the end of the file, or so near to the end of all
// numbers that a sum overflows. It must not be used to find the next record, and nothing may be sliced with it.
//
//lab:task 2 points=2
func TestReader_LengthIsNotTrusted(t *testing.T) {
	data, ends := build(fileNumber, fruits()...)
	rest := int64(len(data)) - ends[0] - record.FrameSize
	for _, length := range []uint32{0, 1, uint32(rest), uint32(rest) + 1, 1 << 31, 1<<32 - 12, 1<<32 - 1} {
		broken := append([]byte(nil), data...)
		binary.LittleEndian.PutUint32(broken[ends[0]:], length)
		got := readAll(t, broken)
		require.Contains(t, got.Err, at(ends[0]), "length of the first record changed from 5 to %d", length)
		last := append([]byte(nil), data...)
		binary.LittleEndian.PutUint32(last[ends[2]:], length)
		if diff := cmp.Diff(good(ends, true, fruits()[:2]...), readAll(t, last)); diff != "" {
			t.Errorf("length of the last record changed to %d (-want +got)\n%s", length, diff)
		}
	}
	for _, length := range []uint32{1 << 31, 1<<32 - 12, 1<<32 - 1} { // and the machine may stop in a record of this size
		head := binary.LittleEndian.AppendUint64(nil, fileNumber)
		head = binary.LittleEndian.AppendUint64(head, uint64(ends[3]))
		head = binary.LittleEndian.AppendUint32(head, length)
		begun := append(data[:len(data):len(data)], head[16:]...)
		begun = binary.LittleEndian.AppendUint32(begun, crc32.Checksum(head, crc32.MakeTable(crc32.Castagnoli)))
		begun = append(begun, "bodyCRC, and a body of which little is there"...)
		if diff := cmp.Diff(good(ends, true, fruits()...), readAll(t, begun)); diff != "" {
			t.Errorf("a record of %d bytes was begun, and its length is vouched for (-want +got)\n%s", length, diff)
		}
	}
}

// Users store what they like: also a file of records, as a value. If the record with that value is torn, frames lie behind
// the tear that are intact, and that nobody appended to this file. Their checksums cover another file, or another offset; so they
// are no reason to call the tear damage, and none of them is ever read as a record.
//
//lab:task 2 points=3
func TestReader_FrameInsideAValueIsNone(t *testing.T) {
	same, _ := build(fileNumber, "yesterday's", "records") // a copy of such a file: right number, wrong offsets
	other, _ := build(7, "another", "file")
	for what, value := range map[string][]byte{"a copy of this file's beginning": same, "another file": other} {
		data, ends := build(fileNumber, "apple", "value: "+string(value)+" and more")
		got := readAll(t, data[:len(data)-5])
		if diff := cmp.Diff(good(ends, true, "apple"), got); diff != "" {
			t.Errorf("the torn record holds %s (-want +got)\n%s", what, diff)
		}
	}
}

// File systems use the blocks of removed files again. What an older log has left there may show behind the end of the present one,
// at the very offset where it once stood. It carries the number of that older log.
//
//lab:task 2 points=2
func TestReader_FrameOfAnOlderFileIsNone(t *testing.T) {
	older, _ := build(11, fruits()...)
	data, ends := build(fileNumber, "apple")
	got := readAll(t, append(data[:len(data):len(data)], older[len(data):]...)) // the first record of both has the same length
	if diff := cmp.Diff(good(ends, true, "apple"), got); diff != "" {
		t.Errorf("behind the only record lie two of file 11 (-want +got)\n%s", diff)
	}
}

// A whole file under a wrong name is not damage of its bytes, and its records are not those that the name promises. And a file of
// a format that this program does not know is intact: nobody may call it corrupt, or cut it.
//
//lab:task 2 points=2
func TestReader_WrongFileAndUnknownVersion(t *testing.T) {
	other, _ := build(7, fruits()...)
	got := readAll(t, other)
	require.Empty(t, got.Bodies, "bodies of file 7, read as file 12")
	require.Contains(t, got.Err, "number 7, not 12")
	require.False(t, got.Torn, "Torn, of file 7, read as file 12")

	r := record.NewReader(fileName, fileNumber, futureFile())
	require.False(t, r.Next())
	require.ErrorContains(t, r.Err(), "format version 2, this program reads 1")
	require.NotErrorIs(t, r.Err(), kv.ErrCorrupt)
	require.False(t, r.Torn(), "Torn, of a file of format version 2")

	torn, _ := build(fileNumber, fruits()...) // reaches a tear, too
	require.True(t, readAll(t, torn[:len(torn)-1]).Torn, "Torn, of a file that lacks its last byte")
}

// futureFile returns the header of a file of format version 2.
func futureFile() []byte {
	raw := record.AppendHeader(nil, fileNumber)[:20]
	raw[8] = 2
	return binary.LittleEndian.AppendUint32(raw, crc32.Checksum(raw, crc32.MakeTable(crc32.Castagnoli)))
}

// Any file, damaged anywhere, in any way: what is read is always a prefix of what was written. Nothing is made up.
//
//lab:task 2 points=3 random
func TestReader_RandomDamage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bodies := rapid.SliceOfN(recBody(), 1, 10).Draw(rt, "bodies")
		data, ends := build(fileNumber, bodies...)
		from := rapid.IntRange(record.HeaderSize, len(data)-1).Draw(rt, "damage from")
		damage := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(rt, "bytes")
		broken := with(data, int64(from), string(damage))
		if rapid.Bool().Draw(rt, "cut") {
			broken = broken[:rapid.IntRange(record.HeaderSize, len(broken)).Draw(rt, "at")]
		}
		got := readAll(rt, broken)
		require.LessOrEqual(rt, len(got.Bodies), len(bodies))
		require.Equal(rt, bodies[:len(got.Bodies)], got.Bodies, "records")
		require.Equal(rt, ends[len(got.Bodies)], got.End, "end of the good prefix")
		if got.Err != "" {
			require.Contains(rt, got.Err, at(got.End))
		}
	})
}

// A torn log of 1 MiB of numbers: each four bytes look like a length that fits into the file. Whoever computes a checksum over so
// many bytes at every one of them reads sixty gigabytes. The search must cost a few steps a byte: the frame's first
// checksum is there for that. (This test has no clock. With such a search it does not come to an end while you wait.)
//
//lab:task 2 points=1
func TestReader_SearchIsLinear(t *testing.T) {
	data, ends := build(fileNumber, "apple")
	numbers := make([]byte, 0, 1<<20)
	for len(numbers) < cap(numbers) {
		numbers = binary.LittleEndian.AppendUint32(numbers, 1<<19)
	}
	got := readAll(t, append(data, numbers...))
	if diff := cmp.Diff(good(ends, true, "apple"), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A fuzzer finds what nobody thought of. Whatever the bytes are, reading returns, and what it returned appends to the same bytes
// again.
//
//lab:task 2 points=2 random
func FuzzReader(f *testing.F) {
	data, ends := build(fileNumber, fruits()...)
	f.Add(data)
	f.Add(data[:ends[2]+3])
	f.Add(with(data, ends[1]+2, "XX"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := readAll(t, data)
		require.False(t, got.Torn && got.Err != "", "torn and damaged at once: %+v", got)
		require.LessOrEqual(t, got.End, int64(len(data)))
		if len(got.Bodies) > 0 {
			again, _ := build(fileNumber, got.Bodies...)
			require.Equal(t, fmt.Sprintf("%x", data[:got.End]), fmt.Sprintf("%x", again), "the good prefix")
		}
	})
}
