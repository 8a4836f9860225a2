package timeseries

import (
	"cmp"
	"iter"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
)

// Range walks over the points of a series, newest first, as they were when it was made. It holds one point at a time,
// however many there are. It is used by one goroutine at a time, and must be closed.
//
//	r := d.Range("cpu", from, to)
//	defer r.Close()
//	for p := range r.All() { … }
//	err := r.Err()
type Range struct {
	scan *engine.Scan
	head int // length of what all keys begin with
	err  error
}

// Range returns the points from start to end, both included. If start is after end there are none.
func (d *DB) Range(series string, start, end int64) *Range {
	lower, upper := d.bounds(series, start, end)
	return d.over(series, d.db.Scan(lower, upper))
}

// over returns the range that walks over a scan of a series' keys, and closes it.
func (d *DB) over(series string, scan *engine.Scan) *Range {
	return &Range{scan: scan, head: len(d.head(series))}
}

// bounds returns the bounds of the keys of all points from start to end, both included.
func (d *DB) bounds(series string, start, end int64) (lower, upper kv.Bound) {
	// TODO(week 3, day 6, task 2): implement bounds. Chapter: book/week3/day6-time-series.md#range
	//
	// Hint: Which of the two has the smaller key?
	// Hint: Both times may be the last that there is: end + 1 is no way to include the end.
	panic(todo.Reached("week 3 day 6 task 2", "DB.bounds"))
}

// All iterates from the newest point to the oldest. Look at Err afterwards.
func (r *Range) All() iter.Seq[Point] {
	// TODO(week 3, day 6, task 2): implement All. Chapter: book/week3/day6-time-series.md#range
	//
	// Hint: decodePoint, for each key and value of the scan. What is no point ends the walk, and is r.err.
	panic(todo.Reached("week 3 day 6 task 2", "Range.All"))
}

// Err returns the error that ended the walk, nil if it came to its end, or has not ended yet.
func (r *Range) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.scan.Err()
}

// Close releases what the range holds. Err can still be asked. A second Close returns kv.ErrClosed.
func (r *Range) Close() error { return r.scan.Close() }

// Latest returns the newest point of a series, or ErrNoPoints. It costs one step of a scan, however long the series is.
func (d *DB) Latest(series string) (Point, error) {
	// TODO(week 3, day 6, task 2): implement Latest. Chapter: book/week3/day6-time-series.md#latest
	//
	// Hint: Which range has all points of the series in it? And which of them does it show first?
	// Hint: No point may mean that the series is empty, or that the disk could not be read.
	panic(todo.Reached("week 3 day 6 task 2", "DB.Latest"))
}

// Summarize returns the summary of all points from start to end, both included, or ErrNoPoints if there are none.
func (d *DB) Summarize(series string, start, end int64) (Summary, error) {
	r := d.Range(series, start, end)
	defer r.Close()
	s := SummaryOf(r.All())
	if err := r.Err(); err != nil || s.Count == 0 {
		return Summary{}, cmp.Or(err, ErrNoPoints)
	}
	return s, nil
}

// Names iterates over the names of all series that have points, in the order of their bytes. An error ends it.
func (d *DB) Names() iter.Seq2[string, error] {
	// TODO(week 3, day 6, task 2): implement Names. Chapter: book/week3/day6-time-series.md#names
	//
	// Hint: From a point of one series to the next series it is one step, if you seek and do not walk. To what?
	// Hint: Every key of the series begins with head. What comes behind all that begins with 0x00 0x01?
	panic(todo.Reached("week 3 day 6 task 2", "DB.Names"))
}
