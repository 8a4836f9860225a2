package leveled_test

import (
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
)

// file returns a table.
func file(number uint64, size int64, first, last string) shape.Table {
	return shape.Table{Number: number, Size: size, First: []byte(first), Last: []byte(last)}
}

// flushed returns a run of level 0.
func flushed(epoch uint64, tables ...shape.Table) shape.Run {
	return shape.Run{Place: shape.Place{Epoch: epoch}, Tables: tables}
}

// level returns the run of a level below 0.
func level(n int, tables ...shape.Table) shape.Run {
	return shape.Run{Place: shape.Place{Level: n}, Tables: tables}
}

// treeOf returns a tree of runs, which are given newest first.
func treeOf(runs ...shape.Run) shape.Tree { return shape.Tree{Runs: runs} }

// sized returns a tree with this many runs of one byte on level 0, and one table of each given size on levels 1, 2, …;
// none where the size is 0.
func sized(zero int, sizes ...int64) shape.Tree {
	var t shape.Tree
	for i := zero; i > 0; i-- {
		t.Runs = append(t.Runs, flushed(uint64(100+i), file(uint64(100+i), 1, "a", "z")))
	}
	for i, size := range sizes {
		if size > 0 {
			t.Runs = append(t.Runs, level(i+1, file(uint64(i+1), size, "a", "z")))
		}
	}
	return t
}

// text returns a task without its reason, which is for people and not graded: "L0@12 13, L1 7 8 into L1".
func text(task shape.Task) string {
	return strings.TrimPrefix(labtest.Plan(task, true), "merge ")
}

// same fails the test if got is not want, and shows the tree.
func same(t labtest.TB, what string, tree shape.Tree, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		drawing := labtest.Drawing(tree)
		if drawing == "" {
			drawing = "(it is empty)\n"
		}
		t.Fatalf("%s of the tree\n%s(-want +got)\n%s", what, drawing, diff)
	}
}

// picks fails the test if a policy does not pick the wanted task, as text returns it; "" if it should be at rest. And
// if the task would damage the tree, or the policy has changed the tree.
func picks(t labtest.TB, p shape.Policy, tree shape.Tree, want string) {
	t.Helper()
	before := tree.String()
	task, ok := p.Pick(tree)
	got := ""
	if ok {
		got = text(task)
		if err := task.Check(tree); err != nil {
			t.Errorf("the task %s would damage the tree\n%s%v", got, labtest.Drawing(tree), err)
		}
	}
	if after := tree.String(); after != before {
		t.Errorf("the policy has changed the tree that it was shown\nbefore:\n%safter:\n%s", before, after)
	}
	same(t, "task", tree, want, got)
}

// key returns a key that stands in order: "k0042".
func key(n int) []byte { return fmt.Appendf(nil, "k%04d", n) }

// drawRun draws tables that do not overlap, with numbers from the stock, for a place. It may have none.
func drawRun(t *rapid.T, place shape.Place, stock *[]uint64, most int) shape.Run {
	r := shape.Run{Place: place}
	at := 0
	for range rapid.IntRange(0, most).Draw(t, "tables") {
		first := at + rapid.IntRange(0, 9).Draw(t, "gap")
		last := first + rapid.IntRange(0, 20).Draw(t, "width")
		size := rapid.Int64Range(1, 120).Draw(t, "size")
		r.Tables = append(r.Tables, shape.Table{Number: (*stock)[0], Size: size, First: key(first), Last: key(last)})
		*stock = (*stock)[1:]
		at = last + 1
	}
	return r
}

// drawTree draws any legal tree of level 0 and levels 1 … deepest, as other policies may have left it: runs of level 0
// have up to three tables, and numbers say nothing about places.
func drawTree(t *rapid.T, zero, deepest, most int) shape.Tree {
	numbers := make([]uint64, 60)
	for i := range numbers {
		numbers[i] = uint64(i + 1)
	}
	stock := rapid.Permutation(numbers).Draw(t, "numbers")
	var tree shape.Tree
	add := func(r shape.Run) {
		if len(r.Tables) > 0 {
			tree.Runs = append(tree.Runs, r)
		}
	}
	for i := rapid.IntRange(0, zero).Draw(t, "runs of level 0"); i > 0; i-- {
		add(drawRun(t, shape.Place{Epoch: uint64(1000 + i)}, &stock, 3))
	}
	for l := 1; l <= deepest; l++ {
		add(drawRun(t, shape.Place{Level: l}, &stock, most))
	}
	return tree
}
