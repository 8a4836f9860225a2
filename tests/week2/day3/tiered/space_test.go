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

// With Runs: 4, three runs are left alone, however large they are. Four are looked at.
//
//lab:task 2 points=3
func TestPick_BelowRunsNothingHappens(t *testing.T) {
	p := tiered.Policy{Runs: 4, SpaceAmp: 200}
	picks(t, p.Pick, map[string]row{
		"four runs, too much": {labtest.Drawing(tiers(100, 100, 100, 100)),
			"merge L0@4 4, L0@3 3, L0@2 2, L0@1 1 into L0@1"},
		"three runs, too much": {labtest.Drawing(tiers(900, 900, 100)), "nothing"},
		"an empty tree":        {"", "nothing"},
	})
}

// SpaceAmp 200 says: the newer runs may have up to twice the bytes of the oldest. At exactly twice everything is
// merged, at one byte less it is not. The oldest run is the measure, as it holds nearly every key; if the newer ones
// hold nothing but new values for these, all they hold is doubled on disk.
//
//lab:task 2 points=3
func TestPick_SpaceAmplification(t *testing.T) {
	for _, c := range []struct {
		p     tiered.Policy
		sizes []int64
		all   bool
	}{
		{tiered.Policy{Runs: 3, SpaceAmp: 200}, []int64{1, 199, 100}, true},
		{tiered.Policy{Runs: 3, SpaceAmp: 200}, []int64{1, 198, 100}, false},
		{tiered.Policy{Runs: 3, SpaceAmp: 25}, []int64{5, 20, 100}, true},
		{tiered.Policy{Runs: 3, SpaceAmp: 25}, []int64{4, 20, 100}, false},
		{tiered.Policy{Runs: 3, SpaceAmp: 133}, []int64{1, 3, 3}, true}, // 4 beside 3 are 133.3 percent
		{tiered.Policy{Runs: 3, SpaceAmp: 134}, []int64{1, 3, 3}, false},
		{tiered.Policy{Runs: 3, SpaceAmp: 200}, []int64{1 << 40, 1 << 41, 1 << 40}, true},
	} {
		tree := tiers(c.sizes...)
		task, ok := c.p.Pick(tree)
		if _, width := takes(tree, task, ok); (width == len(c.sizes)) != c.all {
			t.Errorf("SpaceAmp %d, sizes %v, newest first: want a merge of everything: %v, got %s",
				c.p.SpaceAmp, c.sizes, c.all, labtest.Plan(task, ok))
		}
	}
}

// The oldest run is the last of the tree, and that may be a level of another policy. What is beside it on disk counts,
// wherever it stands.
//
//lab:task 2 points=2
func TestPick_EveryRunOfTheTreeIsATier(t *testing.T) {
	picks(t, tiered.Policy{Runs: 4, SpaceAmp: 100}.Pick, map[string]row{
		"levels": {"L0@9 9:10[a…b]\nL1 7:30[a…b] 6:10[x…z]\nL2 5:50[a…b]\nL5 1:100[a…b]",
			"merge L0@9 9, L1 7 6, L2 5, L5 1 into L5"},
	})
}

// A limit on the width of a merge does not hold for this one: to merge less than everything would leave the space
// taken.
//
//lab:task 2 points=2
func TestPick_SpaceIsFreedWhateverTheWidth(t *testing.T) {
	picks(t, tiered.Policy{Runs: 4, SpaceAmp: 100, MaxWidth: 2}.Pick, map[string]row{
		"four runs": {labtest.Drawing(tiers(50, 50, 50, 50)), "merge L0@4 4, L0@3 3, L0@2 2, L0@1 1 into L0@1"},
	})
}

// A policy that was never told anything works: eight runs, and twice the oldest.
//
//lab:task 2 points=1
func TestPick_ZeroPolicyHasDefaults(t *testing.T) {
	all := "merge L0@8 8, L0@7 7, L0@6 6, L0@5 5, L0@4 4, L0@3 3, L0@2 2, L0@1 1 into L0@1"
	picks(t, tiered.Policy{}.Pick, map[string]row{
		"eight runs": {labtest.Drawing(tiers(20, 20, 20, 20, 20, 20, 80, 100)), all},
		"seven runs": {labtest.Drawing(tiers(20, 20, 20, 20, 20, 80, 100)), "nothing"},
	})
}

// Random trees: wherever the reference merges everything for its space, so do you.
//
//lab:task 2 points=2 random
func TestPick_SpaceLikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runs, space := rapid.IntRange(0, 5).Draw(t, "Runs"), rapid.IntRange(0, 300).Draw(t, "SpaceAmp")
		tree := labtest.Trees().Filter(func(t shape.Tree) bool { return len(t.Runs) > 1 }).Draw(t, "tree")
		// The oldest run becomes small: there is too much space above it, or the tree has too few runs.
		tree.Runs[len(tree.Runs)-1].Tables = []shape.Table{{Number: 200, First: []byte("a"), Last: []byte("z")}}
		want := labtest.Plan(reftiered.Policy{Runs: runs, SpaceAmp: space}.Pick(tree))
		task, ok := tiered.Policy{Runs: runs, SpaceAmp: space}.Pick(tree)
		samePlan(t, tree, "picked", want, labtest.Plan(task, ok))
		if ok {
			require.NoError(t, task.Check(tree))
		}
	})
}
