package txn

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
	"lsmlab/week1/iterator"
)

// Scan returns a scan of the keys from lower to upper, as the transaction sees them at this moment: what it writes
// later does not appear, nor does what others write. The bounds are copied. The scan ends with the transaction: who
// moves it then finds ErrDone. It must be closed.
func (t *Txn) Scan(lower, upper kv.Bound) *engine.Scan {
	// TODO(week 3, day 2, task 2): implement Scan. Chapter: book/week3/day2-transactions.md#scans
	//
	// Hint: What the snapshot shows is sorted, and so is each of t.own.iterators. Day 1.2 makes one of them.
	// Hint: At which number does the scan see what was written so far, and nothing of what is written later?
	// Hint: The snapshot keeps to the bounds. Does the workspace?
	// Hint: Wrap the result in a walk, so that it ends with the transaction.
	panic(todo.Reached("week 3 day 2 task 2", "Txn.Scan"))
}

// walk is the iterator of a transaction's scan. It ends with the transaction, and takes down where it has been.
type walk struct {
	kv.Iterator // what the scan shows
	txn         *Txn
	lower       kv.Bound
	upper       kv.Bound
	seen        *Range // since the iterator was positioned; nil if it was not, or nobody wants to know
	err         error  // ErrDone, once somebody has tried to move after the transaction's end
}

// live reports whether the transaction goes on.
func (w *walk) live() bool {
	if w.err == nil {
		w.err = w.txn.check()
	}
	return w.err == nil
}

// First moves to the first entry.
func (w *walk) First() {
	if w.live() {
		w.Iterator.First()
		w.seen = w.txn.walked(w.lower)
		w.note()
	}
}

// SeekGE moves to the first entry at or after target.
func (w *walk) SeekGE(target kv.Key) {
	if w.live() {
		w.Iterator.SeekGE(target)
		from := w.lower
		if from.AdmitsFromBelow(target.User) {
			from = kv.Included(target.User).Clone()
		}
		w.seen = w.txn.walked(from)
		w.note()
	}
}

// Next moves to the following entry.
func (w *walk) Next() {
	if w.live() {
		w.Iterator.Next()
		w.note()
	}
}

// Valid reports whether the iterator stands on an entry.
func (w *walk) Valid() bool { return w.err == nil && w.Iterator.Valid() }

// Err returns the error that ended the walk.
func (w *walk) Err() error {
	if w.err != nil {
		return w.err
	}
	return w.Iterator.Err()
}

// NumActive returns how many sources there still are.
func (w *walk) NumActive() int { return iterator.NumActive(w.Iterator) }
