package leveled_test

import (
	"testing"

	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/leveled"
	refleveled "lsmlab/solution/week2/leveled"
)

// five has levels 0 to 4, a base size of 100 bytes, ratio 10, and merges 4 runs of level 0.
var five = leveled.Policy{Runs: 4, BaseSize: 100, Multiplier: 10, Levels: 5}

// settings are a policy's, drawn at random.
type settings struct {
	runs, multiplier, levels int
	baseSize                 int64
}

// drawSettings draws small ones, so that small trees need all levels.
func drawSettings(t *rapid.T) settings {
	return settings{
		runs:       rapid.IntRange(1, 5).Draw(t, "runs"),
		multiplier: rapid.IntRange(2, 10).Draw(t, "multiplier"),
		levels:     rapid.IntRange(2, 7).Draw(t, "levels"),
		baseSize:   rapid.Int64Range(1, 500).Draw(t, "base size"),
	}
}

// mine returns the policy under test with these settings.
func (s settings) mine() leveled.Policy {
	return leveled.Policy{Runs: s.runs, BaseSize: s.baseSize, Multiplier: s.multiplier, Levels: s.levels}
}

// reference returns the reference's policy with the same settings.
func (s settings) reference() refleveled.Policy {
	return refleveled.Policy{Runs: s.runs, BaseSize: s.baseSize, Multiplier: s.multiplier, Levels: s.levels}
}

// plan is what Targets returns.
type plan struct {
	Targets []int64
	Base    int
}

// plans fails the test if the plan for a tree is not the wanted one.
func plans(t labtest.TB, p leveled.Policy, tree shape.Tree, base int, targets ...int64) {
	t.Helper()
	got, gotBase := p.Targets(tree)
	same(t, "target sizes and base level", tree, plan{targets, base}, plan{got, gotBase})
}

// A small tree needs one level: what leaves level 0 goes to the bottom at once. No level between costs a rewrite.
//
//lab:task 1 points=2
func TestTargets_SmallTreeHasOneLevel(t *testing.T) {
	plans(t, five, treeOf(), 4, 0, 0, 0, 0, 100)
	plans(t, five, sized(3), 4, 0, 0, 0, 0, 100)
	plans(t, five, sized(0, 0, 0, 0, 60), 4, 0, 0, 0, 0, 100)
}

// As long as the bottom has no more than the base size, a level above it would hold less than a tenth of that, and not
// be worth its rewrites. With one byte more the plan has one level more.
//
//lab:task 1 points=3
func TestTargets_LevelMoreWhenBottomOutgrowsBaseSize(t *testing.T) {
	plans(t, five, sized(0, 0, 0, 0, 100), 4, 0, 0, 0, 0, 100)
	plans(t, five, sized(0, 0, 0, 0, 101), 3, 0, 0, 0, 100, 101)
	plans(t, five, sized(0, 0, 0, 0, 1000), 3, 0, 0, 0, 100, 1000)
	plans(t, five, sized(0, 0, 0, 0, 1010), 2, 0, 0, 100, 101, 1010)
}

// From the bottom up: the bottom may keep what it has, each level above it a tenth, and the base level the base size.
// Planned from the top down, the bottom's target would have nothing to do with what the bottom holds, and the level
// above it could be a fiftieth or nearly all of it.
//
//lab:task 1 points=3
func TestTargets_FromTheBottomUp(t *testing.T) {
	plans(t, five, sized(0, 0, 0, 0, 5000), 2, 0, 0, 100, 500, 5000)
	plans(t, five, sized(0, 0, 80, 400, 70_000), 1, 0, 100, 700, 7000, 70_000)
	fourfold := leveled.Policy{BaseSize: 100, Multiplier: 4, Levels: 5}
	plans(t, fourfold, sized(0, 0, 0, 0, 5001), 1, 0, 100, 312, 1250, 5001)
}

// Level 1 is the highest that there is. Its target is the base size, however much the division would give it.
//
//lab:task 1 points=2
func TestTargets_NoLevelAboveLevel1(t *testing.T) {
	plans(t, five, sized(0, 100, 900, 9000, 1_000_000_000), 1, 0, 100, 10_000_000, 100_000_000, 1_000_000_000)
	plans(t, leveled.Policy{BaseSize: 100, Multiplier: 10, Levels: 2}, sized(2, 7000), 1, 0, 100)
}

// The plan begins with the largest level and not with the bottom. In a tree that another policy has left, or after many
// deletes, the bottom may be nearly empty or empty while most of the data is on its way down.
//
//lab:task 1 points=3
func TestTargets_LargestLevelCountsWhereverItIs(t *testing.T) {
	plans(t, five, sized(0, 0, 0, 5000, 10), 2, 0, 0, 100, 500, 5000)
	plans(t, five, sized(0, 0, 0, 5000), 2, 0, 0, 100, 500, 5000)
	plans(t, five, sized(0, 0, 600, 5000, 10), 2, 0, 0, 100, 500, 5000)
}

// What is in level 0 has no place in the plan yet. Counted, a burst of writes would open a level that is empty again a
// moment later.
//
//lab:task 1 points=2
func TestTargets_LevelZeroDoesNotCount(t *testing.T) {
	tree := treeOf(flushed(8, file(8, 90_000, "a", "m"), file(9, 90_000, "n", "z")), level(4, file(1, 60, "a", "z")))
	plans(t, five, tree, 4, 0, 0, 0, 0, 100)
}

// Once there were 5,000 bytes and three levels; deletes have left 60 in the bottom, and 30 in level 2. By size the
// bottom would be the base level now. But level 2 still has tables: a new version of a key of theirs, merged to the
// bottom, would lie *under* the old one. Readers would find the old value, or find again what was deleted.
//
//lab:task 1 points=5
func TestTargets_BaseLevelIsNeverBelowNonEmptyLevel(t *testing.T) {
	plans(t, five, sized(4, 0, 30, 0, 60), 2, 0, 0, 0, 0, 100)
	plans(t, five, sized(4, 0, 0, 30, 60), 3, 0, 0, 0, 0, 100)
	plans(t, five, sized(4, 1, 0, 0, 5000), 1, 0, 0, 100, 500, 5000)
	plans(t, five, sized(0, 0, 1), 2, 0, 0, 0, 0, 100)
	plans(t, five, sized(1, 40, 30, 20, 60), 1, 0, 0, 0, 0, 100)
}

// A directory that was written with more levels than are set now has data below the last of them. The bottom is where
// the oldest data is; a policy that looked away would plan for the wrong one.
//
//lab:task 1 points=2
func TestTargets_DeeperTreeKeepsItsLevels(t *testing.T) {
	plans(t, leveled.Policy{BaseSize: 100, Multiplier: 10, Levels: 3}, sized(0, 0, 0, 0, 5000), 2, 0, 0, 100, 500, 5000)
}

// The zero value is a policy of seven levels, ratio 10 and 16 MiB.
//
//lab:task 1 points=1
func TestTargets_Defaults(t *testing.T) {
	const mib = int64(1 << 20)
	plans(t, leveled.Policy{}, treeOf(), 6, 0, 0, 0, 0, 0, 0, 16*mib)
	plans(t, leveled.Policy{}, sized(0, 0, 0, 0, 0, 0, 16*mib), 6, 0, 0, 0, 0, 0, 0, 16*mib)
	plans(t, leveled.Policy{}, sized(0, 0, 0, 0, 0, 0, 1000*mib), 4, 0, 0, 0, 0, 16*mib, 100*mib, 1000*mib)
}

// Random settings and trees: your plan and the reference's are the same, level by level.
//
//lab:task 1 points=3 random
func TestTargets_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSettings(t)
		mine, ref := set.mine(), set.reference()
		tree := drawTree(t, 3, set.levels, 4)
		for i := range tree.Runs {
			if rapid.IntRange(0, 3).Draw(t, "large") == 0 {
				tree.Runs[i].Tables[0].Size *= 1000
			}
		}
		want, base := ref.Targets(tree)
		plans(t, mine, tree, base, want...)
	})
}
