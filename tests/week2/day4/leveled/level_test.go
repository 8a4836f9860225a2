package leveled_test

import (
	"testing"

	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/leveled"
)

// Of level 2, which is over its target, one table is merged, and what it meets on level 3. All of the level at once
// would be a merge of hours in a large store, with twice the disk space, and nothing else gets its turn meanwhile.
//
//lab:task 4 points=3
func TestLevel_OneTableAndWhatItMeets(t *testing.T) {
	picks(t, five, treeOf(
		level(2, file(21, 60, "a", "c"), file(22, 60, "e", "k"), file(23, 60, "m", "z")),
		level(3, file(11, 60, "a", "b"), file(12, 60, "c", "d"), file(13, 60, "l", "z")),
		level(4, file(1, 5000, "a", "z")),
	), "L2 21, L3 11 12 into L3")
}

// Both ends of a table are in it: the chosen table ends with "k", and so does "k" begin the next level's. Left out, it
// would overlap with what is put beside it.
//
//lab:task 4 points=3
func TestLevel_EqualEndsOverlap(t *testing.T) {
	picks(t, five, treeOf(
		level(2, file(21, 200, "e", "k")),
		level(3, file(11, 60, "a", "d"), file(12, 60, "da", "e"), file(13, 60, "k", "m"), file(14, 60, "ma", "z")),
		level(4, file(1, 5000, "a", "z")),
	), "L2 21, L3 12 13 into L3")
	picks(t, five, treeOf(
		level(2, file(21, 200, "e", "k")),
		level(3, file(11, 60, "a", "d\xff"), file(14, 60, "k\x00", "z")),
		level(4, file(1, 5000, "a", "z")),
	), "L2 21 into L3")
}

// The table with the lowest number was made first, so it has waited longest; where it stands among the keys says
// nothing.
//
//lab:task 4 points=3
func TestLevel_TableThatHasWaitedLongest(t *testing.T) {
	picks(t, five, treeOf(
		level(2, file(23, 60, "a", "c"), file(21, 60, "e", "g"), file(22, 60, "m", "z")),
		level(4, file(1, 5000, "a", "z")),
	), "L2 21 into L3")
	picks(t, five, treeOf(
		level(2, file(22, 60, "a", "c"), file(23, 60, "e", "g"), file(21, 60, "m", "z")),
		level(4, file(1, 5000, "a", "z")),
	), "L2 21 into L3")
	picks(t, five, treeOf(
		level(2, file(21, 60, "a", "c"), file(23, 60, "e", "g"), file(22, 60, "m", "z")),
		level(4, file(1, 5000, "a", "z")),
	), "L2 21 into L3")
}

// Level 2 gets a new table each time one has left. Within four merges each of the four that were there has had its
// turn. If always the newest were taken, the others would stay up for ever: their tombstones free no space, and their
// old versions are never dropped.
//
//lab:task 4 points=3
func TestLevel_EveryTablesTurnComes(t *testing.T) {
	tree := treeOf(
		level(2, file(24, 60, "a", "b"), file(22, 60, "c", "d"), file(25, 60, "e", "f"), file(23, 60, "g", "h")),
		level(4, file(1, 5000, "a", "z")))
	waiting := map[uint64]bool{22: true, 23: true, 24: true, 25: true}
	for number := uint64(26); number < 30; number++ {
		task, ok := five.Pick(tree)
		if !ok || len(task.Inputs[0].Tables) != 1 || task.Inputs[0].Level != 2 {
			t.Fatalf("want one table of level 2, got %s of the tree\n%s", text(task), labtest.Drawing(tree))
		}
		took := task.Inputs[0].Tables[0]
		delete(waiting, took.Number)
		tables := append([]shape.Table{}, tree.Runs[0].Tables...)
		for i := range tables {
			if tables[i].Number == took.Number { // merged, and new data has come down from above, with the same keys
				tables[i] = file(number, 60, string(took.First), string(took.Last))
			}
		}
		tree = treeOf(level(2, tables...), tree.Runs[1])
	}
	if len(waiting) > 0 {
		t.Errorf("after four merges out of level 2, these of the four tables had no turn: %v", waiting)
	}
}

// Where nothing is met, the task has one input, and the compactor only moves the table: no byte is read. A run without
// tables among the inputs would be a broken task.
//
//lab:task 4 points=2
func TestLevel_NothingIsMet(t *testing.T) {
	picks(t, five, sized(0, 0, 200, 0, 5000), "L2 2 into L3")
	picks(t, five, treeOf(
		level(2, file(21, 200, "m", "n")),
		level(3, file(11, 60, "a", "l"), file(12, 60, "o", "z")),
		level(4, file(1, 5000, "a", "z")),
	), "L2 21 into L3")
}

// The tree has shrunk: levels 1 and 2 should be empty, so their tables go down one by one, the higher level first,
// although neither is large. Then the base level can go down too.
//
//lab:task 4 points=4
func TestLevel_SuperfluousLevelsAreEmptied(t *testing.T) {
	bottom := level(4, file(1, 60, "a", "z"))
	tree := treeOf(level(1, file(7, 2, "a", "b")), level(2, file(6, 9, "a", "b"), file(5, 9, "c", "d")), bottom)
	picks(t, five, tree, "L1 7, L2 6 into L2")
	tree = treeOf(level(2, file(8, 11, "a", "b"), file(5, 9, "c", "d")), bottom)
	picks(t, five, tree, "L2 5 into L3")
	tree = treeOf(level(2, file(8, 11, "a", "b")), level(3, file(5, 9, "c", "d")), bottom)
	picks(t, five, tree, "L2 8 into L3")
	tree = treeOf(level(3, file(8, 11, "a", "b"), file(5, 9, "c", "d")), bottom)
	picks(t, five, tree, "L3 5, L4 1 into L4")
	tree = treeOf(level(4, file(9, 80, "a", "z")))
	picks(t, five, tree, "")
}

// A table goes to the next level and not past it, even if that one is empty and small. Its own level keeps the others.
//
//lab:task 4 points=2
func TestLevel_ToTheNextLevelOnly(t *testing.T) {
	picks(t, five, treeOf(
		level(1, file(31, 150, "a", "c"), file(32, 150, "d", "f")),
		level(3, file(11, 7000, "a", "z")), level(4, file(1, 70_000, "a", "z")),
	), "L1 31 into L2")
	three := leveled.Policy{BaseSize: 100, Levels: 3}
	picks(t, three, treeOf(level(1, file(31, 150, "a", "c")), level(2, file(1, 5000, "a", "z"))), "L1 31, L2 1 into L2")
}

// Any legal tree, as any other policy may have left it: each task damages nothing, moves at least one table down and
// none up, and after finitely many of them the policy wants nothing more. Then level 0 has fewer runs than the trigger,
// each level with a target is below it, and all others but the bottom are empty.
//
//lab:task 4 points=5 random
func TestPick_AnyTreeComesToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSettings(t)
		p, ref := set.mine(), set.reference()
		tree := drawTree(t, 6, set.levels, 5)
		for n := 0; ; n++ {
			task, ok := p.Pick(tree)
			if !ok {
				break
			}
			if n > 2000 {
				t.Fatalf("no rest after 2,000 tasks; the last is %s of the tree\n%s", text(task), labtest.Drawing(tree))
			}
			after := labtest.Merged(t, tree, task)
			if task.Inputs[0].Level >= task.Output.Level {
				t.Fatalf("the task %s takes nothing down in the tree\n%s", text(task), labtest.Drawing(tree))
			}
			tree = after
		}
		for l, score := range ref.Scores(tree) {
			if score >= 1 {
				t.Errorf("%+v: at rest, but level %d has a score of %.2f in the tree\n%s", set, l, score, labtest.Drawing(tree))
			}
		}
	})
}
