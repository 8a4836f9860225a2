//lab:day 2.2

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
	"fmt"
	"slices"

	"lsmlab/internal/shape"
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
	// #region pick
	p = p.withDefaults()
	if task, ok := p.levelZero(t); ok {
		return task, true
	}
	return p.levels(t)
	// #endregion
}

// Full returns the task that merges everything into one run on the last level.
//
//lab:todo 4 simple-leveled#full
//lab:hint last says which level is the last one.
//lab:hint A tree of one run is not empty: a merge still drops what nobody needs any more.
func (p Policy) Full(t shape.Tree) (shape.Task, bool) {
	if len(t.Runs) == 0 {
		return shape.Task{}, false
	}
	bottom := shape.Place{Level: p.withDefaults().last(t)}
	return shape.Task{Inputs: slices.Clone(t.Runs), Output: bottom, Reason: "asked for"}, true
}

// last returns the last level: that of the policy, or that of a tree which was made with more levels.
func (p Policy) last(t shape.Tree) int {
	if len(t.Runs) == 0 {
		return p.Levels - 1
	}
	return max(p.Levels-1, t.Runs[len(t.Runs)-1].Level)
}

// levelZero returns the merge of level 0 into level 1, if it has Runs runs or more.
//
//lab:todo 2 simple-leveled#level-zero
//lab:hint Count runs, not tables: a run of many tables, which another policy has left, is one place to look.
func (p Policy) levelZero(t shape.Tree) (shape.Task, bool) {
	runs := len(t.Level(0))
	if runs < p.Runs {
		return shape.Task{}, false
	}
	return Down(t, 0, fmt.Sprintf("level 0 has %d runs", runs)), true
}

// levels returns the merge of the deepest level that is too large beside its lower neighbour. The last level has none.
//
//lab:todo 3 simple-leveled#levels
//lab:hint A level that is empty is never too large. One whose lower neighbour is empty always is.
//lab:hint Exactly Ratio times as large is large enough.
//lab:stub return shape.Task{}, false
func (p Policy) levels(t shape.Tree) (shape.Task, bool) {
	for level := p.last(t) - 1; level >= 1; level-- {
		upper, lower := size(t.Level(level)), size(t.Level(level+1))
		if upper > 0 && lower < upper*int64(p.Ratio) {
			reason := fmt.Sprintf("level %d has %d bytes, level %d only %d", level, upper, level+1, lower)
			return Down(t, level, reason), true
		}
	}
	return shape.Task{}, false
}

// size returns the bytes of all runs of a level.
//
//lab:omit
func size(runs []shape.Run) (sum int64) {
	for _, r := range runs {
		sum += r.Size()
	}
	return sum
}
