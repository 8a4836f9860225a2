// W3d6 draws keys in the order of the store, a curve, and what your Thin makes of it at three thresholds.
package main

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"lsmlab/internal/kv"
	"lsmlab/internal/show/draw"
	"lsmlab/internal/vfs"
	"lsmlab/week3/timeseries"
	"lsmlab/week3/txn"
)

func main() { draw.Main(picture) }

// picture draws all of it.
func picture() (err error) {
	o := &txn.Options{}
	o.FS = vfs.NewMem()
	db, err := txn.Open("db", o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	metrics := timeseries.New(db, nil)
	if err := keys(db, metrics); err != nil {
		return err
	}
	points := curve(60)
	if err := metrics.AppendAll("curve", points); err != nil {
		return err
	}
	lines(points)
	return summary(metrics)
}

// keys prints the keys of a few points in the order in which the store has them.
func keys(db *txn.DB, metrics *timeseries.DB) error {
	for _, p := range []struct {
		series string
		at     int64
	}{{"cpu", -1}, {"cpu", 0}, {"cpu", 1}, {"cpu", 1e17}, {"cpu1", -1}, {"cpu1", math.MaxInt64}, {"c\x00u", 7},
		{"cp", math.MinInt64}} {
		if err := metrics.Append(p.series, p.at, 0); err != nil {
			return err
		}
	}
	draw.Title("Eight points of four series, as the store has them:")
	scan := db.Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	for key := range scan.All() {
		series, at, _ := metrics.ParseKey(key)
		fmt.Printf("  %-50s %8q  %d\n", fmt.Sprintf("% x", key), series, at)
	}
	return scan.Err()
}

// curve returns n points, one a second: a slow wave, a spike, and a gap where nothing was a number.
func curve(n int) (points []timeseries.Point) {
	for i := range n {
		v := 5 + 4*math.Sin(float64(i)/9)
		switch i {
		case 40:
			v = 9.5
		case 20:
			v = math.NaN()
		}
		points = append(points, timeseries.Point{Time: int64(i), Value: v})
	}
	return points
}

// lines draws the curve, and below it which points are kept at each threshold, and how far the worst of the others is
// off.
func lines(points []timeseries.Point) {
	draw.Title("A curve with a spike and a NaN. Kept are (o), dropped (·):")
	for level := 9; level >= 0; level-- {
		row := slices.Repeat([]rune{' '}, len(points))
		for i, p := range points {
			if math.Floor(p.Value) == float64(level) {
				row[i] = '*'
			}
		}
		fmt.Printf("  %12d  %s\n", level, string(row))
	}
	for _, threshold := range []float64{0.1, 0.5, 2} {
		kept := timeseries.Thin(points, threshold)
		row := slices.Repeat([]rune{'·'}, len(points))
		for _, p := range kept {
			row[p.Time] = 'o'
		}
		fmt.Printf("  within %-5v  %s  %2d kept, the worst is off by %.4f\n", threshold, string(row), len(kept),
			worst(points, kept))
	}
}

// worst returns how far the worst of the dropped points is from the line between the kept ones beside it.
func worst(points, kept []timeseries.Point) (off float64) {
	for i := 1; i < len(kept); i++ {
		a, b := kept[i-1], kept[i]
		for _, p := range points[a.Time+1 : b.Time] {
			off = math.Max(off, math.Abs(p.Value-timeseries.Line(a, b, p.Time)))
		}
	}
	return off
}

// summary prints what a summary of the curve says, and the latest point.
func summary(metrics *timeseries.DB) error {
	s, err := metrics.Summarize("curve", 10, 30)
	if err != nil {
		return err
	}
	latest, err := metrics.Latest("curve")
	if err != nil {
		return err
	}
	draw.Title("From 10 to 30, both included:")
	fmt.Printf("  %d points, min %.2f, max %.2f, avg %.2f (of those that are numbers)\n", s.Count, s.Min, s.Max, s.Avg)
	fmt.Printf("  the latest of all is at %d\n", latest.Time)
	return nil
}
