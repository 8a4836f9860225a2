package simple_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/simple"
	refsimple "lsmlab/solution/week2/simple"
)

// With Ratio 4, level 2 should have four times the bytes of level 1. Exactly four times is right; one byte less is
// not. The lower level is the larger one: that is the whole idea, and the other way round the tree never settles.
//
//lab:task 3 points=3
func TestPick_LowerLevelIsRatioTimesTheUpper(t *testing.T) {
	plans(t, simple.Policy{Ratio: 4, Levels: 3}.Pick, map[string]struct{ tree, want string }{
		"exactly four times":  {"L1 2:100[a…z]\nL2 1:400[a…z]", "nothing"},
		"one byte less":       {"L1 2:100[a…z]\nL2 1:399[a…z]", "merge L1 2, L2 1 into L2"},
		"much more":           {"L1 2:100[a…z]\nL2 1:9000[a…z]", "nothing"},
		"the upper is larger": {"L1 2:900[a…z]\nL2 1:100[a…z]", "merge L1 2, L2 1 into L2"},
		"in several tables":   {"L1 4:50[a…c] 3:50[e…g]\nL2 2:200[a…d] 1:199[g…z]", "merge L1 4 3, L2 2 1 into L2"},
	})
	plans(t, simple.Policy{}.Pick, map[string]struct{ tree, want string }{
		"level 2 beside level 3": {"L1 3:1[a…z]\nL2 2:100[a…z]\nL3 1:399[a…z]", "merge L2 2, L3 1 into L3"},
	})
	plans(t, simple.Policy{Ratio: 2, Levels: 3}.Pick, map[string]struct{ tree, want string }{
		"exactly twice":       {"L1 2:100[a…z]\nL2 1:200[a…z]", "nothing"},
		"one byte below that": {"L1 2:100[a…z]\nL2 1:199[a…z]", "merge L1 2, L2 1 into L2"},
	})
}

// Nothing below means that nothing can be too small beside it: level 1 goes down, step by step, until it lies on the
// last level. There it stays. A level that is empty has nothing to give.
//
//lab:task 3 points=3
func TestPick_EmptyLevels(t *testing.T) {
	plans(t, simple.Policy{Levels: 4}.Pick, map[string]struct{ tree, want string }{
		"nothing below":            {"L1 1:5[a…z]", "merge L1 1 into L2"},
		"a gap":                    {"L1 2:5[a…z]\nL3 1:500[a…z]", "merge L1 2 into L2"},
		"only the last level":      {"L3 1:5[a…z]", "nothing"},
		"an empty level above":     {"L2 2:5[a…z]\nL3 1:20[a…z]", "nothing"},
		"one level above the last": {"L2 2:5[a…z]", "merge L2 2 into L3"},
		"only level 0, too few":    {"L0@1 1:5[a…z]", "nothing"},
	})
	plans(t, simple.Policy{Levels: 2}.Pick, map[string]struct{ tree, want string }{
		"level 1 is the last": {"L1 1:5[a…z]", "nothing"},
	})
}

// Levels 1 and 2 are both too large. If level 1 goes first, its bytes are written into level 2 and a moment later
// again into level 3. If level 2 makes room first, level 1 falls into an empty level.
//
//lab:task 3 points=2
func TestPick_DeepestLevelFirst(t *testing.T) {
	plans(t, simple.Policy{}.Pick, map[string]struct{ tree, want string }{
		"both too large": {"L1 3:10[a…z]\nL2 2:30[a…z]\nL3 1:50[a…z]", "merge L2 2, L3 1 into L3"},
	})
	tree, merges := settle(t, simple.Policy{}, labtest.Tree(t, "L1 3:10[a…z]\nL2 2:30[a…z]\nL3 1:50[a…z]"))
	require.Equal(t, 2, merges, "merges until the tree is at rest")
	require.Equal(t, "L2      3[a…z]\nL3      4[a…z]\n", renumber(tree).String())
}

// renumber gives tables that a test has made the numbers from 3 on, from the top.
func renumber(tree shape.Tree) shape.Tree {
	for i := range tree.Runs {
		tree.Runs[i].Tables[0].Number = uint64(i + 3)
	}
	return tree
}

// Leveled compaction has used seven levels in this directory, and you were told to use four. The deep levels hold most
// of the data. They are levels like all others: what is above them is compared with them, and goes down to them.
//
//lab:task 3 points=2
func TestPick_KeepsTheLevelsOfAnotherPolicy(t *testing.T) {
	plans(t, simple.Policy{Levels: 4}.Pick, map[string]struct{ tree, want string }{
		"level 5 is too large":      {"L4 3:10[a…z]\nL5 2:300[a…z]\nL6 1:1000[c…d]", "merge L5 2, L6 1 into L6"},
		"level 3 above empty ones":  {"L3 2:10[a…z]\nL6 1:1000[a…z]", "merge L3 2 into L4"},
		"level 6 is the last":       {"L6 1:1000[a…z]", "nothing"},
		"it is as it should be":     {"L4 3:10[a…z]\nL5 2:40[a…z]\nL6 1:160[a…z]", "nothing"},
		"the last of the four, too": {"L3 3:10[a…z]\nL4 2:30[a…b]", "merge L3 3, L4 2 into L4"},
	})
}

// A tree is at rest when level 0 has fewer than Runs runs and each level Ratio times the bytes of the one above. From
// any legal tree a policy has to come to rest: a store where nothing is written should not be busy.
//
//lab:task 3 points=3 random
func TestPick_ComesToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := simple.Policy{
			Runs:   rapid.IntRange(1, 5).Draw(t, "Runs"),
			Ratio:  rapid.IntRange(1, 10).Draw(t, "Ratio"),
			Levels: rapid.IntRange(2, 8).Draw(t, "Levels"),
		}
		tree, _ := settle(t, p, labtest.Trees().Draw(t, "tree"))
		require.Less(t, len(tree.Level(0)), p.Runs, "runs on level 0 of a tree at rest:\n%s", labtest.Drawing(tree))
		last := p.Levels - 1
		for _, r := range tree.Runs {
			last = max(last, r.Level)
		}
		for level := 1; level < last; level++ {
			require.GreaterOrEqual(t, bytesOf(tree, level+1), int64(p.Ratio)*bytesOf(tree, level),
				"bytes of level %d, below the %d of level %d, in a tree at rest:\n%s",
				level+1, bytesOf(tree, level), level, labtest.Drawing(tree))
		}
	})
}

// Random trees: yours must pick what the reference picks, table for table.
//
//lab:task 3 points=2 random
func TestPick_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := labtest.Trees().Draw(t, "tree")
		runs, ratio := rapid.IntRange(0, 9).Draw(t, "Runs"), rapid.IntRange(0, 10).Draw(t, "Ratio")
		levels := rapid.IntRange(0, 8).Draw(t, "Levels")
		want := labtest.Plan(refsimple.Policy{Runs: runs, Ratio: ratio, Levels: levels}.Pick(tree))
		same(t, tree, "picked", want, labtest.Plan(simple.Policy{Runs: runs, Ratio: ratio, Levels: levels}.Pick(tree)))
	})
}
