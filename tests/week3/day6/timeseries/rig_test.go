package timeseries_test

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/timeseries"
	"lsmlab/solution/week3/txn"
)

// rigDir is the directory of every store that a test opens.
const rigDir = "db"

// rig is a store on a disk in memory, and the series in it.
type rig struct {
	*timeseries.DB
	store   *txn.DB
	mem     *vfs.Mem
	disk    *vfs.Fault
	batches atomic.Int64 // that were applied
}

// newRig opens a store on an empty disk.
func newRig(t labtest.TB) *rig { return rigOn(t, vfs.NewMem(), nil, nil) }

// rigOn opens the store on a disk, with a validator (an oracle if it is nil) and options for the series. It is closed
// at clean-up; nothing is to be left behind then.
func rigOn(t labtest.TB, mem *vfs.Mem, v txn.Validator, o *timeseries.Options) *rig {
	t.Helper()
	labtest.NoLeaks(t)
	r := &rig{mem: mem, disk: vfs.NewFault(mem)}
	if v == nil {
		v = txn.NewOracle()
	}
	opts := &txn.Options{Validator: v}
	opts.FS, opts.CacheSize, opts.NoCompaction = r.disk, -1, true
	opts.Listener.Applied = func(kv.Seq, *kv.Batch) { r.batches.Add(1) }
	db, err := txn.Open(rigDir, opts)
	require.NoError(t, err, "open the store")
	t.Cleanup(func() {
		r.disk.Clear()
		_ = db.Close() // some tests have closed it, or broken it
		labtest.NoStrayFiles(t, mem, rigDir, "LOCK", "MANIFEST*", "*.log", "*.sst")
	})
	r.store, r.DB = db, timeseries.New(db, o)
	return r
}

// pt returns a point.
func pt(at int64, v float64) timeseries.Point { return timeseries.Point{Time: at, Value: v} }

// every returns n points, one at each time from 0 on, with values that f computes.
func every(n int, f func(i int) float64) []timeseries.Point {
	var points []timeseries.Point
	for i := range n {
		points = append(points, pt(int64(i), f(i)))
	}
	return points
}

// add appends points to a series.
func (r *rig) add(t labtest.TB, series string, points ...timeseries.Point) {
	t.Helper()
	for _, p := range points {
		require.NoError(t, r.Append(series, p.Time, p.Value), "append to %q at %d", series, p.Time)
	}
}

// flush moves everything into tables.
func (r *rig) flush(t labtest.TB) {
	t.Helper()
	require.NoError(t, r.store.Flush(context.Background()), "flush")
}

// blockReads returns how many reads of tables f takes.
func (r *rig) blockReads(f func()) int {
	before := r.disk.Count(vfs.OpRead, "*.sst")
	f()
	return r.disk.Count(vfs.OpRead, "*.sst") - before
}

// points returns what a range shows, in the order in which it does.
func (r *rig) points(t labtest.TB, series string, start, end int64) []timeseries.Point {
	t.Helper()
	return walk(t, r.Range(series, start, end))
}

// walk returns what a range shows, and closes it.
func walk(t labtest.TB, r *timeseries.Range) []timeseries.Point {
	t.Helper()
	var points []timeseries.Point
	for p := range r.All() {
		points = append(points, p)
	}
	require.NoError(t, r.Err(), "Err, after the walk")
	require.NoError(t, r.Close(), "Close")
	return points
}

// all returns all points of a series, newest first.
func (r *rig) all(t labtest.TB, series string) []timeseries.Point {
	t.Helper()
	return r.points(t, series, math.MinInt64, math.MaxInt64)
}

// line returns a point in words. A NaN is told with its bits.
func line(p timeseries.Point) string {
	if math.IsNaN(p.Value) {
		return fmt.Sprintf("%d = NaN %#x", p.Time, math.Float64bits(p.Value))
	}
	return fmt.Sprintf("%d = %v", p.Time, p.Value)
}

// lines returns points in words.
func lines(points []timeseries.Point) []string {
	words := []string{}
	for _, p := range points {
		words = append(words, line(p))
	}
	return words
}

// same compares points, bit by bit.
func same(t labtest.TB, what string, want, got []timeseries.Point) {
	t.Helper()
	if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// equal compares two values of any kind, bit by bit if they are floats.
func equal(t labtest.TB, what string, want, got any) {
	t.Helper()
	bits := func(v any) any {
		if f, ok := v.(float64); ok && !math.IsNaN(f) {
			return fmt.Sprintf("%v (bits %#x)", f, math.Float64bits(f))
		}
		return fmt.Sprint(v)
	}
	if w, g := bits(want), bits(got); w != g {
		t.Errorf("%s: want %v, got %v", what, w, g)
	}
}

// holds compares all points of a series with what it should have, newest first.
func (r *rig) holds(t labtest.TB, what, series string, want ...timeseries.Point) {
	t.Helper()
	same(t, fmt.Sprintf("%s: all of %q, newest first", what, series), want, r.all(t, series))
}

// within fails the test unless kept are points out of all, oldest first, that Thin may return: the ends, everything
// that is not finite, and so many that every other one is within threshold of the line between its neighbours among
// them.
func within(t labtest.TB, what string, all, kept []timeseries.Point, threshold float64) {
	t.Helper()
	var at []int // where the kept ones stand
	i := 0
	for _, k := range kept {
		for i < len(all) && line(all[i]) != line(k) {
			i++
		}
		if i == len(all) {
			t.Fatalf("%s: kept is %s, which is not among the points, or not in their order", what, line(k))
		}
		at = append(at, i)
		i++
	}
	if len(all) > 0 && (len(at) == 0 || at[0] != 0 || at[len(at)-1] != len(all)-1) {
		t.Fatalf("%s\n  the first point: %s\n  the last:        %s\n  kept:            %q", what, line(all[0]),
			line(all[len(all)-1]), lines(kept))
	}
	for n := 1; n < len(at); n++ {
		a, b := all[at[n-1]], all[at[n]]
		for _, p := range all[at[n-1]+1 : at[n]] {
			if on := timeseries.Line(a, b, p.Time); !(math.Abs(p.Value-on) <= threshold) || math.IsInf(p.Value-on, 0) {
				t.Fatalf("%s\n  dropped:    %s\n  kept:       %s, and behind it %s\n  their line: %v there\n  threshold:  %v",
					what, line(p), line(a), line(b), on, threshold)
			}
		}
	}
}
