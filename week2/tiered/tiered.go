// Package tiered is the compaction policy that writes little: it lets runs pile up, and merges some that stand beside
// each other. It is known as universal compaction (RocksDB) and size-tiered compaction (Cassandra).
//
// Every run of the tree is a tier, whatever its level; they are looked at from the newest to the oldest:
//
//	L0@31   1 MB  ┐
//	L0@30   1 MB  ├ alike: these are merged, and the result stands at L0@28
//	L0@28   2 MB  ┘
//	L0@24  16 MB
//	L0@8   64 MB    the oldest, which holds most of the data
//
// Invariant: the inputs of a task are neighbours, none between them is left out, and the output stands at the place of
// the oldest. So time never runs backwards from one tier to the next.
//
// Example:
//
//	task, ok := tiered.Policy{Runs: 4}.Pick(tree)
package tiered

import (
	"cmp"
	"math"

	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// Policy merges neighbours. The zero value is ready for use.
type Policy struct {
	// Runs is the number of runs at which merging begins: a tree with fewer is left alone. Default 8, at least 2.
	Runs int
	// SpaceAmp is how many bytes all other runs together may have for each 100 of the oldest run, before everything is
	// merged. Default 200.
	SpaceAmp int
	// SizeRatio is by how many percent the next older run may be larger than the newer ones together, to be merged with
	// them. Default 1.
	SizeRatio int
	// MinWidth is how many runs are merged at least, if they are merged for their sizes. Default 2.
	MinWidth int
	// MaxWidth is how many runs are merged at most, MinWidth at least, unless it is everything. Default: no limit.
	MaxWidth int
}

// withDefaults returns p with what is not set filled in, and with what could never come to rest put right: a merge of
// one run changes nothing, so each takes two at least.
func (p Policy) withDefaults() Policy {
	return Policy{
		Runs:      max(cmp.Or(p.Runs, 8), 2),
		SpaceAmp:  cmp.Or(max(p.SpaceAmp, 0), 200),
		SizeRatio: cmp.Or(max(p.SizeRatio, 0), 1),
		MinWidth:  max(p.MinWidth, 2),
		MaxWidth:  max(cmp.Or(p.MaxWidth, math.MaxInt), p.MinWidth, 2),
	}
}

// Pick returns what is to be done next. Three reasons for a merge are looked for, in this order: too much space, runs
// of like sizes, too many runs.
func (p Policy) Pick(t shape.Tree) (shape.Task, bool) {
	// TODO(week 2, day 3, task 2): implement Pick. Chapter: book/week2/day3-tiered.md#space
	//
	// Hint: p.withDefaults() has what was not set filled in. A tree of fewer than Runs runs is left alone, whatever their sizes are.
	panic(todo.Reached("week 2 day 3 task 2", "Policy.Pick"))
}

// Full returns the task that merges everything.
func (p Policy) Full(t shape.Tree) (shape.Task, bool) {
	// TODO(week 2, day 3, task 1): implement Full. Chapter: book/week2/day3-tiered.md#merge
	//
	// Hint: A tree of one run is not empty: a merge still drops what nobody needs any more.
	panic(todo.Reached("week 2 day 3 task 1", "Policy.Full"))
}

// Merge returns the task that merges runs, which are neighbours in the tree, newest first, into one run at the place
// of the oldest.
func Merge(runs []shape.Run, reason string) shape.Task {
	// TODO(week 2, day 3, task 1): implement Merge. Chapter: book/week2/day3-tiered.md#merge
	//
	// Hint: A place is a level and an epoch. In a directory that another policy made, the oldest input may be a level.
	panic(todo.Reached("week 2 day 3 task 1", "Merge"))
}

// tooMuchSpace returns the merge of everything, if all runs but the oldest have SpaceAmp percent of its size, or more.
// In the worst case every key in them is in the oldest too, and that much of the disk is taken by what nobody can see.
func (p Policy) tooMuchSpace(runs []shape.Run) (shape.Task, bool) {
	// TODO(week 2, day 3, task 2): implement tooMuchSpace. Chapter: book/week2/day3-tiered.md#space
	//
	// Hint: Multiply, and do not divide: whole numbers lose what is behind the point.
	panic(todo.Reached("week 2 day 3 task 2", "Policy.tooMuchSpace"))
}

// alike returns the merge of the newest group of runs, MinWidth at least and MaxWidth at most, each of which is not
// much larger than those before it in the group together.
func (p Policy) alike(runs []shape.Run) (shape.Task, bool) {
	// TODO(week 2, day 3, task 3): implement alike. Chapter: book/week2/day3-tiered.md#ratio
	//
	// Hint: Try to begin a group at the newest run. If it stays too small, begin at the next.
	// Hint: The older run is compared with the sum of the group so far, and not with its neighbour alone.
	todo.Note("week 2 day 3 task 3", "Policy.alike")
	return shape.Task{}, false
}

// tooMany returns the merge of the newest runs, so many that one fewer than Runs remain, as far as MaxWidth allows
// that.
func (p Policy) tooMany(runs []shape.Run) (shape.Task, bool) {
	// TODO(week 2, day 3, task 4): implement tooMany. Chapter: book/week2/day3-tiered.md#count
	//
	// Hint: A merge of n runs leaves n−1 fewer.
	todo.Note("week 2 day 3 task 4", "Policy.tooMany")
	return shape.Task{}, false
}
