package tiered_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/tiered"
	reftiered "lsmlab/solution/week2/tiered"
)

// lots is a SpaceAmp that never matters.
const lots = 100_000

// group is a policy, a tree given by its sizes, and the group of runs to be merged: the first one's index, and how
// many.
type group struct {
	p           tiered.Policy
	sizes       []int64
	from, width int
}

// groups checks what is merged for each.
func groups(t *testing.T, rows []group) {
	t.Helper()
	for _, c := range rows {
		tree := tiers(c.sizes...)
		task, ok := c.p.Pick(tree)
		from, width := takes(tree, task, ok)
		if from != c.from || width != c.width {
			t.Errorf("%+v, sizes %v, newest first: want %d runs merged, from index %d on, got %s",
				c.p, c.sizes, c.width, c.from, labtest.Plan(task, ok))
			continue
		}
		if ok {
			require.NoError(t, task.Check(tree), "%+v, sizes %v", c.p, c.sizes)
		}
	}
}

// Runs of the same size are merged; a run that is much larger is left out, since to rewrite it for the sake of small
// ones costs much and gains little.
//
//lab:task 3 points=3
func TestPick_RunsThatAreAlike(t *testing.T) {
	p := tiered.Policy{Runs: 4, SpaceAmp: lots}
	groups(t, []group{
		{p, []int64{10, 10, 10, 1000}, 0, 3},
		{p, []int64{10, 10, 1000, 5000}, 0, 2},
		{p, []int64{10, 10, 10, 10}, 0, 4},
		{p, []int64{50, 10, 1000, 5000}, 0, 2}, // the older one is smaller: all the better
	})
}

// The next older run is compared with all runs of the group together: 10 and 10 and 20 and 40 are merged in one go,
// though 40 is four times as large as 10. What counts is how much old data is rewritten for so much new data.
//
//lab:task 3 points=3
func TestPick_TheGroupIsComparedAsAWhole(t *testing.T) {
	groups(t, []group{
		{tiered.Policy{Runs: 2, SpaceAmp: lots}, []int64{10, 10, 20, 40, 1000}, 0, 4},
		{tiered.Policy{Runs: 2, SpaceAmp: lots}, []int64{10, 10, 21, 1000}, 0, 2},
		{tiered.Policy{Runs: 2, SpaceAmp: lots, SizeRatio: 50}, []int64{100, 150, 375, 1000}, 0, 3},
		{tiered.Policy{Runs: 2, SpaceAmp: lots, SizeRatio: 50}, []int64{100, 150, 376, 1000}, 0, 2},
	})
}

// One percent of tolerance is the default: beside 100, a run of 101 is alike, and one of 102 is not. Then the group
// may begin at the next run.
//
//lab:task 3 points=2
func TestPick_Tolerance(t *testing.T) {
	p := tiered.Policy{Runs: 2, SpaceAmp: lots}
	wide := tiered.Policy{Runs: 2, SpaceAmp: lots, SizeRatio: 100}
	groups(t, []group{
		{p, []int64{100, 101, 1000}, 0, 2},
		{p, []int64{100, 102, 103, 1000}, 1, 2},
		{p, []int64{1 << 40, 1<<40 + 1<<33, 1 << 43}, 0, 2},
		{wide, []int64{100, 200, 1000}, 0, 2},
		{wide, []int64{100, 201, 402, 5000}, 1, 2},
	})
}

// The newest run may be small because it was flushed early. That must not keep the runs behind it from being merged:
// the newest group wins that is large enough, wherever it begins.
//
//lab:task 3 points=2
func TestPick_AGroupMayBeginAnywhere(t *testing.T) {
	p := tiered.Policy{Runs: 4, SpaceAmp: lots}
	groups(t, []group{
		{p, []int64{1, 100, 100, 10000}, 1, 2},
		{p, []int64{1, 10, 100, 100}, 2, 2},
		{p, []int64{10, 10, 1000, 1000}, 0, 2},
	})
}

// MinWidth 3: a group of two is too small, and a later one of three is taken. MaxWidth 2: a group ends after two,
// though the third run would be alike, and the output stands at the place of the second. A MaxWidth of less than
// MinWidth cannot be meant.
//
//lab:task 3 points=3
func TestPick_WidthOfAGroup(t *testing.T) {
	policy := func(least, most int) tiered.Policy {
		return tiered.Policy{Runs: 4, SpaceAmp: lots, MinWidth: least, MaxWidth: most}
	}
	groups(t, []group{
		{policy(3, 0), []int64{10, 10, 500, 500, 1000, 90000}, 2, 3},
		{policy(3, 0), []int64{10, 10, 20, 500}, 0, 3},
		{policy(0, 2), []int64{10, 10, 10, 500}, 0, 2},
		{policy(0, 3), []int64{10, 10, 10, 10}, 0, 3},
		{policy(1, 0), []int64{1, 100, 100, 10000}, 1, 2}, // one run alone is no merge
		{policy(0, 1), []int64{1, 100, 100, 10000}, 1, 2},
		{policy(3, 2), []int64{10, 10, 10, 10}, 0, 3},
	})
}

// Runs of level 0 and the levels of another policy are tiers alike, and what is merged stands where the oldest of them
// stood.
//
//lab:task 3 points=1
func TestPick_GroupsReachOverLevels(t *testing.T) {
	picks(t, tiered.Policy{Runs: 4, SpaceAmp: lots}.Pick, map[string]row{
		"levels 1 and 2": {"L0@9 9:1[a…b]\nL1 7:30[a…b]\nL2 5:10[a…b] 4:20[c…d]\nL5 1:1000[a…b]",
			"merge L1 7, L2 5 4 into L2"},
	})
}

// Random sizes, with two runs of the same size somewhere, so that there is a group: yours must be the reference's.
//
//lab:task 3 points=2 random
func TestPick_GroupsLikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Int64Range(1, 60), 4, 9).Draw(t, "sizes")
		at := rapid.IntRange(1, len(sizes)-1).Draw(t, "same as the one before")
		sizes[at] = sizes[at-1]
		tree := tiers(sizes...)
		ratio, most := rapid.IntRange(0, 120).Draw(t, "SizeRatio"), rapid.IntRange(0, 5).Draw(t, "MaxWidth")
		want := reftiered.Policy{Runs: 2, SpaceAmp: lots, SizeRatio: ratio, MaxWidth: most}
		got := tiered.Policy{Runs: 2, SpaceAmp: lots, SizeRatio: ratio, MaxWidth: most}
		samePlan(t, tree, "picked", labtest.Plan(want.Pick(tree)), labtest.Plan(got.Pick(tree)))
	})
}
