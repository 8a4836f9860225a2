package compaction

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
	"lsmlab/week1/sstable"
)

// outputs are the tables that come of a merge, one behind the other. There is a table in the making only while something is
// in it: a merge that keeps nothing makes no file.
type outputs struct {
	begin  func() (*engine.Output, error) // Job.NewOutput
	target int64                          // bytes at which a table ends

	open   *engine.Output   // the table in the making, nil if there is none
	last   []byte           // the user key that was added last, a copy
	done   []*engine.Output // finished
	tables []*sstable.Table // of done
}

// add appends a version, to a new table if there is none in the making or if that one ends here.
func (o *outputs) add(key kv.Key, value []byte) error {
	// TODO(week 2, day 1, task 2): implement add. Chapter: book/week2/day1-compaction.md#merge
	//
	// Hint: First ask whether the table in the making ends before this key, then whether there is one.
	// Hint: The key is borrowed from the merge, which moves on. What you want to compare with later has to be copied.
	panic(todo.Reached("week 2 day 1 task 2", "outputs.add"))
}

// finish completes the table in the making, if there is one. After an error that is still the table in the making.
func (o *outputs) finish() error {
	// TODO(week 2, day 1, task 2): implement finish. Chapter: book/week2/day1-compaction.md#merge
	//
	// Hint: The output belongs into o.done, its table into o.tables. After that there is no table in the making.
	panic(todo.Reached("week 2 day 1 task 2", "outputs.finish"))
}

// ends reports whether the table in the making is full and may end before user, the next key. All versions of one user key
// belong into one table: a reader asks one table of a run, and stops there.
func (o *outputs) ends(user []byte) bool {
	// TODO(week 2, day 1, task 3): implement ends. Chapter: book/week2/day1-compaction.md#split
	//
	// Hint: EstimatedSize of an output says how large its file would be now.
	// Hint: A table that is full and ends with "k" cannot end while the next version is of "k" too.
	todo.Note("week 2 day 1 task 3", "outputs.ends")
	return false
}

// abort removes every file of the merge: the one in the making, and those that were finished.
func (o *outputs) abort() {
	// TODO(week 2, day 1, task 3): implement abort. Chapter: book/week2/day1-compaction.md#cleanup
	//
	// Hint: Output.Abort closes and removes a file, whatever state it is in.
	todo.Note("week 2 day 1 task 3", "outputs.abort")
	return
}
