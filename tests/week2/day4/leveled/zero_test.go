package leveled_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/leveled"
)

// two merges two runs of level 0, and has levels 0 to 4 of which the highest is 100 bytes.
var two = leveled.Policy{Runs: 2, BaseSize: 100, Multiplier: 10, Levels: 5}

// All runs of level 0 overlap, so none can go alone: a newer one must not pass an older one. And when most of the base
// level has to be rewritten anyway, the more come along, the cheaper it is for each.
//
//lab:task 3 points=3
func TestLevelZero_AllRunsTogether(t *testing.T) {
	tree := treeOf(
		flushed(13, file(17, 1, "a", "y")),
		flushed(12, file(16, 1, "b", "z")),
		flushed(9, file(10, 1, "c", "d")))
	picks(t, two, tree, "L0@13 17, L0@12 16, L0@9 10 into L4")
	tree.Runs = append(tree.Runs, level(4, file(2, 50, "a", "m"), file(3, 50, "n", "z")))
	picks(t, two, tree, "L0@13 17, L0@12 16, L0@9 10, L4 2 3 into L4")
}

// A directory that was filled under the tiered policy: runs of many tables on level 0. Each goes with all of its
// tables; one that stayed would lie above newer versions of its keys.
//
//lab:task 3 points=3
func TestLevelZero_RunsOfManyTables(t *testing.T) {
	picks(t, two, treeOf(
		flushed(40, file(41, 3, "k", "p")),
		flushed(30, file(31, 3, "a", "c"), file(33, 3, "d", "h"), file(32, 3, "j", "z")),
		flushed(20, file(22, 3, "a", "b"), file(21, 3, "x", "y")),
	), "L0@40 41, L0@30 31 33 32, L0@20 22 21 into L4")
}

// Both ends of a table are in it. The first table of the base level ends with exactly the key that level 0 begins with:
// both have a version of "d". If it stays behind, the merged table and this one overlap, and a read may find the older
// "d".
//
//lab:task 3 points=4
func TestLevelZero_EqualEndsOverlap(t *testing.T) {
	zero := []shape.Run{flushed(13, file(17, 1, "e", "m")), flushed(12, file(16, 1, "d", "f"))}
	below := func(tables ...shape.Table) shape.Tree {
		return treeOf(append(slices.Clone(zero), level(4, tables...))...)
	}
	picks(t, two, below(
		file(1, 9, "a", "c"), file(2, 9, "ca", "d"), file(3, 9, "g", "h"), file(4, 9, "m", "n"), file(5, 9, "na", "z"),
	), "L0@13 17, L0@12 16, L4 2 3 4 into L4")
	picks(t, two, below(file(1, 9, "a", "c"), file(5, 9, "m\x00", "z")), "L0@13 17, L0@12 16 into L4")
	picks(t, two, below(file(1, 9, "a", "z")), "L0@13 17, L0@12 16, L4 1 into L4")
}

// Level 0 has keys around "b" and around "x", and the base level a table between that meets neither. It must be merged
// all the same: an output table may begin with the "b"s and end with the "x"s, and would reach over it.
//
//lab:task 3 points=3
func TestLevelZero_TablesInAGapAreTakenToo(t *testing.T) {
	picks(t, two, treeOf(
		flushed(13, file(17, 1, "a", "b")), flushed(12, file(16, 1, "x", "z")),
		level(4, file(1, 9, "m", "n")),
	), "L0@13 17, L0@12 16, L4 1 into L4")
	picks(t, two, treeOf(
		flushed(13, file(17, 1, "x", "y")), flushed(12, file(16, 1, "c", "d")),
		level(4, file(1, 9, "a", "b"), file(2, 9, "m", "n")),
	), "L0@13 17, L0@12 16, L4 2 into L4")
}

// Level 0 goes to the base level, wherever that is by now: to the bottom while the tree is small, higher up when it has
// grown.
//
//lab:task 3 points=3
func TestLevelZero_GoesToTheBaseLevel(t *testing.T) {
	picks(t, two, sized(2, 0, 0, 0, 100), "L0@102 102, L0@101 101, L4 4 into L4")
	picks(t, two, sized(2, 0, 0, 0, 101), "L0@102 102, L0@101 101 into L3")
	picks(t, two, sized(2, 0, 0, 90, 900), "L0@102 102, L0@101 101, L3 3 into L3")
	picks(t, two, sized(2, 0, 0, 90, 5000), "L0@102 102, L0@101 101 into L2")
	picks(t, two, sized(3, 90, 900, 9000, 90_000), "L0@103 103, L0@102 102, L0@101 101, L1 1 into L1")
}

// A tree that was large and is small now. Level 2 has one table left, with an old value of "g"; level 0 has the
// tombstone that deletes it. Merged straight to the bottom, the tombstone would find nothing older there, and be
// dropped; and then the old "g" in level 2 would be back from the dead.
//
//lab:task 3 points=5
func TestLevelZero_NeverPassesANonEmptyLevel(t *testing.T) {
	shrunk := treeOf(
		flushed(13, file(17, 1, "a", "h")), flushed(12, file(16, 1, "g", "g")),
		level(2, file(5, 30, "f", "i")), level(4, file(1, 60, "a", "z")))
	picks(t, two, shrunk, "L0@13 17, L0@12 16, L2 5 into L2")
	picks(t, two, sized(2, 0, 0, 30, 60), "L0@102 102, L0@101 101, L3 3 into L3")
	picks(t, two, sized(2, 1, 0, 0, 5000), "L0@102 102, L0@101 101, L1 1 into L1")
	picks(t, two, sized(2, 0, 1), "L0@102 102, L0@101 101, L2 2 into L2")
}

// Full compaction: everything into the bottom, so that no tombstone and no old version is left. Only an empty tree has
// nothing to do; one table at the bottom is rewritten too, since that is what was asked for. A policy without settings
// has seven levels, and its bottom is level 6. Whoever gets the task may change it, and the tree is as it was.
//
//lab:task 3 points=2
func TestFull_EverythingIntoTheBottom(t *testing.T) {
	for want, tree := range map[string]shape.Tree{
		"": treeOf(),
		"L0@102 102, L0@101 101, L1 1, L3 3 into L4": sized(2, 9, 0, 9),
		"L4 4 into L4":       sized(0, 0, 0, 0, 9),
		"L6 6 into L6":       sized(0, 0, 0, 0, 0, 0, 9),
		"L0@101 101 into L4": sized(1),
	} {
		got := ""
		task, ok := five.Full(tree)
		if ok {
			got = text(task)
			if err := task.Check(tree); err != nil {
				t.Error(err)
			}
		}
		same(t, "full compaction", tree, want, got)
	}
	tree := sized(2)
	before := tree.String()
	task, _ := leveled.Policy{}.Full(tree)
	same(t, "full compaction, by a policy without settings,", tree, "L0@102 102, L0@101 101 into L6", text(task))
	clear(task.Inputs)
	if after := tree.String(); after != before {
		t.Errorf("the caller of Full has changed its task, and with it the tree\nbefore:\n%safter:\n%s", before, after)
	}
}

// sharesKeys reports whether two closed ranges of keys share one.
func sharesKeys(a, b shape.Table) bool {
	return string(a.First) <= string(b.Last) && string(b.First) <= string(a.Last)
}

// Random trees whose level 0 is the most urgent: all of its runs are merged, with exactly those tables of the base
// level that lie between the ends, and nothing is passed.
//
//lab:task 3 points=3 random
func TestLevelZero_AllThatIsBetweenAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t, 5, 4, 5)
		if len(tree.Level(0)) == 0 {
			return
		}
		p := leveled.Policy{Runs: 1, BaseSize: 1 << 20, Multiplier: 10, Levels: 5}
		task, ok := p.Pick(tree)
		if !ok {
			t.Fatalf("no task, although level 0 has as many runs as are allowed\n%s", labtest.Drawing(tree))
		}
		if err := task.Check(tree); err != nil {
			t.Fatalf("the task %s would damage the tree\n%s%v", text(task), labtest.Drawing(tree), err)
		}
		zero := tree.Level(0)
		base, _ := tree.At(task.Output)
		wantTables(t, tree, task, zero, base)
	})
}

// wantTables fails the test if a task does not consist of the upper runs, and the tables of the lower run between their
// ends.
func wantTables(t labtest.TB, tree shape.Tree, task shape.Task, upper []shape.Run, lower shape.Run) {
	t.Helper()
	want := shape.Task{Inputs: slices.Clone(upper), Output: task.Output}
	first, last := shape.Span(want.Tables())
	met := shape.Run{Place: lower.Place}
	for _, table := range lower.Tables {
		if sharesKeys(table, shape.Table{First: first, Last: last}) {
			met.Tables = append(met.Tables, table)
		}
	}
	if len(met.Tables) > 0 {
		want.Inputs = append(want.Inputs, met)
	}
	same(t, "task", tree, text(want), text(task))
}
