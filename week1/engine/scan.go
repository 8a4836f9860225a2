package engine

import (
	"iter"

	"lsmlab/internal/kv"
	"lsmlab/week1/iterator"
)

// Scan walks over the keys of a range and their values, as they were at the moment when it was made: what is written later
// does not appear. It is used by one goroutine at a time, and must be closed.
//
//	scan := e.Scan(kv.Included(from), kv.Excluded(to))
//	defer scan.Close()
//	for key, value := range scan.All() { … }
//	err := scan.Err()
//
// Slices are borrowed: they are valid until the scan moves or is closed.
type Scan struct {
	engine *Engine
	it     kv.Iterator
	err    error // kv.ErrClosed, once somebody has tried to move after the engine or the scan was closed
	done   bool  // the scan is closed
}

// Scan returns a scan of the keys from lower to upper. It keeps the bounds' keys, which must not be changed until the scan is
// closed. On a closed engine the scan is empty, and Err says why.
func (e *Engine) Scan(lower, upper kv.Bound) *Scan {
	v, at := e.View()
	return e.ScanOver(v.Scan(lower, upper, at))
}

// ScanOver returns a scan of what it shows, one entry a user key, for who has made an iterator of a View. The scan closes it.
func (e *Engine) ScanOver(it kv.Iterator) *Scan {
	if e.closed.Load() {
		it.Close()
		return &Scan{engine: e, it: kv.Empty(nil), err: kv.ErrClosed}
	}
	return &Scan{engine: e, it: it}
}

// All iterates from the first key to the last. Look at Err afterwards.
func (s *Scan) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		for s.First(); s.Valid(); s.Next() {
			if !yield(s.Key(), s.Value()) {
				return
			}
		}
	}
}

// First moves to the first key.
func (s *Scan) First() {
	if s.open() {
		s.it.First()
	}
}

// SeekGE moves to the first key at or after key. It does not keep key.
func (s *Scan) SeekGE(key []byte) {
	if s.open() {
		s.it.SeekGE(kv.SeekKey(key, kv.MaxSeq))
	}
}

// Next moves to the following key. Requires Valid.
func (s *Scan) Next() {
	if s.open() {
		s.it.Next()
	}
}

// open reports whether there is still something to read from.
func (s *Scan) open() bool {
	if s.done || s.engine.closed.Load() {
		s.err = kv.ErrClosed
	}
	return s.err == nil
}

// Valid reports whether the scan stands on a key.
func (s *Scan) Valid() bool { return s.err == nil && !s.done && s.it.Valid() }

// Key returns the current user key. Requires Valid.
func (s *Scan) Key() []byte { return s.it.Key().User }

// Value returns the current value. Requires Valid.
func (s *Scan) Value() []byte { return s.it.Value() }

// Err returns the error that ended the scan, nil if it came to its end, or has not ended yet.
func (s *Scan) Err() error {
	switch err := s.it.Err(); {
	case s.err != nil:
		return s.err
	case err != nil && s.engine.closed.Load():
		return kv.ErrClosed // the file was closed under the reader
	default:
		return err
	}
}

// Close releases what the scan holds. Err can still be asked. A second Close returns kv.ErrClosed.
func (s *Scan) Close() error {
	if s.done {
		return kv.ErrClosed
	}
	s.done = true
	return s.it.Close()
}

// NumActive returns how many memtables and tables the scan still has entries to read from: those that pruning has left, and
// that have not come to their end. Before the first positioning and after the end it is 0.
func (s *Scan) NumActive() int {
	if !s.Valid() {
		return 0
	}
	return iterator.NumActive(s.it)
}
