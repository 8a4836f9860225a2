package sstable

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/block"
)

// Iterator walks the versions of a table. It is a kv.Iterator. At any time it holds one block, so that the memory for a
// walk does not grow with the table. A step within a block, and into a block that is in the cache, allocates nothing. The
// zero Iterator is at the end of nothing: it can be asked, and closed, and made one over a table by Init.
type Iterator struct {
	table *Table
	fill  bool           // put blocks that had to be read into the cache
	at    int            // number of the current block; anything if there is none
	cur   *block.Block   // the current block, nil if there is none
	data  block.Iterator // over cur; not used if cur is nil
	err   error
}

var _ kv.Iterator = (*Iterator)(nil)

// NewIterator returns an iterator over the table's versions. Blocks that it has to read stay in the cache: what is
// scanned is often read again.
func (t *Table) NewIterator() *Iterator { return &Iterator{table: t, fill: true} }

// NewScanner returns an iterator for who walks through a whole table once, as a merge of tables does. It uses blocks that
// are in the cache and adds none, so that it does not drive out what others read again and again.
func (t *Table) NewScanner() *Iterator { return &Iterator{table: t} }

// Init makes it an iterator over t, which stands nowhere yet: like NewIterator if fill is set, else like NewScanner. It
// keeps its memory: whoever walks many tables keeps one Iterator.
func (it *Iterator) Init(t *Table, fill bool) {
	it.data.Init(nil)
	*it = Iterator{table: t, fill: fill, data: it.data}
}

// First moves to the first entry.
func (it *Iterator) First() {
	if it.load(0) {
		it.data.First()
	}
}

// SeekGE moves to the first entry at or after target. It reads at most one block, none if the iterator is in the right
// one already.
func (it *Iterator) SeekGE(target kv.Key) {
	// TODO(week 1, day 4, task 3): implement SeekGE. Chapter: book/week1/day4-sstables.md#iterator
	//
	// Hint: index.search names the block, or says that there is none. it.load loads it, the block's own SeekGE does the rest.
	// Hint: Can the block that search names hold no entry at or after target?
	panic(todo.Reached("week 1 day 4 task 3", "Iterator.SeekGE"))
}

// Next moves to the following entry, which may be in the next block. Requires Valid.
func (it *Iterator) Next() {
	// TODO(week 1, day 4, task 3): implement Next. Chapter: book/week1/day4-sstables.md#iterator
	//
	// Hint: Most steps stay in the block. Only when it.data has ended, the next block begins.
	panic(todo.Reached("week 1 day 4 task 3", "Iterator.Next"))
}

// load makes block i the current one and reports whether it did: not if i is the number of blocks, so that the iterator
// has ended, and not if the block cannot be read, so that Err says why. If it did, it.data is over that block, and the
// caller positions it.
func (it *Iterator) load(i int) bool {
	// TODO(week 1, day 4, task 3): implement load. Chapter: book/week1/day4-sstables.md#load
	//
	// Hint: An error of an earlier walk is over: it.err belongs to this move. A closed table is one: t.checkOpen.
	// Hint: The block that the iterator stands in needs no second look into the cache. All others come from table.block.
	// Hint: it.data.Init(b) puts the inner iterator on a block without allocating.
	// Hint: Wherever there is no block, it.cur is nil: Valid goes by it.
	panic(todo.Reached("week 1 day 4 task 3", "Iterator.load"))
}

// Valid reports whether the iterator stands on an entry.
func (it *Iterator) Valid() bool { return it.cur != nil && it.data.Valid() }

// Key returns the current entry's key. Requires Valid.
func (it *Iterator) Key() kv.Key { return it.data.Key() }

// Value returns the current entry's value. Requires Valid.
func (it *Iterator) Value() []byte { return it.data.Value() }

// Err returns the error that ended the iterator, nil if there was none.
func (it *Iterator) Err() error { return it.err }

// Close lets go of the block. The iterator has ended.
func (it *Iterator) Close() error {
	it.cur, it.data = nil, block.Iterator{}
	return nil
}
