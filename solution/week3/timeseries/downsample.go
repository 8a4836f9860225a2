//lab:day 3.6

package timeseries

import (
	"fmt"
	"slices"

	"lsmlab/solution/week3/txn"
)

// Result tells what Downsample has done: how many points the range had, and how many it has now.
type Result struct{ Before, Kept int }

// Downsample drops points of a series from start to end, both included, so that each of them is within threshold of the
// line between those that stay; see Thin. Points outside the range are not touched. A range without points is no error.
// A threshold below 0 or of NaN is one.
//
//  1. It is one transaction. Readers, and who opens the store after a crash, find the range as it was or as it is to
//     be.
//  2. The transaction is serializable, and it has read the range to its end. A point that somebody appends to the
//     range, or replaces, before the commit makes it begin again, with that point. So do it when a range has become
//     quiet.
//  3. What is measured is what is there: points that an earlier call has dropped are not. So the thresholds of two
//     calls over the same range add up.
//  4. The range is held in memory. If it has more than Options.MaxPoints, nothing is changed, and the error wraps
//     ErrTooManyPoints. Ranges side by side may be downsampled one after the other: each keeps its ends.
//
//lab:todo 5 time-series#downsample
//lab:hint d.db.Update calls its function as often as it must. Nothing of one call may be left over for the next.
//lab:hint Read in the transaction (d.load), think (Thin), delete there what is not kept. The rest stays.
func (d *DB) Downsample(series string, start, end int64, threshold float64) (result Result, err error) {
	// #region downsample
	if !(threshold >= 0) {
		return Result{}, fmt.Errorf("downsample %q: the threshold is %v, not 0 or more", series, threshold)
	}
	err = d.db.Update(func(tx *txn.Txn) error {
		points, err := d.load(tx, series, start, end)
		if err != nil {
			return err
		}
		kept := Thin(points, threshold)
		result = Result{len(points), len(kept)}
		for _, p := range points {
			if p.Time == kept[0].Time {
				kept = kept[1:]
			} else if err := tx.Delete(d.Key(series, p.Time)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Result{}, fmt.Errorf("downsample %q: %w", series, err)
	}
	return result, nil
	// #endregion
}

// load returns the points that a transaction sees from start to end, oldest first, or ErrTooManyPoints, wrapped.
//
//lab:todo 5 time-series#load
//lab:hint tx.Scan of d.bounds, and d.over makes a Range of it.
//lab:hint One point too many is enough to know that there are too many.
func (d *DB) load(tx *txn.Txn, series string, start, end int64) (points []Point, err error) {
	// #region load
	r := d.over(series, tx.Scan(d.bounds(series, start, end)))
	defer r.Close()
	for p := range r.All() {
		if len(points) == d.maxPoints {
			return nil, fmt.Errorf("%w from %d to %d: more than %d", ErrTooManyPoints, start, end, d.maxPoints)
		}
		points = append(points, p)
	}
	slices.Reverse(points)
	return points, r.Err()
	// #endregion
}
