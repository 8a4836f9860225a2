// Package shape is the vocabulary of compaction policies: what a tree looks like from outside, without its data.
//
// A policy is a pure function from a Tree to a Task. Whoever carries the task out, an engine over files or a simulator over
// numbers, gives back the tables that came of it. So a policy can be tried on a thousand trees in a second.
//
//	tree := shape.Tree{Runs: []shape.Run{
//		{Level: 0, Epoch: 12, Tables: []shape.Table{{Number: 13, Size: 4 << 20, First: []byte("a"), Last: []byte("t")}}},
//		{Level: 1, Tables: …},
//	}}
//	task, ok := policy.Pick(tree)
//
// It is given, and there is one copy of it.
package shape

import (
	"cmp"
	"fmt"
	"strings"
)

// Table is what a policy knows of a table.
type Table struct {
	// Number of the file. A table that was made later has a higher one.
	Number uint64
	// Size of the file in bytes.
	Size int64
	// First and Last are the smallest and the largest user key; both are in the table.
	First, Last []byte
}

// Overlaps reports whether a and b both may hold one user key: both ends belong to a table.
func (a Table) Overlaps(b Table) bool {
	return string(a.First) <= string(b.Last) && string(b.First) <= string(a.Last)
}

// Place is where a run stands in a tree. There is one run at most at a place.
type Place struct {
	// Level counts from 0, where flushed memtables arrive: the higher, the older.
	Level int
	// Epoch orders the runs of one level: the higher, the newer. Levels that have one run at most use 0.
	Epoch uint64
}

// Compare is below 0 if what stands at p is newer than what stands at q.
func (p Place) Compare(q Place) int {
	if c := cmp.Compare(p.Level, q.Level); c != 0 {
		return c
	}
	return cmp.Compare(q.Epoch, p.Epoch)
}

// String returns the place as drawings show it: "L0@12", "L3".
func (p Place) String() string {
	if p.Epoch == 0 {
		return fmt.Sprintf("L%d", p.Level)
	}
	return fmt.Sprintf("L%d@%d", p.Level, p.Epoch)
}

// Run is a sorted run: tables that do not overlap, in the order of their keys, at least one.
type Run struct {
	Place
	Tables []Table
}

// Size returns the bytes of all tables.
func (r Run) Size() int64 { return Size(r.Tables) }

// Size returns the bytes of tables together.
func Size(tables []Table) (sum int64) {
	for _, t := range tables {
		sum += t.Size
	}
	return sum
}

// Tree is the shape of a version: its runs of tables, newest first, which is by level ascending, and within a level by epoch
// descending. Memtables are not in it. A Tree is not changed by who is given one.
type Tree struct{ Runs []Run }

// At returns the run at a place; ok is false if there is none.
func (t Tree) At(p Place) (r Run, ok bool) {
	for _, r := range t.Runs {
		if r.Place == p {
			return r, true
		}
	}
	return Run{Place: p}, false
}

// Level returns the runs of a level, newest first.
func (t Tree) Level(n int) []Run {
	var runs []Run
	for _, r := range t.Runs {
		if r.Level == n {
			runs = append(runs, r)
		}
	}
	return runs
}

// Size returns the bytes of all tables.
func (t Tree) Size() (sum int64) {
	for _, r := range t.Runs {
		sum += r.Size()
	}
	return sum
}

// String draws the tree, a run a line.
func (t Tree) String() string {
	var b strings.Builder
	for _, r := range t.Runs {
		fmt.Fprintf(&b, "%-7s", r.Place)
		for _, table := range r.Tables {
			fmt.Fprintf(&b, " %d[%s…%s]", table.Number, table.First, table.Last)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Task is a merge to be done.
type Task struct {
	// Inputs are what is merged, newest first: runs of the tree, each with all of its tables or with some. A run of which only
	// some are merged keeps the others.
	Inputs []Run
	// Output is the place of what comes of it. If the tree has a run there, that run's tables which are not inputs and the new
	// ones become one run.
	Output Place
	// Reason says why, for people: "level 0 has 4 runs".
	Reason string
}

// Tables returns all tables that are merged, those of the newest run first.
func (t Task) Tables() []Table {
	var all []Table
	for _, r := range t.Inputs {
		all = append(all, r.Tables...)
	}
	return all
}

// String returns the task for people: "merge L0@12 13, L1 7 8 into L1: level 0 has 4 runs".
func (t Task) String() string {
	var b strings.Builder
	b.WriteString("merge")
	for i, r := range t.Inputs {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %s", r.Place)
		for _, table := range r.Tables {
			fmt.Fprintf(&b, " %d", table.Number)
		}
	}
	fmt.Fprintf(&b, " into %s: %s", t.Output, t.Reason)
	return b.String()
}

// Edit is what a task does to a tree: runs that go, runs that come. A run that changes goes and comes.
type Edit struct{ Drop, Add []Run }

// Policy decides what is merged. Its methods are pure: the same tree gives the same task.
type Policy interface {
	// Pick returns what is to be done next; ok is false if the tree is as it should be.
	Pick(t Tree) (task Task, ok bool)
	// Full returns the task that merges everything; ok is false if the tree is empty.
	Full(t Tree) (task Task, ok bool)
}
