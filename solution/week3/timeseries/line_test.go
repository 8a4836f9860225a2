//lab:day 3.6

package timeseries_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"lsmlab/solution/week3/timeseries"
)

// exact returns v as a fraction.
func exact(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }

// apart returns the time between two times as a fraction.
func apart(from, to int64) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Sub(big.NewInt(to), big.NewInt(from)))
}

// Line is compared with a line that rounds nothing off. It may be off by a few of the last bits of the larger end,
// and, where values are so small that a slope has few bits left, by those that it has not; however far apart the ends
// are.
func TestLine_IsCloseToTheExactOne(t *testing.T) {
	value := rapid.OneOf(rapid.Float64Range(-1, 1), rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64))
	rapid.Check(t, func(t *rapid.T) {
		var a, b timeseries.Point
		a.Time = rapid.Int64Range(math.MinInt64, math.MaxInt64-2).Draw(t, "from")
		b.Time = rapid.Int64Range(a.Time+2, math.MaxInt64).Draw(t, "to")
		at := rapid.Int64Range(a.Time+1, b.Time-1).Draw(t, "at")
		a.Value, b.Value = value.Draw(t, "first value"), value.Draw(t, "last value")

		want := new(big.Rat).Sub(exact(b.Value), exact(a.Value))
		want.Mul(want, apart(a.Time, at)).Quo(want, apart(a.Time, b.Time)).Add(want, exact(a.Value))
		got := timeseries.Line(a, b, at)
		if math.IsNaN(got) || math.IsInf(got, 0) {
			t.Fatalf("the line from %v to %v is at %v", a, b, got)
		}
		large := math.Max(math.Abs(a.Value), math.Abs(b.Value))
		allowed := new(big.Rat).Mul(exact(large), big.NewRat(1, 1<<50))
		least := new(big.Rat).Mul(exact(math.SmallestNonzeroFloat64), apart(a.Time, b.Time))
		allowed.Add(allowed, least.Mul(least, big.NewRat(4, 1)))
		off := new(big.Rat).Sub(want, exact(got))
		if off.Abs(off).Cmp(allowed) > 0 {
			t.Fatalf("the line from %v to %v is at %v, and should be at %s", a, b, got, want.FloatString(30))
		}
	})
}
