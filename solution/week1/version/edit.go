//lab:day 1.5

package version

import (
	"cmp"
	"fmt"
	"slices"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/memtable"
)

// Edit is one step from a version to the next. A flush adds a run and takes the memtable out that it was built from; a
// merge adds runs and drops those it has read. Readers see all of an edit or nothing of it.
type Edit struct {
	// Add are the new runs, in any order. None is in the version yet.
	Add []*Run
	// Drop are runs of the version that are not needed any more.
	Drop []*Run
	// Flushed is the memtable whose contents Add now holds; nil if the edit is not a flush.
	Flushed *memtable.Table
	// MinLog, Next and Last are for whoever keeps a record of edits: the number of the oldest log still needed, the
	// next file number that is free, and the highest sequence number in the tables. Apply does not look at them.
	MinLog, Next uint64
	Last         kv.Seq
}

// Apply returns the version that follows v: with e's runs added in their places, others dropped, and the flushed
// memtable gone, all in one step. v stays as it is, down to its slices, for whoever still reads it. To drop a run that
// v does not hold is a mistake of the programmer, and a panic.
//
//lab:todo 5 read-path#apply
//lab:hint Start from a copy of v.Runs. Deleting from or sorting v.Runs itself changes what readers of v are walking over.
//lab:hint Runs are told apart as pointers: two runs may have the same level and epoch.
//lab:hint Memtables.Without and a struct copy (next := *v) do most of the rest.
func (v *Version) Apply(e *Edit) *Version {
	// #region apply
	next := *v
	next.Runs = make([]*Run, 0, len(v.Runs)+len(e.Add))
	for _, r := range v.Runs {
		if !slices.Contains(e.Drop, r) {
			next.Runs = append(next.Runs, r)
		}
	}
	if kept := len(v.Runs) - len(e.Drop); len(next.Runs) != kept {
		panic(fmt.Sprintf("version: Apply: %d of %d runs to drop are not in the version", len(next.Runs)-kept, len(e.Drop)))
	}
	next.Runs = append(next.Runs, e.Add...)
	slices.SortStableFunc(next.Runs, newestFirst)
	if e.Flushed != nil {
		next.Memtables = v.Memtables.Without(e.Flushed)
	}
	return &next
	// #endregion
}

// newestFirst orders runs as a version holds them: below 0 if a comes before b.
//
//lab:todo 5 read-path#apply
//lab:hint The smaller level first. Within a level the higher epoch first.
func newestFirst(a, b *Run) int {
	if c := cmp.Compare(a.level, b.level); c != 0 {
		return c
	}
	return cmp.Compare(b.epoch, a.epoch)
}
