package version

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Get returns the value that user had at sequence number at. It returns kv.ErrNotFound if there was none then: never
// written, or deleted. Any other error means that a table could not be read, so that the answer is not known. The value
// is borrowed from the memtable or block that holds it: the caller must not change it. Get allocates nothing.
func (v *Version) Get(user []byte, at kv.Seq) (value []byte, err error) {
	// TODO(week 1, day 5, task 3): implement Get. Chapter: book/week1/day5-read-path.md#get
	//
	// Hint: From the top: the memtables first, then v.Runs in their order, each asked only if the one before had no answer.
	// Hint: A tombstone is an answer. So is an error: whoever goes on behind it may find a value that is out of date.
	// Hint: r.Table(user) is the one table of a run to ask. Skip it if there is none, or if v.Prune.mayHold says no.
	panic(todo.Reached("week 1 day 5 task 3", "Version.Get"))
}

// answer turns the version that decides a Get into what Get returns.
func answer(value []byte, kind kv.Kind) ([]byte, error) {
	// TODO(week 1, day 5, task 3): implement answer. Chapter: book/week1/day5-read-path.md#get
	//
	// Hint: Look at the kind, never at the value's length: an empty value is a value.
	panic(todo.Reached("week 1 day 5 task 3", "answer"))
}
