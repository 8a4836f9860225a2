package draw

import (
	"fmt"
	"slices"
	"strings"

	"lsmlab/internal/shape"
)

// Plan draws a tree, a run a line, with keys from "a" to "z" from left to right: what a task merges is dark, the rest
// is light. Below it stands the task.
func Plan(tree shape.Tree, task shape.Task, ok bool) {
	var inputs []uint64
	for _, t := range task.Tables() {
		inputs = append(inputs, t.Number)
	}
	fmt.Printf("  %-6s %6s  a%sz\n", "run", "size", strings.Repeat(" ", 50))
	for _, r := range tree.Runs {
		line := []rune(strings.Repeat("·", 52))
		for _, t := range r.Tables {
			fill := '░'
			if slices.Contains(inputs, t.Number) {
				fill = '█'
			}
			for i := column(t.First); i <= column(t.Last)+1; i++ {
				line[i] = fill
			}
		}
		fmt.Printf("  %-6s %6d  %s\n", r.Place, r.Size(), string(line))
	}
	if ok {
		fmt.Printf("  %s\n\n", task)
	} else {
		fmt.Printf("  nothing to do\n\n")
	}
}

// column returns where a key of one letter begins.
func column(key []byte) int { return 2 * int(key[0]-'a') }
