package engine

import (
	"errors"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/week1/memtable"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
)

// Stats is what an engine says about itself. It is a copy.
type Stats struct {
	Visible   kv.Seq // the number up to which writes are visible
	Memtables []MemtableStats
	Runs      []RunStats // newest first

	Flushes      int64 // memtables written to tables
	BytesWritten int64 // bytes of the tables that flushes have written

	Compactions    int64 // pieces of work that the compactor has done
	BytesCompacted int64 // bytes of the tables that it has written

	BlockReads      int64 // data blocks read from files
	CacheHits       int64 // data blocks found in the cache
	CacheMisses     int64 // data blocks looked for in the cache and not found
	FilterChecks    int64 // lookups for which a table's filter was asked
	FilterNegatives int64 // lookups that a filter answered: certainly not there
	Cache           sstable.CacheStats

	// Err is why writes are refused, nil if they are not.
	Err error
}

// MemtableStats describes a memtable. In Stats the active one stands first, and the frozen ones follow, newest first.
type MemtableStats struct {
	ID      uint64
	Entries int
	Size    int // bytes of keys, trailers and values
}

// RunStats describes a run of tables.
type RunStats struct {
	Level  int
	Epoch  uint64
	Size   int64        // bytes of all files
	Tables []TableStats // in the order of their keys
}

// TableStats describes a table.
type TableStats struct {
	Number      uint64
	First, Last []byte // user keys
	Entries     int
	Size        int64 // bytes of the file
}

// Frozen returns the number of frozen memtables.
func (s Stats) Frozen() int { return len(s.Memtables) - 1 }

// counters counts what the engine does.
type counters struct{ flushes, bytesWritten, compactions, bytesCompacted atomic.Int64 }

// flushed counts a flush; the table is nil if there was nothing to write.
func (c *counters) flushed(t *sstable.Table) {
	c.flushes.Add(1)
	if t != nil {
		c.bytesWritten.Add(t.Size())
	}
}

// compacted counts a piece of the compactor's work.
func (c *counters) compacted(edit *version.Edit) {
	c.compactions.Add(1)
	for t := range onlyIn(edit.Add, edit.Drop) {
		c.bytesCompacted.Add(t.Size())
	}
}

// Stats returns what the engine looks like now. After Close it shows the last state.
func (e *Engine) Stats() Stats {
	v, at := e.View()
	m := e.opts.Metrics
	s := Stats{
		Visible:         at,
		Memtables:       memtableStats(v.Memtables),
		Flushes:         e.counts.flushes.Load(),
		BytesWritten:    e.counts.bytesWritten.Load(),
		Compactions:     e.counts.compactions.Load(),
		BytesCompacted:  e.counts.bytesCompacted.Load(),
		BlockReads:      m.BlockReads.Load(),
		CacheHits:       m.CacheHits.Load(),
		CacheMisses:     m.CacheMisses.Load(),
		FilterChecks:    m.FilterChecks.Load(),
		FilterNegatives: m.FilterNegatives.Load(),
		Err:             e.refusal(),
	}
	for _, r := range v.Runs {
		s.Runs = append(s.Runs, runStats(r))
	}
	if e.opts.Cache != nil {
		s.Cache = e.opts.Cache.Stats()
	}
	return s
}

// refusal returns why writes are refused because of an error, nil if they are not. That the engine is closed is no error.
func (e *Engine) refusal() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return errors.Join(append(e.failed[:], e.readOnly)...)
}

// memtableStats describes a stack of memtables.
func memtableStats(s memtable.Stack) []MemtableStats {
	var stats []MemtableStats
	for _, t := range s.Tables() {
		stats = append(stats, MemtableStats{ID: t.ID(), Entries: t.Len(), Size: t.Size()})
	}
	return stats
}

// runStats describes a run.
func runStats(r *version.Run) RunStats {
	stats := RunStats{Level: r.Level(), Epoch: r.Epoch(), Size: r.Size()}
	for _, t := range r.Tables() {
		stats.Tables = append(stats.Tables, TableStats{
			Number:  t.Number(),
			First:   t.First(),
			Last:    t.Last(),
			Entries: int(t.Properties().Entries),
			Size:    t.Size(),
		})
	}
	return stats
}
