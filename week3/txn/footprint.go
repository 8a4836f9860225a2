package txn

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// What a transaction has read is taken down only if a Validator will ask: nobody else pays for it. Begin makes Keys
// then, and leaves it nil otherwise.

// looked takes down that the snapshot was asked for key, and answered err. A key that is not there is an answer too,
// which somebody else's write may change.
func (t *Txn) looked(key []byte, err error) {
	// TODO(week 3, day 2, task 4): implement looked. Chapter: book/week3/day2-transactions.md#footprint
	//
	// Hint: t.footprint.Keys is nil if nobody wants to know.
	todo.Note("week 3 day 2 task 4", "Txn.looked")
	return
}

// walked takes down that a walk begins, and returns its range, which note extends; nil if nobody wants to know.
func (t *Txn) walked(from kv.Bound) *Range {
	if t.footprint.Keys == nil {
		return nil
	}
	r := &Range{Lower: from}
	t.footprint.Ranges = append(t.footprint.Ranges, r)
	return r
}

// note extends the range of the walk to where it stands now. A walk that has stopped at "c" knows that nothing lies
// between its begin and "c", and nothing of what lies behind. One that has come to its end knows all up to the upper
// bound.
func (w *walk) note() {
	// TODO(week 3, day 2, task 4): implement note. Chapter: book/week3/day2-transactions.md#footprint
	//
	// Hint: w.seen is nil if nobody wants to know.
	// Hint: The iterator's key changes when it moves. Range.Upper has memory of its own.
	// Hint: Not valid: the end, or an error. In both cases, what does the walk claim to know?
	todo.Note("week 3 day 2 task 4", "walk.note")
	return
}
