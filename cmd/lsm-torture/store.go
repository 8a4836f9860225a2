package main

import (
	"errors"
	"sync/atomic"

	"lsmlab/internal/crashlab"
	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// store is the subject's store behind crashlab.Store.
type store struct{ *subject.Store }

// Dump scans everything.
func (s store) Dump() (pairs []crashlab.Pair, err error) {
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		pairs = append(pairs, crashlab.Pair{Key: string(key), Value: string(value)})
	}
	return pairs, errors.Join(scan.Err(), scan.Close())
}

// opener returns how a lab opens the store: each time with another policy, since a directory must not care.
func opener(seed uint64) func(fs vfs.FS) (crashlab.Store, error) {
	var n atomic.Uint64
	return func(fs vfs.FS) (crashlab.Store, error) { return open(fs, "db", seed+n.Add(1)%3) }
}

// open opens the store with everything so small that all of it happens in a few writes.
func open(fs vfs.FS, dir string, seed uint64) (crashlab.Store, error) {
	o := &subject.StoreOptions{
		Policy:     [...]shape.Policy{subject.SimplePolicy{Runs: 2}, subject.TieredPolicy{Runs: 3}, subject.LeveledPolicy{Runs: 2, BaseSize: 4 << 10, Multiplier: 4, Levels: 4}}[seed%3],
		Compaction: subject.CompactionOptions{TargetSize: 2 << 10},
	}
	o.FS, o.MemtableSize, o.BlockSize, o.CacheSize = fs, 4<<10, 256, 16<<10
	s, err := subject.OpenStore(dir, o)
	if err != nil {
		return nil, err
	}
	return store{s}, nil
}
