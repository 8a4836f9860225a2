package tiered_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/tiered"
	reftiered "lsmlab/solution/week2/tiered"
)

// Each run is much larger than the one before, so there is no group, and the space is fine. But there are four runs,
// and Runs: 4 wants fewer: the two newest become one, and three are left. A merge of n runs leaves n−1 fewer.
//
//lab:task 4 points=3
func TestPick_TooManyRuns(t *testing.T) {
	groups(t, []group{
		{tiered.Policy{Runs: 4, SpaceAmp: lots}, []int64{1, 10, 100, 1000}, 0, 2},
		{tiered.Policy{Runs: 4, SpaceAmp: lots}, []int64{1, 10, 100, 1000, 10000}, 0, 3},
		{tiered.Policy{Runs: 2, SpaceAmp: lots}, []int64{1, 10, 100, 1000}, 0, 4},
		{tiered.Policy{Runs: 2, SpaceAmp: lots}, []int64{1, 10}, 0, 2},
		{tiered.Policy{}, []int64{1, 10, 100, 1000, 10000, 1e5, 1e6, 1e7}, 0, 2},
		{tiered.Policy{Runs: 5, SpaceAmp: lots}, []int64{1, 10, 100, 1000}, 0, 0},
	})
}

// Five runs, two are to remain at most, so four should be merged; MaxWidth allows two. The merge ends at the second
// run, and so does its output: three older runs lie below, and may hold what a tombstone of these two hides.
//
//lab:task 4 points=3
func TestPick_TooManyRunsForTheWidth(t *testing.T) {
	groups(t, []group{
		{tiered.Policy{Runs: 3, SpaceAmp: lots, MaxWidth: 2}, []int64{1, 10, 100, 1000, 10000}, 0, 2},
		{tiered.Policy{Runs: 3, SpaceAmp: lots, MaxWidth: 3}, []int64{1, 10, 100, 1000, 10000}, 0, 3},
		{tiered.Policy{Runs: 3, SpaceAmp: lots, MaxWidth: 9}, []int64{1, 10, 100, 1000, 10000}, 0, 4},
		{tiered.Policy{Runs: 3, SpaceAmp: lots, MaxWidth: 1}, []int64{1, 10, 100, 1000, 10000}, 0, 2},
	})
	picks(t, tiered.Policy{Runs: 3, SpaceAmp: lots, MaxWidth: 2}.Pick, map[string]row{
		"the output's place": {labtest.Drawing(tiers(1, 10, 100, 1000)), "merge L0@4 4, L0@3 3 into L0@3"},
	})
}

// The three reasons are looked at in one order: space first, since it makes the others needless; then sizes, since
// such a merge costs least for what it does; the number of runs only if nothing else helps.
//
//lab:task 4 points=2
func TestPick_OrderOfReasons(t *testing.T) {
	groups(t, []group{
		{tiered.Policy{Runs: 4, SpaceAmp: 100}, []int64{10, 10, 900, 900}, 0, 4},
		{tiered.Policy{Runs: 4, SpaceAmp: lots}, []int64{1, 10, 900, 900}, 2, 2},
		{tiered.Policy{Runs: 4, SpaceAmp: 100}, []int64{1, 10, 100, 900}, 0, 2},
	})
}

// A tree at rest has fewer than Runs runs. Each merge leaves one run fewer at least, so it is at rest after as many
// merges as it had runs, whatever the options are; even if they ask for what makes no sense.
//
//lab:task 4 points=3 random
func TestPick_ComesToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := tiered.Policy{
			Runs:      rapid.IntRange(-1, 6).Draw(t, "Runs"),
			SpaceAmp:  rapid.IntRange(-1, 300).Draw(t, "SpaceAmp"),
			SizeRatio: rapid.IntRange(-1, 200).Draw(t, "SizeRatio"),
			MinWidth:  rapid.IntRange(-1, 6).Draw(t, "MinWidth"),
			MaxWidth:  rapid.IntRange(-1, 6).Draw(t, "MaxWidth"),
		}
		tree, _ := rest(t, p, labtest.Trees().Draw(t, "tree"))
		most := 7 // the default is 8 runs
		if p.Runs != 0 {
			most = max(p.Runs, 2) - 1
		}
		require.LessOrEqual(t, len(tree.Runs), most, "runs of a tree at rest, with %+v:\n%s", p, labtest.Drawing(tree))
	})
}

// From the widest options to the narrowest, merges that take two runs at a time bring four runs to one: this is the
// shortest way to see a policy that turns in a circle.
//
//lab:task 4 points=1
func TestPick_ComesToRestInAsManyStepsAsItMust(t *testing.T) {
	for _, c := range []struct{ runs, width, want int }{
		{2, 2, 3}, {2, 3, 2}, {2, 0, 1}, {4, 0, 1}, {3, 2, 2}, {5, 2, 0}, {1, 1, 3},
	} {
		_, merges := rest(t, tiered.Policy{Runs: c.runs, SpaceAmp: lots, MaxWidth: c.width}, tiers(1, 10, 100, 1000))
		require.Equal(t, c.want, merges, "merges of four runs, Runs %d, MaxWidth %d", c.runs, c.width)
	}
}

// Random trees and options: yours must pick what the reference picks.
//
//lab:task 4 points=2 random
func TestPick_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := labtest.Trees().Draw(t, "tree")
		n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		runs, space, ratio := n("Runs", 8), n("SpaceAmp", 400), n("SizeRatio", 100)
		least, most := n("MinWidth", 4), n("MaxWidth", 6)
		want := reftiered.Policy{Runs: runs, SpaceAmp: space, SizeRatio: ratio, MinWidth: least, MaxWidth: most}
		got := tiered.Policy{Runs: runs, SpaceAmp: space, SizeRatio: ratio, MinWidth: least, MaxWidth: most}
		samePlan(t, tree, "picked", labtest.Plan(want.Pick(tree)), labtest.Plan(got.Pick(tree)))
	})
}
