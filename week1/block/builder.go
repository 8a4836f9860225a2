package block

import (
	"math"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
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
func (b *Builder) Add(key kv.Key, value []byte) bool {
	// TODO(week 1, day 3, task 1): implement Add. Chapter: book/week1/day3-blocks.md#builder
	//
	// Hint: The finished block also holds an offset for the new entry, and the number of entries. Do they fit?
	// Hint: Append the key first, and then you know its length under any codec; taking it back is one slice expression.
	panic(todo.Reached("week 1 day 3 task 1", "Builder.Add"))
}

// Empty reports whether nothing has been added since the last Reset.
func (b *Builder) Empty() bool { return len(b.offsets) == 0 }

// Len returns the number of entries.
func (b *Builder) Len() int { return len(b.offsets) }

// Size returns how many bytes Finish would return now.
func (b *Builder) Size() int { return len(b.buf) + offsetSize*len(b.offsets) + countSize }

// Finish returns the block. It is the builder's memory: valid until the next Reset or Add. Finish changes nothing, so
// that a second call returns the same bytes.
func (b *Builder) Finish() []byte {
	// TODO(week 1, day 3, task 1): implement Finish. Chapter: book/week1/day3-blocks.md#finish
	//
	// Hint: All of a block's numbers of fixed size are little-endian: binary.LittleEndian.AppendUint32.
	// Hint: Should the memory grow here, keep it: the next block will need as much.
	panic(todo.Reached("week 1 day 3 task 1", "Builder.Finish"))
}

// Reset empties the builder for the next block and keeps its memory.
func (b *Builder) Reset() {
	b.buf, b.offsets, b.first = b.buf[:0], b.offsets[:0], b.first[:0]
}
