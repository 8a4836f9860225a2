package txn

import (
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// conflictLocked returns why the batch must not commit: somebody has written one of its keys since its snapshot was
// taken, or, for a serializable transaction, something that it has read.
func (o *Oracle) conflictLocked(b *kv.Batch, f *Footprint) error {
	// TODO(week 3, day 4, task 1): implement conflictLocked. Chapter: book/week3/day4-serializable.md#first-committer
	//
	// Hint: What was written at the snapshot's number or before, the transaction has seen.
	// Hint: The function conflict, below, makes the error. It names the key, and the number of its newest write.
	// Hint: Whatever the level, the batch's own keys count. For Serializable go on with staleLocked.
	panic(todo.Reached("week 3 day 4 task 1", "Oracle.conflictLocked"))
}

// staleLocked returns why what a transaction has read is not what it would read now.
func (o *Oracle) staleLocked(f *Footprint) error {
	// TODO(week 3, day 4, task 3): implement staleLocked. Chapter: book/week3/day4-serializable.md#reads
	//
	// Hint: A key that was not there when it was looked for, and is there now, is as stale as one that has changed.
	// Hint: A range has as many keys as somebody may write into it. So go over what was written: o.recent.since(f.At).
	todo.Note("week 3 day 4 task 3", "Oracle.staleLocked")
	return nil
}

// conflict returns the error for a key that was written at a number after the snapshot. format takes both.
func conflict(format string, key []byte, at kv.Seq, f *Footprint) error {
	return fmt.Errorf("%w: "+format+", after the snapshot of this transaction at %d", kv.ErrConflict, key, at, f.At)
}
