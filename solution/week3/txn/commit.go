//lab:day 3.2

package txn

import "lsmlab/internal/kv"

// Commit makes everything that the transaction has written visible, and durable unless Options.NoSync says otherwise,
// as one step. A transaction that has written nothing writes nothing. After an error nothing of it is visible, and the
// transaction has ended all the same. If the error wraps kv.ErrConflict it can be run again, from the beginning. If it
// comes from a disk that fails, the store's next opening shows whether the commit is there, as a whole. (In a store
// without a log a sync is a flush, which comes last: if that fails the commit is visible, and not durable.)
//
//lab:todo 3 transactions#commit
//lab:hint Who turns t.ended from false to true ends the transaction: Swap.
//lab:hint t.store writes the batch. t.leave does what is left to do, on every way out.
func (t *Txn) Commit() (err error) {
	// #region commit
	if t.ended.Swap(true) {
		return t.check()
	}
	defer func() { t.leave(t.db.stats.of(err)) }()
	b := t.own.batch()
	if b.Len() == 0 {
		return nil
	}
	return t.store(b)
	// #endregion
}

// store writes the batch, past the Validator if there is one.
func (t *Txn) store(b *kv.Batch) error {
	// #region store
	write := func() (err error) {
		t.version, err = t.db.Write(b, !t.db.noSync)
		return err
	}
	if t.db.validator == nil {
		return write()
	}
	return t.db.validator.Commit(b, &t.footprint, write)
	// #endregion
}

// Rollback ends the transaction. Nothing of it ever happened.
//
//	t, err := db.Begin(txn.Serializable)
//	…
//	defer t.Rollback() // after Commit it does nothing
//
//lab:todo 3 transactions#ending
//lab:hint What is there to undo?
func (t *Txn) Rollback() error {
	// #region rollback
	if t.ended.Swap(true) {
		return t.check()
	}
	t.leave(&t.db.stats.RolledBack)
	return nil
	// #endregion
}

// leave gives back what Begin has taken, and counts how the transaction has ended. It is called once.
//
//lab:todo 3 transactions#ending
//lab:hint Begin has taken three things: a snapshot, a place in db.open, and one with the Validator, if there is one.
//lab:hint count is one of the counts in db.stats. They are guarded by db.mu.
func (t *Txn) leave(count *int64) {
	// #region leave
	db := t.db
	_ = t.snapshot.Close()
	if db.validator != nil {
		db.validator.End(t.Seq())
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	delete(db.open, t)
	*count++
	// #endregion
}
