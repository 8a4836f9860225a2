package timeseries_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/timeseries"
)

// thinned returns what Thin keeps, and checks that it keeps its promise and has left its argument alone.
func thinned(t labtest.TB, points []timeseries.Point, threshold float64) []timeseries.Point {
	t.Helper()
	before := slices.Clone(points)
	kept := timeseries.Thin(points, threshold)
	what := fmt.Sprintf("Thin with threshold %v", threshold)
	same(t, what+": the points that it was given, afterwards", before, points)
	within(t, what, before, kept, threshold)
	return kept
}

// Two points make a line, and no point lies between them. So none, one and two points stay what they are.
//
//lab:task 4 points=1
func TestThin_FewerThanThree(t *testing.T) {
	for n := range 3 {
		points := every(n, func(i int) float64 { return float64(i * i) })
		same(t, fmt.Sprintf("Thin of %d points", n), points, thinned(t, points, 1000))
		equal := every(n, func(int) float64 { return 7 })
		same(t, fmt.Sprintf("Thin of %d equal points", n), equal, thinned(t, equal, 0))
	}
}

// Points on one line need only its ends, and with a threshold of 0 too: constants, and steps that a float64 holds
// exactly. The ends are kept whatever the threshold is, or the range would be shorter than it was.
//
//lab:task 4 points=2
func TestThin_StraightLine(t *testing.T) {
	for what, f := range map[string]func(i int) float64{
		"a constant": func(int) float64 { return 0.1 },
		"a ramp":     func(i int) float64 { return 3 * float64(i) },
		"a descent":  func(i int) float64 { return -0.25 * float64(i) },
	} {
		for _, n := range []int{3, 4, 5, 100} {
			points := every(n, f)
			same(t, fmt.Sprintf("%s of %d points", what, n), []timeseries.Point{points[0], points[n-1]},
				thinned(t, points, 0))
		}
	}
	zigzag := every(50, func(i int) float64 { return float64(i % 2) })
	same(t, "a zigzag between 0 and 1, with a threshold of 5", []timeseries.Point{zigzag[0], zigzag[49]},
		thinned(t, zigzag, 5))
	same(t, "the zigzag, with a threshold of 0", zigzag, thinned(t, zigzag, 0))
}

// "Within threshold" has its end: a point that is off by exactly the threshold may go. The least bit more, and it
// stays.
//
//lab:task 4 points=2
func TestThin_ThresholdIsIncluded(t *testing.T) {
	for _, peak := range []float64{1, -1} {
		points := []timeseries.Point{pt(0, 0), pt(10, peak), pt(20, 0)}
		same(t, fmt.Sprintf("a peak of %v, threshold 1", peak), []timeseries.Point{points[0], points[2]},
			thinned(t, points, 1))
		same(t, fmt.Sprintf("a peak of %v, threshold a bit below 1", peak), points,
			thinned(t, points, math.Nextafter(1, 0)))
	}
	uneven := []timeseries.Point{pt(0, 0), pt(30, 4), pt(40, 4)} // the line is at 3 there
	same(t, "points at uneven times, threshold 1", []timeseries.Point{uneven[0], uneven[2]}, thinned(t, uneven, 1))
	same(t, "points at uneven times, threshold 0.9", uneven, thinned(t, uneven, 0.9))
}

// A curve that bends slowly: every point is within 0.01 of the line between the two beside it. Who measures to these,
// one after the other, finds that each may go, and in the end all are gone, and the middle is off by 20. What counts
// are the neighbours that stay.
//
//lab:task 4 points=4
func TestThin_MeasuresToNeighboursThatStay(t *testing.T) {
	bend := every(101, func(i int) float64 { return 0.008 * float64(i) * float64(100-i) })
	kept := thinned(t, bend, 0.01)
	require.Greater(t, len(kept), 20, "points kept of a curve that no long line is close to")
}

// A step needs the two points beside it and the ends, and a corner the point in it. A line that reaches as far as it
// can finds them in a thousand points; one that gives up early keeps hundreds.
//
//lab:task 4 points=2
func TestThin_ReachesFar(t *testing.T) {
	step := every(1000, func(i int) float64 { return math.Floor(float64(i) / 700) })
	same(t, "a step at 700", []timeseries.Point{step[0], step[699], step[700], step[999]}, thinned(t, step, 0.1))
	corner := every(1000, func(i int) float64 { return math.Min(float64(i), 437) })
	same(t, "a corner at 437", []timeseries.Point{corner[0], corner[437], corner[999]}, thinned(t, corner, 0))
	sine := every(1000, func(i int) float64 { return 50 + 20*math.Sin(0.01*float64(i)) })
	require.LessOrEqual(t, len(thinned(t, sine, 0.5)), 25, "points kept of one and a half waves of a sine")
}

// NaN and the infinities stay, and the points beside them do: a line across a gap would show numbers where there were
// none. Even with an infinite threshold.
//
//lab:task 4 points=3
func TestThin_NoLineAcrossWhatIsNotFinite(t *testing.T) {
	for _, odd := range []float64{nan, inf, -inf} {
		for _, threshold := range []float64{0, 1, math.MaxFloat64, inf} {
			points := every(11, func(i int) float64 { return 7 })
			points[5].Value = odd
			want := []timeseries.Point{pt(0, 7), pt(4, 7), pt(5, odd), pt(6, 7), pt(10, 7)}
			same(t, fmt.Sprintf("%v in the middle of ten sevens, threshold %v", odd, threshold), want,
				thinned(t, points, threshold))
			points[5].Value, points[0].Value, points[10].Value = 7, odd, odd
			want = []timeseries.Point{pt(0, odd), pt(1, 7), pt(9, 7), pt(10, odd)}
			same(t, fmt.Sprintf("%v at both ends, threshold %v", odd, threshold), want, thinned(t, points, threshold))
		}
	}
	all := []timeseries.Point{pt(0, nan), pt(1, inf), pt(2, inf), pt(3, inf), pt(4, -inf), pt(5, nan),
		pt(6, nan), pt(7, nan)}
	same(t, "nothing but NaNs and infinities", all, thinned(t, all, inf))
}

// Times may be further apart than any int64, and values further than any float64: the line between is a line all the
// same.
//
//lab:task 4 points=2
func TestThin_FarApart(t *testing.T) {
	const most = math.MaxFloat64
	points := []timeseries.Point{pt(math.MinInt64, -most), pt(0, 0), pt(math.MaxInt64, most)}
	same(t, "a line through everything", []timeseries.Point{points[0], points[2]}, thinned(t, points, 1e295))
	points[1].Value = most / 2
	same(t, "and a point that is off it", points, thinned(t, points, 1e295))
	flat := []timeseries.Point{pt(math.MinInt64, 5), pt(-1, 5), pt(0, 5), pt(1, 6), pt(2, 5), pt(math.MaxInt64, 5)}
	same(t, "a spike between the ends of time", []timeseries.Point{flat[0], flat[2], flat[3], flat[4], flat[5]},
		thinned(t, flat, 0.5))
}

// Any points: large and tiny, at regular and wild times, with gaps, and thresholds from 0 up. For each point that is
// dropped the line is computed, as a reader will, and it is not off by more than the threshold; not by the last bit.
//
//lab:task 4 points=4 random
func TestThin_EveryDroppedPointIsWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.SampledFrom([]float64{1, 1e-300, 1e16, 1e300, math.MaxFloat64}).Draw(t, "scale")
		smooth := rapid.Bool().Draw(t, "smooth")
		stride := rapid.SampledFrom([]int64{1, 1000, 1e17}).Draw(t, "longest distance in time")
		at, v := rapid.SampledFrom([]int64{math.MinInt64, 0, 1.7e18}).Draw(t, "first time"), 0.0
		var points []timeseries.Point
		for range rapid.IntRange(0, 60).Draw(t, "points") {
			step := rapid.Float64Range(-1, 1).Draw(t, "step")
			if v = step; smooth {
				v = math.Trunc(8*step) / 64
				if len(points) > 0 {
					v = math.Min(math.Max(points[len(points)-1].Value/scale+v, -1), 1)
				}
			}
			p := pt(at, v*scale)
			if rapid.IntRange(0, 19).Draw(t, "odd if 0") == 0 {
				p.Value = rapid.SampledFrom([]float64{nan, inf, -inf}).Draw(t, "odd")
			}
			points = append(points, p)
			at += rapid.Int64Range(1, stride).Draw(t, "distance in time")
		}
		threshold := scale * rapid.SampledFrom([]float64{0, 1e-17, 0.01, 0.1, 0.5, 1}).Draw(t, "threshold / scale")
		thinned(t, points, threshold)
	})
}
