package version

import (
	"lsmlab/internal/kv"
	"lsmlab/week1/memtable"
	"lsmlab/week1/sstable"
)

// Version is one state of the tree. It is immutable: a reader that holds it sees the same tables for as long as it
// likes. Only the active memtable goes on growing; a reader that passes the sequence number at which it began does not
// see that either.
type Version struct {
	// Memtables are the active memtable and the frozen ones.
	Memtables memtable.Stack
	// Runs are the runs of tables, newest first: by level ascending, within a level by epoch descending.
	Runs []*Run
	// Prune says which tables need not be looked at. Nil: look everywhere.
	Prune *Prune
}

// Prune knows from a table's first and last user key that it cannot hold what is asked for. Leaving a table out must
// never change an answer; it may only save a read. A function that is nil leaves nothing out.
type Prune struct {
	// Key reports whether a table with these first and last user keys may hold key.
	Key func(first, last, key []byte) bool
	// Range reports whether a run with these first and last user keys may hold a key from lower to upper.
	Range func(first, last []byte, lower, upper kv.Bound) bool
}

// mayHold reports whether user may be in t, as far as p knows.
func (p *Prune) mayHold(t *sstable.Table, user []byte) bool {
	return p == nil || p.Key == nil || p.Key(t.First(), t.Last(), user)
}

// mayOverlap reports whether a key of the range may be in r, as far as p knows.
func (p *Prune) mayOverlap(r *Run, lower, upper kv.Bound) bool {
	return p == nil || p.Range == nil || p.Range(r.First(), r.Last(), lower, upper)
}
