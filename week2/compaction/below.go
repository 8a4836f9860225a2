package compaction

import (
	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// Below returns the runs of a tree that are older than everything a task merges, and stay: where an older version of a merged
// key may still lie. Of a tree that Task.Check has seen, these are the runs behind the output's place.
func Below(tree shape.Tree, task shape.Task) []shape.Run {
	// TODO(week 2, day 1, task 4): implement Below. Chapter: book/week2/day1-compaction.md#below
	//
	// Hint: Place.Compare tells which of two places is older.
	// Hint: Newer runs, and what stays between inputs and output: why can none of them hold an older version of a merged key?
	todo.Note("week 2 day 1 task 4", "Below")
	return tree.Runs
}

// below knows of user keys, which it is asked about in ascending order, whether an older run may hold them. It holds one place
// in each of these runs, and moves it forward: a whole merge looks at each table below once, however many keys there are.
type below struct {
	// rest are the tables of each run that do not end before the key asked about last.
	rest [][]shape.Table
}

// newBelow returns a below that stands before the first key.
func newBelow(runs []shape.Run) *below {
	b := &below{}
	for _, r := range runs {
		b.rest = append(b.rest, r.Tables)
	}
	return b
}

// mayHold reports whether a table of the runs below may hold user: whether user lies within its ends, both included. No key
// that it is asked about is smaller than the one before. It allocates nothing.
func (b *below) mayHold(user []byte) bool {
	// TODO(week 2, day 1, task 4): implement mayHold. Chapter: book/week2/day1-compaction.md#bottom
	//
	// Hint: Tables of a run are in order. A table that ends before user ends before all keys that come later, too.
	// Hint: What is left begins with the only table of the run that may hold user. It may also begin behind user: a gap.
	// Hint: "no" is dangerous, "yes" only costs space. When is it certain that no run holds the key?
	todo.Note("week 2 day 1 task 4", "below.mayHold")
	return true
}
