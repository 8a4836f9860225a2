//lab:day 3.6

package timeseries_test

import (
	"errors"
	"fmt"
	"log"
	"math"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/timeseries"
	"lsmlab/solution/week3/txn"
)

// openDB opens a store in memory that a program would open in a directory.
func openDB() *txn.DB {
	o := &txn.Options{Validator: txn.NewOracle()}
	o.Collector = mvcc.NewCollector(0)
	o.FS = vfs.NewMem()
	db, err := txn.Open("db", o)
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// A hundred measurements, one a second. The last 30 seconds, from 69 to 99 seconds after the first, hold 31 points: a
// range has both of its ends.
func Example() {
	db := openDB()
	defer db.Close()
	metrics := timeseries.New(db, nil)

	const base = 1_700_000_000 // seconds
	for i := range int64(100) {
		if err := metrics.Append("temperature", base+i, 50+20*math.Sin(0.1*float64(i))); err != nil {
			log.Fatal(err)
		}
	}
	last, err := metrics.Latest("temperature")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("latest: %.2f at %d\n", last.Value, last.Time-base)

	s, err := metrics.Summarize("temperature", last.Time-30, last.Time)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("from %d to %d: %d points, mean %.2f, min %.2f, max %.2f\n",
		s.First.Time-base, s.Last.Time-base, s.Count, s.Avg, s.Min, s.Max)

	_, err = metrics.Summarize("temperature", base+100, base+200)
	fmt.Println(errors.Is(err, timeseries.ErrNoPoints), err)
	// Output:
	// latest: 40.85 at 99
	// from 69 to 99: 31 points, mean 61.03, min 40.85, max 69.98
	// true no points
}

// The same hundred points, from which those go that lie within 0.5 of the lines between those that stay.
func ExampleDB_Downsample() {
	db := openDB()
	defer db.Close()
	metrics := timeseries.New(db, nil)

	var points []timeseries.Point
	for i := range int64(100) {
		points = append(points, timeseries.Point{Time: i, Value: 50 + 20*math.Sin(0.1*float64(i))})
	}
	if err := metrics.AppendAll("temperature", points); err != nil {
		log.Fatal(err)
	}
	for _, threshold := range []float64{0.5, 0.5, 2} {
		result, err := metrics.Downsample("temperature", 0, 99, threshold)
		fmt.Printf("within %.1f: %d points, %d kept, %v\n", threshold, result.Before, result.Kept, err)
	}
	r := metrics.Range("temperature", math.MinInt64, math.MaxInt64)
	defer r.Close()
	for p := range r.All() {
		fmt.Printf("%d:%.1f ", p.Time, p.Value)
	}
	fmt.Println(r.Err())
	// Output:
	// within 0.5: 100 points, 17 kept, <nil>
	// within 0.5: 17 points, 17 kept, <nil>
	// within 2.0: 17 points, 11 kept, <nil>
	// 99:40.8 88:61.7 79:70.0 70:63.1 56:37.4 47:30.0 38:37.8 25:62.0 16:70.0 7:62.9 0:50.0 <nil>
}

// A thousand points of 16 bytes, once a second, as a chunk: the fewer bits change, the fewer are stored.
func ExampleEncodeChunk() {
	values := []struct {
		name string
		at   func(i int) float64
	}{
		{"always the same", func(int) float64 { return 21.5 }},
		{"a counter", func(i int) float64 { return float64(3 * i) }},
		{"a thermometer of half degrees", func(i int) float64 { return 20 + float64(i*i/100%13)/2 }},
		{"noise", func(i int) float64 { return math.Sqrt(float64(i)) }},
	}
	for _, v := range values {
		var points []timeseries.Point
		for i := range 1000 {
			points = append(points, timeseries.Point{Time: 1_700_000_000 + int64(i), Value: v.at(i)})
		}
		chunk := timeseries.EncodeChunk(points)
		fmt.Printf("%-30s %5d bytes, %4.1f bits a point, %5.1f : 1\n",
			v.name, len(chunk), float64(8*len(chunk))/1000, 16_000/float64(len(chunk)))
	}
	// Output:
	// always the same                  269 bytes,  2.2 bits a point,  59.5 : 1
	// a counter                       1765 bytes, 14.1 bits a point,   9.1 : 1
	// a thermometer of half degrees    965 bytes,  7.7 bits a point,  16.6 : 1
	// noise                           7141 bytes, 57.1 bits a point,   2.2 : 1
}
