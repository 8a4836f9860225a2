package block

import (
	"encoding/binary"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Iterator walks a block's entries. It is a kv.Iterator. As a value, with Init, it costs no allocation: whoever walks
// many blocks keeps one Iterator and initialises it anew for each.
//
// Keys and values are slices of the block, unless a codec has left out what a key shares with the block's first: such
// keys are put together in a buffer of the iterator's own.
type Iterator struct {
	block  *Block
	valid  bool
	next   int    // where the following entry begins
	key    kv.Key // the current entry, if valid
	value  []byte
	buf    []byte // memory for keys that are not in the block as a whole
	common int    // how many bytes of buf are those of the block's first key: keys ascend, so the next has rarely more
}

var _ kv.Iterator = (*Iterator)(nil)

// NewIterator returns an iterator over the block, which stands nowhere yet.
func (b *Block) NewIterator() *Iterator { return &Iterator{block: b} }

// Init makes it an iterator over b, which stands nowhere yet. It keeps its buffer.
func (it *Iterator) Init(b *Block) { *it = Iterator{block: b, buf: it.buf} }

// First moves to the first entry.
func (it *Iterator) First() { it.load(0) }

// Next moves to the following entry. Requires Valid.
func (it *Iterator) Next() { it.load(it.next) }

// load makes the entry that begins at byte at the current one; at the end of the entries the iterator has ended. The
// block has been parsed, so every length in it can be trusted.
func (it *Iterator) load(at int) {
	// TODO(week 1, day 3, task 2): implement load. Chapter: book/week1/day3-blocks.md#load
	//
	// Hint: b.split gives the key, valueAt the value and where it ends. The trailer stands between the two.
	// Hint: at equals len(it.block.entries) behind the last entry, and at once in an empty block.
	// Hint: A key that shares nothing is where it should be already. One that shares something is first[:shared] and rest: append both to it.buf[:0].
	// Hint: The entry before has left it.common bytes of the first key in it.buf: if that is enough, only rest is to be copied.
	panic(todo.Reached("week 1 day 3 task 2", "Iterator.load"))
}

// valueAt returns the value whose size stands at byte n of src, and where it ends.
func valueAt(src []byte, n int) (value []byte, end int) {
	size, m := uint64(src[n]), 1
	if size >= 0x80 {
		size, m = binary.Uvarint(src[n:])
	}
	n += m
	end = n + int(size)
	return src[n:end:end], end
}

// SeekGE moves to the first entry at or after target. Behind the last entry the iterator has ended.
func (it *Iterator) SeekGE(target kv.Key) {
	// TODO(week 1, day 3, task 3): implement SeekGE. Chapter: book/week1/day3-blocks.md#seek
	//
	// Hint: Search knows which entry, Offset knows where it begins. Search may also return Len: there is no such offset.
	panic(todo.Reached("week 1 day 3 task 3", "Iterator.SeekGE"))
}

// Valid reports whether the iterator stands on an entry.
func (it *Iterator) Valid() bool { return it.valid }

// Key returns the current entry's key. Its user key belongs to the iterator until it moves. Requires Valid.
func (it *Iterator) Key() kv.Key { return it.key }

// Value returns the current entry's value, a slice of the block. Requires Valid.
func (it *Iterator) Value() []byte { return it.value }

// Err returns nil: a block that has been parsed has no errors left.
func (it *Iterator) Err() error { return nil }

// Close does nothing: the collector frees the block when nobody uses it.
func (it *Iterator) Close() error { return nil }
