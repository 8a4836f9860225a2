//lab:day 3.1

package mvcc

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"

	"lsmlab/internal/kv"
)

// SnapshotStats tells who reads the past. One that was forgotten is in it for ever, and so is found.
type SnapshotStats struct {
	// Open is how many snapshots are open.
	Open int
	// Oldest is the version of the oldest, and Since is when it was made; zero if none is open.
	Oldest kv.Seq
	Since  time.Time
	// List are the open ones, by version and time.
	List []SnapshotInfo
}

// SnapshotInfo describes an open snapshot.
type SnapshotInfo struct {
	Seq   kv.Seq
	Since time.Time
	// Where is the file and line of the program that made it.
	Where string
}

// Snapshots returns which snapshots are open.
func (db *DB) Snapshots() SnapshotStats {
	db.mu.Lock()
	defer db.mu.Unlock()
	stats := SnapshotStats{Open: len(db.open)}
	for s := range db.open {
		frame, _ := runtime.CallersFrames(s.caller[:]).Next()
		stats.List = append(stats.List, SnapshotInfo{s.seq, s.since, fmt.Sprintf("%s:%d", frame.File, frame.Line)})
	}
	slices.SortFunc(stats.List, func(a, b SnapshotInfo) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), a.Since.Compare(b.Since))
	})
	if stats.Open > 0 {
		stats.Oldest, stats.Since = stats.List[0].Seq, stats.List[0].Since
	}
	return stats
}
