package sstable

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"lsmlab/internal/kv"
)

// A table file, format version 1. All numbers are little-endian; offsets count from the beginning of the file. Blocks
// and footer lie next to each other, without gaps:
//
//	data block 0
//	…
//	data block n-1    n is at least 1
//	filter block      only if there is a filter
//	index block
//	properties block
//	footer            72 bytes
//
// Every block is
//
//	contents          as long as the block's handle says
//	kind              1 byte: 1 data, 2 filter, 3 index, 4 properties
//	checksum          u32, CRC-32C of contents and kind
//
// A handle says where a block is. A block takes 5 bytes more in the file than the size in its handle:
//
//	offset            u64, of the contents' first byte
//	size              u64, length of the contents in bytes
//
// Contents by kind:
//
//	data              a block as package block builds it, with the codec that the footer names. No block is empty, and
//	                  keys ascend within blocks and from block to block.
//	filter            bytes that mean something to the filter policy whose name is in the properties
//	index             a block with the plain codec. Entry i has as key the last key of data block i, with its trailer, and
//	                  as value the 16 bytes of its handle.
//	properties        a block with the plain codec: names as user keys, all with sequence number 0 and kind set, and
//	                  values: a uvarint, or bytes. See Properties. Readers skip names they do not know.
//
// The footer:
//
//	 0   16   handle of the filter block, all zero if there is none
//	16   16   handle of the index block
//	32   16   handle of the properties block
//	48    1   ID of the key codec of the data blocks
//	49    7   zero
//	56    4   u32, format version: 1
//	60    4   u32, CRC-32C of the footer's bytes 0 to 59
//	64    8   magic: "LSMLabT" and the byte 0xb5, which no text has in this place
//
// The last 16 bytes keep their places in every future version, so that an old program can say what it has before it.
const (
	// FormatVersion is the version of the format that this package writes and reads.
	FormatVersion = 1

	handleSize  = 16
	trailerSize = 5 // a block's kind and checksum
	footerSize  = 72
	magic       = "LSMLabT\xb5"

	footerCodec   = 48 // offsets in the footer
	footerZero    = 49
	footerVersion = 56
	footerCRC     = 60
	footerMagic   = 64
)

// BlockKind says what a block holds. The values are part of the format.
type BlockKind uint8

// The kinds of blocks.
const (
	BlockData       BlockKind = 1
	BlockFilter     BlockKind = 2
	BlockIndex      BlockKind = 3
	BlockProperties BlockKind = 4
)

// String returns the kind's name.
func (k BlockKind) String() string {
	switch k {
	case BlockData:
		return "data"
	case BlockFilter:
		return "filter"
	case BlockIndex:
		return "index"
	case BlockProperties:
		return "properties"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// castagnoli is the polynomial of CRC-32C, which processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal returns the kind and checksum that follow a block's contents in the file.
func seal(contents []byte, kind BlockKind) [trailerSize]byte {
	out := [trailerSize]byte{byte(kind)}
	crc := crc32.Update(crc32.Checksum(contents, castagnoli), castagnoli, out[:1])
	binary.LittleEndian.PutUint32(out[1:], crc)
	return out
}

// Handle says where a block is.
type Handle struct {
	Offset int64 // of the first byte of the contents, from the beginning of the file
	Size   int64 // length of the contents in bytes, without the 5 bytes behind them
}

// end returns the offset of the first byte behind the block.
func (h Handle) end() int64 { return h.Offset + h.Size + trailerSize }

// within reports whether the block ends at or before limit. It holds for any bytes that a damaged file may bring.
func (h Handle) within(limit int64) bool {
	return h.Offset >= 0 && h.Size >= 0 && h.Offset <= limit && h.Size <= limit-h.Offset-trailerSize
}

// append appends the encoded handle to dst.
func (h Handle) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(h.Offset))
	return binary.LittleEndian.AppendUint64(dst, uint64(h.Size))
}

// decodeHandle undoes append. It requires 16 bytes. Numbers above the range of int64 come out negative, which within
// refuses.
func decodeHandle(src []byte) Handle {
	return Handle{
		Offset: int64(binary.LittleEndian.Uint64(src)),
		Size:   int64(binary.LittleEndian.Uint64(src[8:])),
	}
}

// Footer is the last part of a table file: from here everything else is found.
type Footer struct {
	Filter     Handle // the zero Handle if there is no filter
	Index      Handle
	Properties Handle
	Codec      byte // ID of the key codec of the data blocks
}

// HasFilter reports whether the file has a filter block.
func (f Footer) HasFilter() bool { return f.Filter != Handle{} }

// dataEnd returns where the data blocks end and the others begin.
func (f Footer) dataEnd() int64 {
	if f.HasFilter() {
		return f.Filter.Offset
	}
	return f.Index.Offset
}

// fits reports whether the blocks behind the data lie next to each other, and end at limit, where the footer begins.
func (f Footer) fits(limit int64) bool {
	handles := []Handle{f.Index, f.Properties}
	if f.HasFilter() {
		handles = append([]Handle{f.Filter}, handles...)
	}
	at := f.dataEnd()
	for _, h := range handles {
		if h.Offset != at || !h.within(limit) {
			return false
		}
		at = h.end()
	}
	return at == limit
}

// append appends the encoded footer to dst.
func (f Footer) append(dst []byte) []byte {
	out := make([]byte, 0, footerSize)
	out = f.Properties.append(f.Index.append(f.Filter.append(out)))
	out = append(out, f.Codec, 0, 0, 0, 0, 0, 0, 0)
	out = binary.LittleEndian.AppendUint32(out, FormatVersion)
	out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
	return append(append(dst, out...), magic...)
}

// corruptf returns a CorruptionError.
func corruptf(file string, offset int64, format string, args ...any) error {
	return &kv.CorruptionError{File: file, Offset: offset, Reason: fmt.Sprintf(format, args...)}
}
