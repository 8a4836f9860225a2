package compaction

import (
	"bytes"

	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// Edit returns what a task does to a tree, now that it is done: runs that lose tables go and come again without them, and the
// outputs come to the task's place, beside the tables there that were not merged. There may be none; they come in any order.
//
// now need not be the tree that the task was picked for. It has all of the task's inputs, and may have got other runs since.
// Runs of which nothing changes are not in the edit.
func Edit(now shape.Tree, task shape.Task, outputs []shape.Table) shape.Edit {
	// TODO(week 2, day 1, task 1): implement Edit. Chapter: book/week2/day1-compaction.md#edit
	//
	// Hint: A table is known by its number. Its index, or the index of its run, may have changed since the task was picked.
	// Hint: Four kinds of runs: nothing of it merged; all of it; some of it; and the one at the output's place.
	// Hint: A run of no tables is not a run.
	panic(todo.Reached("week 2 day 1 task 1", "Edit"))
}

// byFirst orders tables by their smallest keys.
func byFirst(a, b shape.Table) int { return bytes.Compare(a.First, b.First) }
