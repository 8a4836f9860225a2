package simple_test

import (
	"testing"

	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/simple"
	refsimple "lsmlab/solution/week2/simple"
)

// Four runs are asked for by Runs: 4, so the fourth one starts the merge, and not the fifth: the reader who meets four
// runs pays for each of them.
//
//lab:task 2 points=3
func TestPick_LevelZeroAtItsNumberOfRuns(t *testing.T) {
	four := "L0@4 4:1[a…z]\nL0@3 3:1[a…z]\nL0@2 2:1[a…z]\nL0@1 1:1[a…z]"
	plans(t, simple.Policy{Runs: 4}.Pick, map[string]struct{ tree, want string }{
		"four runs":  {four, "merge L0@4 4, L0@3 3, L0@2 2, L0@1 1 into L1"},
		"five runs":  {"L0@5 5:1[a…z]\n" + four, "merge L0@5 5, L0@4 4, L0@3 3, L0@2 2, L0@1 1 into L1"},
		"three runs": {"L0@4 4:1[a…z]\nL0@3 3:1[a…z]\nL0@2 2:1[a…z]", "nothing"},
	})
	plans(t, simple.Policy{Runs: 1}.Pick, map[string]struct{ tree, want string }{
		"one run, of one": {"L0@4 4:1[a…z]", "merge L0@4 4 into L1"},
		"an empty tree":   {"", "nothing"},
	})
}

// What makes reads slow is the number of places to look, and a run is one place, of one table or of a hundred. A
// directory that tiered compaction has left may hold three runs of four tables on level 0; merged because of "twelve
// tables", it would be merged all the time.
//
//lab:task 2 points=2
func TestPick_CountsRunsAndNotTables(t *testing.T) {
	three := "L0@8 8:1[a…b] 7:1[c…d] 6:1[e…f]\nL0@5 5:1[a…b] 4:1[c…d]\nL0@3 3:1[a…z]"
	plans(t, simple.Policy{Runs: 4}.Pick, map[string]struct{ tree, want string }{
		"six tables in three runs": {three, "nothing"},
		"seven tables in four runs": {"L0@9 9:1[k…k]\n" + three + "\nL1 1:90[b…d] 2:90[x…z]",
			"merge L0@9 9, L0@8 8 7 6, L0@5 5 4, L0@3 3, L1 1 2 into L1"},
	})
}

// A policy that was never told anything works: four runs on level 0.
//
//lab:task 2 points=1
func TestPick_ZeroPolicyHasDefaults(t *testing.T) {
	plans(t, simple.Policy{}.Pick, map[string]struct{ tree, want string }{
		"four runs": {"L0@4 4:1[a…b]\nL0@3 3:1[a…b]\nL0@2 2:1[a…b]\nL0@1 1:1[a…b]",
			"merge L0@4 4, L0@3 3, L0@2 2, L0@1 1 into L1"},
		"three runs": {"L0@4 4:1[a…b]\nL0@3 3:1[a…b]\nL0@2 2:1[a…b]", "nothing"},
	})
}

// Level 0 is every read's business, so it comes first, even if a level below is too large at the same time.
//
//lab:task 2 points=2
func TestPick_LevelZeroComesFirst(t *testing.T) {
	plans(t, simple.Policy{Runs: 2, Ratio: 4}.Pick, map[string]struct{ tree, want string }{
		"both": {"L0@4 4:1[a…z]\nL0@3 3:1[a…z]\nL1 2:100[c…d]\nL2 1:100[a…b]", "merge L0@4 4, L0@3 3, L1 2 into L1"},
	})
}

// Random level 0s over one large level: yours must pick what the reference picks, run for run.
//
//lab:task 2 points=2 random
func TestPick_LevelZeroLikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := labtest.Trees().Draw(t, "tree")
		tree = shape.Tree{Runs: append(tree.Level(0), labtest.Tree(t, "L3 1:1000000[c…w]").Runs...)}
		runs := rapid.IntRange(0, 6).Draw(t, "Runs")
		want, got := refsimple.Policy{Runs: runs}, simple.Policy{Runs: runs}
		same(t, tree, "picked", labtest.Plan(want.Pick(tree)), labtest.Plan(got.Pick(tree)))
	})
}
