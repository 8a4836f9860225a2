package simple_test

import (
	"testing"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
)

// same fails the test, and shows the difference, unless got is the plan wanted.
func same(t labtest.TB, tree shape.Tree, setting, want, got string) {
	t.Helper()
	if want != got {
		t.Fatalf("%s\nwant: %s\ngot:  %s\nfor the tree (number:bytes[first…last])\n%s",
			setting, want, got, labtest.Drawing(tree))
	}
}

// settle applies what a policy picks until it picks nothing, and returns the tree at rest and the number of merges.
// After more merges than any tree of the tests needs, it gives up.
func settle(t labtest.TB, p shape.Policy, tree shape.Tree) (shape.Tree, int) {
	t.Helper()
	for merges := range 100 {
		task, ok := p.Pick(tree)
		if !ok {
			return tree, merges
		}
		tree = labtest.Merged(t, tree, task)
	}
	t.Fatalf("100 merges, and still there is something to do for the tree\n%s", labtest.Drawing(tree))
	return tree, 0
}

// bytesOf returns the bytes of all runs of a level.
func bytesOf(tree shape.Tree, level int) (sum int64) {
	for _, r := range tree.Level(level) {
		sum += r.Size()
	}
	return sum
}

// plans runs one test for each row: a tree, and what is to be picked for it.
func plans(t *testing.T, pick func(shape.Tree) (shape.Task, bool), rows map[string]struct{ tree, want string }) {
	t.Helper()
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			tree := labtest.Tree(t, row.tree)
			same(t, tree, "picked", row.want, labtest.Plan(pick(tree)))
		})
	}
}
