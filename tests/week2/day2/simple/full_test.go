package simple_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/simple"
	refsimple "lsmlab/solution/week2/simple"
)

// A full compaction reads everything and leaves one run, on the last level: that is where the tree keeps most of its
// data, and where nothing has to be moved again. It does not matter whether anything is too large.
//
//lab:task 4 points=3
func TestFull_EverythingToTheLastLevel(t *testing.T) {
	plans(t, simple.Policy{}.Full, map[string]struct{ tree, want string }{
		"all levels": {"L0@9 9:1[a…b] 8:1[c…d]\nL0@7 7:1[a…b]\nL1 6:1[x…y]\nL3 5:1[k…l] 4:1[m…n]",
			"merge L0@9 9 8, L0@7 7, L1 6, L3 5 4 into L3"},
		"level 0 alone":    {"L0@9 9:1[a…b]", "merge L0@9 9 into L3"},
		"an empty tree":    {"", "nothing"},
		"the levels above": {"L1 2:1[a…b]\nL2 1:1[a…b]", "merge L1 2, L2 1 into L3"},
	})
	plans(t, simple.Policy{Levels: 2}.Full, map[string]struct{ tree, want string }{
		"two levels": {"L0@9 9:1[a…b]", "merge L0@9 9 into L1"},
	})
}

// One run on the last level may still hold what nobody needs: versions that a snapshot has kept, tombstones with
// nothing below. Who asks for a full compaction wants it merged.
//
//lab:task 4 points=1
func TestFull_OneRunIsMergedToo(t *testing.T) {
	plans(t, simple.Policy{}.Full, map[string]struct{ tree, want string }{
		"one run": {"L3 1:1[a…b] 2:1[c…d]", "merge L3 1 2 into L3"},
	})
}

// Whoever gets the task may change it. If its inputs are the tree's own slice, that changes the tree, behind the back
// of everyone who looks at it.
//
//lab:task 4 points=1
func TestFull_LeavesTheTreeAlone(t *testing.T) {
	tree := labtest.Tree(t, "L0@9 9:1[a…b]\nL3 1:1[a…b]")
	before := labtest.Drawing(tree)
	task, ok := simple.Policy{}.Full(tree)
	require.True(t, ok)
	clear(task.Inputs)
	require.Equal(t, before, labtest.Drawing(tree), "the tree after the caller has used the task")
}

// The directory of another policy is deeper than Levels. Its last level is the last: nothing moves up.
//
//lab:task 4 points=2
func TestFull_NothingMovesUp(t *testing.T) {
	plans(t, simple.Policy{Levels: 4}.Full, map[string]struct{ tree, want string }{
		"seven levels": {"L0@9 9:1[a…b]\nL6 1:1[a…b]", "merge L0@9 9, L6 1 into L6"},
	})
}

// Random trees: one task that is legal, and takes every table. What comes of it is at
// rest.
//
//lab:task 4 points=2 random
func TestFull_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := labtest.Trees().Draw(t, "tree")
		levels := rapid.IntRange(0, 8).Draw(t, "Levels")
		task, ok := simple.Policy{Levels: levels}.Full(tree)
		want := labtest.Plan(refsimple.Policy{Levels: levels}.Full(tree))
		same(t, tree, "full compaction", want, labtest.Plan(task, ok))
		if !ok {
			return
		}
		_, merges := settle(t, simple.Policy{Levels: levels}, labtest.Merged(t, tree, task))
		require.Zero(t, merges, "merges after a full compaction, of the tree\n%s", labtest.Drawing(tree))
	})
}
