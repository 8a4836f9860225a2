package txn

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Commit makes everything that the transaction has written visible, and durable unless Options.NoSync says otherwise,
// as one step. A transaction that has written nothing writes nothing. After an error nothing of it is visible, and the
// transaction has ended all the same. If the error wraps kv.ErrConflict it can be run again, from the beginning. If it
// comes from a disk that fails, the store's next opening shows whether the commit is there, as a whole. (In a store
// without a log a sync is a flush, which comes last: if that fails the commit is visible, and not durable.)
func (t *Txn) Commit() (err error) {
	// TODO(week 3, day 2, task 3): implement Commit. Chapter: book/week3/day2-transactions.md#commit
	//
	// Hint: Who turns t.ended from false to true ends the transaction: Swap.
	// Hint: t.store writes the batch. t.leave does what is left to do, on every way out.
	panic(todo.Reached("week 3 day 2 task 3", "Txn.Commit"))
}

// store writes the batch, past the Validator if there is one.
func (t *Txn) store(b *kv.Batch) error {
	write := func() (err error) {
		t.version, err = t.db.Write(b, !t.db.noSync)
		return err
	}
	if t.db.validator == nil {
		return write()
	}
	return t.db.validator.Commit(b, &t.footprint, write)
}

// Rollback ends the transaction. Nothing of it ever happened.
//
//	t, err := db.Begin(txn.Serializable)
//	…
//	defer t.Rollback() // after Commit it does nothing
func (t *Txn) Rollback() error {
	// TODO(week 3, day 2, task 3): implement Rollback. Chapter: book/week3/day2-transactions.md#ending
	//
	// Hint: What is there to undo?
	panic(todo.Reached("week 3 day 2 task 3", "Txn.Rollback"))
}

// leave gives back what Begin has taken, and counts how the transaction has ended. It is called once.
func (t *Txn) leave(count *int64) {
	// TODO(week 3, day 2, task 3): implement leave. Chapter: book/week3/day2-transactions.md#ending
	//
	// Hint: Begin has taken three things: a snapshot, a place in db.open, and one with the Validator, if there is one.
	// Hint: count is one of the counts in db.stats. They are guarded by db.mu.
	panic(todo.Reached("week 3 day 2 task 3", "Txn.leave"))
}
