package block

import "lsmlab/internal/todo"

// prefix is the codec that leaves out what a user key has in common with the block's first.
type prefix struct{}

// Prefix returns the codec with number 1. It writes a user key as
//
//	shared size      uvarint    how many bytes it has in common with the block's first user key, from the beginning
//	rest size        uvarint
//	rest                        what follows them
//
// The first entry of a block has nothing to share with: its shared size is 0. Every other key is put together from the
// first key and its own rest alone, so that a binary search can still jump into the middle of the block.
func Prefix() Codec { return prefix{} }

// ID returns 1.
func (prefix) ID() byte { return 1 }

// sizes returns 2.
func (prefix) sizes() int { return 2 }

// Append appends the two sizes and the part of user that first does not have.
func (prefix) Append(dst, first, user []byte) []byte {
	// TODO(week 1, day 7, task 3): implement Append. Chapter: book/week1/day7-filters-and-prefixes.md#append
	//
	// Hint: How far do first and user agree? The shorter of the two may end before they differ.
	panic(todo.Reached("week 1 day 7 task 3", "prefix.Append"))
}

// Split returns the two pieces of the key: how much of the first user key, and the rest where it lies.
func (prefix) Split(src []byte) (shared int, rest []byte, n int) {
	// TODO(week 1, day 7, task 3): implement Split. Chapter: book/week1/day7-filters-and-prefixes.md#split
	//
	// Hint: Two uvarints, then bytes; each of the three may be cut off. Plain's Split shows how to refuse.
	// Hint: A shared size that no int can hold must not become a negative one. No key is longer than kv.MaxKeySize.
	panic(todo.Reached("week 1 day 7 task 3", "prefix.Split"))
}

// commonPrefix returns how many bytes a and b have in common from the beginning.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
