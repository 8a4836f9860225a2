package leveled_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/leveled"
)

// Every run of level 0 is one more place that a read has to look into, be it of one byte or of a gigabyte, of one table
// or of ten. So level 0 counts runs; from the fourth on it is time to merge them.
//
//lab:task 2 points=3
func TestScores_LevelZeroCountsRuns(t *testing.T) {
	for runs, want := range []float64{0, 0.25, 0.5, 0.75, 1, 1.25} {
		tree := sized(runs)
		same(t, "scores", tree, []float64{want, 0, 0, 0, 0}, five.Scores(tree))
	}
	wide := treeOf(
		flushed(9, file(9, 500, "a", "c"), file(10, 500, "d", "f"), file(11, 500, "g", "k")),
		flushed(8, file(7, 500, "a", "c"), file(8, 500, "d", "f")))
	same(t, "scores (two runs of many tables)", wide, []float64{0.5, 0, 0, 0, 0}, five.Scores(wide))
}

// A level needs a merge as far as it is over its target: size divided by target. The other way round the emptiest level
// would be the most urgent.
//
//lab:task 2 points=3
func TestScores_LevelsBySizeOverTarget(t *testing.T) {
	tree := sized(0, 0, 50, 1250, 5000) // targets: -, -, 100, 500, 5000
	same(t, "scores", tree, []float64{0, 0, 0.5, 2.5, 0}, five.Scores(tree))
	exactly := sized(1, 0, 100, 499, 5000)
	same(t, "scores", exactly, []float64{0.25, 0, 1, 0.998, 0}, five.Scores(exactly))
}

// The bottom is where the data rests: however full, there is no level to merge it into. But the bottom is the last
// level that may exist, not the last one that has tables; those above it have to go on sinking. A directory that is deeper
// than the settings say has its bottom where its oldest data is. Merged out of that, the data would sink for ever.
//
//lab:task 2 points=3
func TestScores_BottomHasNowhereToGo(t *testing.T) {
	full := sized(0, 0, 0, 0, 99_000)
	same(t, "scores", full, []float64{0, 0, 0, 0, 0}, five.Scores(full))
	hanging := sized(0, 0, 0, 5000) // targets: -, -, 100, 500, 5000: the data is a level too high
	same(t, "scores", hanging, []float64{0, 0, 0, 10, 0}, five.Scores(hanging))
	three := leveled.Policy{BaseSize: 100, Multiplier: 10, Levels: 3}
	deeper := sized(0, 0, 250, 0, 5000) // targets: -, -, 100, 500, 5000
	same(t, "scores, by a policy of three levels,", deeper, []float64{0, 0, 2.5, 0, 0}, three.Scores(deeper))
}

// The tree has shrunk, and these levels should be empty: their tables have to go down, or level 0 would be merged above
// them for ever. A level with a few bytes can wait until nobody else is over the limit; the more it has, the less.
//
//lab:task 2 points=4
func TestScores_LevelThatShouldBeEmpty(t *testing.T) {
	tree := sized(1, 3, 250, 0, 90) // targets: -, -, -, 100, 250; levels 1 and 2 should be empty
	same(t, "scores", tree, []float64{0.25, 1, 2.5, 0, 0}, five.Scores(tree))
	shrunk := sized(3, 0, 30, 99, 60)
	same(t, "scores", shrunk, []float64{0.75, 0, 1, 1, 0}, five.Scores(shrunk))
	gap := sized(0, 0, 0, 0, 60)
	same(t, "scores", gap, []float64{0, 0, 0, 0, 0}, five.Scores(gap))
}

// The level that is furthest over its target goes first. If it is always level 0, level 1 grows without bound while
// writes come in; if it is always the first that is over 1, or the largest in bytes, the same happens elsewhere.
//
//lab:task 2 points=4
func TestUrgent_HighestScoreFirst(t *testing.T) {
	for _, c := range []struct {
		tree  shape.Tree
		level int
		score float64
	}{
		{sized(5, 0, 150, 1250, 5000), 3, 2.5},
		{sized(5, 0, 150, 600, 5000), 2, 1.5},
		{sized(8, 0, 150, 600, 5000), 0, 2},
		{sized(0, 0, 60, 100, 5000), 2, 0.6},
		{treeOf(), 0, 0},
	} {
		level, score := five.Urgent(c.tree)
		same(t, "most urgent level and its score", c.tree, []any{c.level, c.score}, []any{level, score})
	}
}

// Two levels are equally far over: the one that is higher up goes first. In particular level 0, which makes every read
// dearer, before a level that merely should be empty.
//
//lab:task 2 points=2
func TestUrgent_TieGoesToTheLevelHigherUp(t *testing.T) {
	for tree, want := range map[*shape.Tree]int{
		{Runs: sized(4, 0, 30, 0, 60).Runs}:      0,
		{Runs: sized(4, 0, 100, 500, 5000).Runs}: 0,
		{Runs: sized(3, 0, 100, 500, 5000).Runs}: 2,
		{Runs: sized(3, 0, 30, 20, 60).Runs}:     2,
	} {
		level, score := five.Urgent(*tree)
		same(t, "most urgent level and its score", *tree, []any{want, 1.0}, []any{level, score})
	}
}

// At a score of 1 there is work, just below there is none. One more or one less, and the trigger is off by one: a run,
// or a byte.
//
//lab:task 2 points=3
func TestPick_RestsBelowTheTrigger(t *testing.T) {
	for _, tree := range []shape.Tree{
		treeOf(), sized(3), sized(3, 0, 99, 499, 5000), sized(0, 0, 0, 0, 99_000), sized(3, 99, 999, 9999, 100_000),
	} {
		picks(t, five, tree, "")
	}
	two := leveled.Policy{Runs: 2}
	picks(t, two, sized(1), "")
	picks(t, leveled.Policy{}, sized(3), "")
}

// Random trees and settings: your scores and the reference's are the same.
//
//lab:task 2 points=3 random
func TestScores_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSettings(t)
		mine, want := set.mine(), set.reference()
		tree := drawTree(t, 6, set.levels, 4)
		if diff := cmp.Diff(want.Scores(tree), mine.Scores(tree)); diff != "" {
			t.Fatalf("scores under %+v of the tree\n%s(-want +got)\n%s", set, labtest.Drawing(tree), diff)
		}
		level, score := mine.Urgent(tree)
		wantLevel, wantScore := want.Urgent(tree)
		same(t, "most urgent level and its score", tree, []any{wantLevel, wantScore}, []any{level, score})
	})
}
