package timeseries

import (
	"iter"
	"math"

	"lsmlab/internal/todo"
)

// Summary is what is worth knowing about some points. A value that is NaN is a point and no number: Count, First and
// Last take it in, the others leave it out. If no value is a number, they are NaN.
type Summary struct {
	Count       int
	Min, Max    float64
	Sum         float64 // infinite if no float64 is as large; NaN if both infinities are in it
	Avg         float64 // not outside Min and Max; NaN if Sum is
	First, Last Point   // the oldest and the newest
}

// SummaryOf returns the summary of points in any order, in one pass. Of no points all is 0, Count too.
func SummaryOf(points iter.Seq[Point]) (s Summary) {
	// TODO(week 3, day 6, task 3): implement SummaryOf. Chapter: book/week3/day6-time-series.md#summary
	//
	// Hint: With what do Min and Max begin, so that the first number takes its place, whatever it is?
	// Hint: NaN answers false to every comparison. So !(a <= b) and a > b are not the same.
	// Hint: Which point is the oldest is for its time to say. Range brings the newest first.
	// Hint: sum.over(n) is an n-th of the sum. Computed like that, the last bit of an average may be outside Min and Max.
	panic(todo.Reached("week 3 day 6 task 3", "SummaryOf"))
}

// huge is where numbers begin of which a thousand may have a sum that no float64 holds, and an average that one does.
// Of those below, 2¹²³ can be added.
const (
	huge  = 0x1p900
	scale = 0x1p100
)

// total adds up the numbers that are not huge, and the huge ones, which are divided by scale.
type total [2]compensated

// add adds v, which is no NaN.
func (t *total) add(v float64) {
	if math.Abs(v) < huge {
		t[0].add(v)
	} else {
		t[1].add(v / scale)
	}
}

// over returns an n-th of the sum.
func (t *total) over(n int) float64 { return t[0].value()/float64(n) + t[1].value()/float64(n)*scale }

// compensated is a sum after A. Neumaier (Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen,
// 1974): what an addition rounds off can be computed exactly, and is collected.
type compensated struct{ sum, lost float64 }

// add adds v.
func (c *compensated) add(v float64) {
	// TODO(week 3, day 6, task 3): implement add. Chapter: book/week3/day6-time-series.md#sum
	//
	// Hint: Of two numbers the smaller one loses its last bits. (larger - total) + smaller is what it has lost.
	// Hint: Larger means further from 0.
	panic(todo.Reached("week 3 day 6 task 3", "compensated.add"))
}

// value returns the sum. If it is infinite or NaN, nothing can be made up for, and lost is rubbish.
func (c *compensated) value() float64 {
	// TODO(week 3, day 6, task 3): implement value. Chapter: book/week3/day6-time-series.md#sum
	//
	// Hint: What is lost when 1 is added to +Inf? Write down what add computes.
	panic(todo.Reached("week 3 day 6 task 3", "compensated.value"))
}
