//lab:day 3.6

package timeseries

import (
	"iter"
	"math"
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
//
//lab:todo 3 time-series#summary
//lab:hint With what do Min and Max begin, so that the first number takes its place, whatever it is?
//lab:hint NaN answers false to every comparison. So !(a <= b) and a > b are not the same.
//lab:hint Which point is the oldest is for its time to say. Range brings the newest first.
//lab:hint sum.over(n) is an n-th of the sum. Computed like that, the last bit of an average may be outside Min and Max.
func SummaryOf(points iter.Seq[Point]) (s Summary) {
	// #region summary
	var sum total
	numbers := 0
	for p := range points {
		if s.Count++; s.Count == 1 {
			nan := math.NaN()
			s = Summary{Count: 1, Min: nan, Max: nan, Sum: nan, Avg: nan, First: p, Last: p}
		}
		if p.Time < s.First.Time {
			s.First = p
		}
		if p.Time > s.Last.Time {
			s.Last = p
		}
		if math.IsNaN(p.Value) {
			continue
		}
		if !(s.Min <= p.Value) {
			s.Min = p.Value
		}
		if !(s.Max >= p.Value) {
			s.Max = p.Value
		}
		numbers++
		sum.add(p.Value)
	}
	if numbers > 0 {
		s.Sum, s.Avg = sum.over(1), min(max(sum.over(numbers), s.Min), s.Max)
	}
	return s
	// #endregion
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
//
//lab:todo 3 time-series#sum
//lab:hint Of two numbers the smaller one loses its last bits. (larger - total) + smaller is what it has lost.
//lab:hint Larger means further from 0.
func (c *compensated) add(v float64) {
	// #region compensated
	total := c.sum + v
	if math.Abs(c.sum) >= math.Abs(v) {
		c.lost += (c.sum - total) + v
	} else {
		c.lost += (v - total) + c.sum
	}
	c.sum = total
	// #endregion
}

// value returns the sum. If it is infinite or NaN, nothing can be made up for, and lost is rubbish.
//
//lab:todo 3 time-series#sum
//lab:hint What is lost when 1 is added to +Inf? Write down what add computes.
func (c *compensated) value() float64 {
	// #region compensated-value
	if math.IsInf(c.sum, 0) || math.IsNaN(c.sum) {
		return c.sum
	}
	return c.sum + c.lost
	// #endregion
}
