package iterator

import (
	"errors"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Merging walks the entries of several sorted iterators, its children, as one sorted sequence. Nothing is left out: an
// entry that two children hold comes twice.
//
// Invariant, whenever no method is running: each child that is Valid stands in the heap, once, with the key that it
// stands on; no other child does. The heap's root has the smallest key: it is the merge's current entry.
type Merging struct {
	children []kv.Iterator // newest first
	heap     heap          // the children that are valid
	err      error         // of the child that failed; the heap is then empty
}

// NewMerging returns a merge of children, which are given newest first: where two of them hold the same key, the earlier
// one's entry comes first. The merge owns its children and closes them.
func NewMerging(children ...kv.Iterator) *Merging {
	return &Merging{children: children, heap: make(heap, 0, len(children))}
}

// First moves to the smallest entry of all children.
func (m *Merging) First() {
	for _, child := range m.children {
		child.First()
	}
	m.build()
}

// SeekGE moves to the smallest entry at or after target. Like First it forgets an earlier error.
func (m *Merging) SeekGE(target kv.Key) {
	// TODO(week 1, day 2, task 2): implement SeekGE. Chapter: book/week1/day2-merging-iterators.md#seek
	//
	// Hint: Which children have to move: the one at the root, or all of them?
	// Hint: The children stand elsewhere now. What in the heap is still true?
	panic(todo.Reached("week 1 day 2 task 2", "Merging.SeekGE"))
}

// build makes the heap anew from where the children stand, and forgets an earlier error. A child that is not valid is
// left out; if it has failed, the whole merge has: see failed.
func (m *Merging) build() {
	// TODO(week 1, day 2, task 1): implement build. Chapter: book/week1/day2-merging-iterators.md#merge
	//
	// Hint: A child that is not Valid has no key: it must not get into the heap.
	// Hint: Ask m.failed about each child that is not Valid; once it says true, there is nothing left to build.
	// Hint: Nodes without children of their own are heaps already. Sift down all others, the last of them first.
	panic(todo.Reached("week 1 day 2 task 1", "Merging.build"))
}

// Next moves to the following entry: the child at the root moves, then the heap is put in order. On a merge that has
// ended it does nothing.
func (m *Merging) Next() {
	// TODO(week 1, day 2, task 1): implement Next. Chapter: book/week1/day2-merging-iterators.md#merge
	//
	// Hint: Only one child moves. Its cached key is out of date as soon as it has.
	// Hint: A child that has come to its end leaves its place to the last source of the heap; but ask m.failed first.
	panic(todo.Reached("week 1 day 2 task 1", "Merging.Next"))
}

// failed reports whether child, which is not valid, has ended with an error and not at its normal end. If so, the merge
// ends with that error too: the other children's entries could not be trusted, as the failed one may hold newer ones.
func (m *Merging) failed(child kv.Iterator) bool {
	// TODO(week 1, day 2, task 2): implement failed. Chapter: book/week1/day2-merging-iterators.md#failure
	//
	// Hint: A child that is not Valid has either ended or failed: only its Err tells which.
	// Hint: Which state makes Valid return false and Next do nothing, without one more field?
	todo.Note("week 1 day 2 task 2", "Merging.failed")
	return false
}

// Valid reports whether the merge stands on an entry.
func (m *Merging) Valid() bool { return len(m.heap) > 0 }

// Key returns the current entry's key. It is the child's own slice, valid until the merge moves.
func (m *Merging) Key() kv.Key { return m.heap[0].key }

// Value returns the current entry's value. It is the child's own slice, valid until the merge moves.
func (m *Merging) Value() []byte { return m.heap[0].it.Value() }

// Err returns the error of the child that ended the merge, nil if none did.
func (m *Merging) Err() error { return m.err }

// Close closes every child, and returns all of their errors joined.
func (m *Merging) Close() error {
	m.heap = nil
	var err error
	for _, child := range m.children {
		err = errors.Join(err, child.Close())
	}
	return err
}
