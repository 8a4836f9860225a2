//lab:day 3.6

package timeseries

import "math"

// Line returns the value at time t, between a and b, on the straight line from a to b. It is how a point that was
// dropped is read again, and so how it is measured before. It must be the same on every machine, to the last bit:
// compilers may fuse a product and a sum into one operation, which rounds otherwise. They may not where there is a
// conversion.
func Line(a, b Point, t int64) float64 {
	// #region line
	slope := (b.Value/2 - a.Value/2) / distance(a.Time, b.Time) // half of it: b - a may be larger than any float64
	half := float64(slope * distance(a.Time, t))
	return a.Value + half + half
	// #endregion
}

// distance returns the time from a to b, which is not before a. It may be larger than any int64.
func distance(a, b int64) float64 { return float64(uint64(b) - uint64(a)) }

// Thin returns the points to keep, so that none of the others is further than threshold from the Line between its
// neighbours among those that are kept. Points are in the order of times, oldest first, no two at one time.
//
// The first and the last are kept, and every value that is not finite, with the points beside it: no line leads
// across it.
//
//lab:todo 4 time-series#thin
//lab:hint From the last point that is kept: how far does a line reach? That point is kept, and it goes on from there.
//lab:hint How does it end with three points, two, one, none?
func Thin(points []Point, threshold float64) (kept []Point) {
	// #region thin
	for i := 0; i < len(points); i = reach(points, i, threshold) {
		kept = append(kept, points[i])
	}
	return kept
	// #endregion
}

// reach returns the index of the next point to keep behind points[from]: the furthest that was found to fit. Behind
// the last point that is len(points).
//
// It goes on in steps of 1, 2, 4, … as long as that fits, and then halves them. So n points cost O(n log n), whatever
// their shape: each is looked at a few times for each halving, by a line that gets half as far at least.
//
//lab:todo 4 time-series#reach
//lab:hint The next point always fits: there is nothing between.
//lab:hint To try each end in turn is right as well, and takes n² steps for n points on a line. Double, then halve.
func reach(points []Point, from int, threshold float64) int {
	// #region reach
	end, step := from+1, 1
	for fits(points, from, end+step, threshold) {
		end += step
		step *= 2
	}
	for step /= 2; step > 0; step /= 2 {
		if fits(points, from, end+step, threshold) {
			end += step
		}
	}
	return end
	// #endregion
}

// fits reports whether every point between points[from] and points[to] is within threshold of the line between these
// two. Where there is no points[to], it is false.
//
//lab:todo 4 time-series#fits
//lab:hint NaN answers false to every comparison. Ask so that false means: must be kept.
//lab:hint And a value that is infinitely far away, with a threshold of +Inf?
func fits(points []Point, from, to int, threshold float64) bool {
	// #region fits
	if to >= len(points) {
		return false
	}
	for _, p := range points[from+1 : to] {
		off := math.Abs(p.Value - Line(points[from], points[to], p.Time))
		if !(off <= threshold) || math.IsInf(off, 1) {
			return false
		}
	}
	return true
	// #endregion
}
