package tiered_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/tiered"
	reftiered "lsmlab/solution/week2/tiered"
)

// What comes of a merge holds versions that are as old as the oldest input, so it takes that one's place, level and epoch.
// Versions only ever move down the tree: so nothing older gets above something newer, whatever else stands there.
//
//lab:task 1 points=3
func TestMerge_OutputStandsAtTheOldestInput(t *testing.T) {
	for _, c := range []struct{ name, tree, want string }{
		{"all of level 0", "L0@9 9:1[a…b]\nL0@7 7:1[a…b]\nL0@4 4:1[a…b]", "merge L0@9 9, L0@7 7, L0@4 4 into L0@4"},
		{"runs of many tables", "L0@9 9:1[a…b] 8:1[c…d]\nL0@4 4:1[a…b] 3:1[c…d]", "merge L0@9 9 8, L0@4 4 3 into L0@4"},
		{"one run", "L0@9 9:1[a…b]", "merge L0@9 9 into L0@9"},
		{"levels of another policy", "L0@9 9:1[a…b]\nL1 7:1[a…b]\nL3 3:1[a…b]", "merge L0@9 9, L1 7, L3 3 into L3"},
	} {
		tree := labtest.Tree(t, c.tree)
		task := tiered.Merge(tree.Runs, "because")
		samePlan(t, tree, c.name, c.want, labtest.Plan(task, true))
		require.Equal(t, "because", task.Reason, "%s", c.name)
		require.NoError(t, task.Check(tree), "%s", c.name)
	}
}

// The runs that are merged are a part of the tree, and the tree is not yours. Who gets the task may change it, for
// instance append another run to its inputs: in a slice that is shared, that would overwrite the next run of the tree.
//
//lab:task 1 points=2
func TestMerge_SharesNoSliceWithTheTree(t *testing.T) {
	tree := tiers(1, 1, 1, 1)
	task := tiered.Merge(tree.Runs[1:3], "two in the middle")
	_ = append(task.Inputs, shape.Run{})
	task.Inputs[0] = shape.Run{}
	require.Equal(t, labtest.Drawing(tiers(1, 1, 1, 1)), labtest.Drawing(tree), "the tree after the caller has used the task")
}

// A full compaction merges all runs, on whatever levels they stand, to the place of the oldest: there is nothing
// below, so tombstones can go. One run alone is merged too, since it may hold what nobody needs any more.
//
//lab:task 1 points=3
func TestFull_MergesEverything(t *testing.T) {
	picks(t, tiered.Policy{MaxWidth: 2}.Full, map[string]row{
		"three runs": {"L0@9 9:1[a…b]\nL0@7 7:50[a…b]\nL0@4 4:1[a…b]",
			"merge L0@9 9, L0@7 7, L0@4 4 into L0@4"},
		"one run":                  {"L0@9 9:1[a…b] 8:1[c…d]", "merge L0@9 9 8 into L0@9"},
		"levels of another policy": {"L0@9 9:1[a…b]\nL1 7:1[a…b]\nL6 3:1[a…b]", "merge L0@9 9, L1 7, L6 3 into L6"},
		"an empty tree":            {"", "nothing"},
	})
}

// Random trees: a legal task, of every run, and the same as the reference's.
//
//lab:task 1 points=2 random
func TestFull_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := labtest.Trees().Draw(t, "tree")
		task, ok := tiered.Policy{}.Full(tree)
		samePlan(t, tree, "full compaction", labtest.Plan(reftiered.Policy{}.Full(tree)), labtest.Plan(task, ok))
		if ok {
			require.NoError(t, task.Check(tree))
			require.Len(t, labtest.Merged(t, tree, task).Runs, 1)
		}
	})
}
