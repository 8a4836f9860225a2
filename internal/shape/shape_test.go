package shape_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/shape"
)

// table returns a table of one byte from first to last.
func table(number uint64, first, last string) shape.Table {
	return shape.Table{Number: number, Size: 1, First: []byte(first), Last: []byte(last)}
}

// run returns a run at a place.
func run(level int, epoch uint64, tables ...shape.Table) shape.Run {
	return shape.Run{Place: shape.Place{Level: level, Epoch: epoch}, Tables: tables}
}

func TestTree_Check(t *testing.T) {
	good := shape.Tree{Runs: []shape.Run{run(0, 9, table(9, "a", "z")), run(0, 7, table(7, "a", "c"), table(8, "d", "e")), run(1, 0, table(1, "b", "b"))}}
	require.NoError(t, good.Check())
	require.Equal(t, "L0@9    9[a…z]\nL0@7    7[a…c] 8[d…e]\nL1      1[b…b]\n", good.String())
	for want, bad := range map[string]shape.Tree{
		"run L0@9 stands behind L0@7":          {Runs: []shape.Run{run(0, 7, table(1, "a", "b")), run(0, 9, table(2, "a", "b"))}},
		"run L1 stands behind L1":              {Runs: []shape.Run{run(1, 0, table(1, "a", "b")), run(1, 0, table(2, "c", "d"))}},
		"run L2 has no tables":                 {Runs: []shape.Run{run(2, 0)}},
		"table 1 stands in L0@7 and in L1":     {Runs: []shape.Run{run(0, 7, table(1, "a", "b")), run(1, 0, table(1, "a", "b"))}},
		`run L1: table 1 ends at "b", not bef`: {Runs: []shape.Run{run(1, 0, table(1, "a", "b"), table(2, "b", "c"))}},
	} {
		require.ErrorContains(t, bad.Check(), want)
	}
}

func TestTask_Check(t *testing.T) {
	newer, older, level := run(0, 9, table(9, "c", "f")), run(0, 7, table(7, "e", "k")), run(1, 0, table(1, "a", "b"), table(2, "g", "h"), table(3, "x", "z"))
	tree := shape.Tree{Runs: []shape.Run{newer, older, level}}
	into := func(level int, epoch uint64, inputs ...shape.Run) shape.Task {
		return shape.Task{Inputs: inputs, Output: shape.Place{Level: level, Epoch: epoch}}
	}
	require.NoError(t, into(1, 0, newer, older, run(1, 0, table(2, "g", "h"))).Check(tree), "all that overlaps is merged")
	require.NoError(t, into(0, 7, newer, older).Check(tree), "a merged tier stays on its level")
	require.NoError(t, into(2, 0, run(1, 0, table(3, "x", "z"))).Check(tree), "one table goes down")
	require.ErrorContains(t, into(1, 0, newer).Check(tree), "table 7 of L0@7 would be passed by the newer table 9 of L0@9")
	require.ErrorContains(t, into(1, 0, newer, older).Check(tree), "table 2 of L1 would be passed by the newer table 7")
	require.ErrorContains(t, into(1, 0, newer, older, level).Check(shape.Tree{Runs: []shape.Run{older, level}}), "input table 9 is not in run")
	require.ErrorContains(t, into(0, 9, newer, older).Check(tree), "cannot go up")
	require.ErrorContains(t, into(1, 0, older, newer).Check(tree), "not newest first")
	require.ErrorContains(t, into(1, 0).Check(tree), "no inputs")

	gap := shape.Tree{Runs: []shape.Run{run(0, 5, table(5, "a", "b")), run(0, 4, table(4, "x", "z")), run(1, 0, table(1, "m", "n"))}}
	require.ErrorContains(t, into(1, 0, gap.Runs[0], gap.Runs[1]).Check(gap), "table 1 stays in L1, between the ends")
}
