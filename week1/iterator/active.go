package iterator

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// NumActive returns how many sources an iterator still has entries to read from. An iterator of this package knows for
// itself. Any other counts as one source, as long as it is valid.
func NumActive(it kv.Iterator) int {
	// TODO(week 1, day 6, task 3): implement NumActive. Chapter: book/week1/day6-write-path.md#active
	//
	// Hint: Go can ask a value whether it has a method: it.(interface{ NumActive() int }).
	panic(todo.Reached("week 1 day 6 task 3", "NumActive"))
}

// oneIf returns 1 for true and 0 for false.
func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// NumActive returns the number of children that stand on an entry, the one with the merge's current entry among them. A
// merge that has ended has none, even if it was a failure that ended it.
func (m *Merging) NumActive() int {
	// TODO(week 1, day 6, task 3): implement NumActive. Chapter: book/week1/day6-write-path.md#active
	//
	// Hint: After the failure of one child the others may still stand on entries. Does the merge?
	panic(todo.Reached("week 1 day 6 task 3", "Merging.NumActive"))
}

// NumActive returns the number of sources that inner has, 0 after the end.
func (v *Visible) NumActive() int {
	// TODO(week 1, day 6, task 3): implement NumActive. Chapter: book/week1/day6-write-path.md#active
	//
	// Hint: The view adds no source and takes none away. But it may end before inner does.
	panic(todo.Reached("week 1 day 6 task 3", "Visible.NumActive"))
}

// NumActive returns the number of sources that inner has, 0 after the end of the range.
func (b *Bounded) NumActive() int {
	// TODO(week 1, day 6, task 3): implement NumActive. Chapter: book/week1/day6-write-path.md#active
	//
	// Hint: Behind the upper bound inner may have entries left. Does the reader get to see them?
	panic(todo.Reached("week 1 day 6 task 3", "Bounded.NumActive"))
}
