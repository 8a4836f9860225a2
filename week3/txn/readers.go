package txn

import (
	"cmp"
	"slices"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// reader stands for the open transactions that read at one number.
type reader struct {
	at    kv.Seq
	count int // at least 1
}

// Begin counts a transaction in: it calls take for its snapshot, and returns the number of that.
func (o *Oracle) Begin(take func() kv.Seq) kv.Seq {
	// TODO(week 3, day 4, task 2): implement Begin. Chapter: book/week3/day4-serializable.md#readers
	//
	// Hint: What may happen between take and the moment when you have counted its number in?
	// Hint: Many transactions may read at one number. o.findLocked says where a number is, or belongs.
	todo.Note("week 3 day 4 task 2", "Oracle.Begin")
	return take()
}

// End counts a transaction out that has begun at this number.
func (o *Oracle) End(at kv.Seq) {
	// TODO(week 3, day 4, task 2): implement End. Chapter: book/week3/day4-serializable.md#readers
	//
	// Hint: The last one of a number takes the number with it.
	// Hint: If it was the oldest, something can be forgotten. Who would do it if nobody writes any more?
	todo.Note("week 3 day 4 task 2", "Oracle.End")
	return
}

// findLocked returns where the readers at a number are, or where they belong if there are none.
func (o *Oracle) findLocked(at kv.Seq) (i int, found bool) {
	return slices.BinarySearchFunc(o.readers, at, func(r reader, at kv.Seq) int { return cmp.Compare(r.at, at) })
}

// forgetLocked forgets what no commit will ask about, neither of an open transaction nor of one to come.
func (o *Oracle) forgetLocked() {
	// TODO(week 3, day 4, task 2): implement forgetLocked. Chapter: book/week3/day4-serializable.md#forget
	//
	// Hint: The oldest open snapshot needs what is above it. And the next one, if it is taken this moment?
	// Hint: Before Opened nobody can say how far writes are visible.
	todo.Note("week 3 day 4 task 2", "Oracle.forgetLocked")
	return
}
