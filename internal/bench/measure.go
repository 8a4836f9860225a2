package bench

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Figure is one workload's outcome for one store in one round. One without operations was not measured.
type Figure struct {
	Ops     int           // operations
	Elapsed time.Duration // wall time until the last one returned
	Allocs  float64       // heap allocations an operation, background work included
}

// PerSecond returns operations a second.
func (f Figure) PerSecond() float64 { return float64(f.Ops) / f.Elapsed.Seconds() }

// measure runs a workload: once, or if it repeats, again until atLeast is over.
func measure(w workload, s Store, n int, atLeast time.Duration) (Figure, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	ops, err := w.run(s, n)
	for w.repeats && err == nil && time.Since(start) < atLeast {
		var more int
		more, err = w.run(s, n)
		ops += more
	}
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	if err != nil {
		return Figure{}, err
	}
	return Figure{Ops: ops, Elapsed: elapsed, Allocs: float64(after.Mallocs-before.Mallocs) / float64(ops)}, nil
}

// Usage is what a fill costs beside time, background work included. What the machine does not tell is zero.
type Usage struct {
	Settled time.Duration // from the first put until all background work was done
	CPU     time.Duration // processor time of all threads until then
	Written int64         // bytes handed to the operating system
	Space   int64         // bytes of all files then
	Peak    int64         // most memory of the process at any time, in bytes
}

// fillUsage measures a fill more closely: it waits for the background work, which counts.
func fillUsage(w workload, s Store, n int, dir string) (Figure, Usage, error) {
	forgetPeak()
	cpu, written := processorTime(), bytesWritten()
	start := time.Now()
	f, err := measure(w, s, n, 0)
	if err == nil {
		err = s.Settle()
	}
	u := Usage{Settled: time.Since(start), CPU: processorTime() - cpu, Written: bytesWritten() - written, Peak: peakMemory()}
	if err != nil {
		return f, u, err
	}
	u.Space, err = space(dir)
	return f, u, err
}

// space returns the bytes of all files below a directory.
func space(dir string) (sum int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if os.IsNotExist(err) {
			return nil // removed meanwhile
		}
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}
