//lab:day 1.6

package engine

import (
	"fmt"
	"math"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// Options says how an engine works. The zero Options are usable.
type Options struct {
	// FS is the file system for everything the engine reads and writes. Default vfs.OS().
	FS vfs.FS

	// MemtableSize is the size in bytes of a memtable's arena. A batch that needs more gets a memtable of its own size.
	// Default 4 MiB.
	MemtableSize int
	// MaxMemtables is how many memtables there may be, the active one included, before the oldest is flushed in the
	// background. Default 2: one active, one frozen.
	MaxMemtables int
	// StallMemtables is how many memtables there may be, the active one included, before writers wait for the flush that
	// has fallen behind. It must be larger than MaxMemtables. Default 8, or MaxMemtables + 1 if that is more.
	StallMemtables int
	// MaxValueSize is the length in bytes of the longest value. Default 1 GiB - 1, which is also the most.
	MaxValueSize int
	// Sync makes every write wait until its log is on the disk and not only on its way there. It needs Logs.
	// Default false.
	Sync bool

	// BlockSize is the size in bytes at which a table's data block is full. Default 4 KiB.
	BlockSize int
	// CacheSize is the size in bytes of the block cache. Default 64 MiB; below 0: no cache.
	CacheSize int64
	// Cache is a block cache made elsewhere, for instance by who opened the tables in State. Default: one of CacheSize.
	Cache *sstable.Cache
	// Metrics counts what tables do. Default: counters of the engine's own, which Stats shows in any case.
	Metrics *sstable.Metrics
	// Codec, Codecs, Filter and Filters are those of sstable.Options.
	Codec   block.Codec
	Codecs  []block.Codec
	Filter  sstable.FilterPolicy
	Filters []sstable.FilterPolicy

	// The seams. Each default does nothing, so that Week 1 needs none of them.

	// State is what an earlier run left behind. Default nil: an empty store.
	State *State
	// Logs makes writes outlive the process. Default nil: none.
	Logs Logs
	// Manifest makes the tree's shape outlive the process. Default: forgets.
	Manifest Manifest
	// Compactor merges tables in the background. Default nil: none.
	Compactor Compactor
	// Throttle says, of each new version, how long a write must wait for the compactor to keep up: delay is what each write
	// pays before it begins, and stop holds writers that want another memtable until a version comes that has it not. It is
	// called under the engine's lock, and must be quick. Default nil: nobody waits.
	Throttle func(v *version.Version) (delay time.Duration, stop bool)
	// Retention says which old versions somebody may still read. Default: nobody reads the past.
	Retention Retention
	// Gate may refuse a batch before it gets its numbers. Default nil: admits all.
	Gate Gate
	// Listener is told what happens. Default: nobody is.
	Listener Listener
	// CompactionFilter may drop values for reasons of its own during a merge. Default nil: none.
	CompactionFilter CompactionFilter
	// NewTable makes memtables. It is called without any lock, so that a test can stop a freeze here.
	// Default memtable.New.
	NewTable func(id uint64, capacity int) *memtable.Table
}

// State is what an engine begins with.
type State struct {
	// Runs are the runs of tables, in any order. The engine closes their tables.
	Runs []*version.Run
	// Memtables are the memtables whose logs have been replayed, newest first. Their IDs are the logs' numbers.
	Memtables []*memtable.Table
	// Next is a file number that is larger than every number in the directory.
	Next uint64
	// Last is the highest sequence number in use.
	Last kv.Seq
}

const (
	defaultMemtableSize   = 4 << 20
	defaultMaxMemtables   = 2
	defaultStallMemtables = 8
	defaultCacheSize      = 64 << 20
	// maxValueSize is the most that MaxValueSize may be: lengths in a memtable's arena have 32 bits, with room to spare.
	maxValueSize = 1<<30 - 1
)

// withDefaults returns a copy of o, which may be nil, with every default filled in.
func (o *Options) withDefaults() Options {
	var full Options
	if o != nil {
		full = *o
	}
	orDefault(&full.MemtableSize, defaultMemtableSize)
	orDefault(&full.MaxMemtables, defaultMaxMemtables)
	orDefault(&full.StallMemtables, max(defaultStallMemtables, full.MaxMemtables+1))
	orDefault(&full.MaxValueSize, maxValueSize)
	orDefault(&full.CacheSize, defaultCacheSize)
	if full.FS == nil {
		full.FS = vfs.OS()
	}
	if full.Cache == nil && full.CacheSize > 0 {
		full.Cache = sstable.NewCache(full.CacheSize)
	}
	if full.Metrics == nil {
		full.Metrics = &sstable.Metrics{}
	}
	if full.State == nil {
		full.State = &State{}
	}
	if full.Manifest == nil {
		full.Manifest = forgets{}
	}
	if full.Retention == nil {
		full.Retention = newestOnly{}
	}
	if full.NewTable == nil {
		full.NewTable = memtable.New
	}
	return full
}

// orDefault sets an option that was left at zero.
func orDefault[T int | int64](option *T, value T) {
	if *option == 0 {
		*option = value
	}
}

// check returns what is wrong with o, whose defaults are filled in.
func (o *Options) check() error {
	switch {
	case o.MemtableSize < 0 || o.MemtableSize > memtable.MaxCapacity:
		return fmt.Errorf("options: MemtableSize is %d, not 0 to %d", o.MemtableSize, memtable.MaxCapacity)
	case o.MaxMemtables < 1:
		return fmt.Errorf("options: MaxMemtables is %d; the active memtable alone is 1", o.MaxMemtables)
	case o.StallMemtables <= o.MaxMemtables:
		return fmt.Errorf("options: StallMemtables is %d, MaxMemtables %d: writers would wait for a flush that nothing starts", o.StallMemtables, o.MaxMemtables)
	case o.MaxValueSize < 0 || o.MaxValueSize > maxValueSize:
		return fmt.Errorf("options: MaxValueSize is %d, not 0 to %d", o.MaxValueSize, maxValueSize)
	case o.BlockSize < 0 || o.BlockSize > math.MaxInt32:
		return fmt.Errorf("options: BlockSize is %d, not 0 to %d", o.BlockSize, math.MaxInt32)
	case o.Sync && o.Logs == nil:
		return fmt.Errorf("options: Sync without Logs: there is nothing to sync, and nothing would survive")
	}
	return nil
}

// Tables returns the options with which the engine writes and opens tables. Who opens tables for State uses these, from
// the same Options with Cache and Metrics set, so that cache and counters are shared.
func (o *Options) Tables() sstable.Options {
	return sstable.Options{
		BlockSize: o.BlockSize,
		Codec:     o.Codec,
		Codecs:    o.Codecs,
		Filter:    o.Filter,
		Filters:   o.Filters,
		Cache:     o.Cache,
		Metrics:   o.Metrics,
	}
}
