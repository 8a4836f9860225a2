package demo

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"lsmlab/solution/week1/engine"
)

// times is how long the chapters took.
type times struct{ stored, reopened, verified, missed, scanned time.Duration }

// summary prints what happened. Before the prefix scan the counters were as given.
func (d *demo) summary(t times, found int, before engine.Stats) {
	s := d.engine.Stats()
	n := len(d.files)
	tables, size := 0, int64(0)
	for _, run := range s.Runs {
		tables += len(run.Tables)
		size += run.Size
	}
	out := table.NewWriter()
	out.SetOutputMirror(d.Out)
	out.SetStyle(table.StyleLight)
	out.AppendRows([]table.Row{
		{"entries", fmt.Sprintf("%d keys, %s of contents", n, megabytes(d.bytes))},
		{"tables", fmt.Sprintf("%d, %s, in %d runs", tables, megabytes(size), len(s.Runs))},
		{"background", fmt.Sprintf("%d flushes, %d compactions, %s written", d.work.flushes, d.work.compactions, megabytes(d.work.bytes))},
		{"stored in", fmt.Sprintf("%v, %s a second, reading the files included", round(t.stored), megabytes(perSecond(d.bytes, t.stored)))},
		{"closed and opened in", fmt.Sprint(round(t.reopened))},
		{"read back in", fmt.Sprintf("%v, reading the files again included", round(t.verified))},
		{"blocks read from disk", fmt.Sprintf("%d for %d gets, %d of them of keys that do not exist", before.BlockReads, 2*n, n)},
		{"filters", fmt.Sprintf("asked %d times, said no %d times (%s)", before.FilterChecks, before.FilterNegatives, percent(before.FilterNegatives, before.FilterChecks))},
		{"missing keys", fmt.Sprintf("%d gets in %v", n, round(t.missed))},
		{"block cache", fmt.Sprintf("%d hits, %d misses (%s), %s in use", s.CacheHits, s.CacheMisses, percent(s.CacheHits, s.CacheHits+s.CacheMisses), megabytes(s.Cache.Size))},
		{"scan of " + d.Prefix, fmt.Sprintf("%d keys in %v, %d blocks read", found, round(t.scanned), s.BlockReads-before.BlockReads)},
	})
	out.Render()
	fmt.Fprintln(d.Out, "all bytes equal")
}

// megabytes puts a number of bytes into words.
func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// perSecond divides.
func perSecond(n int64, t time.Duration) int64 { return int64(float64(n) / t.Seconds()) }

// percent puts a share into words; of nothing it is none.
func percent(part, whole int64) string {
	if whole == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// round drops the digits of a duration that say nothing.
func round(t time.Duration) time.Duration {
	if t > time.Second {
		return t.Round(10 * time.Millisecond)
	}
	return t.Round(10 * time.Microsecond)
}
