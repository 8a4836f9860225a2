package timeseries

import (
	"bytes"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

const (
	escape    = 0x00 // begins a pair: escape escaped is a byte 0x00 of the name, escape endOfName its end
	escaped   = 0xff // higher than endOfName: a name stands before all that go on where it ends
	endOfName = 0x01
	timeSize  = 8
)

// appendName appends the encoded name of a series to dst. Encoded names are in the order of names, and none is the
// beginning of another.
func appendName(dst []byte, series string) []byte {
	// TODO(week 3, day 6, task 1): implement appendName. Chapter: book/week3/day6-time-series.md#keys
	//
	// Hint: Which byte may not stand for itself, if 0x00 0x01 is to end a name and nothing else?
	// Hint: Range over the bytes of the name; range over a string gives runes.
	panic(todo.Reached("week 3 day 6 task 1", "appendName"))
}

// cutName splits what appendName has made off the beginning of key, and returns the name and what stands behind. It
// returns false if key begins otherwise.
func cutName(key []byte) (series string, rest []byte, ok bool) {
	// TODO(week 3, day 6, task 1): implement cutName. Chapter: book/week3/day6-time-series.md#keys
	//
	// Hint: Look for the next escape. Up to there the bytes stand for themselves; what counts is the byte behind it.
	// Hint: A key comes from the disk: the byte behind the escape may be missing, or any other.
	panic(todo.Reached("week 3 day 6 task 1", "cutName"))
}

// appendTime appends an encoded time to dst: later times come before earlier ones.
func appendTime(dst []byte, t int64) []byte {
	// TODO(week 3, day 6, task 1): implement appendTime. Chapter: book/week3/day6-time-series.md#keys
	//
	// Hint: As they are in memory, -1 is 0xffff… and stands behind all others. One bit puts that right.
	// Hint: The newest is to come first: what happens to the order of numbers if all their bits are flipped?
	panic(todo.Reached("week 3 day 6 task 1", "appendTime"))
}

// timeOf undoes appendTime. It needs 8 bytes.
func timeOf(enc []byte) int64 {
	// TODO(week 3, day 6, task 1): implement timeOf. Chapter: book/week3/day6-time-series.md#keys
	//
	// Hint: Which bits were flipped? Flip them again.
	panic(todo.Reached("week 3 day 6 task 1", "timeOf"))
}

// Key returns the key under which the store has a point, for people who look into it.
func (d *DB) Key(series string, t int64) []byte { return appendTime(d.head(series), t) }

// head returns what the keys of a series begin with.
func (d *DB) head(series string) []byte {
	return appendName(d.prefix[:len(d.prefix):len(d.prefix)], series)
}

// ParseKey undoes Key. It returns false for what is no key of a point.
func (d *DB) ParseKey(key []byte) (series string, t int64, ok bool) {
	rest, ok := bytes.CutPrefix(key, d.prefix)
	if ok {
		series, rest, ok = cutName(rest)
	}
	if !ok || len(rest) != timeSize {
		return "", 0, false
	}
	return series, timeOf(rest), true
}

// notAPoint returns the error for a key or value that stands among points and is none.
func notAPoint(key, value []byte) error {
	return &kv.CorruptionError{File: "time series", Offset: -1, Reason: fmt.Sprintf("%q = %q is no point", key, value)}
}
