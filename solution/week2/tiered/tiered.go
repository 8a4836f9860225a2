//lab:day 2.3

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
	"fmt"
	"math"
	"slices"

	"lsmlab/internal/shape"
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
	// #region defaults
	return Policy{
		Runs:      max(cmp.Or(p.Runs, 8), 2),
		SpaceAmp:  cmp.Or(max(p.SpaceAmp, 0), 200),
		SizeRatio: cmp.Or(max(p.SizeRatio, 0), 1),
		MinWidth:  max(p.MinWidth, 2),
		MaxWidth:  max(cmp.Or(p.MaxWidth, math.MaxInt), p.MinWidth, 2),
	}
	// #endregion
}

// Pick returns what is to be done next. Three reasons for a merge are looked for, in this order: too much space, runs
// of like sizes, too many runs.
//
//lab:todo 2 tiered#space
//lab:hint p.withDefaults() has what was not set filled in. A tree of fewer than Runs runs is left alone, whatever their sizes are.
func (p Policy) Pick(t shape.Tree) (shape.Task, bool) {
	p = p.withDefaults()
	if len(t.Runs) < p.Runs {
		return shape.Task{}, false
	}
	for _, reason := range []func([]shape.Run) (shape.Task, bool){p.tooMuchSpace, p.alike, p.tooMany} {
		if task, ok := reason(t.Runs); ok {
			return task, true
		}
	}
	return shape.Task{}, false
}

// Full returns the task that merges everything.
//
//lab:todo 1 tiered#merge
//lab:hint A tree of one run is not empty: a merge still drops what nobody needs any more.
func (p Policy) Full(t shape.Tree) (shape.Task, bool) {
	if len(t.Runs) == 0 {
		return shape.Task{}, false
	}
	return Merge(t.Runs, "asked for"), true
}

// Merge returns the task that merges runs, which are neighbours in the tree, newest first, into one run at the place
// of the oldest.
//
//lab:todo 1 tiered#merge
//lab:hint A place is a level and an epoch. In a directory that another policy made, the oldest input may be a level.
func Merge(runs []shape.Run, reason string) shape.Task {
	return shape.Task{Inputs: slices.Clone(runs), Output: runs[len(runs)-1].Place, Reason: reason}
}

// tooMuchSpace returns the merge of everything, if all runs but the oldest have SpaceAmp percent of its size, or more.
// In the worst case every key in them is in the oldest too, and that much of the disk is taken by what nobody can see.
//
//lab:todo 2 tiered#space
//lab:hint Multiply, and do not divide: whole numbers lose what is behind the point.
func (p Policy) tooMuchSpace(runs []shape.Run) (shape.Task, bool) {
	oldest := runs[len(runs)-1].Size()
	newer := size(runs) - oldest
	if newer*100 < oldest*int64(p.SpaceAmp) {
		return shape.Task{}, false
	}
	return Merge(runs, fmt.Sprintf("%d bytes stand above the %d of the oldest run", newer, oldest)), true
}

// alike returns the merge of the newest group of runs, MinWidth at least and MaxWidth at most, each of which is not
// much larger than those before it in the group together.
//
//lab:todo 3 tiered#ratio
//lab:hint Try to begin a group at the newest run. If it stays too small, begin at the next.
//lab:hint The older run is compared with the sum of the group so far, and not with its neighbour alone.
//lab:stub return shape.Task{}, false
func (p Policy) alike(runs []shape.Run) (shape.Task, bool) {
	for from := range runs {
		to, sum := from+1, runs[from].Size()
		for to < len(runs) && to-from < p.MaxWidth && sum*int64(100+p.SizeRatio) >= runs[to].Size()*100 {
			sum += runs[to].Size()
			to++
		}
		if to-from >= p.MinWidth {
			return Merge(runs[from:to], fmt.Sprintf("%d runs are alike", to-from)), true
		}
	}
	return shape.Task{}, false
}

// tooMany returns the merge of the newest runs, so many that one fewer than Runs remain, as far as MaxWidth allows
// that.
//
//lab:todo 4 tiered#count
//lab:hint A merge of n runs leaves n−1 fewer.
//lab:stub return shape.Task{}, false
func (p Policy) tooMany(runs []shape.Run) (shape.Task, bool) {
	width := min(len(runs)-p.Runs+2, p.MaxWidth)
	return Merge(runs[:width], fmt.Sprintf("there are %d runs", len(runs))), true
}

// size returns the bytes of runs together.
//
//lab:omit
func size(runs []shape.Run) (sum int64) {
	for _, r := range runs {
		sum += r.Size()
	}
	return sum
}
