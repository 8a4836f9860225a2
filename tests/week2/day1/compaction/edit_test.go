package compaction_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/compaction"
	refcompaction "lsmlab/solution/week2/compaction"
)

// editCase checks the edit of one task: what goes, what comes, and that the tree is in order afterwards.
func editCase(t *testing.T, now shape.Tree, task shape.Task, outputs string, drop, add []string) {
	t.Helper()
	edit := compaction.Edit(now, task, tablesOf(outputs))
	same(t, "runs that go", drop, linesOf(edit.Drop))
	same(t, "runs that come", add, linesOf(edit.Add))
	require.NoError(t, applied(t, now, edit).Check(), "the tree afterwards")
}

// Two runs of level 0 are merged into level 1, which is empty so far. Both go, and one comes with the new table.
//
//lab:task 1 points=1
func TestEdit_MergedRunsGo(t *testing.T) {
	tree := shapeOf("L0@9: 9[c-f]", "L0@7: 7[a-d]")
	editCase(t, tree, taskOf(t, tree, "9 7 into L1"), "10[a-f]",
		[]string{"L0@9: 9[c-f]", "L0@7: 7[a-d]"}, []string{"L1: 10[a-f]"})
}

// Of the three tables of L1, one is merged into L2. The other two hold data that nobody else has: their run goes, and
// comes again without the one. To drop the run with all its tables would lose them.
//
//lab:task 1 points=2
func TestEdit_RunKeepsTablesThatWereNotMerged(t *testing.T) {
	tree := shapeOf("L1: 1[a-c] 2[f-h] 3[m-p]", "L2: 4[e-g]")
	editCase(t, tree, taskOf(t, tree, "2 4 into L2"), "5[e-h]",
		[]string{"L1: 1[a-c] 2[f-h] 3[m-p]", "L2: 4[e-g]"}, []string{"L1: 1[a-c] 3[m-p]", "L2: 5[e-h]"})
}

// L1 has tables on both sides of what is merged into it. A run is in the order of its keys, so the new tables stand
// between them, not behind.
//
//lab:task 1 points=2
func TestEdit_OutputsTakeTheirPlaceAmongTablesThatStay(t *testing.T) {
	tree := shapeOf("L0@9: 9[f-k]", "L1: 1[a-c] 2[g-h] 3[m-p]")
	editCase(t, tree, taskOf(t, tree, "9 2 into L1"), "10[f-g] 11[h-k]",
		[]string{"L0@9: 9[f-k]", "L1: 1[a-c] 2[g-h] 3[m-p]"}, []string{"L1: 1[a-c] 10[f-g] 11[h-k] 3[m-p]"})
}

// Nothing of L1 is merged, and yet L1 changes: a table comes, beside the one that is there. Two runs at one place are
// not a tree.
//
//lab:task 1 points=2
func TestEdit_RunAtOutputPlaceChangesThoughNothingOfItIsMerged(t *testing.T) {
	tree := shapeOf("L0@9: 9[f-k]", "L1: 1[a-c]")
	editCase(t, tree, taskOf(t, tree, "9 into L1"), "10[f-k]",
		[]string{"L0@9: 9[f-k]", "L1: 1[a-c]"}, []string{"L1: 1[a-c] 10[f-k]"})
}

// The merge took a minute, and two memtables were flushed meanwhile. They stand on top of the tree now, so that every
// run has another index than before. They are no part of the task: "all of level 0 goes" would lose a minute of writes.
//
//lab:task 1 points=3
func TestEdit_RunsFlushedMeanwhileStay(t *testing.T) {
	before := shapeOf("L0@9: 9[c-f]", "L0@7: 7[a-d]", "L1: 1[b-e]")
	task := taskOf(t, before, "9 7 1 into L1")
	now := shapeOf("L0@15: 15[a-z]", "L0@12: 12[a-f]", "L0@9: 9[c-f]", "L0@7: 7[a-d]", "L1: 1[b-e]")
	editCase(t, now, task, "13[a-f]",
		[]string{"L0@9: 9[c-f]", "L0@7: 7[a-d]", "L1: 1[b-e]"}, []string{"L1: 13[a-f]"})
	same(t, "the tree afterwards", []string{"L0@15: 15[a-z]", "L0@12: 12[a-f]", "L1: 13[a-f]"},
		linesOf(applied(t, now, compaction.Edit(now, task, tablesOf("13[a-f]"))).Runs))
}

// A run that nothing happens to is not in the edit, above the task or below it. To drop it and add it again would be a
// different run to everybody who holds the old one, and would be written to the manifest for nothing.
//
//lab:task 1 points=1
func TestEdit_LeavesOtherRunsAlone(t *testing.T) {
	tree := shapeOf("L0@9: 9[c-f]", "L1: 1[a-c] 2[e-h]", "L2: 3[b-e]", "L3: 4[a-z]")
	editCase(t, tree, taskOf(t, tree, "1 3 into L2"), "10[a-e]",
		[]string{"L1: 1[a-c] 2[e-h]", "L2: 3[b-e]"}, []string{"L1: 2[e-h]", "L2: 10[a-e]"})
}

// Everything that was merged was deleted: there are no outputs. A run of no tables is not a run, so nothing comes in
// its place, unless some of its tables stay. And a run at the output's place that neither loses nor gets a table has
// not changed: it is not in the edit at all.
//
//lab:task 1 points=2
func TestEdit_OfNoOutputsAddsNoEmptyRun(t *testing.T) {
	tree := shapeOf("L0@9: 9[c-f]", "L1: 1[a-d]")
	editCase(t, tree, taskOf(t, tree, "9 1 into L1"), "", []string{"L0@9: 9[c-f]", "L1: 1[a-d]"}, []string{})
	tree = shapeOf("L0@9: 9[c-f]", "L1: 1[a-d] 2[m-p]")
	editCase(t, tree, taskOf(t, tree, "9 1 into L1"), "", []string{"L0@9: 9[c-f]", "L1: 1[a-d] 2[m-p]"}, []string{"L1: 2[m-p]"})
	tree = shapeOf("L0@9: 9[c-f]", "L1: 1[x-z]")
	editCase(t, tree, taskOf(t, tree, "9 into L1"), "", []string{"L0@9: 9[c-f]"}, []string{})
}

// Tiers stay on their level. The three runs in the middle become one, at the place of the oldest of them: newer than
// the run below, older than the run above.
//
//lab:task 1 points=1
func TestEdit_MergedTierStandsWhereTaskSays(t *testing.T) {
	tree := shapeOf("L0@9: 9[a-z]", "L0@8: 8[a-m]", "L0@7: 7[a-z]", "L0@5: 5[c-d]", "L0@2: 2[a-z]")
	editCase(t, tree, taskOf(t, tree, "8 7 5 into L0@5"), "11[a-k] 12[m-z]",
		[]string{"L0@8: 8[a-m]", "L0@7: 7[a-z]", "L0@5: 5[c-d]"}, []string{"L0@5: 11[a-k] 12[m-z]"})
}

// A task may move tables: what comes out are the inputs themselves, in the order of the task, which need not be that of
// their keys. They leave their runs and stand in the other, once.
//
//lab:task 1 points=1
func TestEdit_InputMayBeItsOwnOutput(t *testing.T) {
	tree := shapeOf("L1: 1[a-c] 2[f-h]", "L2: 3[k-m]")
	editCase(t, tree, taskOf(t, tree, "2 into L2"), "2[f-h]",
		[]string{"L1: 1[a-c] 2[f-h]", "L2: 3[k-m]"}, []string{"L1: 1[a-c]", "L2: 2[f-h] 3[k-m]"})
	tree = shapeOf("L0@9: 9[x-z]", "L0@7: 7[p-q]", "L1: 2[f-h]")
	editCase(t, tree, taskOf(t, tree, "9 7 into L1"), "9[x-z] 7[p-q]",
		[]string{"L0@9: 9[x-z]", "L0@7: 7[p-q]", "L1: 2[f-h]"}, []string{"L1: 2[f-h] 7[p-q] 9[x-z]"})
	tree = shapeOf("L0@9: 9[x-z]", "L0@7: 7[p-q]")
	editCase(t, tree, taskOf(t, tree, "9 7 into L1"), "9[x-z] 7[p-q]",
		[]string{"L0@9: 9[x-z]", "L0@7: 7[p-q]"}, []string{"L1: 7[p-q] 9[x-z]"})
}

// A tree belongs to whoever gave it: others read it at the same time. The slices of the old tree, of the task and of
// the outputs hold afterwards what they held before, and the edit's runs share no memory with them that could be
// overwritten.
//
//lab:task 1 points=1
func TestEdit_ChangesNothingItIsGiven(t *testing.T) {
	tree := shapeOf("L0@9: 9[f-k]", "L1: 1[a-c] 2[g-h] 3[m-p]")
	task := taskOf(t, tree, "9 2 into L1")
	outputs := slices.Grow(tablesOf("10[f-g] 11[h-k]"), 8)
	compaction.Edit(tree, task, outputs)
	same(t, "the tree", []string{"L0@9: 9[f-k]", "L1: 1[a-c] 2[g-h] 3[m-p]"}, linesOf(tree.Runs))
	same(t, "the task's inputs", []string{"L0@9: 9[f-k]", "L1: 2[g-h]"}, linesOf(task.Inputs))
	same(t, "the outputs", []string{"L1: 10[f-g] 11[h-k]"}, linesOf([]shape.Run{{Place: task.Output, Tables: outputs}}))
	spare := outputs[len(outputs):cap(outputs)]
	require.Zero(t, spare[0].Number, "memory behind the outputs, which belongs to the caller")

	tree, moved := shapeOf("L0@9: 9[x-z]", "L0@7: 7[p-q]"), tablesOf("9[x-z] 7[p-q]")
	compaction.Edit(tree, taskOf(t, tree, "9 7 into L1"), moved)
	same(t, "tables that are moved, as they were given", []string{"L1: 9[x-z] 7[p-q]"},
		linesOf([]shape.Run{{Place: task.Output, Tables: moved}}))
}

// drawShape returns a random tree of a few runs. With next it numbers its tables.
func drawShape(t *rapid.T, next *uint64) (tree shape.Tree) {
	places := []shape.Place{{Level: 0, Epoch: 9}, {Level: 0, Epoch: 7}, {Level: 0, Epoch: 4}, {Level: 1}, {Level: 2}, {Level: 5}}
	for _, p := range places {
		if r := (shape.Run{Place: p, Tables: drawTables(t, next)}); len(r.Tables) > 0 {
			tree.Runs = append(tree.Runs, r)
		}
	}
	return tree
}

// drawTables returns up to four random tables that could be a run.
func drawTables(t *rapid.T, next *uint64) (tables []shape.Table) {
	for key := 'a' + rune(rapid.IntRange(0, 6).Draw(t, "first")); len(tables) < 4; {
		last := key + rune(rapid.IntRange(0, 5).Draw(t, "width"))
		if last > 'z' || rapid.IntRange(0, 3).Draw(t, "stop") == 0 {
			break
		}
		*next++
		tables = append(tables, shape.Table{Number: *next, Size: 100, First: []byte(string(key)), Last: []byte(string(last))})
		key = last + 1 + rune(rapid.IntRange(0, 4).Draw(t, "gap"))
	}
	return tables
}

// drawTask returns a random task that does no damage to the tree; ok is false if none was found.
func drawTask(t *rapid.T, tree shape.Tree) (task shape.Task, ok bool) {
	for range 20 {
		task = shape.Task{Output: rapid.SampledFrom([]shape.Place{{Level: 0, Epoch: 4}, {Level: 1}, {Level: 2}, {Level: 6}}).Draw(t, "output")}
		for _, r := range tree.Runs {
			in := shape.Run{Place: r.Place}
			for _, table := range r.Tables {
				if rapid.IntRange(0, 2).Draw(t, fmt.Sprint("input ", table.Number)) > 0 {
					in.Tables = append(in.Tables, table)
				}
			}
			if len(in.Tables) > 0 && r.Compare(task.Output) <= 0 {
				task.Inputs = append(task.Inputs, in)
			}
		}
		if task.Check(tree) == nil {
			return task, true
		}
	}
	return task, false
}

// drawOutputs returns random tables between the ends of what a task merges, as a merge could make them, or none.
func drawOutputs(t *rapid.T, task shape.Task, next *uint64) (outputs []shape.Table) {
	first, last := shape.Span(task.Tables())
	for key := first[0]; key <= last[0]; key++ {
		end := min(last[0], key+byte(rapid.IntRange(0, 9).Draw(t, "width")))
		if rapid.IntRange(0, 3).Draw(t, "nothing here") > 0 {
			*next++
			outputs = append(outputs, shape.Table{Number: *next, Size: 50, First: []byte{key}, Last: []byte{end}})
		}
		key = end
	}
	return outputs
}

// Random trees, random tasks, random outputs, and flushes that come meanwhile: the edit is the reference's, and the
// tree that it leads to is in order.
//
//lab:task 1 points=2 random
func TestEdit_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var next uint64
		tree := drawShape(t, &next)
		task, ok := drawTask(t, tree)
		if !ok {
			return
		}
		outputs := drawOutputs(t, task, &next)
		now := tree
		for range rapid.IntRange(0, 2).Draw(t, "flushes") {
			next++
			flushed := shape.Run{Place: shape.Place{Epoch: 10 + next}, Tables: []shape.Table{{Number: next, First: []byte("a"), Last: []byte("z")}}}
			now = shape.Tree{Runs: append([]shape.Run{flushed}, now.Runs...)}
		}
		labtestLog(t, "%v\n%v\noutputs %v", now, task, linesOf([]shape.Run{{Place: task.Output, Tables: outputs}}))
		got, want := compaction.Edit(now, task, outputs), refcompaction.Edit(now, task, outputs)
		same(t, "runs that go", linesOf(want.Drop), linesOf(got.Drop))
		same(t, "runs that come", linesOf(want.Add), linesOf(got.Add))
		require.NoError(t, applied(t, now, got).Check(), "the tree afterwards")
	})
}

// labtestLog shows what a random test is about to do, in the run that fails.
func labtestLog(t labtest.TB, format string, args ...any) {
	if l, ok := t.(interface{ Logf(string, ...any) }); ok {
		l.Logf(format, args...)
	}
}
