//lab:day 2.4

package leveled

import (
	"bytes"
	"fmt"
	"slices"
	"sort"

	"lsmlab/internal/shape"
)

// mergeZero returns the task that merges all runs of level 0, of which there is one at least, into the base level. All
// of them: a newer run must not pass an older one, and each merge rewrites most of the base level, so it should be
// worth it.
//
//lab:todo 3 leveled#zero
//lab:hint The tree is a value that others look at too: append to a copy of its runs, never to the slice itself.
func (p Policy) mergeZero(t shape.Tree) shape.Task {
	// #region zero
	runs := t.Level(0)
	_, base := p.Targets(t)
	return into(t, base, runs, fmt.Sprintf("level 0 has %d runs", len(runs)))
	// #endregion
}

// into returns the task that merges inputs, runs from above a level, into that level, with all tables of the level that
// lie between the ends of the inputs.
//
// Those that no input overlaps are taken too: where the new tables will be cut is not known yet, and one of them may
// reach over such a gap.
//
//lab:todo 3 leveled#overlap
//lab:hint shape.Span gives the two ends of all inputs together. Task.Tables gives the tables.
//lab:hint A run without tables is no run: if nothing overlaps, nothing is added to the inputs.
func into(t shape.Tree, level int, inputs []shape.Run, reason string) shape.Task {
	// #region into
	task := shape.Task{Inputs: inputs, Output: shape.Place{Level: level}, Reason: reason}
	first, last := shape.Span(task.Tables())
	there, _ := t.At(task.Output)
	there.Tables = overlapping(there.Tables, first, last)
	if len(there.Tables) > 0 {
		task.Inputs = append(task.Inputs, there)
	}
	return task
	// #endregion
}

// overlapping returns those tables of a run, which are in the order of their keys, that may hold a key from first to
// last, both included. They stand side by side, so it is a piece of the slice, which is not to be changed.
//
//lab:todo 3 leveled#overlap
//lab:hint Asking each would do. But the bonus asks once for each table of a level: binary search is worth it.
//lab:hint The first of them is the first that does not end before first; the one behind them begins behind last.
func overlapping(tables []shape.Table, first, last []byte) []shape.Table {
	// #region overlapping
	from := sort.Search(len(tables), func(i int) bool { return bytes.Compare(tables[i].Last, first) >= 0 })
	to := sort.Search(len(tables), func(i int) bool { return bytes.Compare(tables[i].First, last) > 0 })
	return tables[from:to:to]
	// #endregion
}

// Full returns the task that merges everything into the bottom. Only an empty tree has nothing to merge.
//
//lab:todo 3 leveled#full
//lab:hint All runs, newest first: that is how the tree has them. But the task gets a slice of its own.
func (p Policy) Full(t shape.Tree) (task shape.Task, ok bool) {
	// #region full
	if len(t.Runs) == 0 {
		return shape.Task{}, false
	}
	bottom := len(p.withDefaults().sizes(t)) - 1
	return shape.Task{Inputs: slices.Clone(t.Runs), Output: shape.Place{Level: bottom}, Reason: "all of it"}, true
	// #endregion
}

// mergeLevel returns the task that merges one table of a level, which has tables and is neither level 0 nor the bottom,
// into the level below it.
//
//lab:todo 4 leveled#level
//lab:hint One table of this level, and what it meets on the next. The rest of both levels stays as it is.
func (p Policy) mergeLevel(t shape.Tree, level int) shape.Task {
	p = p.withDefaults()
	targets, _ := p.Targets(t)
	// #region level
	run, _ := t.At(shape.Place{Level: level})
	below, _ := t.At(shape.Place{Level: level + 1})
	reason := fmt.Sprintf("level %d has %d bytes, and should have %d", level, run.Size(), targets[level])
	run.Tables = []shape.Table{p.choose(run.Tables, below.Tables)}
	return into(t, level+1, []shape.Run{run}, reason)
	// #endregion
}
