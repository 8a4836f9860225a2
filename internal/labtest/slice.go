package labtest

import (
	"slices"

	"lsmlab/internal/kv"
)

// FromSlice returns an iterator over the entries, which must be in order. It keeps to the letter of the contract: what
// Key and Value return is overwritten as soon as it moves, so whoever held on to it reads rubbish.
func FromSlice(entries []Entry) kv.Iterator { return Failing(entries, len(entries), nil) }

// Failing returns an iterator that meets err in place of the entry with index after, as a table does that has a bad
// block: entries before it are there, nothing behind it can be reached.
func Failing(entries []Entry, after int, err error) kv.Iterator {
	if !slices.IsSortedFunc(entries, func(a, b Entry) int { return a.Key.Compare(b.Key) }) {
		panic("labtest: entries are not in order; user keys ascend, and the newest version of one comes first")
	}
	return &sliceIterator{entries: entries, end: after, fault: err, at: -1}
}

// sliceIterator walks a slice. It shows copies, so that it can spoil them.
type sliceIterator struct {
	entries []Entry
	end     int   // the index at which it ends
	fault   error // why it ends there, nil for a normal end

	at    int // index of the current entry, -1 before the first positioning
	shown Entry
}

// First moves to the first entry.
func (s *sliceIterator) First() { s.move(0) }

// SeekGE moves to the first entry at or after target.
func (s *sliceIterator) SeekGE(target kv.Key) {
	i, _ := slices.BinarySearchFunc(s.entries, target, func(e Entry, k kv.Key) int { return e.Key.Compare(k) })
	s.move(i)
}

// Next moves on.
func (s *sliceIterator) Next() {
	s.require("Next")
	s.move(s.at + 1)
}

// move goes to entry i and spoils what was shown of the one before.
func (s *sliceIterator) move(i int) {
	spoil(s.shown)
	s.shown, s.at = Entry{}, i
	if s.Valid() {
		s.shown = clone(s.entries[i])
	}
}

// Valid reports whether there is a current entry.
func (s *sliceIterator) Valid() bool { return s.at >= 0 && s.at < min(s.end, len(s.entries)) }

// Key returns the current key.
func (s *sliceIterator) Key() kv.Key {
	s.require("Key")
	return s.shown.Key
}

// Value returns the current value.
func (s *sliceIterator) Value() []byte {
	s.require("Value")
	return s.shown.Value
}

// Err returns the fault, once it has been met.
func (s *sliceIterator) Err() error {
	if s.at >= s.end {
		return s.fault
	}
	return nil
}

// Close spoils what was shown last.
func (s *sliceIterator) Close() error {
	spoil(s.shown)
	s.at = -1
	return nil
}

// require panics if there is no current entry: the contract says that the caller has to look first.
func (s *sliceIterator) require(method string) {
	if !s.Valid() {
		panic("labtest: " + method + " on an iterator that is not valid")
	}
}

// clone returns an entry in memory of its own.
func clone(e Entry) Entry { return Entry{Key: e.Key.Clone(), Value: append([]byte{}, e.Value...)} }

// spoil overwrites the bytes of an entry that nobody may read any more.
func spoil(e Entry) {
	for i := range e.Key.User {
		e.Key.User[i] = 0xdb
	}
	for i := range e.Value {
		e.Value[i] = 0xdb
	}
}
