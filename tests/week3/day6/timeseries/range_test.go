package timeseries_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/timeseries"
)

// A range has both of its ends: who asks from 20 to 40 means the point at 20 and the point at 40. And a range may be
// a single moment, lie between two points, or have its end before its start, and then it is empty.
//
//lab:task 2 points=3
func TestRange_HasBothEnds(t *testing.T) {
	r := newRig(t)
	r.add(t, "cpu", pt(10, 1), pt(20, 2), pt(30, 3), pt(40, 4), pt(50, 5))
	for _, c := range []struct {
		start, end int64
		want       []timeseries.Point
	}{
		{20, 40, []timeseries.Point{pt(40, 4), pt(30, 3), pt(20, 2)}},
		{11, 39, []timeseries.Point{pt(30, 3), pt(20, 2)}},
		{30, 30, []timeseries.Point{pt(30, 3)}},
		{0, 10, []timeseries.Point{pt(10, 1)}},
		{50, 99, []timeseries.Point{pt(50, 5)}},
		{21, 29, nil},
		{40, 20, nil},
		{51, 99, nil},
	} {
		same(t, fmt.Sprintf("the range from %d to %d", c.start, c.end), c.want, r.points(t, "cpu", c.start, c.end))
	}
}

// Times are numbers: before 1970, after the year 2200 in nanoseconds, and the two at the very ends, behind which
// there is no other. A range may reach from one of them to the other.
//
//lab:task 2 points=3
func TestRange_AnyTime(t *testing.T) {
	r := newRig(t)
	var want []timeseries.Point
	for i, at := range times {
		r.add(t, "cpu", pt(at, float64(i)))
		want = append(want, pt(at, float64(i)))
	}
	slices.Reverse(want)
	same(t, "the range of all times", want, r.all(t, "cpu"))
	n := len(want)
	same(t, "the range of the last time alone", want[:1], r.points(t, "cpu", math.MaxInt64, math.MaxInt64))
	same(t, "the range of the first time alone", want[n-1:], r.points(t, "cpu", math.MinInt64, math.MinInt64))
	same(t, "the range from 1 on", want[:n-7], r.points(t, "cpu", 1, math.MaxInt64))
	same(t, "the range up to -1", want[n-6:], r.points(t, "cpu", math.MinInt64, -1))
}

// Each series has its own points, and nobody else's, whatever the names have in common: one is the beginning of
// another, holds the bytes that end a name, or is empty. And nothing else in the store is a point.
//
//lab:task 2 points=3
func TestRange_EachSeriesItsOwn(t *testing.T) {
	r := newRig(t)
	for _, key := range []string{"t", "ts", "ts0", "tt", "\xff"} {
		_, err := r.store.Put([]byte(key), []byte("not ours"))
		require.NoError(t, err)
	}
	for i, name := range names {
		r.add(t, name, pt(int64(i+1), float64(i)), pt(0, -1), pt(math.MaxInt64, float64(-i)))
	}
	for i, name := range names {
		want := []timeseries.Point{pt(math.MaxInt64, float64(-i)), pt(int64(i+1), float64(i)), pt(0, -1)}
		r.holds(t, "after three points to each series", name, want...)
	}
	r.holds(t, "a series without points", "b")
}

// A value is 64 bits, and what was written is read: negative zero, the smallest and the largest number, infinities,
// and each of the many NaNs, in which some programs hide a message. From memory, and from a table.
//
//lab:task 2 points=2
func TestRange_ValuesBitByBit(t *testing.T) {
	r := newRig(t)
	var want []timeseries.Point
	for i, v := range []float64{0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, -math.MaxFloat64, math.Inf(1),
		math.Inf(-1), math.NaN(),
		math.Float64frombits(0x7ff8_0000_dead_beef), math.Float64frombits(0xfff8_0000_0000_0001), 0.1} {
		want = append(want, pt(int64(-i), v))
	}
	require.NoError(t, r.AppendAll("odd", want))
	r.holds(t, "from memory", "odd", want...)
	r.flush(t)
	r.holds(t, "from a table", "odd", want...)
}

// A series has one point at a time. Who appends a second one at that time replaces it, also within one call, where
// the later one stays.
//
//lab:task 2 points=2
func TestAppend_ReplacesPointOfSameTime(t *testing.T) {
	r := newRig(t)
	r.add(t, "cpu", pt(1, 1), pt(2, 2))
	r.flush(t)
	r.add(t, "cpu", pt(1, 10))
	require.NoError(t, r.AppendAll("cpu", []timeseries.Point{pt(3, 3), pt(2, 20), pt(3, 30)}))
	r.holds(t, "after replacing all", "cpu", pt(3, 30), pt(2, 20), pt(1, 10))
}

// AppendAll is all or nothing: one batch, which readers see as a whole, and a crash takes as a whole. If it is
// refused, because the name is too long for a key, nothing of it is there; and no points are no batch at all.
//
//lab:task 2 points=2
func TestAppendAll_IsOneBatch(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", []timeseries.Point{pt(3, 3), pt(1, 1), pt(2, 2)}))
	require.EqualValues(t, 1, r.batches.Load(), "batches for one AppendAll of three points")
	r.holds(t, "after AppendAll", "cpu", pt(3, 3), pt(2, 2), pt(1, 1))
	require.NoError(t, r.AppendAll("cpu", nil))
	require.EqualValues(t, 1, r.batches.Load(), "batches, after AppendAll of nothing")
	require.ErrorIs(t, r.AppendAll(strings.Repeat("n", kv.MaxKeySize), []timeseries.Point{pt(1, 1)}),
		kv.ErrKeyTooLarge, "a name that is too long")
	require.EqualValues(t, 1, r.batches.Load(), "batches, after one that was refused")
}

// A range shows what there was when it was made. What is appended, replaced or dropped while somebody walks over it
// does not appear, so that a sum over it is the sum of one moment.
//
//lab:task 2 points=2
func TestRange_IsOneMoment(t *testing.T) {
	r := newRig(t)
	r.add(t, "cpu", pt(1, 1), pt(3, 3))
	before := r.Range("cpu", 0, 9)
	r.add(t, "cpu", pt(2, 2), pt(3, 33), pt(4, 4))
	same(t, "a range that was made before the appends", []timeseries.Point{pt(3, 3), pt(1, 1)}, walk(t, before))
	r.holds(t, "a range that was made after them", "cpu", pt(4, 4), pt(3, 33), pt(2, 2), pt(1, 1))
}

// A series may have more points than the memory holds. A range reads on as it is walked: its first ten points cost
// one or two blocks of a table, and not the whole table.
//
//lab:task 2 points=2
func TestRange_ReadsAsItIsWalked(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", every(5000, func(i int) float64 { return float64(i) })))
	r.flush(t)
	reads := r.blockReads(func() {
		rest := 10
		s := r.Range("cpu", 0, 4000)
		for p := range s.All() {
			if rest--; rest == 0 {
				equal(t, "the time of the tenth point of the range that ends at 4000", int64(3991), p.Time)
				break
			}
		}
		require.NoError(t, s.Close())
	})
	require.LessOrEqual(t, reads, 3, "reads of the table for ten points of 5,000")
}

// What stands among the points and is none, because somebody else has used the prefix, is not read as if it were one: a
// number that nobody has measured would be worse than an error.
//
//lab:task 2 points=2
func TestRange_RefusesWhatIsNoPoint(t *testing.T) {
	for what, bad := range map[string]kv.Op{
		"a value of 7 bytes":       {Key: bare().Key("cpu", 5), Value: make([]byte, 7)},
		"an empty value":           {Key: bare().Key("cpu", 5)},
		"a key that is one longer": {Key: append(bare().Key("cpu", 5), 0), Value: make([]byte, 8)},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			r.add(t, "cpu", pt(4, 4), pt(6, 6))
			_, err := r.store.Put(bad.Key, bad.Value)
			require.NoError(t, err)
			s := r.Range("cpu", 0, 9)
			defer s.Close()
			var got []timeseries.Point
			for p := range s.All() {
				got = append(got, p)
			}
			same(t, "what comes before it", []timeseries.Point{pt(6, 6)}, got)
			require.ErrorIs(t, s.Err(), kv.ErrCorrupt, "Err, after %s", what)
		})
	}
}

// Points come in any order, into any of a few series that are easily mixed up, some twice, with flushes between.
// Every range shows what a list would.
//
//lab:task 2 points=4 random
func TestRange_MatchesAList(t *testing.T) {
	name := rapid.SampledFrom(names[:11])
	at := rapid.OneOf(rapid.SampledFrom(times), rapid.Int64Range(-5, 5))
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		model := map[string]map[int64]float64{}
		for i := range rapid.IntRange(1, 30).Draw(t, "points") {
			series, time := name.Draw(t, "series"), at.Draw(t, "time")
			if model[series] == nil {
				model[series] = map[int64]float64{}
			}
			model[series][time] = float64(i)
			r.add(t, series, pt(time, float64(i)))
			if rapid.IntRange(0, 9).Draw(t, "flush if 0") == 0 {
				r.flush(t)
			}
		}
		for range 10 {
			series, start, end := name.Draw(t, "series"), at.Draw(t, "start"), at.Draw(t, "end")
			var want []timeseries.Point
			for time, v := range model[series] {
				if start <= time && time <= end {
					want = append(want, pt(time, v))
				}
			}
			slices.SortFunc(want, func(a, b timeseries.Point) int {
				if a.Time > b.Time {
					return -1
				}
				return 1
			})
			same(t, fmt.Sprintf("%q from %d to %d", series, start, end), want, r.points(t, series, start, end))
		}
	})
}
