// W2d2 draws what simple leveled compaction picks, first for some trees, then in a store that is written to.
package main

import (
	"fmt"
	"os"

	"lsmlab/internal/shape"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/simulator"
	"lsmlab/week2/compaction"
	"lsmlab/week2/simple"
)

func main() { draw.Main(picture) }

// picture draws three trees with what is picked for them, and a short life.
func picture() error {
	p := simple.Policy{Runs: 2, Levels: 3}
	draw.Title("What your policy picks, with Runs 2 and Levels 3; what is merged is dark:")
	last := run(2, 0, table(3, 400, "a", "z"))
	for _, tree := range [][]shape.Run{
		{
			run(0, 7, table(13, 10, "e", "k")),
			run(0, 6, table(12, 10, "h", "n")),
			run(1, 0, table(4, 25, "a", "d"), table(8, 25, "f", "j"), table(9, 25, "n", "r"), table(5, 25, "t", "z")),
			last,
		},
		{run(1, 0, table(8, 51, "a", "j"), table(9, 50, "l", "y")), last},
		{run(0, 7, table(13, 10, "a", "z")), run(1, 0, table(8, 100, "a", "z")), last},
	} {
		task, ok := p.Pick(shape.Tree{Runs: tree})
		draw.Plan(shape.Tree{Runs: tree}, task, ok)
	}
	draw.Title("Twelve flushes with your policy, as it is by default, and your edits:")
	result, err := simulator.Run(
		simulator.Subject{Policy: simple.Policy{}, Edit: compaction.Edit, Below: compaction.Below},
		simulator.Options{Steps: 12, Quiescent: true, Trace: os.Stdout, Reasons: true},
	)
	if err != nil {
		return err
	}
	end := result.Last()
	fmt.Printf("\nwrite amplification %.2f, read amplification %.2f, space amplification %.2f\n",
		end.WriteAmp, end.ReadAmp, end.SpaceAmp)
	return nil
}

// table returns a table of the keys from first to last.
func table(number uint64, size int64, first, last string) shape.Table {
	return shape.Table{Number: number, Size: size, First: []byte(first), Last: []byte(last)}
}

// run returns a run.
func run(level int, epoch uint64, tables ...shape.Table) shape.Run {
	return shape.Run{Place: shape.Place{Level: level, Epoch: epoch}, Tables: tables}
}
