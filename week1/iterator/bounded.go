package iterator

import (
	"math"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Bounded shows of a sorted sequence the entries whose user keys lie in a range.
//
// Both ends cost little. At the lower one it seeks instead of walking; at the upper one it stops at the first entry
// beyond, and does not move inner again until it is positioned anew.
type Bounded struct {
	inner kv.Iterator
	start kv.Key   // no entry of the range is before it
	upper kv.Bound // the range's end
	key   kv.Key   // the current entry's; borrowed from inner
	valid bool     // inner stands on an entry of the range
}

// NewBounded returns the entries of inner from lower to upper. It owns inner and closes it. It keeps the bounds' keys and
// does not copy them.
func NewBounded(inner kv.Iterator, lower, upper kv.Bound) *Bounded {
	return &Bounded{inner: inner, start: startOf(lower), upper: upper}
}

// startOf returns the smallest internal key that lies inside lower: everything from there on does, nothing before it.
func startOf(lower kv.Bound) kv.Key {
	// TODO(week 1, day 2, task 4): implement startOf. Chapter: book/week1/day2-merging-iterators.md#bounded
	//
	// Hint: A user key may have many versions. Included: which internal key comes before all of them?
	// Hint: Excluded: behind the last of them. "k" and one byte more is the next user key: which byte?
	// Hint: Do not append to the bound's own key: the memory behind it is not yours.
	panic(todo.Reached("week 1 day 2 task 4", "startOf"))
}

// firstOf returns the internal key before which no version of user can stand.
func firstOf(user []byte) kv.Key { return kv.Key{User: user, Trailer: math.MaxUint64} }

// First moves to the first entry of the range.
func (b *Bounded) First() { b.SeekGE(b.start) }

// SeekGE moves to the first entry of the range at or after target. A target before the range means the range's begin.
func (b *Bounded) SeekGE(target kv.Key) {
	// TODO(week 1, day 2, task 4): implement SeekGE. Chapter: book/week1/day2-merging-iterators.md#bounded
	//
	// Hint: There are two limits to respect here. Which of them is further to the right?
	panic(todo.Reached("week 1 day 2 task 4", "Bounded.SeekGE"))
}

// Next moves to the next entry of the range. On an iterator that has ended it does nothing.
func (b *Bounded) Next() {
	// TODO(week 1, day 2, task 4): implement Next. Chapter: book/week1/day2-merging-iterators.md#bounded
	//
	// Hint: What would inner do, if it moved on after the end?
	panic(todo.Reached("week 1 day 2 task 4", "Bounded.Next"))
}

// settle finds out, after inner has moved, whether it stands on an entry of the range.
func (b *Bounded) settle() {
	// TODO(week 1, day 2, task 4): implement settle. Chapter: book/week1/day2-merging-iterators.md#bounded
	//
	// Hint: Nothing before the range can come: inner was positioned at its begin. So what is left to check?
	panic(todo.Reached("week 1 day 2 task 4", "Bounded.settle"))
}

// Valid reports whether the iterator stands on an entry.
func (b *Bounded) Valid() bool { return b.valid }

// Key returns the current entry's key. It is inner's own slice, valid until the iterator moves.
func (b *Bounded) Key() kv.Key { return b.key }

// Value returns the current entry's value. It is inner's own slice, valid until the iterator moves.
func (b *Bounded) Value() []byte { return b.inner.Value() }

// Err returns the error that ended inner, nil if there was none. The end of the range is no error.
func (b *Bounded) Err() error { return b.inner.Err() }

// Close closes inner.
func (b *Bounded) Close() error {
	b.valid = false
	return b.inner.Close()
}
