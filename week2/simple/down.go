package simple

import (
	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// Down returns the task that merges all of a level, which is not empty, into the next one. Of that, only the tables
// which overlap with what comes are inputs; the others stay as they are, and the new tables take their place between
// them.
//
// In a level of several runs (no policy of ours makes one below level 0, but a tree may have one), a table that is
// merged moves down past the older runs of its own level. So what overlaps with it has to come along too.
func Down(t shape.Tree, level int, reason string) shape.Task {
	// TODO(week 2, day 2, task 1): implement Down. Chapter: book/week2/day2-simple-leveled.md#down
	//
	// Hint: Inputs are newest first: the runs of the level in their order, then those of the next.
	// Hint: shape.Span gives the ends of what you have so far. A run that has nothing in between is not an input at all.
	panic(todo.Reached("week 2 day 2 task 1", "Down"))
}

// Overlapping returns the tables that may hold a user key from first to last, both included, in their order. It gives a
// new slice: tables belongs to the tree.
func Overlapping(tables []shape.Table, first, last []byte) []shape.Table {
	// TODO(week 2, day 2, task 1): implement Overlapping. Chapter: book/week2/day2-simple-leveled.md#down
	//
	// Hint: A table whose last key is exactly first may hold an older version of that very key.
	panic(todo.Reached("week 2 day 2 task 1", "Overlapping"))
}
