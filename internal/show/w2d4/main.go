// W2d4 draws what the leveled policy makes of a growing tree, of a full one, and of one that has shrunk.
package main

import (
	"fmt"
	"strings"

	"lsmlab/internal/shape"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/simulator"
	"lsmlab/week2/leveled"
)

// mib is a mebibyte.
const mib = 1 << 20

func main() { draw.Main(picture) }

// picture plans, picks, and simulates.
func picture() error {
	var p leveled.Policy
	draw.Title("The plan for trees whose bottom has …")
	for _, bottom := range []int64{0, 12, 16, 17, 1000, 3000, 400_000} {
		targets, base := p.Targets(tree(0, map[int]int64{6: bottom}))
		fmt.Printf("  %7d MiB: base level %d ", bottom, base)
		for l := base; l < len(targets)-1; l++ {
			fmt.Printf(" · L%d %.1f MiB", l, float64(targets[l])/mib)
		}
		fmt.Println()
	}
	for _, t := range []struct {
		title string
		tree  shape.Tree
	}{
		{"A tree of 1.1 GiB", tree(3, map[int]int64{4: 22, 5: 95, 6: 1000})},
		{"The same after three flushes and a merge", tree(6, map[int]int64{4: 14, 5: 103, 6: 1000})},
		{"Nearly everything was deleted: 2 MiB are left on level 3, 12 MiB in the bottom",
			tree(4, map[int]int64{3: 2, 6: 12})},
	} {
		draw.Title("%s", t.title)
		levels(p, t.tree)
	}
	return simulate()
}

// tree makes a tree of runs on level 0, and levels of so many MiB, in tables of 8 MiB or less.
func tree(runs int, levels map[int]int64) (t shape.Tree) {
	number := uint64(900)
	for i := range runs {
		number--
		t.Runs = append(t.Runs, shape.Run{Place: shape.Place{Epoch: uint64(90 - i)}, Tables: []shape.Table{
			{Number: number, Size: 4 * mib, First: fmt.Appendf(nil, "%04d", i), Last: fmt.Appendf(nil, "%04d", 9999-i)},
		}})
	}
	for l := 1; l <= 6; l++ {
		left := levels[l] * mib
		if left == 0 {
			continue
		}
		r := shape.Run{Place: shape.Place{Level: l}}
		n := int((left + 8*mib - 1) / (8 * mib))
		for i := range n {
			number--
			first, last := i*10_000/n, (i+1)*10_000/n-1
			r.Tables = append(r.Tables, shape.Table{
				Number: number, Size: min(left, 8*mib), First: fmt.Appendf(nil, "%04d", first), Last: fmt.Appendf(nil, "%04d", last),
			})
			left -= 8 * mib
		}
		t.Runs = append(t.Runs, r)
	}
	return t
}

// levels draws sizes, targets and scores of a tree, and what is picked.
func levels(p leveled.Policy, t shape.Tree) {
	targets, base := p.Targets(t)
	scores := p.Scores(t)
	for l := range targets {
		runs := t.Level(l)
		if len(runs) == 0 && targets[l] == 0 {
			continue
		}
		var size int64
		for _, r := range runs {
			size += r.Size()
		}
		line := fmt.Sprintf("  L%d  %-11s", l, draw.Bytes(size))
		switch {
		case l == 0:
			line += fmt.Sprintf(" %-22s", fmt.Sprintf("in %d runs", len(runs)))
		case targets[l] == 0:
			line += fmt.Sprintf(" %-22s", "should be empty")
		case l == len(targets)-1:
			line += fmt.Sprintf(" %-22s", "the bottom")
		default:
			line += fmt.Sprintf(" %-22s", "of "+draw.Bytes(targets[l]))
		}
		line += fmt.Sprintf(" score %.2f", scores[l])
		if l == base {
			line += "   ◀ base level"
		}
		fmt.Println(line)
	}
	task, ok := p.Pick(t)
	if !ok {
		fmt.Println("  Pick: at rest")
		return
	}
	fmt.Printf("  Pick: %s\n", summary(task))
	if err := task.Check(t); err != nil {
		fmt.Printf("  That would damage the tree: %v\n", err)
	}
}

// summary returns a task with how many tables, instead of which, and the runs of level 0 in one word.
func summary(task shape.Task) string {
	var inputs []string
	if n := len(task.Inputs); n > 2 {
		inputs, task.Inputs = append(inputs, fmt.Sprintf("%d runs of L0", n-1)), task.Inputs[n-1:]
	}
	for _, in := range task.Inputs {
		inputs = append(inputs, fmt.Sprintf("%d of %s", len(in.Tables), in.Place))
	}
	return fmt.Sprintf("%s into %s, because %s", strings.Join(inputs, ", "), task.Output, task.Reason)
}

// simulate measures the policy.
func simulate() error {
	draw.Title("In the simulator: 800 MiB of random writes to 8,000 keys of 64 KiB, flushed 4 MiB at a time")
	r, err := simulator.Run(simulator.Subject{Policy: leveled.Policy{}}, simulator.Options{Steps: 200, Keys: 8000})
	if err != nil {
		return err
	}
	last := r.Last()
	fmt.Printf("  %.1f bytes written for each of yours, %.2f bytes on disk for each that lives, %d merges, %d moves\n",
		last.WriteAmp, last.SpaceAmp, r.Merges, r.Moves)
	return nil
}
