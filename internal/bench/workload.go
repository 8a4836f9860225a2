package bench

import (
	"fmt"
	"sync"
)

// scene is a store in a certain state, and what is measured with it, one workload after the other.
type scene struct {
	durable  bool // only for peers that survive a crash
	settings func(Settings) Settings
	// prepare brings an empty store into the state; nil leaves it empty.
	prepare   func(s Store, n int) error
	workloads []workload
}

// workload is a row of the table: something to do with a store.
type workload struct {
	name string
	run  func(s Store, n int) (ops int, err error)
	// compacts tells that the tree is merged first, which is not measured.
	compacts bool
	// repeats tells that the workload leaves the store as it finds it, so that it can be run until Plan.AtLeast is over.
	repeats bool
}

// smallCache is the block cache, in bytes, of the workload that must read from files.
const smallCache = 8 << 20

// scenes are all that is measured, in order. The first one's first workload is looked at more closely: see Usage.
func scenes() []scene {
	same := func(s Settings) Settings { return s }
	return []scene{
		{settings: same, workloads: []workload{
			{name: "fill random", run: fill(1)},
			{name: "full scan, as the fill left it", run: scan, repeats: true},
			{name: "get, as the fill left it", run: gets, repeats: true},
			{name: "missing key, as the fill left it", run: misses, repeats: true},
			{name: "seek + 10, as the fill left it", run: seeks, repeats: true},
			{name: "full scan, compacted, nothing cached yet", run: scan, compacts: true},
			{name: "full scan, compacted", run: scan, compacts: true, repeats: true},
			{name: "get, compacted", run: gets, compacts: true, repeats: true},
			{name: "missing key, compacted", run: misses, compacts: true, repeats: true},
			{name: "seek + 10, compacted", run: seeks, compacts: true, repeats: true},
		}},
		{settings: func(s Settings) Settings { s.Memtable = 64 << 20; return s }, workloads: []workload{
			{name: "fill random, 64 MiB memtable", run: fill(1)},
		}},
		{settings: same, workloads: []workload{{name: "puts from 8 goroutines", run: fill(8)}}},
		{settings: func(s Settings) Settings { s.Cache = smallCache; return s }, prepare: settledFill, workloads: []workload{
			{name: "get, 8 MiB cache, compacted", run: gets, compacts: true, repeats: true},
		}},
		{durable: true, settings: func(s Settings) Settings { s.Sync = true; return s }, workloads: []workload{
			{name: "synced put, 1 goroutine", run: some(fill(1), 200)},
		}},
		{durable: true, settings: func(s Settings) Settings { s.Sync = true; return s }, workloads: []workload{
			{name: "synced put, 8 goroutines", run: some(fill(8), 50)},
		}},
	}
}

// reopening is the row that needs more than a store: see Table.reopen.
const reopening = "reopen after a crash"

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

// some runs a workload on one in so many of the keys.
func some(run func(Store, int) (int, error), one int) func(Store, int) (int, error) {
	return func(s Store, n int) (int, error) { return run(s, max(1, n/one)) }
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

// settledFill fills a store and waits for the background work that this has caused.
func settledFill(s Store, n int) error {
	if _, err := fill(1)(s, n); err != nil {
		return err
	}
	return s.Settle()
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
