// Package simple is the compaction policy that one can do in one's head: when level 0 has too many runs, all of it goes
// down; when a level is too large beside the one below, all of it goes down.
//
// What it strives for, with a Ratio of 4:
//
//	L0   a few runs, in the order in which they came       fewer than Runs
//	L1   one run                                           X bytes
//	L2   one run                                           4 X or more
//	L3   one run, the last level                           16 X or more
//
// Example:
//
//	task, ok := simple.Policy{Runs: 2}.Pick(tree)
//	fmt.Println(task) // merge L0@4 14, L0@3 13, L1 7 8 into L1: level 0 has 2 runs
package simple

import (
	"cmp"

	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// Policy moves whole levels. The zero value is ready for use.
type Policy struct {
	// Runs is how many runs of level 0 make it be merged into level 1. Default 4, at least 1.
	Runs int
	// Ratio is how many times as large as its upper neighbour a level should be, at least, from level 1 on. Default 4,
	// at least 1.
	Ratio int
	// Levels counts the levels, level 0 included, so the last is Levels−1. A tree that has deeper ones keeps and uses
	// them. Default 4, at least 2.
	Levels int
}

// withDefaults returns p with what is not set filled in.
func (p Policy) withDefaults() Policy {
	return Policy{Runs: max(cmp.Or(p.Runs, 4), 1), Ratio: max(cmp.Or(p.Ratio, 4), 1), Levels: max(cmp.Or(p.Levels, 4), 2)}
}

// Pick returns what is to be done next. Level 0 comes first: each of its runs is one more place for every read to look.
func (p Policy) Pick(t shape.Tree) (shape.Task, bool) {
	p = p.withDefaults()
	if task, ok := p.levelZero(t); ok {
		return task, true
	}
	return p.levels(t)
}

// Full returns the task that merges everything into one run on the last level.
func (p Policy) Full(t shape.Tree) (shape.Task, bool) {
	// TODO(week 2, day 2, task 4): implement Full. Chapter: book/week2/day2-simple-leveled.md#full
	//
	// Hint: last says which level is the last one.
	// Hint: A tree of one run is not empty: a merge still drops what nobody needs any more.
	panic(todo.Reached("week 2 day 2 task 4", "Policy.Full"))
}

// last returns the last level: that of the policy, or that of a tree which was made with more levels.
func (p Policy) last(t shape.Tree) int {
	if len(t.Runs) == 0 {
		return p.Levels - 1
	}
	return max(p.Levels-1, t.Runs[len(t.Runs)-1].Level)
}

// levelZero returns the merge of level 0 into level 1, if it has Runs runs or more.
func (p Policy) levelZero(t shape.Tree) (shape.Task, bool) {
	// TODO(week 2, day 2, task 2): implement levelZero. Chapter: book/week2/day2-simple-leveled.md#level-zero
	//
	// Hint: Count runs, not tables: a run of many tables, which another policy has left, is one place to look.
	panic(todo.Reached("week 2 day 2 task 2", "Policy.levelZero"))
}

// levels returns the merge of the deepest level that is too large beside its lower neighbour. The last level has none.
func (p Policy) levels(t shape.Tree) (shape.Task, bool) {
	// TODO(week 2, day 2, task 3): implement levels. Chapter: book/week2/day2-simple-leveled.md#levels
	//
	// Hint: A level that is empty is never too large. One whose lower neighbour is empty always is.
	// Hint: Exactly Ratio times as large is large enough.
	todo.Note("week 2 day 2 task 3", "Policy.levels")
	return shape.Task{}, false
}
