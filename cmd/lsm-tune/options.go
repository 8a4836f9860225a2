package main

import (
	"errors"

	"lsmlab/internal/shape"
	"lsmlab/internal/subject"
)

// check returns what is wrong with numbers.
func (f flags) check() error {
	if f.Entries < 1 || f.Again < 0 || f.Writers < 1 || f.Rounds < 1 {
		return errors.New("entries, writers and rounds count from 1")
	}
	return nil
}

// policy returns the policy, nil for none.
func (f flags) policy() shape.Policy {
	switch f.Policy {
	case "simple":
		return subject.SimplePolicy{Runs: f.Runs}
	case "tiered":
		return subject.TieredPolicy{Runs: f.Runs}
	case "leveled":
		return subject.LeveledPolicy{
			Runs: f.Runs, BaseSize: int64(f.BaseSize), Multiplier: f.Multiplier, LeastOverlap: f.LeastOverlap,
		}
	}
	return nil
}

// options are the store's. changed is told of each new version.
func (f flags) options(changed chan<- struct{}) *subject.StoreOptions {
	o := &subject.StoreOptions{Policy: f.policy(), NoCompaction: f.Policy == "none", NoFilter: f.FilterBits == 0}
	o.MemtableSize, o.BlockSize, o.Codec = int(f.Memtable), int(f.BlockSize), subject.Prefix()
	o.CacheSize = int64(f.Cache)
	if f.Cache == 0 {
		o.CacheSize = -1
	}
	if f.FilterBits > 0 {
		o.Filter = subject.Bloom(f.FilterBits)
	}
	o.Compaction.TargetSize = int64(f.TargetSize)
	o.Log = map[string]subject.LogMode{
		"off": subject.LogOff, "buffered": subject.LogLosesOnKill, "written": subject.LogWritten, "synced": subject.LogSynced,
	}[f.Log]
	o.Listener.CompactionEnd = func(e *subject.Edit, err error) {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	return o
}
