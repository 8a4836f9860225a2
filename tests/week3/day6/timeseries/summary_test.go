package timeseries_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/timeseries"
)

// summaryOf returns the summary of values at the times 0, 1, 2, …
func summaryOf(values ...float64) timeseries.Summary {
	return timeseries.SummaryOf(slices.Values(every(len(values), func(i int) float64 { return values[i] })))
}

var nan, inf = math.NaN(), math.Inf(1)

// A hundred measurements, one a second: 50 + 20·sin(0.1·i). "The last 30 seconds" reach from second 69 to second 99,
// both included, so they hold 31 points and not 30. Their mean is 61.03; without either end it would not be.
//
//lab:task 3 points=3
func TestSummarize_LastThirtySeconds(t *testing.T) {
	r := newRig(t)
	const base = 1_700_000_000
	for i := range 100 {
		r.add(t, "temperature", pt(base+int64(i), 50+20*math.Sin(0.1*float64(i))))
	}
	s, err := r.Summarize("temperature", base+69, base+99)
	require.NoError(t, err)
	got := fmt.Sprintf("%d points from %d to %d, mean %.2f, min %.2f, max %.2f, sum %.1f", s.Count,
		s.First.Time-base, s.Last.Time-base, s.Avg, s.Min, s.Max, s.Sum)
	equal(t, "the last 30 seconds", "31 points from 69 to 99, mean 61.03, min 40.85, max 69.98, sum 1891.9", got)
}

// The average of nothing is not 0: a machine that has sent nothing is not a machine at zero degrees. Of a range
// without points there is no summary, and the error says so, whether the series has none, or none there, or the range
// is upside down.
//
//lab:task 3 points=3
func TestSummarize_NothingIsAnError(t *testing.T) {
	r := newRig(t)
	r.add(t, "cpu", pt(10, 1), pt(20, 2))
	for _, c := range []struct {
		series     string
		start, end int64
	}{{"cpu", 11, 19}, {"cpu", 20, 10}, {"cpu", math.MinInt64, 9}, {"cp", math.MinInt64, math.MaxInt64}} {
		s, err := r.Summarize(c.series, c.start, c.end)
		require.ErrorIs(t, err, timeseries.ErrNoPoints, "Summarize(%q, %d, %d), which says %+v", c.series,
			c.start, c.end, s)
	}
	require.Zero(t, summaryOf().Count, "Count of no points")
}

// A summary of half of the points, because the disk could not be read further, looks like any other. It is an error.
//
//lab:task 3 points=2
func TestSummarize_TellsWhatFailed(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", every(5000, func(i int) float64 { return 1 })))
	r.flush(t)
	reads := 0
	r.disk.FailAt(func(c vfs.Call) bool {
		if c.Op == vfs.OpRead {
			reads++
		}
		return c.Op == vfs.OpRead && reads > 5
	}, nil)
	s, err := r.Summarize("cpu", 0, 5000)
	require.ErrorIs(t, err, vfs.ErrInjected, "Summarize, when the disk fails in the middle; it says %+v", s)
}

// Min and Max begin with the first number, and not with 0: all values may be below it, or above.
//
//lab:task 3 points=2
func TestSummaryOf_MinAndMaxOfOneSign(t *testing.T) {
	for _, c := range []struct {
		values   []float64
		min, max float64
	}{
		{[]float64{-3, -1, -2}, -3, -1},
		{[]float64{3, 1, 2}, 1, 3},
		{[]float64{7}, 7, 7},
		{[]float64{-math.MaxFloat64}, -math.MaxFloat64, -math.MaxFloat64},
	} {
		s := summaryOf(c.values...)
		equal(t, fmt.Sprintf("Min of %v", c.values), c.min, s.Min)
		equal(t, fmt.Sprintf("Max of %v", c.values), c.max, s.Max)
	}
}

// NaN says "there was something, and it was no number". It counts as a point. But every comparison with NaN is false,
// and every sum with it is NaN: one of them, at the beginning or later, must not spoil what the numbers say. If there
// are only NaNs, there is no minimum, and 0 would be a lie.
//
//lab:task 3 points=3
func TestSummaryOf_NotANumberIsAPoint(t *testing.T) {
	for _, values := range [][]float64{{nan, 3, 1, 2}, {3, nan, 1, 2}, {3, 1, 2, nan}, {nan, nan, 3, 1, nan, 2}} {
		s := summaryOf(values...)
		what := fmt.Sprintf(" of %v", values)
		equal(t, "Count"+what, len(values), s.Count)
		equal(t, "Min"+what, 1.0, s.Min)
		equal(t, "Max"+what, 3.0, s.Max)
		equal(t, "Sum"+what, 6.0, s.Sum)
		equal(t, "Avg"+what, 2.0, s.Avg)
		equal(t, "the value of First"+what, values[0], s.First.Value)
		equal(t, "the value of Last"+what, values[len(values)-1], s.Last.Value)
	}
	s := summaryOf(nan, nan)
	equal(t, "Count of two NaNs", 2, s.Count)
	equal(t, "Min, Max, Sum and Avg of two NaNs", [4]float64{nan, nan, nan, nan},
		[4]float64{s.Min, s.Max, s.Sum, s.Avg})
}

// Infinities are numbers. One of them makes the sum and the average infinite, and both together have no sum: that is
// NaN, as the processor says. What comes after an infinity does not change it.
//
//lab:task 3 points=2
func TestSummaryOf_Infinities(t *testing.T) {
	for _, c := range []struct {
		values             []float64
		min, max, sum, avg float64
	}{
		{[]float64{1, inf, 2}, 1, inf, inf, inf},
		{[]float64{inf, inf, 1e300}, 1e300, inf, inf, inf},
		{[]float64{1, -inf, 2, nan}, -inf, 2, -inf, -inf},
		{[]float64{inf, 1, -inf}, -inf, inf, nan, nan},
	} {
		s := summaryOf(c.values...)
		equal(t, fmt.Sprintf("Min, Max, Sum and Avg of %v", c.values), [4]float64{c.min, c.max, c.sum, c.avg},
			[4]float64{s.Min, s.Max, s.Sum, s.Avg})
	}
}

// First and Last are the oldest and the newest, by their times. A Range brings the newest first; another source may
// do it the other way round, or in no order.
//
//lab:task 3 points=2
func TestSummaryOf_FirstAndLastByTime(t *testing.T) {
	points := []timeseries.Point{pt(-7, 1), pt(3, 2), pt(5, 3), pt(0, 4)}
	for range points {
		points = append(points[1:], points[0])
		s := timeseries.SummaryOf(slices.Values(points))
		what := fmt.Sprintf(" of %q", lines(points))
		equal(t, "First"+what, line(pt(-7, 1)), line(s.First))
		equal(t, "Last"+what, line(pt(5, 3)), line(s.Last))
	}
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", points))
	s, err := r.Summarize("cpu", -5, 9)
	require.NoError(t, err)
	equal(t, "First and Last of the range from -5", line(pt(0, 4))+", "+line(pt(5, 3)), line(s.First)+", "+line(s.Last))
}

// A large number swallows the small ones: 10¹⁶ + 1 is 10¹⁶. Add a thousand ones to it, take 10¹⁶ away, and a plain
// sum has nothing left of them. It matters where the large number stands, and it may even be the one that is added.
//
//lab:task 3 points=3
func TestSummaryOf_SumKeepsWhatIsSmall(t *testing.T) {
	ones := slices.Repeat([]float64{1}, 1000)
	equal(t, "Sum of 1e16, a thousand times 1, and -1e16", 1000.0,
		summaryOf(slices.Concat([]float64{1e16}, ones, []float64{-1e16})...).Sum)
	equal(t, "Sum of 1, 1e100, 1, -1e100", 2.0, summaryOf(1, 1e100, 1, -1e100).Sum)
	equal(t, "Avg of 1, 1e100, 1, -1e100", 0.5, summaryOf(1, 1e100, 1, -1e100).Avg)
	equal(t, "Sum of -1e100, 3, 1e100, 4", 7.0, summaryOf(-1e100, 3, 1e100, 4).Sum)
	equal(t, "Sum of ten times 0.1", 1.0, summaryOf(slices.Repeat([]float64{0.1}, 10)...).Sum)
}

// An average is never outside of what it is the average of: not by the last bit, which a division may round over the
// edge, and not because the sum on the way to it is larger than any float64.
//
//lab:task 3 points=3
func TestSummaryOf_AvgBetweenMinAndMax(t *testing.T) {
	for n := 1; n <= 300; n++ {
		for _, v := range []float64{0.1, 1e-7, -49.7} {
			equal(t, fmt.Sprintf("Avg of %d times %v", n, v), v, summaryOf(slices.Repeat([]float64{v}, n)...).Avg)
		}
		if t.Failed() {
			return // one example is enough
		}
	}
	equal(t, "Avg of three times the largest number", math.MaxFloat64,
		summaryOf(math.MaxFloat64, math.MaxFloat64, math.MaxFloat64).Avg)
	equal(t, "Avg of the largest number, twice, and its opposite, four times", -math.MaxFloat64/3,
		summaryOf(math.MaxFloat64, -math.MaxFloat64, -math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64,
			-math.MaxFloat64).Avg)
	equal(t, "Sum of twice the largest number", inf, summaryOf(math.MaxFloat64, math.MaxFloat64).Sum)
	equal(t, "Sum of 2e300, -1e300, -1e300 and 5", 5.0, summaryOf(2e300, -1e300, -1e300, 5).Sum)
}

// Any numbers, compared with a sum that rounds nothing off.
//
//lab:task 3 points=3 random
func TestSummaryOf_MatchesExactArithmetic(t *testing.T) {
	value := rapid.OneOf(rapid.Float64Range(-1, 1), rapid.Float64Range(-1e18, 1e18),
		rapid.Float64Range(-1e270, 1e270), rapid.Just(nan))
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(value, 1, 40).Draw(t, "values")
		s := summaryOf(values...)
		equal(t, "Count", len(values), s.Count)
		var numbers []float64
		sum, size := new(big.Float).SetPrec(3000), new(big.Float).SetPrec(3000)
		for _, v := range values {
			if !math.IsNaN(v) {
				numbers = append(numbers, v)
				sum.Add(sum, big.NewFloat(v))
				size.Add(size, big.NewFloat(math.Abs(v)))
			}
		}
		if len(numbers) == 0 {
			equal(t, "Sum of NaNs", nan, s.Sum)
			return
		}
		equal(t, "Min", slices.Min(numbers)+0, s.Min+0) // with -0 + 0 = 0: of 0 and -0 either is the smaller one
		equal(t, "Max", slices.Max(numbers)+0, s.Max+0)
		near := func(what string, want *big.Float, got float64) {
			t.Helper()
			off := new(big.Float).Sub(want, big.NewFloat(got))
			allowed := new(big.Float).Mul(new(big.Float).Abs(want), big.NewFloat(0x1p-50))
			allowed.Add(allowed, new(big.Float).Mul(size, big.NewFloat(0x1p-90)))
			if off.Abs(off).Cmp(allowed) > 0 {
				t.Fatalf("%s of %v: want %s, got %v", what, values, want.Text('g', 20), got)
			}
		}
		near("Sum", sum, s.Sum)
		near("Avg", new(big.Float).Quo(sum, big.NewFloat(float64(len(numbers)))), s.Avg)
		require.True(t, s.Min <= s.Avg && s.Avg <= s.Max, "Min ≤ Avg ≤ Max: %v, %v, %v", s.Min, s.Avg, s.Max)
	})
}
