package timeseries_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/timeseries"
	"lsmlab/solution/week3/txn"
)

// wave returns n points of a curve with a few straight pieces.
func wave(n int) []timeseries.Point {
	return every(n, func(i int) float64 { return math.Abs(float64(i%20) - 10) })
}

// oldestFirst returns points that came newest first, turned round.
func oldestFirst(points []timeseries.Point) []timeseries.Point {
	points = slices.Clone(points)
	slices.Reverse(points)
	return points
}

// What Thin keeps stays in the store, and the rest of the range goes. Before the range, behind it, and in other series,
// nothing has happened, close to its ends as well. Both ends of the range belong to it.
//
//lab:task 5 points=3
func TestDownsample_DropsInTheRangeOnly(t *testing.T) {
	r := newRig(t)
	for _, series := range []string{"cpu", "cp", "cpu\x00", "cpu1"} {
		require.NoError(t, r.AppendAll(series, wave(100)))
	}
	r.flush(t)
	result, err := r.Downsample("cpu", 20, 60, 0.1)
	require.NoError(t, err)
	equal(t, "Result", timeseries.Result{Before: 41, Kept: 5}, result)
	points := wave(100)
	want := slices.Concat(points[:21], []timeseries.Point{points[30], points[40], points[50]}, points[60:])
	r.holds(t, "after a downsample from 20 to 60", "cpu", oldestFirst(want)...)
	for _, series := range []string{"cp", "cpu\x00", "cpu1"} {
		r.holds(t, "after a downsample of cpu", series, oldestFirst(points)...)
	}
	require.Empty(t, r.store.TxnStats().Unfinished, "transactions that have not ended")
}

// The first time that there is and the last one are further apart than any int64: the one minus the other is 1. Whoever
// puts points in order by such a difference has the last one first.
//
//lab:task 5 points=1
func TestDownsample_AllTimesThatThereAre(t *testing.T) {
	r := newRig(t)
	all := []timeseries.Point{pt(math.MinInt64, 1), pt(-5, 7), pt(0, 1), pt(math.MaxInt64-1, 1), pt(math.MaxInt64, 1)}
	r.add(t, "cpu", all...)
	result, err := r.Downsample("cpu", math.MinInt64, math.MaxInt64, 0.5)
	require.NoError(t, err)
	equal(t, "Result", timeseries.Result{Before: 5, Kept: 4}, result)
	r.holds(t, "after a downsample", "cpu", all[4], all[2], all[1], all[0])
}

// Readers must never see a range from which a part is gone: they would find lines where no promise holds. So all that
// changes is in one batch. A Range that was made before shows what it showed; and nothing at all is written if every
// point stays.
//
//lab:task 5 points=3
func TestDownsample_IsOneBatch(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", wave(100)))
	before := r.Range("cpu", 0, 99)
	_, err := r.Downsample("cpu", 0, 99, 0.1)
	require.NoError(t, err)
	require.EqualValues(t, 2, r.batches.Load(), "batches, the append included")
	same(t, "a range that was made before", oldestFirst(wave(100)), walk(t, before))
	left := r.all(t, "cpu")
	result, err := r.Downsample("cpu", 0, 99, 0.1)
	require.NoError(t, err)
	equal(t, "Result of the same again", timeseries.Result{Before: len(left), Kept: len(left)}, result)
	require.EqualValues(t, 2, r.batches.Load(), "batches, after a downsample that drops nothing")
}

// No point, one and two stay what they are, and that is no error: there was nothing to do.
//
//lab:task 5 points=2
func TestDownsample_FewerThanThree(t *testing.T) {
	r := newRig(t)
	r.add(t, "cpu", pt(10, 1), pt(20, 2), pt(30, 3))
	for n, end := range []int64{9, 10, 20} {
		result, err := r.Downsample("cpu", 0, end, 1000)
		require.NoError(t, err, "a downsample of %d points", n)
		equal(t, fmt.Sprintf("Result of a downsample of %d points", n), timeseries.Result{Before: n, Kept: n}, result)
	}
	result, err := r.Downsample("cpu", 30, 10, 1000)
	require.NoError(t, err, "a downsample of a range that ends before it starts")
	equal(t, "Result of a range that ends before it starts", timeseries.Result{}, result)
	r.holds(t, "afterwards", "cpu", pt(30, 3), pt(20, 2), pt(10, 1))
}

// There is no distance below 0, and none that is NaN. Every point would be too far from its line, or no comparison
// would be true: the caller has made a mistake, and is told.
//
//lab:task 5 points=2
func TestDownsample_RefusesThresholdThatIsNone(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", wave(50)))
	for _, threshold := range []float64{-1, -math.SmallestNonzeroFloat64, nan, -inf} {
		result, err := r.Downsample("cpu", 0, 99, threshold)
		require.Error(t, err, "a downsample with threshold %v, which says %+v", threshold, result)
	}
	r.holds(t, "afterwards", "cpu", oldestFirst(wave(50))...)
	for _, threshold := range []float64{0, inf} {
		_, err := r.Downsample("cpu", 0, 99, threshold)
		require.NoError(t, err, "a downsample with threshold %v", threshold)
	}
}

// A downsample holds its points in memory, so there is a limit. A range with one point more is refused before
// anything has changed; one that has exactly as many is done. And the limit is for one call: side by side, ranges can
// be done in turn.
//
//lab:task 5 points=3
func TestDownsample_LimitOfPoints(t *testing.T) {
	r := rigOn(t, vfs.NewMem(), nil, &timeseries.Options{MaxPoints: 20})
	ramp := every(50, func(i int) float64 { return float64(i) })
	require.NoError(t, r.AppendAll("cpu", ramp))
	result, err := r.Downsample("cpu", 0, 20, 0)
	require.ErrorIs(t, err, timeseries.ErrTooManyPoints, "a downsample of 21 points where 20 may be")
	equal(t, "Result of that", timeseries.Result{}, result)
	require.Empty(t, r.store.TxnStats().Unfinished, "transactions that have not ended")
	r.holds(t, "afterwards", "cpu", oldestFirst(ramp)...)
	for _, start := range []int64{0, 20} {
		result, err = r.Downsample("cpu", start, start+19, 0)
		require.NoError(t, err)
		equal(t, "Result of 20 points", timeseries.Result{Before: 20, Kept: 2}, result)
	}
	want := slices.Concat(ramp[:1], ramp[19:21], ramp[39:])
	r.holds(t, "two ranges of 20 points later", "cpu", oldestFirst(want)...)
}

// To count far too many points is work for nothing: the first one beyond the limit decides.
//
//lab:task 5 points=1
func TestDownsample_StopsReadingAtTheLimit(t *testing.T) {
	r := rigOn(t, vfs.NewMem(), nil, &timeseries.Options{MaxPoints: 20})
	require.NoError(t, r.AppendAll("cpu", every(5000, func(i int) float64 { return 1 })))
	r.flush(t)
	reads := r.blockReads(func() {
		_, err := r.Downsample("cpu", 0, 5000, 1)
		require.ErrorIs(t, err, timeseries.ErrTooManyPoints)
	})
	require.LessOrEqual(t, reads, 3, "reads of the table for a refusal after 21 points")
}

// meanwhile is a validator that does something else once, just before the first commit: when a transaction has read
// everything and is about to write.
type meanwhile struct {
	*txn.Oracle
	do func()
}

// Commit does it, and goes on.
func (m *meanwhile) Commit(b *kv.Batch, f *txn.Footprint, write func() error) error {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.Oracle.Commit(b, f, write)
}

// While a range is downsampled, somebody appends a point to it: it was not there when the range was read, and it is
// when the result is written. The lines that were checked lead past it. So the commit must be refused, and all begins
// again with that point. For that the transaction must know not only which points it has read, but that there was
// none between them.
//
//lab:task 5 points=4
func TestDownsample_AppendMeanwhile(t *testing.T) {
	m := &meanwhile{Oracle: txn.NewOracle()}
	r := rigOn(t, vfs.NewMem(), m, nil)
	even := every(51, func(i int) float64 { return 0 })
	for i := range even {
		even[i].Time *= 2
	}
	require.NoError(t, r.AppendAll("cpu", even))
	m.do = func() { r.add(t, "cpu", pt(33, 100)) }
	result, err := r.Downsample("cpu", 0, 100, 0.5)
	require.NoError(t, err)
	equal(t, "Result", timeseries.Result{Before: 52, Kept: 5}, result)
	r.holds(t, "after a downsample and an append of 33 = 100 meanwhile", "cpu", pt(100, 0), pt(34, 0), pt(33, 100),
		pt(32, 0), pt(0, 0))
	require.Equal(t, int64(1), r.store.TxnStats().Retries, "Retries")
}

// The same with a point that is replaced: it was to be dropped, because it lay on the line. Its new value does not, and
// nobody has looked at it yet.
//
//lab:task 5 points=3
func TestDownsample_ReplaceMeanwhile(t *testing.T) {
	m := &meanwhile{Oracle: txn.NewOracle()}
	r := rigOn(t, vfs.NewMem(), m, nil)
	flat := every(11, func(i int) float64 { return 0 })
	require.NoError(t, r.AppendAll("cpu", flat))
	m.do = func() { r.add(t, "cpu", pt(5, 100)) }
	_, err := r.Downsample("cpu", 0, 10, 0.5)
	require.NoError(t, err)
	r.holds(t, "after a downsample, and 5 = 100 meanwhile", "cpu", pt(10, 0), pt(6, 0), pt(5, 100), pt(4, 0), pt(0, 0))
}

// Points are appended all the time, mostly now, and behind the range that is downsampled. They are none of its
// business: it is not run again because of them, or under load it would never end.
//
//lab:task 5 points=2
func TestDownsample_AppendOutsideIsNoConflict(t *testing.T) {
	m := &meanwhile{Oracle: txn.NewOracle()}
	r := rigOn(t, vfs.NewMem(), m, nil)
	require.NoError(t, r.AppendAll("cpu", every(100, func(i int) float64 { return 0 })))
	m.do = func() { r.add(t, "cpu", pt(100, 1), pt(91, 2), pt(9, 3), pt(-1, 4)) }
	_, err := r.Downsample("cpu", 10, 90, 0)
	require.NoError(t, err)
	require.Zero(t, r.store.TxnStats().Retries, "Retries, after appends just outside the range")
	same(t, "around the range", []timeseries.Point{pt(91, 2), pt(90, 0), pt(10, 0), pt(9, 3)},
		r.points(t, "cpu", 9, 91))
}

// Any series and any range, downsampled twice with flushes between. What is outside is as it was; inside, each call
// keeps its promise about what it has found.
//
//lab:task 5 points=3 random
func TestDownsample_KeepsItsPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		for range rapid.IntRange(0, 50).Draw(t, "points") {
			p := pt(rapid.Int64Range(-30, 30).Draw(t, "time"), math.Trunc(rapid.Float64Range(-5, 5).Draw(t, "value")))
			if rapid.IntRange(0, 19).Draw(t, "odd if 0") == 0 {
				p.Value = rapid.SampledFrom([]float64{nan, inf, -inf}).Draw(t, "odd")
			}
			r.add(t, "cpu", p)
		}
		for range 2 {
			if rapid.Bool().Draw(t, "flush") {
				r.flush(t)
			}
			start, end := rapid.Int64Range(-35, 35).Draw(t, "start"), rapid.Int64Range(-35, 35).Draw(t, "end")
			threshold := rapid.SampledFrom([]float64{0, 0.5, 1, 3}).Draw(t, "threshold")
			before := oldestFirst(r.all(t, "cpu"))
			result, err := r.Downsample("cpu", start, end, threshold)
			require.NoError(t, err)
			what := fmt.Sprintf("Downsample from %d to %d, threshold %v", start, end, threshold)
			inside := func(p timeseries.Point) bool { return start <= p.Time && p.Time <= end }
			after := oldestFirst(r.all(t, "cpu"))
			same(t, what+": the points outside", filter(before, false, inside), filter(after, false, inside))
			all, kept := filter(before, true, inside), filter(after, true, inside)
			within(t, what, all, kept, threshold)
			equal(t, what+": Result", timeseries.Result{Before: len(all), Kept: len(kept)}, result)
		}
	})
}

// filter returns the points for which f says want.
func filter(points []timeseries.Point, want bool, f func(timeseries.Point) bool) []timeseries.Point {
	return slices.DeleteFunc(slices.Clone(points), func(p timeseries.Point) bool { return f(p) != want })
}
