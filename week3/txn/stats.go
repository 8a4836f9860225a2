package txn

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"lsmlab/internal/kv"
)

// Stats counts transactions since the DB was opened, and lists those that have not ended. Every transaction that has
// begun is in exactly one of Committed, RolledBack, Conflicts, Failed and Unfinished.
type Stats struct {
	Begun      int64
	Committed  int64
	RolledBack int64 // by Rollback, Close, or an error or a panic in Update and View
	Conflicts  int64 // commits that failed with kv.ErrConflict
	Failed     int64 // commits that failed with another error
	Retries    int64 // how often Update has run its function again
	Unfinished []Info
}

// Info describes a transaction that has not ended.
type Info struct {
	// ID is its place in the order in which transactions began, from 1.
	ID      int64
	Started time.Time
	// Ops is how many puts and deletes there were.
	Ops int
	// Seq is its snapshot's number. What somebody with this number may read is not dropped.
	Seq       kv.Seq
	Isolation Isolation
}

// TxnStats returns the counts, and the transactions that have not ended, the oldest first. One that was forgotten stays
// in the list until Close.
func (db *DB) TxnStats() Stats {
	db.mu.Lock()
	defer db.mu.Unlock()
	stats := db.stats
	for t := range db.open {
		stats.Unfinished = append(stats.Unfinished, Info{t.id, t.started, t.Ops(), t.Seq(), t.footprint.Level})
	}
	slices.SortFunc(stats.Unfinished, func(a, b Info) int { return cmp.Compare(a.ID, b.ID) })
	return stats
}

// of returns the count of the commits that ended like one that returned err.
func (s *Stats) of(err error) *int64 {
	switch {
	case err == nil:
		return &s.Committed
	case errors.Is(err, kv.ErrConflict):
		return &s.Conflicts
	}
	return &s.Failed
}
