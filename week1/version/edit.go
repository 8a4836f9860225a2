package version

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/memtable"
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
func (v *Version) Apply(e *Edit) *Version {
	// TODO(week 1, day 5, task 5): implement Apply. Chapter: book/week1/day5-read-path.md#apply
	//
	// Hint: Start from a copy of v.Runs. Deleting from or sorting v.Runs itself changes what readers of v are walking over.
	// Hint: Runs are told apart as pointers: two runs may have the same level and epoch.
	// Hint: Memtables.Without and a struct copy (next := *v) do most of the rest.
	panic(todo.Reached("week 1 day 5 task 5", "Version.Apply"))
}

// newestFirst orders runs as a version holds them: below 0 if a comes before b.
func newestFirst(a, b *Run) int {
	// TODO(week 1, day 5, task 5): implement newestFirst. Chapter: book/week1/day5-read-path.md#apply
	//
	// Hint: The smaller level first. Within a level the higher epoch first.
	panic(todo.Reached("week 1 day 5 task 5", "newestFirst"))
}
