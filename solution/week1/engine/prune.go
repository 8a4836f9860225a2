//lab:day 1.6

package engine

import (
	"bytes"

	"lsmlab/internal/kv"
)

// Leaving a table out must never change an answer; it may only save a read. Both functions look at keys that an open table
// has in memory, and read nothing.

// keyWithin reports whether a table with these first and last user keys may hold key.
//
//lab:todo 3 write-path#pruning
//lab:hint Both ends belong to the table: its first key is in it, and its last key is.
//lab:stub return true
func keyWithin(first, last, key []byte) bool {
	// #region key-within
	return bytes.Compare(first, key) <= 0 && bytes.Compare(key, last) <= 0
	// #endregion
}

// rangeOverlap reports whether a run with these first and last user keys may hold a key of the range from lower to upper.
//
//lab:todo 3 write-path#pruning
//lab:hint A run can be left out only if all of it lies before the range, or all of it behind.
//lab:hint If all of it lies before the range, which of its keys decides that? And for the other end?
//lab:hint Which bound lets a key of its own value in, and which does not? kv.Bound knows.
//lab:stub return true
func rangeOverlap(first, last []byte, lower, upper kv.Bound) bool {
	// #region range-overlap
	return lower.AdmitsFromBelow(last) && upper.AdmitsFromAbove(first)
	// #endregion
}
