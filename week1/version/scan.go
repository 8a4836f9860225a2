package version

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// NewIterator returns an iterator over the versions of all runs, memtables included, in the order of their internal
// keys. It shows every version and every tombstone: this is what a merge of tables reads. Runs that hold no key from
// lower to upper may be left out; keys beyond the bounds may still appear.
func (v *Version) NewIterator(lower, upper kv.Bound) kv.Iterator {
	// TODO(week 1, day 5, task 4): implement NewIterator. Chapter: book/week1/day5-read-path.md#scan
	//
	// Hint: iterator.NewMerging wants its children newest first. v.Memtables.Tables() and v.Runs already are.
	// Hint: A run that v.Prune.mayOverlap rules out need not become a child at all, nor an empty memtable. One child needs no merge.
	panic(todo.Reached("week 1 day 5 task 4", "Version.NewIterator"))
}

// Scan returns an iterator over what a reader at sequence number at sees between the bounds: each user key once, with
// the value it had then, without those that were deleted then. What is written after it began has higher numbers and
// stays out. The iterator is not positioned yet; First moves to the first key inside the bounds.
func (v *Version) Scan(lower, upper kv.Bound, at kv.Seq) kv.Iterator {
	// TODO(week 1, day 5, task 4): implement Scan. Chapter: book/week1/day5-read-path.md#scan
	//
	// Hint: Day 2 built the three parts. Which one wraps which? Which of them has nothing to do if there are no bounds?
	panic(todo.Reached("week 1 day 5 task 4", "Version.Scan"))
}
