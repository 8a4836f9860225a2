//lab:day 2.4

// Package leveled is the compaction policy of LevelDB and RocksDB: each level is one sorted run, about ten times as
// large as the one above it, and data sinks from level to level a table at a time.
//
// Level 0 is different: it has a run for each flush, and they overlap. All of them together are merged into the base
// level. Sizes are planned from the bottom up, so that the bottom holds about nine tenths of the data however much that
// is:
//
//	L0  4 runs of 4 MiB     merged into the base level when there are four
//	L1 … L3                 empty, as long as the tree is small
//	L4  target    16 MiB    the base level
//	L5  target   100 MiB    a tenth of the bottom
//	L6         1,000 MiB    the bottom
//
// A policy looks at shapes and moves nothing; who carries its tasks out is the compactor of day 1.
//
//	task, ok := leveled.Policy{}.Pick(compaction.TreeOf(v))
//
// Invariant: nothing that stays is passed. Tasks go from a level to the next, and from level 0 to the base level, above
// which every level but 0 is empty.
package leveled

import (
	"cmp"

	"lsmlab/internal/shape"
)

// Policy holds the settings. Its zero value is ready to be used.
type Policy struct {
	// Runs of level 0 that are merged into the base level. Default 4.
	Runs int
	// BaseSize is the target size of the base level, in bytes. About what comes down from level 0 at once is best: much
	// more, and each merge rewrites a multiple of what it brings. Default 16 MiB, which is 4 runs of 4 MiB.
	BaseSize int64
	// Multiplier is how many times as large as the level above it a level should be. Default 10.
	Multiplier int
	// Levels is their number, level 0 included. A tree that has more keeps them. Default 7.
	Levels int
	// LeastOverlap chooses the table of a level whose merge rewrites the least, unless another has waited too long. It
	// writes about a third less. Default false: the table that has waited longest.
	LeastOverlap bool
}

// withDefaults returns the settings with defaults for those that are zero.
func (p Policy) withDefaults() Policy {
	p.Runs = cmp.Or(p.Runs, 4)
	p.BaseSize = cmp.Or(p.BaseSize, 16<<20)
	p.Multiplier = cmp.Or(p.Multiplier, 10)
	p.Levels = cmp.Or(p.Levels, 7)
	return p
}

// Pick returns the task of the level that needs it most. The tree is at rest, and ok false, if no level's score reaches
// 1.
//
// It always comes to rest: each task takes tables from a level to a deeper one, and none takes any up.
func (p Policy) Pick(t shape.Tree) (task shape.Task, ok bool) {
	// #region pick
	level, score := p.Urgent(t)
	switch {
	case score < 1:
		return shape.Task{}, false
	case level == 0:
		return p.mergeZero(t), true
	}
	return p.mergeLevel(t, level), true
	// #endregion
}

// sizes returns the bytes of each level from 0 to the bottom: Levels of them, or more if the tree has more.
func (p Policy) sizes(t shape.Tree) []int64 {
	bottom := max(1, p.Levels-1)
	if n := len(t.Runs); n > 0 {
		bottom = max(bottom, t.Runs[n-1].Level)
	}
	sizes := make([]int64, bottom+1)
	for _, r := range t.Runs {
		sizes[r.Level] += r.Size()
	}
	return sizes
}
