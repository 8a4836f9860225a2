package labtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
)

// A tree that is drawn reads back as the same tree.
func TestTree_ReadsDrawings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := labtest.Trees().Draw(t, "tree")
		require.NoError(t, tree.Check())
		require.Equal(t, tree, labtest.Tree(t, labtest.Drawing(tree)))
	})
}

// A merge takes the inputs away, and what comes of them stands at the output's place, beside what stays there.
func TestMerged_PutsTheResultBesideWhatStays(t *testing.T) {
	tree := labtest.Tree(t, "L0@9 9:1[c…d]\nL0@7 7:2[a…b]\nL1 1:4[a…c] 2:8[x…z]")
	into := shape.Place{Level: 1}
	inputs := []shape.Run{tree.Runs[0], tree.Runs[1], {Place: into, Tables: tree.Runs[2].Tables[:1]}}
	task := shape.Task{Inputs: inputs, Output: into, Reason: "because"}
	require.Equal(t, "merge L0@9 9, L0@7 7, L1 1 into L1", labtest.Plan(task, true))
	require.Equal(t, "nothing", labtest.Plan(shape.Task{}, false))
	require.Equal(t, "L1    10:7[a…d] 2:8[x…z]\n", labtest.Drawing(labtest.Merged(t, tree, task)))
}
