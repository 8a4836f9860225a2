package leveled

import (
	"cmp"
	"slices"

	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// choose returns the table of a level, of which there is one at least, that is to be merged into the level below.
func (p Policy) choose(tables, below []shape.Table) shape.Table {
	if first := oldest(tables); !p.LeastOverlap || overdue(first, tables) {
		return first
	}
	return leastOverlap(tables, below)
}

// patience is how long a table may be passed over, in new files for each table of its level. Measured with the
// simulator: from 2 to 4 nearly all of the writes are saved that can be saved, and space is given back nearly as soon
// as with the fair choice.
const patience = 4

// overdue reports whether the oldest table of a level has waited too long: files have been numbered since that are
// patience times as many as the level's tables. Without this a table of tombstones that meets much would never be
// merged.
func overdue(oldest shape.Table, tables []shape.Table) bool {
	newest := slices.MaxFunc(tables, byNumber)
	return newest.Number-oldest.Number > uint64(patience*len(tables))
}

// oldest returns the table with the lowest number: it has waited longest. Its merge gives tables with higher numbers,
// so every table's turn comes, and the whole range of keys is gone through. No pointer has to be kept for that, as
// LevelDB's compact_pointer.
func oldest(tables []shape.Table) shape.Table {
	// TODO(week 2, day 4, task 4): implement oldest. Chapter: book/week2/day4-leveled.md#fair
	//
	// Hint: Table.Number: what was made later has a higher one.
	panic(todo.Reached("week 2 day 4 task 4", "oldest"))
}

// byNumber orders tables by their numbers: the one that was made first comes first.
func byNumber(a, b shape.Table) int { return cmp.Compare(a.Number, b.Number) }

// leastOverlap returns the table for which the least has to be rewritten below, for each byte of its own; of several
// the one with the lowest number. This is RocksDB's kMinOverlappingRatio.
func leastOverlap(tables, below []shape.Table) shape.Table {
	// TODO(week 2, day 4, bonus): implement leastOverlap. Chapter: book/week2/day4-leveled.md#least
	//
	// Hint: overlapping gives what a table meets, shape.Size how much that is.
	// Hint: The ratio decides, not the bytes: a table of twice the size may meet twice as much.
	todo.Note("week 2 day 4 bonus", "leastOverlap")
	return oldest(tables)
}
