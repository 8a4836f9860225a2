package block

import (
	"encoding/binary"
	"math/bits"
)

// uvarint decodes the unsigned varint at the beginning of src and returns its length, 0 or less if there is none. Nearly
// every size in a block is below 128, one byte, and is answered here without a loop.
func uvarint(src []byte) (v uint64, n int) {
	if len(src) > 0 && src[0] < 0x80 {
		return uint64(src[0]), 1
	}
	return binary.Uvarint(src)
}

// uvarintLen returns how many bytes v has as an unsigned varint: one for every 7 bits, at least one.
func uvarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
