package record

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// A file of records, format version 1. All numbers are little-endian; offsets count from the beginning of the file:
//
//	header     24 bytes
//	frame 0
//	frame 1
//	…          they lie next to each other, without gaps
//
// The header:
//
//	 0   8   magic: "LSMLabR" and the byte 0xb5
//	 8   4   u32, format version: 1
//	12   8   u64, the file's number
//	20   4   u32, CRC-32C of bytes 0 to 19
//
// A frame:
//
//	 0   4   u32, length of the body in bytes, at least 1
//	 4   4   u32, CRC-32C of file number u64, offset of the frame u64, length u32
//	 8   4   u32, CRC-32C of file number u64, offset of the frame u64, length u32, body
//	12       body
//
// No length is 0, since four bytes of zeros are what an unwritten disk has to offer, and for one place in four billion the checksum
// of a length of 0 is 0 too. The first checksum costs 4 bytes and makes it cheap to ask whether a frame begins at some byte: without it, the search for
// frames behind damage would compute a checksum over as many bytes as the damage happens to name, at every one of them.
const (
	// FormatVersion is the version of the format that this package writes and reads.
	FormatVersion = 1
	// HeaderSize is the length in bytes of what stands before the first frame.
	HeaderSize = 24
	// FrameSize is how many bytes longer a frame is than its body.
	FrameSize = 12

	magic = "LSMLabR\xb5"

	headerVersion = 8 // offsets in the header
	headerNumber  = 12
	headerCRC     = 20

	frameHeadCRC = 4 // offsets in a frame
	frameBodyCRC = 8
)

// castagnoli is the polynomial of CRC-32C, which processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendHeader appends the header of a file with that number to dst.
func AppendHeader(dst []byte, file uint64) []byte {
	out := append(make([]byte, 0, HeaderSize), magic...)
	out = binary.LittleEndian.AppendUint32(out, FormatVersion)
	out = binary.LittleEndian.AppendUint64(out, file)
	out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
	return append(dst, out...)
}

// ReadHeader returns the number of the file that begins with data. The name is for errors. Bytes that are no header give a
// *kv.CorruptionError; a version that this program does not know gives an error that is not one.
func ReadHeader(name string, data []byte) (file uint64, err error) {
	switch {
	case len(data) < HeaderSize:
		return 0, corruptf(name, 0, "header: %d of %d bytes", len(data), HeaderSize)
	case string(data[:headerVersion]) != magic:
		return 0, corruptf(name, 0, "header: magic is %q, not %q", data[:headerVersion], magic)
	}
	stored := binary.LittleEndian.Uint32(data[headerCRC:])
	if computed := crc32.Checksum(data[:headerCRC], castagnoli); computed != stored {
		return 0, corruptf(name, headerCRC, "header: checksum is %#08x, stored %#08x", computed, stored)
	}
	if version := binary.LittleEndian.Uint32(data[headerVersion:]); version != FormatVersion {
		return 0, fmt.Errorf("%s: format version %d, this program reads %d", name, version, FormatVersion)
	}
	return binary.LittleEndian.Uint64(data[headerNumber:]), nil
}

// Append appends a frame to dst. The frame will begin at offset in the file of that number; it is good in no other place. The
// body has at least one byte.
func Append(dst []byte, file uint64, offset int64, body []byte) []byte {
	// TODO(week 2, day 5, task 1): implement Append. Chapter: book/week2/day5-manifest.md#frame
	//
	// Hint: headCRC and bodyCRC compute the two checksums: they take what is not in the file, number and offset, too.
	// Hint: Length first, then the two checksums, then the body: binary.LittleEndian.AppendUint32(dst, …) appends four bytes.
	panic(todo.Reached("week 2 day 5 task 1", "Append"))
}

// checkBody panics if a body cannot be framed: that is the caller's mistake.
func checkBody(body []byte) {
	if len(body) == 0 || uint64(len(body)) > math.MaxUint32 {
		panic(fmt.Sprintf("record: Append: a body of %d bytes", len(body)))
	}
}

// headCRC returns the first checksum of a frame.
func headCRC(file uint64, offset int64, length uint32) uint32 {
	// TODO(week 2, day 5, task 1): implement headCRC. Chapter: book/week2/day5-manifest.md#frame
	//
	// Hint: Put 8 + 8 + 4 bytes into an array, little-endian, and take its checksum.
	panic(todo.Reached("week 2 day 5 task 1", "headCRC"))
}

// checksum is crc32.Checksum(head[:], castagnoli), for bytes that stay on the stack: that one would move them to the heap, once
// for every record.
func checksum(head [20]byte) uint32 {
	crc := ^uint32(0)
	for _, b := range head {
		crc = castagnoli[byte(crc)^b] ^ crc>>8
	}
	return ^crc
}

// bodyCRC returns the second checksum of a frame: a CRC goes on where the first has stopped.
func bodyCRC(head uint32, body []byte) uint32 { return crc32.Update(head, castagnoli, body) }

// corruptf returns a CorruptionError.
func corruptf(file string, offset int64, format string, args ...any) error {
	return &kv.CorruptionError{File: file, Offset: offset, Reason: fmt.Sprintf(format, args...)}
}
