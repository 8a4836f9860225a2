//lab:day 2.2

package simple

import (
	"bytes"

	"lsmlab/internal/shape"
)

// Down returns the task that merges all of a level, which is not empty, into the next one. Of that, only the tables
// which overlap with what comes are inputs; the others stay as they are, and the new tables take their place between
// them.
//
// In a level of several runs (no policy of ours makes one below level 0, but a tree may have one), a table that is
// merged moves down past the older runs of its own level. So what overlaps with it has to come along too.
//
//lab:todo 1 simple-leveled#down
//lab:hint Inputs are newest first: the runs of the level in their order, then those of the next.
//lab:hint shape.Span gives the ends of what you have so far. A run that has nothing in between is not an input at all.
func Down(t shape.Tree, level int, reason string) shape.Task {
	task := shape.Task{Inputs: t.Level(level), Output: shape.Place{Level: level + 1}, Reason: reason}
	for _, r := range t.Level(level + 1) {
		first, last := shape.Span(task.Tables())
		if r.Tables = Overlapping(r.Tables, first, last); len(r.Tables) > 0 {
			task.Inputs = append(task.Inputs, r)
		}
	}
	return task
}

// Overlapping returns the tables that may hold a user key from first to last, both included, in their order. It gives a
// new slice: tables belongs to the tree.
//
//lab:todo 1 simple-leveled#down
//lab:hint A table whose last key is exactly first may hold an older version of that very key.
func Overlapping(tables []shape.Table, first, last []byte) []shape.Table {
	var found []shape.Table
	for _, table := range tables {
		if bytes.Compare(table.Last, first) >= 0 && bytes.Compare(table.First, last) <= 0 {
			found = append(found, table)
		}
	}
	return found
}
