// W2d3 draws what tiered compaction picks, first for some trees, then in a store that is written to.
package main

import (
	"fmt"
	"os"

	"lsmlab/internal/shape"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/simulator"
	"lsmlab/week2/compaction"
	"lsmlab/week2/tiered"
)

func main() { draw.Main(picture) }

// picture draws a tree for each reason to merge, and a short life.
func picture() error {
	draw.Title("What your policy picks, with Runs 4; what is merged is dark:")
	for _, sizes := range [][]int64{
		{70, 80, 90, 100}, {10, 10, 21, 400}, {1, 30, 30, 400}, {1, 10, 100, 1000}, {90, 90, 90},
	} {
		tree := tiers(sizes)
		task, ok := tiered.Policy{Runs: 4}.Pick(tree)
		draw.Plan(tree, task, ok)
	}
	draw.Title("Twenty flushes with your policy, with Runs 4, and your edits:")
	result, err := simulator.Run(
		simulator.Subject{Policy: tiered.Policy{Runs: 4}, Edit: compaction.Edit, Below: compaction.Below},
		simulator.Options{Steps: 20, Quiescent: true, Trace: os.Stdout, Reasons: true},
	)
	if err != nil {
		return err
	}
	last := result.Last()
	fmt.Printf("\nwrite amplification %.2f, read amplification %.2f, space amplification %.2f\n",
		last.WriteAmp, last.ReadAmp, last.SpaceAmp)
	return nil
}

// tiers returns a tree of runs with these sizes, newest first.
func tiers(sizes []int64) (tree shape.Tree) {
	for i, size := range sizes {
		n := uint64(len(sizes) - i)
		table := shape.Table{Number: n, Size: size, First: []byte("a"), Last: []byte("z")}
		tree.Runs = append(tree.Runs, shape.Run{Place: shape.Place{Epoch: n}, Tables: []shape.Table{table}})
	}
	return tree
}
