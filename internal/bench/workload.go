package bench

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Figure is one workload's outcome for one store in one round.
type Figure struct {
	Ops     int           // operations
	Elapsed time.Duration // wall time until the last one returned
	Allocs  float64       // heap allocations an operation, background work included
}

// PerSecond returns operations a second.
func (f Figure) PerSecond() float64 { return float64(f.Ops) / f.Elapsed.Seconds() }

// workload is a row of the table: something to do with a store.
type workload struct {
	name  string
	fresh bool // begins with an empty store instead of the one that the workload before it left
	cache int64
	run   func(s Store, n int) (ops int, err error)
}

// smallCache is the block cache, in bytes, of the workload that must read from files.
const smallCache = 8 << 20

// workloads are all rows, in the order in which they run.
func workloads() []workload {
	return []workload{
		{name: "fill random", fresh: true, run: fill(1)},
		{name: "fill, until background work is done", fresh: true, run: settled(fill(1))},
		{name: "full scan, nothing cached yet", run: scan},
		{name: "full scan", run: scan},
		{name: "get, as the fill left it", run: gets},
		{name: "get of a missing key", run: misses},
		{name: "seek + 10 steps", run: seeks},
		{name: "puts from 8 goroutines", fresh: true, run: fill(8)},
		{name: "get, 8 MiB cache", fresh: true, cache: smallCache, run: gets},
	}
}

// fill writes n keys in random order from a number of goroutines.
func fill(writers int) func(Store, int) (int, error) {
	return func(s Store, n int) (int, error) {
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() { errs[w] = fillPart(s, n*w/writers, n*(w+1)/writers) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return 0, err
			}
		}
		return n, nil
	}
}

// fillPart writes the keys with numbers from first on and before end.
func fillPart(s Store, first, end int) error {
	key, value := make([]byte, keySize), make([]byte, valueSize)
	for i := first; i < end; i++ {
		keyAt(key, uint64(i))
		valueAt(value, uint64(i))
		if err := s.Put(key, value); err != nil {
			return err
		}
	}
	return nil
}

// settled runs a workload and waits for the background work it has caused.
func settled(run func(Store, int) (int, error)) func(Store, int) (int, error) {
	return func(s Store, n int) (int, error) {
		ops, err := run(s, n)
		if err != nil {
			return 0, err
		}
		return ops, s.Settle()
	}
}

// pick returns the i-th of a fixed sequence of numbers below n that looks random.
func pick(i, n int) uint64 { return (uint64(i)*0x9e3779b97f4a7c15 + 0x1234567) >> 11 % uint64(n) }

// gets reads keys that are there.
func gets(s Store, n int) (int, error) {
	ops, key := n/4, make([]byte, keySize)
	for i := range ops {
		keyAt(key, pick(i, n))
		if err := want(s, key, true); err != nil {
			return 0, err
		}
	}
	return ops, nil
}

// misses reads keys that are not there.
func misses(s Store, n int) (int, error) {
	ops, key := n/4, make([]byte, keySize)
	for i := range ops {
		missingAt(key, pick(i, n))
		if err := want(s, key, false); err != nil {
			return 0, err
		}
	}
	return ops, nil
}

// want reads a key and returns an error unless it is there, or is not, as it should be.
func want(s Store, key []byte, there bool) error {
	found, err := s.Get(key)
	if err == nil && found != there {
		err = fmt.Errorf("key %x: found %v, want %v", key, found, there)
	}
	return err
}

// seeks reads ten entries from random places.
func seeks(s Store, n int) (int, error) {
	ops, key := n/20, make([]byte, keySize)
	for i := range ops {
		keyAt(key, pick(i, n))
		if _, err := s.Scan(key, 10); err != nil {
			return 0, err
		}
	}
	return ops, nil
}

// scan reads everything, in order; an operation is an entry.
func scan(s Store, n int) (int, error) {
	got, err := s.Scan(nil, n+1)
	if err == nil && got != n {
		err = fmt.Errorf("the scan met %d entries of %d", got, n)
	}
	return got, err
}

// measure runs a workload once.
func measure(w workload, s Store, n int) (Figure, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	ops, err := w.run(s, n)
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	if err != nil {
		return Figure{}, err
	}
	return Figure{Ops: ops, Elapsed: elapsed, Allocs: float64(after.Mallocs-before.Mallocs) / float64(ops)}, nil
}
