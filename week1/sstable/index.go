package sstable

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/block"
)

// index says which data block can hold a key. The open table keeps it in memory.
type index struct {
	last   []kv.Key // the last key of each data block, ascending; they borrow the index block's bytes
	blocks []Handle // where each data block is; they lie one behind the other from the beginning of the file
}

// parseIndex returns the index in b, the index block of a file that has data blocks from 0 to dataEnd. It reports the
// number of the first entry that makes no sense, and why: keys must ascend, and the blocks fill the space from 0 to
// dataEnd without gap and overlap. So no handle points outside of the file, or at something else than its own block.
func parseIndex(b *block.Block, dataEnd int64) (x index, entry int, wrong string) {
	// TODO(week 1, day 4, task 2): implement parseIndex. Chapter: book/week1/day4-sstables.md#index
	//
	// Hint: Walk b with an iterator. A value that is not handleSize bytes long is no handle.
	// Hint: Keep where the last block ended: the next one has to begin there. Handle.within guards against huge numbers.
	// Hint: Keys of a block with the plain codec borrow the block's bytes: they may be kept without copying.
	// Hint: And at the end: is there a block at all? Does the last one end at dataEnd?
	panic(todo.Reached("week 1 day 4 task 2", "parseIndex"))
}

// search returns the number of the block that holds the first entry at or after target, if the table has one; the number
// of blocks if it has none.
func (x *index) search(target kv.Key) int {
	// TODO(week 1, day 4, task 3): implement search. Chapter: book/week1/day4-sstables.md#search
	//
	// Hint: Block i ends with last[i]. If last[i] is before target, so is all of block i. If it is not, what can block i+1 tell?
	// Hint: A target in the gap between block 2's last key and block 3's first: which block's first entry is the answer?
	panic(todo.Reached("week 1 day 4 task 3", "index.search"))
}
