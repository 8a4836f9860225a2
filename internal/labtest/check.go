package labtest

import (
	"bytes"

	"lsmlab/internal/kv"
)

// Check returns an iterator that does what it does, and fails the test as soon as either side breaks the contract of
// kv.Iterator: the caller, who asks an iterator that is not valid, moves it after Close or forgets to close it; or it
// itself, when it goes backwards, changes a slice under its reader, revives after its end, or loses its error. The
// caller sees copies that are overwritten at the next move.
//
//	it := labtest.Check(t, table.NewIterator())
//	defer it.Close()
func Check(t TB, it kv.Iterator) kv.Iterator {
	t.Helper()
	c := &checker{t: t, it: it}
	t.Cleanup(func() {
		if !c.closed && !t.Failed() {
			t.Errorf("an iterator was never closed (%T)", it)
		}
	})
	return c
}

// checker is an iterator between two parties that do not trust each other.
type checker struct {
	t  TB
	it kv.Iterator

	positioned bool  // First or SeekGE was called
	closed     bool  // Close was called
	ended      bool  // seen to be not valid since it was positioned
	err        error // seen since it was positioned

	seen  Entry // what the inner iterator handed out: its own memory
	copy  Entry // what was in it when it was handed out
	shown Entry // what the caller got
	fresh bool  // seen, copy and shown belong to the current position
	last  kv.Key
	any   bool // last is a key met since the iterator was positioned
}

// First moves to the first entry.
func (c *checker) First() {
	c.t.Helper()
	c.position("First")
	c.it.First()
	c.look("First")
}

// SeekGE hands on a copy of target and spoils it afterwards, as an iterator may not keep it.
func (c *checker) SeekGE(target kv.Key) {
	c.t.Helper()
	c.position("SeekGE")
	lent := target.Clone()
	c.it.SeekGE(lent)
	spoil(Entry{Key: lent})
	c.look("SeekGE")
	if c.fresh && c.copy.Key.Compare(target) < 0 {
		c.t.Fatalf("SeekGE(%v) stands on %v, which is before it", target, c.copy.Key)
	}
}

// Next moves on; it must not go backwards.
func (c *checker) Next() {
	c.t.Helper()
	c.require("Next")
	c.unchanged("until Next")
	c.last, c.any = c.copy.Key, true
	c.leave()
	c.it.Next()
	c.look("Next")
	if c.fresh && c.copy.Key.Compare(c.last) < 0 {
		c.t.Fatalf("Next went backwards: from %v to %v", c.last, c.copy.Key)
	}
}

// Valid reports whether there is a current entry.
func (c *checker) Valid() bool {
	c.t.Helper()
	c.open("Valid")
	valid := c.it.Valid()
	switch {
	case valid && !c.positioned:
		c.t.Fatalf("the iterator is valid before First or SeekGE was called")
	case valid && c.ended:
		c.t.Fatalf("the iterator had ended and is valid again, though nobody positioned it")
	case !valid && c.fresh:
		c.t.Fatalf("the iterator stood on %v and is not valid any more, though nobody moved it", c.copy.Key)
	}
	return valid
}

// Key returns a copy of the current key.
func (c *checker) Key() kv.Key {
	c.t.Helper()
	c.require("Key")
	c.unchanged("between two calls")
	return c.shown.Key
}

// Value returns a copy of the current value.
func (c *checker) Value() []byte {
	c.t.Helper()
	c.require("Value")
	c.unchanged("between two calls")
	return c.shown.Value
}

// Err returns the error that ended the walk; it may not get lost.
func (c *checker) Err() error {
	c.t.Helper()
	c.open("Err")
	err := c.it.Err()
	switch {
	case err != nil && c.it.Valid():
		c.t.Fatalf("the iterator is valid and has an error: %v", err)
	case err == nil && c.err != nil:
		c.t.Fatalf("the iterator's error got lost: %v", c.err)
	}
	c.err = err
	return err
}

// Close may be called once.
func (c *checker) Close() error {
	c.t.Helper()
	c.open("Close")
	if c.fresh {
		c.unchanged("until Close")
	}
	c.leave()
	c.closed = true
	return c.it.Close()
}

// open fails the test if the iterator has been closed.
func (c *checker) open(method string) {
	c.t.Helper()
	if c.closed {
		c.t.Fatalf("%s of an iterator that has been closed", method)
	}
}

// require fails the test if there is no current entry.
func (c *checker) require(method string) {
	c.t.Helper()
	c.open(method)
	if !c.Valid() {
		c.t.Fatalf("%s of an iterator that is not valid", method)
	}
}

// position forgets what was known of the old position.
func (c *checker) position(method string) {
	c.t.Helper()
	c.open(method)
	if c.fresh {
		c.unchanged("until " + method)
	}
	c.leave()
	c.positioned, c.ended, c.err, c.any = true, false, nil, false
}

// leave spoils what the caller has been shown.
func (c *checker) leave() {
	spoil(c.shown)
	c.seen, c.shown, c.fresh = Entry{}, Entry{}, false
}

// look takes down what the iterator says at its new position.
func (c *checker) look(method string) {
	c.t.Helper()
	if !c.it.Valid() {
		c.ended, c.err = true, c.it.Err()
		return
	}
	if err := c.it.Err(); err != nil {
		c.t.Fatalf("after %s the iterator is valid and has an error: %v", method, err)
	}
	c.seen = Entry{Key: c.it.Key(), Value: c.it.Value()}
	c.copy, c.shown, c.fresh = clone(c.seen), clone(c.seen), true
}

// unchanged fails the test if the slices that the iterator handed out do not hold what they held.
func (c *checker) unchanged(when string) {
	c.t.Helper()
	now := Entry{Key: c.it.Key(), Value: c.it.Value()}
	for _, e := range []Entry{c.seen, now} {
		if e.Key.Compare(c.copy.Key) != 0 || !bytes.Equal(e.Value, c.copy.Value) {
			c.t.Fatalf("the iterator changed its entry under the reader: was %v, is %v; slices stay as they are %s", c.copy, e, when)
		}
	}
}
