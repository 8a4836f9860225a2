//lab:day 3.6

package timeseries

import (
	"bytes"
	"cmp"
	"iter"
	"math"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
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
//
//lab:todo 2 time-series#range
//lab:hint Which of the two has the smaller key?
//lab:hint Both times may be the last that there is: end + 1 is no way to include the end.
func (d *DB) bounds(series string, start, end int64) (lower, upper kv.Bound) {
	// #region bounds
	return kv.Included(d.Key(series, end)), kv.Included(d.Key(series, start))
	// #endregion
}

// All iterates from the newest point to the oldest. Look at Err afterwards.
//
//lab:todo 2 time-series#range
//lab:hint decodePoint, for each key and value of the scan. What is no point ends the walk, and is r.err.
func (r *Range) All() iter.Seq[Point] {
	// #region all
	return func(yield func(Point) bool) {
		for key, value := range r.scan.All() {
			var p Point
			if p, r.err = decodePoint(r.head, key, value); r.err != nil || !yield(p) {
				return
			}
		}
	}
	// #endregion
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
//
//lab:todo 2 time-series#latest
//lab:hint Which range has all points of the series in it? And which of them does it show first?
//lab:hint No point may mean that the series is empty, or that the disk could not be read.
func (d *DB) Latest(series string) (Point, error) {
	// #region latest
	r := d.Range(series, math.MinInt64, math.MaxInt64)
	defer r.Close()
	for p := range r.All() {
		return p, nil
	}
	return Point{}, cmp.Or(r.Err(), ErrNoPoints)
	// #endregion
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
//
//lab:todo 2 time-series#names
//lab:hint From a point of one series to the next series it is one step, if you seek and do not walk. To what?
//lab:hint Every key of the series begins with head. What comes behind all that begins with 0x00 0x01?
func (d *DB) Names() iter.Seq2[string, error] {
	// #region names
	return func(yield func(string, error) bool) {
		scan := d.db.Scan(kv.Included(d.prefix), kv.Unbounded())
		defer scan.Close()
		for scan.First(); scan.Valid() && bytes.HasPrefix(scan.Key(), d.prefix); {
			name, _, ok := d.ParseKey(scan.Key())
			if !ok {
				yield("", notAPoint(scan.Key(), scan.Value()))
				return
			}
			if !yield(name, nil) {
				return
			}
			next := d.head(name)
			next[len(next)-1]++
			scan.SeekGE(next)
		}
		if err := scan.Err(); err != nil {
			yield("", err)
		}
	}
	// #endregion
}
