package timeseries_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/timeseries"
)

// The latest point is the one with the latest time. It need not be the one that came last, and it may be in memory or
// in a table, before 1970, or in another series.
//
//lab:task 2 points=3
func TestLatest_IsLatestByTime(t *testing.T) {
	r := newRig(t)
	latest := func(series string, want timeseries.Point) {
		t.Helper()
		p, err := r.Latest(series)
		require.NoError(t, err, "Latest(%q)", series)
		equal(t, fmt.Sprintf("Latest(%q)", series), line(want), line(p))
	}
	r.add(t, "cpu", pt(30, 3), pt(10, 1), pt(20, 2))
	r.add(t, "cpu2", pt(99, 9))
	r.add(t, "past", pt(-5, 1), pt(-7, 2), pt(math.MinInt64, 3))
	latest("cpu", pt(30, 3))
	latest("past", pt(-5, 1))
	r.flush(t)
	r.add(t, "cpu", pt(25, 4))
	latest("cpu", pt(30, 3))
	r.add(t, "cpu", pt(1e17, 5))
	latest("cpu", pt(1e17, 5))
	r.add(t, "cpu", pt(math.MaxInt64, math.Inf(1)))
	latest("cpu", pt(math.MaxInt64, math.Inf(1)))

	_, err := r.Latest("cp")
	require.ErrorIs(t, err, timeseries.ErrNoPoints, "Latest of a series without points")
}

// Who looks at a hundred dashboards asks for the latest point of each series, all day. That must not depend on how long
// the series is: one step of a scan, which is a block of the table.
//
//lab:task 2 points=3
func TestLatest_DoesNotWalk(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", every(5000, func(i int) float64 { return float64(i) })))
	r.add(t, "cpu2", pt(0, 0))
	r.flush(t)
	reads := r.blockReads(func() {
		p, err := r.Latest("cpu")
		require.NoError(t, err)
		equal(t, "Latest", line(pt(4999, 4999)), line(p))
	})
	require.LessOrEqual(t, reads, 3, "reads of the table for the latest of 5,000 points")
}

// A disk that cannot be read is not a series without points, nor a store without series. Nor is a store that was closed.
//
//lab:task 2 points=2
func TestLatest_TellsWhatFailed(t *testing.T) {
	r := newRig(t)
	r.add(t, "cpu", pt(1, 1))
	r.flush(t)
	r.disk.FailAlways(vfs.OpRead, "*.sst", nil)
	_, err := r.Latest("cpu")
	require.ErrorIs(t, err, vfs.ErrInjected, "Latest, when the disk cannot be read")
	var told error
	for _, told = range r.Names() {
	}
	require.ErrorIs(t, told, vfs.ErrInjected, "what Names ends with, when the disk cannot be read")
	r.disk.Clear()
	require.NoError(t, r.store.Close())
	_, err = r.Latest("cpu")
	require.ErrorIs(t, err, kv.ErrClosed, "Latest of a closed store")
}

// Names tells each series once, in the order of their bytes, however many points it has, and nothing of what else is
// in the store.
//
//lab:task 2 points=3
func TestNames_EachOnce(t *testing.T) {
	r := newRig(t)
	for _, key := range []string{"t", "ts", "ts0", "tt", "\xff"} {
		_, err := r.store.Put([]byte(key), []byte("not ours"))
		require.NoError(t, err)
	}
	collect := func(most int) (got []string) {
		for name, err := range r.Names() {
			require.NoError(t, err)
			if got = append(got, name); len(got) == most {
				break
			}
		}
		return got
	}
	require.Empty(t, collect(-1), "Names, before the first point")
	for i, name := range slices.Backward(names) {
		r.add(t, name, pt(0, 0), pt(-1, 0), pt(int64(i), 0), pt(math.MinInt64, 0))
	}
	require.Equal(t, fmt.Sprintf("%q", names), fmt.Sprintf("%q", collect(-1)), "Names")
	require.Equal(t, fmt.Sprintf("%q", names[:2]), fmt.Sprintf("%q", collect(2)), "Names, left after two")

	_, err := r.store.Put([]byte("ts/odd"), nil)
	require.NoError(t, err)
	var failed error
	for _, err := range r.Names() {
		failed = err
	}
	require.ErrorIs(t, failed, kv.ErrCorrupt, "the error of Names, where a key with the prefix is no point's")
}

// Three series, one of them with 5,000 points: to go from one to the next is a step of a scan, and not a walk over
// all points.
//
//lab:task 2 points=2
func TestNames_DoesNotWalk(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.AppendAll("b", every(5000, func(i int) float64 { return float64(i) })))
	r.add(t, "a", pt(0, 0))
	r.add(t, "c", pt(0, 0))
	r.flush(t)
	count := 0
	reads := r.blockReads(func() {
		for _, err := range r.Names() {
			require.NoError(t, err)
			count++
		}
	})
	require.Equal(t, 3, count, "series")
	require.LessOrEqual(t, reads, 8, "reads of the table for three names")
}
