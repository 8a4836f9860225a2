//lab:day 1.3

package block

import (
	"encoding/binary"
	"math"

	"lsmlab/internal/kv"
)

const (
	// offsetSize is the length in bytes of one entry's offset.
	offsetSize = 4
	// countSize is the length in bytes of the number of entries, which ends a block.
	countSize = 4
	// maxTarget is the largest target size: below it every offset fits into 4 bytes, and into an int of 32 bits.
	maxTarget = math.MaxInt32
)

// Builder builds blocks, one after the other, in memory that it uses again. It is used by one goroutine at a time.
type Builder struct {
	codec   Codec
	target  int
	buf     []byte   // the entries so far
	offsets []uint32 // where each of them begins in buf
	first   []byte   // a copy of the first entry's user key; empty while there is none
}

// NewBuilder returns a builder of blocks that are, with offsets and number, at most target bytes long, but for a block
// of a single large entry. A target above 2 GiB is taken as 2 GiB.
func NewBuilder(codec Codec, target int) *Builder {
	return &Builder{codec: codec, target: min(target, maxTarget)}
}

// Add appends an entry and reports whether it did. It returns false, with nothing changed, if the finished block would
// exceed the target; the caller then finishes this block and adds the entry to the next. The first entry of a block is
// never refused, or an entry larger than the target could be stored nowhere. Keys come in ascending order; key and value
// are copied.
//
//lab:todo 1 blocks#builder
//lab:hint The finished block also holds an offset for the new entry, and the number of entries. Do they fit?
//lab:hint Append the key first, and then you know its length under any codec; taking it back is one slice expression.
func (b *Builder) Add(key kv.Key, value []byte) bool {
	// #region add
	start := len(b.buf)
	buf := b.codec.Append(b.buf, b.first, key.User)
	size := len(buf) + kv.TrailerSize + uvarintLen(uint64(len(value))) + len(value) +
		offsetSize*(len(b.offsets)+1) + countSize
	if !b.Empty() && size > b.target {
		b.buf = buf[:start] // keeps the memory if it has grown
		return false
	}
	buf = binary.LittleEndian.AppendUint64(buf, uint64(key.Trailer))
	buf = binary.AppendUvarint(buf, uint64(len(value)))
	b.buf = append(buf, value...)
	if b.Empty() {
		b.first = append(b.first, key.User...)
	}
	b.offsets = append(b.offsets, uint32(start))
	return true
	// #endregion
}

// Empty reports whether nothing has been added since the last Reset.
func (b *Builder) Empty() bool { return len(b.offsets) == 0 }

// Len returns the number of entries.
func (b *Builder) Len() int { return len(b.offsets) }

// Size returns how many bytes Finish would return now.
func (b *Builder) Size() int { return len(b.buf) + offsetSize*len(b.offsets) + countSize }

// Finish returns the block. It is the builder's memory: valid until the next Reset or Add. Finish changes nothing, so
// that a second call returns the same bytes.
//
//lab:todo 1 blocks#finish
//lab:hint All of a block's numbers of fixed size are little-endian: binary.LittleEndian.AppendUint32.
//lab:hint Should the memory grow here, keep it: the next block will need as much.
func (b *Builder) Finish() []byte {
	// #region finish
	out := b.buf
	for _, offset := range b.offsets {
		out = binary.LittleEndian.AppendUint32(out, offset)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(b.offsets)))
	b.buf = out[:len(b.buf)]
	return out
	// #endregion
}

// Reset empties the builder for the next block and keeps its memory.
func (b *Builder) Reset() {
	b.buf, b.offsets, b.first = b.buf[:0], b.offsets[:0], b.first[:0]
}
