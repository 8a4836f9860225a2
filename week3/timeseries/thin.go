package timeseries

import "lsmlab/internal/todo"

// Line returns the value at time t, between a and b, on the straight line from a to b. It is how a point that was
// dropped is read again, and so how it is measured before. It must be the same on every machine, to the last bit:
// compilers may fuse a product and a sum into one operation, which rounds otherwise. They may not where there is a
// conversion.
func Line(a, b Point, t int64) float64 {
	slope := (b.Value/2 - a.Value/2) / distance(a.Time, b.Time) // half of it: b - a may be larger than any float64
	half := float64(slope * distance(a.Time, t))
	return a.Value + half + half
}

// distance returns the time from a to b, which is not before a. It may be larger than any int64.
func distance(a, b int64) float64 { return float64(uint64(b) - uint64(a)) }

// Thin returns the points to keep, so that none of the others is further than threshold from the Line between its
// neighbours among those that are kept. Points are in the order of times, oldest first, no two at one time.
//
// The first and the last are kept, and every value that is not finite, with the points beside it: no line leads
// across it.
func Thin(points []Point, threshold float64) (kept []Point) {
	// TODO(week 3, day 6, task 4): implement Thin. Chapter: book/week3/day6-time-series.md#thin
	//
	// Hint: From the last point that is kept: how far does a line reach? That point is kept, and it goes on from there.
	// Hint: How does it end with three points, two, one, none?
	panic(todo.Reached("week 3 day 6 task 4", "Thin"))
}

// reach returns the index of the next point to keep behind points[from]: the furthest that was found to fit. Behind
// the last point that is len(points).
//
// It goes on in steps of 1, 2, 4, … as long as that fits, and then halves them. So n points cost O(n log n), whatever
// their shape: each is looked at a few times for each halving, by a line that gets half as far at least.
func reach(points []Point, from int, threshold float64) int {
	// TODO(week 3, day 6, task 4): implement reach. Chapter: book/week3/day6-time-series.md#reach
	//
	// Hint: The next point always fits: there is nothing between.
	// Hint: To try each end in turn is right as well, and takes n² steps for n points on a line. Double, then halve.
	panic(todo.Reached("week 3 day 6 task 4", "reach"))
}

// fits reports whether every point between points[from] and points[to] is within threshold of the line between these
// two. Where there is no points[to], it is false.
func fits(points []Point, from, to int, threshold float64) bool {
	// TODO(week 3, day 6, task 4): implement fits. Chapter: book/week3/day6-time-series.md#fits
	//
	// Hint: NaN answers false to every comparison. Ask so that false means: must be kept.
	// Hint: And a value that is infinitely far away, with a threshold of +Inf?
	panic(todo.Reached("week 3 day 6 task 4", "fits"))
}
