package iterator

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Visible shows of a sorted sequence of versions what a reader at one sequence number may see: of each user key the
// newest version with a number of at most at, unless that version is a tombstone. So a user key comes at most once.
//
// Invariant: once a version of a user key has been shown, or a tombstone been met, that user key is decided. Its older
// versions are passed by, whatever they are.
type Visible struct {
	inner   kv.Iterator
	at      kv.Seq
	key     kv.Key // the current entry's; borrowed from inner
	valid   bool   // inner stands on an entry that is shown
	user    []byte // the user key that was decided last: a copy, its memory used again
	decided bool   // user holds a user key; false after First and SeekGE
}

// NewVisible returns the view that a reader at sequence number at has of inner. It owns inner and closes it.
func NewVisible(inner kv.Iterator, at kv.Seq) *Visible { return &Visible{inner: inner, at: at} }

// First moves to the first user key that the reader can see.
func (v *Visible) First() {
	v.inner.First()
	v.decided = false
	v.settle()
}

// SeekGE moves to the first visible entry at or after target. For a target made by kv.SeekKey(user, s), with s at or
// above the reader's number, this is the first visible user key that is at or after user.
//
// In general, with target somewhere among a user key's versions: if the version that the reader sees of this user key
// comes before target, the view goes on to the next user key. It never shows an older version in its place.
func (v *Visible) SeekGE(target kv.Key) {
	// TODO(week 1, day 2, task 3): implement SeekGE. Chapter: book/week1/day2-merging-iterators.md#visible
	//
	// Hint: The reader cannot see what is newer than v.at: kv.SeekKey names the place where the rest begins.
	// Hint: Which user key was decided before the seek does not matter any more.
	// Hint: What if target stands behind the one version of its user key that is shown? Then Next leads to the answer.
	panic(todo.Reached("week 1 day 2 task 3", "Visible.SeekGE"))
}

// Next moves to the next user key that the reader can see. On a view that has ended it does nothing.
func (v *Visible) Next() {
	// TODO(week 1, day 2, task 3): implement Next. Chapter: book/week1/day2-merging-iterators.md#visible
	//
	// Hint: The version that is shown is done with. Where the next one that may be shown stands, settle finds out.
	panic(todo.Reached("week 1 day 2 task 3", "Visible.Next"))
}

// settle moves inner forward, if need be, to the first version that is to be shown, and notes its user key as decided.
func (v *Visible) settle() {
	// TODO(week 1, day 2, task 3): implement settle. Chapter: book/week1/day2-merging-iterators.md#visible
	//
	// Hint: For each version there are three questions: too new? user key decided already? tombstone?
	// Hint: A tombstone is not shown, but it decides its user key like any other version.
	// Hint: inner's slices change when it moves. What you want to compare with later has to be copied.
	panic(todo.Reached("week 1 day 2 task 3", "Visible.settle"))
}

// Valid reports whether the view stands on an entry.
func (v *Visible) Valid() bool { return v.valid }

// Key returns the current entry's key. It is inner's own slice, valid until the view moves.
func (v *Visible) Key() kv.Key { return v.key }

// Value returns the current entry's value. It is inner's own slice, valid until the view moves.
func (v *Visible) Value() []byte { return v.inner.Value() }

// Err returns the error that ended inner, nil if there was none.
func (v *Visible) Err() error { return v.inner.Err() }

// Close closes inner.
func (v *Visible) Close() error {
	v.valid = false
	return v.inner.Close()
}
