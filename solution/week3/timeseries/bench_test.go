//lab:day 3.6

package timeseries_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"lsmlab/solution/week3/timeseries"
)

// benchPoints is how many points the series of the benchmarks have.
const benchPoints = 100_000

// benchSeries returns series in a store, of which "cpu" has benchPoints points in one table.
func benchSeries(b *testing.B) *timeseries.DB {
	db := openDB()
	b.Cleanup(func() { db.Close() })
	metrics := timeseries.New(db, nil)
	if err := metrics.AppendAll("cpu", wave(benchPoints)); err != nil {
		b.Fatal(err)
	}
	if err := db.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	return metrics
}

// wave returns n points of a sine that rises and falls once in a thousand, with a ripple.
func wave(n int) (points []timeseries.Point) {
	for i := range n {
		v := 50 + 20*math.Sin(float64(i)/160) + math.Sin(float64(i))
		points = append(points, timeseries.Point{Time: int64(i), Value: v})
	}
	return points
}

// BenchmarkLatest measures one question for the latest point, and, for comparison, for one in the middle.
func BenchmarkLatest(b *testing.B) {
	metrics := benchSeries(b)
	b.Run("latest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := metrics.Latest("cpu"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one in the middle", func(b *testing.B) {
		for b.Loop() {
			if _, err := metrics.Summarize("cpu", benchPoints/2, benchPoints/2); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSummarize measures the summary of a whole series, for each point.
func BenchmarkSummarize(b *testing.B) {
	metrics := benchSeries(b)
	for b.Loop() {
		if _, err := metrics.Summarize("cpu", 0, benchPoints); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchPoints, "ns/point")
}

// BenchmarkThin measures Thin for each point, for shapes that are easy and hard for it, and says how many points it
// keeps.
func BenchmarkThin(b *testing.B) {
	shapes := map[string]func(i int) float64{
		"constant":            func(int) float64 { return 1 },
		"wave":                func(i int) float64 { return 50 + 20*math.Sin(float64(i)/160) + math.Sin(float64(i)) },
		"growing oscillation": func(i int) float64 { return float64(i * (i%2*2 - 1)) },
	}
	for name, f := range shapes {
		points := wave(benchPoints)
		for i := range points {
			points[i].Value = f(i)
		}
		for _, threshold := range []float64{0.1, 2} {
			b.Run(fmt.Sprintf("%s/within=%v", name, threshold), func(b *testing.B) {
				kept := 0
				for b.Loop() {
					kept = len(timeseries.Thin(points, threshold))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchPoints, "ns/point")
				b.ReportMetric(float64(kept), "kept")
			})
		}
	}
}
