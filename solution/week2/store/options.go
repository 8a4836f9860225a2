//lab:day 2.7

package store

import (
	"fmt"
	"time"

	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/filter"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/compaction"
	"lsmlab/solution/week2/leveled"
)

// LogMode says how far a write has come when it returns, and so what can still undo it.
type LogMode int

// The modes, from the one that most stores use by default. Whatever the mode, Write with sync and Sync make everything
// before them durable, and so do Flush and Close.
const (
	// LogWritten: the operating system has the write. It survives the end of the process, and is lost with the machine's
	// power.
	LogWritten LogMode = iota
	// LogSynced: the disk has it.
	LogSynced
	// LogLosesOnKill: the log keeps up to 32 KiB in the process, and saves a system call for each write. They are lost
	// with the process.
	LogLosesOnKill
	// LogOff: there is no log. A crash loses what was not flushed; a sync is a flush.
	LogOff
)

// Options says how a store works. The zero Options are usable.
type Options struct {
	// Options are the engine's. Its State, Logs, Manifest and Compactor are set by Open. Where nothing else is said, tables have
	// prefix-compressed keys and Bloom filters.
	engine.Options
	// NoFilter writes tables without filters. Default false: Filter, or else a Bloom filter of 10 bits a key.
	NoFilter bool
	// Policy says what to compact. Default nil: leveled.Policy with LeastOverlap, which writes a third less.
	Policy shape.Policy
	// NoCompaction switches compaction in the background off; Compact merges everything all the same. Default false.
	NoCompaction bool
	// Compaction says how to compact.
	Compaction compaction.Options
	// Log says how far a write has come when it returns. Default LogWritten.
	Log LogMode
	// Format are facts about the store that every later opening must repeat word for word, by their names. They are stored
	// when the store is made. Default nil: none.
	Format map[string]string
	// ManifestSize is the length in bytes at which the manifest begins anew. Default 4 MiB.
	ManifestSize int64
	// Budget limits the memory of this store's memtables and those of others together. Default nil: nobody looks.
	Budget *Budget
}

const (
	defaultCacheSize = 64 << 20
	// filterBits is how many bits a key a filter has: one lookup in a hundred that could end there does not.
	filterBits = 10
	// slowRuns and stopRuns are the numbers of level-0 runs from which writers are slowed down, and held, so that
	// compaction can keep up: RocksDB's.
	slowRuns, stopRuns = 20, 36
)

// withDefaults returns a copy of o, which may be nil, with every default filled in that the parts must share.
func (o *Options) withDefaults() Options {
	var full Options
	if o != nil {
		full = *o
	}
	if full.FS == nil {
		full.FS = vfs.OS()
	}
	if full.CacheSize == 0 {
		full.CacheSize = defaultCacheSize
	}
	if full.Cache != nil {
		full.Cache = full.Cache.Share() // another store may have the same one, and tables of the same numbers
	} else if full.CacheSize > 0 {
		full.Cache = sstable.NewCache(full.CacheSize)
	}
	if full.Metrics == nil {
		full.Metrics = &sstable.Metrics{}
	}
	full.withFormat()
	full.withCompaction()
	full.Sync = full.Sync || full.Log == LogSynced
	return full
}

// withFormat fills in how tables are written. What other options have written can be read all the same.
func (o *Options) withFormat() {
	o.Codecs = append([]block.Codec{block.Prefix()}, o.Codecs...)
	if o.Codec == nil {
		o.Codec = block.Prefix()
	}
	if o.NoFilter {
		o.Filter = nil
	} else if o.Filter == nil {
		o.Filter = filter.Bloom(filterBits)
	}
}

// withCompaction fills in what compaction needs.
func (o *Options) withCompaction() {
	if o.Policy == nil {
		o.Policy = leveled.Policy{LeastOverlap: true}
	}
	if o.NoCompaction {
		o.Policy = nil
	} else if o.Throttle == nil {
		o.Throttle = throttle(o.Policy)
	}
	o.Compactor = compaction.New(o.Policy, o.Compaction)
}

// throttle returns the default of Throttle. Writers wait for the policy, so they do not where it has nothing to do: one that is
// content with fifty runs never makes fewer of them, and who waited for that would wait for ever.
func throttle(p shape.Policy) func(v *version.Version) (time.Duration, bool) {
	byRuns := compaction.Throttle(slowRuns, stopRuns)
	return func(v *version.Version) (time.Duration, bool) {
		delay, stop := byRuns(v)
		if delay == 0 && !stop {
			return 0, false
		}
		if _, work := p.Pick(compaction.TreeOf(v)); !work {
			return 0, false
		}
		return delay, stop
	}
}

// check returns what is wrong with o.
func (o *Options) check() error {
	switch {
	case o.Log < LogWritten || o.Log > LogOff:
		return fmt.Errorf("options: Log is %d, which is no LogMode", o.Log)
	case o.Log == LogOff && o.Sync:
		return fmt.Errorf("options: Sync with LogOff: there is no log to sync")
	}
	return nil
}
