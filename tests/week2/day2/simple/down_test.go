package simple_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week2/simple"
	refsimple "lsmlab/solution/week2/simple"
)

// numbers returns the numbers of tables: "[1 2]".
func numbers(tables []shape.Table) string {
	out := []uint64{}
	for _, t := range tables {
		out = append(out, t.Number)
	}
	return fmt.Sprint(out)
}

// A table from "c" to "f" ends with exactly "f": that key is in it. If what comes begins with "f", it may hold a newer
// version of the same key, and the two tables may not stand side by side in one run. So ends that are equal are an
// overlap, on both sides.
//
//lab:task 1 points=3
func TestOverlapping_EqualEndsOverlap(t *testing.T) {
	run := labtest.Tree(t, "L1 1:9[c…f] 2:9[h…k] 3:9[m…p]").Runs[0].Tables
	for _, c := range []struct {
		first, last, want string
	}{
		{"f", "g", "[1]"}, {"g", "h", "[2]"}, {"f", "h", "[1 2]"}, {"k", "m", "[2 3]"},
		{"g", "g", "[]"}, {"a", "b", "[]"}, {"q", "z", "[]"}, {"a", "z", "[1 2 3]"},
		{"a", "c", "[1]"}, {"p", "z", "[3]"}, {"i", "j", "[2]"}, {"d", "n", "[1 2 3]"},
		{"ff", "gz", "[]"}, // "f" < "ff" < "h": bytes, not lengths
	} {
		got := numbers(simple.Overlapping(run, []byte(c.first), []byte(c.last)))
		if got != c.want {
			t.Errorf("tables of 1[c…f] 2[h…k] 3[m…p] that may hold a key from %q to %q\nwant: %s\ngot:  %s",
				c.first, c.last, c.want, got)
		}
	}
}

// The tree belongs to whoever gave it to you, and readers may be looking at it. A policy that sorts, cuts or appends in
// the tree's own slices changes the tree without an edit.
//
//lab:task 1 points=2
func TestDown_LeavesTheTreeAlone(t *testing.T) {
	drawing := "L0@2 9:1[a…c] 8:1[e…g]\nL0@1 7:1[b…z]\nL1 1:9[a…b] 2:9[d…e] 3:9[x…y]\nL2 4:9[a…z]"
	tree, untouched := labtest.Tree(t, drawing), labtest.Tree(t, drawing)
	task := simple.Down(tree, 0, "because")
	require.Equal(t, "because", task.Reason)
	for i := range task.Inputs {
		task.Inputs[i] = shape.Run{} // what is returned is the caller's
	}
	_ = simple.Down(tree, 1, "because")
	require.Equal(t, labtest.Drawing(untouched), labtest.Drawing(tree), "the tree after two calls of Down")
}

// All of level 0 goes, and of level 1 what lies between the smallest and the largest key that come. The runs of a task
// stand newest first, or an old version would win the merge.
//
//lab:task 1 points=3
func TestDown_WholeLevelAndWhatOverlaps(t *testing.T) {
	for _, c := range []struct {
		name       string
		level      int
		tree, want string
	}{
		{"between the ends of all that comes, not of each", 0,
			"L0@9 9:1[m…n]\nL0@7 7:1[d…e]\nL1 1:9[a…c] 2:9[f…k] 3:9[o…p]",
			"merge L0@9 9, L0@7 7, L1 2 into L1"},
		{"ends that are equal", 0, "L0@9 9:1[c…o]\nL1 1:9[a…c] 2:9[o…p] 3:9[q…r]", "merge L0@9 9, L1 1 2 into L1"},
		{"nothing below", 0, "L0@9 9:1[a…z]\nL0@8 8:1[a…z]", "merge L0@9 9, L0@8 8 into L1"},
		{"nothing overlaps", 0, "L0@9 9:1[k…m]\nL1 1:9[a…c] 2:9[x…z]", "merge L0@9 9 into L1"},
		{"all tables of a level, side by side", 1, "L0@9 9:1[a…z]\nL1 1:9[a…b] 2:9[c…d] 3:9[y…z]\nL2 4:9[b…c] 5:9[e…x]",
			"merge L1 1 2 3, L2 4 5 into L2"},
		{"levels that are deeper stay out", 1, "L1 1:9[a…z]\nL2 4:9[b…c]\nL3 5:9[a…z]", "merge L1 1, L2 4 into L2"},
		{"runs of many tables on level 0, as tiered compaction leaves them", 0,
			"L0@9 9:1[a…b] 8:1[e…f]\nL0@4 4:1[c…d] 3:1[g…h]\nL1 1:9[b…c]",
			"merge L0@9 9 8, L0@4 4 3, L1 1 into L1"},
	} {
		tree := labtest.Tree(t, c.tree)
		task := simple.Down(tree, c.level, c.name)
		same(t, tree, c.name, c.want, labtest.Plan(task, true))
		require.NoError(t, task.Check(tree), "%s", c.name)
	}
}

// Table 2 is merged into the place below its own run. On its way down it passes the older run of its level, so table
// 4, which overlaps with it and not with what came first, has to come along; or a new version of "m" would stand below
// an old one.
//
//lab:task 1 points=2
func TestDown_TablesThatComeAlongMayOverlapToo(t *testing.T) {
	tree := labtest.Tree(t, "L0@9 9:1[c…d]\nL1@5 2:9[d…m]\nL1 3:9[a…b] 4:9[m…p] 5:9[q…z]")
	task := simple.Down(tree, 0, "two runs on level 1")
	same(t, tree, "two runs on level 1", "merge L0@9 9, L1@5 2, L1 4 into L1", labtest.Plan(task, true))
	require.NoError(t, task.Check(tree))
}

// Random trees, as any policy may have left them. Your task must be the reference's, to the table: one table too few
// loses a write, one too many is work for nothing.
//
//lab:task 1 points=3 random
func TestDown_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := labtest.Trees().Filter(func(t shape.Tree) bool { return len(t.Runs) > 0 }).Draw(t, "tree")
		level := rapid.SampledFrom(tree.Runs).Draw(t, "a run").Level
		want, got := refsimple.Down(tree, level, ""), simple.Down(tree, level, "")
		same(t, tree, "all of one level goes down", labtest.Plan(want, true), labtest.Plan(got, true))
		require.NoError(t, got.Check(tree))
	})
}
