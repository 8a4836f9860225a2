package tiered_test

import (
	"testing"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
)

// row is a tree, and what is to be picked for it.
type row struct{ tree, want string }

// samePlan fails the test, and shows the tree, unless got is the plan wanted.
func samePlan(t labtest.TB, tree shape.Tree, setting, want, got string) {
	t.Helper()
	if want != got {
		t.Fatalf("%s\nwant: %s\ngot:  %s\nfor the tree (number:bytes[first…last])\n%s",
			setting, want, got, labtest.Drawing(tree))
	}
}

// picks runs one test for each row.
func picks(t *testing.T, pick func(shape.Tree) (shape.Task, bool), rows map[string]row) {
	t.Helper()
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			tree := labtest.Tree(t, row.tree)
			samePlan(t, tree, "picked", row.want, labtest.Plan(pick(tree)))
		})
	}
}

// tiers returns a tree of runs on level 0 with these sizes, newest first. The numbers of the tables, and the epochs of
// their runs, count down to 1.
func tiers(sizes ...int64) shape.Tree {
	var tree shape.Tree
	for i, size := range sizes {
		n := uint64(len(sizes) - i)
		tree.Runs = append(tree.Runs, shape.Run{
			Place:  shape.Place{Epoch: n},
			Tables: []shape.Table{{Number: n, Size: size, First: []byte("a"), Last: []byte("z")}},
		})
	}
	return tree
}

// takes returns how many runs a task merges, from which one of the tree on; 0, 0 if there is no task.
func takes(tree shape.Tree, task shape.Task, ok bool) (from, width int) {
	if !ok || len(task.Inputs) == 0 {
		return 0, 0
	}
	for i, r := range tree.Runs {
		if r.Place == task.Inputs[0].Place {
			from = i
		}
	}
	return from, len(task.Inputs)
}

// rest applies what a policy picks until it picks nothing, and returns the tree at rest and the number of merges. A
// policy that merges some runs into one has to be done before the runs are.
func rest(t labtest.TB, p shape.Policy, tree shape.Tree) (shape.Tree, int) {
	t.Helper()
	for merges := range len(tree.Runs) + 1 {
		task, ok := p.Pick(tree)
		if !ok {
			return tree, merges
		}
		tree = labtest.Merged(t, tree, task)
	}
	t.Fatalf("as many merges as there were runs, and there is still something to do for the tree\n%s",
		labtest.Drawing(tree))
	return tree, 0
}
