package leveled

import (
	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// mergeZero returns the task that merges all runs of level 0, of which there is one at least, into the base level. All
// of them: a newer run must not pass an older one, and each merge rewrites most of the base level, so it should be
// worth it.
func (p Policy) mergeZero(t shape.Tree) shape.Task {
	// TODO(week 2, day 4, task 3): implement mergeZero. Chapter: book/week2/day4-leveled.md#zero
	//
	// Hint: The tree is a value that others look at too: append to a copy of its runs, never to the slice itself.
	panic(todo.Reached("week 2 day 4 task 3", "Policy.mergeZero"))
}

// into returns the task that merges inputs, runs from above a level, into that level, with all tables of the level that
// lie between the ends of the inputs.
//
// Those that no input overlaps are taken too: where the new tables will be cut is not known yet, and one of them may
// reach over such a gap.
func into(t shape.Tree, level int, inputs []shape.Run, reason string) shape.Task {
	// TODO(week 2, day 4, task 3): implement into. Chapter: book/week2/day4-leveled.md#overlap
	//
	// Hint: shape.Span gives the two ends of all inputs together. Task.Tables gives the tables.
	// Hint: A run without tables is no run: if nothing overlaps, nothing is added to the inputs.
	panic(todo.Reached("week 2 day 4 task 3", "into"))
}

// overlapping returns those tables of a run, which are in the order of their keys, that may hold a key from first to
// last, both included. They stand side by side, so it is a piece of the slice, which is not to be changed.
func overlapping(tables []shape.Table, first, last []byte) []shape.Table {
	// TODO(week 2, day 4, task 3): implement overlapping. Chapter: book/week2/day4-leveled.md#overlap
	//
	// Hint: Asking each would do. But the bonus asks once for each table of a level: binary search is worth it.
	// Hint: The first of them is the first that does not end before first; the one behind them begins behind last.
	panic(todo.Reached("week 2 day 4 task 3", "overlapping"))
}

// Full returns the task that merges everything into the bottom. Only an empty tree has nothing to merge.
func (p Policy) Full(t shape.Tree) (task shape.Task, ok bool) {
	// TODO(week 2, day 4, task 3): implement Full. Chapter: book/week2/day4-leveled.md#full
	//
	// Hint: All runs, newest first: that is how the tree has them. But the task gets a slice of its own.
	panic(todo.Reached("week 2 day 4 task 3", "Policy.Full"))
}

// mergeLevel returns the task that merges one table of a level, which has tables and is neither level 0 nor the bottom,
// into the level below it.
func (p Policy) mergeLevel(t shape.Tree, level int) shape.Task {
	// TODO(week 2, day 4, task 4): implement mergeLevel. Chapter: book/week2/day4-leveled.md#level
	//
	// Hint: One table of this level, and what it meets on the next. The rest of both levels stays as it is.
	panic(todo.Reached("week 2 day 4 task 4", "Policy.mergeLevel"))
}
