package timeseries_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/timeseries"
)

// Four goroutines append peaks to a flat series, and a fifth downsamples it all the time. No peak is on a line
// between other points, so none may ever be dropped: each of them is there in the end, with its value.
//
//lab:task 5 points=3 random race
func TestDownsample_AmongWriters(t *testing.T) {
	r := rigOn(t, vfs.NewMem(), nil, nil)
	const peaks, writers = 80, 4
	flat := every(4*peaks+1, func(int) float64 { return 0 })
	require.NoError(t, r.AppendAll("cpu", flat))
	var want []timeseries.Point
	for i := range peaks {
		n := float64(i + 1)
		want = append(want, pt(int64(4*i+2), 1000*n*n+117.3*n)) // 0.87 from every line through two others, at least
	}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := w; i < peaks; i += writers {
				if err := r.Append("cpu", want[i].Time, want[i].Value); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Go(func() {
		for range 20 {
			if _, err := r.Downsample("cpu", 0, 4*peaks, 0.5); err != nil {
				t.Error(err)
			}
		}
	})
	group.Wait()
	before := oldestFirst(r.all(t, "cpu"))
	result, err := r.Downsample("cpu", 0, 4*peaks, 0.5)
	require.NoError(t, err)
	after := oldestFirst(r.all(t, "cpu"))
	within(t, "the last downsample", before, after, 0.5)
	equal(t, "Result of the last downsample", timeseries.Result{Before: len(before), Kept: len(after)}, result)
	found := slices.DeleteFunc(after, func(p timeseries.Point) bool { return p.Value == 0 })
	same(t, "the peaks, oldest first", want, found)
}
