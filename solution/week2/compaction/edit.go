//lab:day 2.1

package compaction

import (
	"bytes"
	"slices"

	"lsmlab/internal/shape"
)

// Edit returns what a task does to a tree, now that it is done: runs that lose tables go and come again without them, and the
// outputs come to the task's place, beside the tables there that were not merged. There may be none; they come in any order.
//
// now need not be the tree that the task was picked for. It has all of the task's inputs, and may have got other runs since.
// Runs of which nothing changes are not in the edit.
//
//lab:todo 1 compaction#edit
//lab:hint A table is known by its number. Its index, or the index of its run, may have changed since the task was picked.
//lab:hint Four kinds of runs: nothing of it merged; all of it; some of it; and the one at the output's place.
//lab:hint A run of no tables is not a run.
func Edit(now shape.Tree, task shape.Task, outputs []shape.Table) shape.Edit {
	// #region edit
	var edit shape.Edit
	merged := map[uint64]bool{}
	for _, t := range task.Tables() {
		merged[t.Number] = true
	}
	result := shape.Run{Place: task.Output, Tables: slices.Clone(outputs)}
	for _, r := range now.Runs {
		stay := slices.DeleteFunc(slices.Clone(r.Tables), func(t shape.Table) bool { return merged[t.Number] })
		joins := r.Place == task.Output && len(outputs) > 0
		if len(stay) == len(r.Tables) && !joins {
			continue
		}
		edit.Drop = append(edit.Drop, r)
		if r.Place == task.Output {
			result.Tables = append(result.Tables, stay...)
		} else if len(stay) > 0 {
			edit.Add = append(edit.Add, shape.Run{Place: r.Place, Tables: stay})
		}
	}
	if len(result.Tables) > 0 {
		slices.SortFunc(result.Tables, byFirst)
		edit.Add = append(edit.Add, result)
	}
	return edit
	// #endregion
}

// byFirst orders tables by their smallest keys.
func byFirst(a, b shape.Table) int { return bytes.Compare(a.First, b.First) }
