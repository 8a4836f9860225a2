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

// SnapshotStats tells who reads the past. One that was forgotten stays in it, and so is found.
type SnapshotStats struct {
	// Open is how many snapshots are open.
	Open int
	// Oldest is the lowest of their versions, and Since is when the first of that version was made; zero if none is
	// open.
	Oldest kv.Seq
	Since  time.Time
	// List are the open ones, by version, and by time within a version.
	List []SnapshotInfo
}

// SnapshotInfo describes an open snapshot.
type SnapshotInfo struct {
	// Seq is the version that it shows.
	Seq kv.Seq
	// Since is when it was made.
	Since time.Time
	// Where is the line of the program that made it: "dir/file.go:12".
	Where string
}

// Snapshots returns which snapshots are open now.
//
//lab:todo 4 snapshots#readers
//lab:hint db.open is guarded by db.mu. s.info describes a snapshot.
//lab:hint A map has no order. The list has one: by Seq, then by Since.
func (db *DB) Snapshots() SnapshotStats {
	// #region snapshots
	db.mu.Lock()
	defer db.mu.Unlock()
	stats := SnapshotStats{Open: len(db.open)}
	for s := range db.open {
		stats.List = append(stats.List, s.info())
	}
	slices.SortFunc(stats.List, func(a, b SnapshotInfo) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), a.Since.Compare(b.Since))
	})
	if stats.Open > 0 {
		stats.Oldest, stats.Since = stats.List[0].Seq, stats.List[0].Since
	}
	return stats
	// #endregion
}

// info describes the snapshot.
func (s *Snapshot) info() SnapshotInfo {
	frame, _ := runtime.CallersFrames(s.caller[:]).Next()
	return SnapshotInfo{Seq: s.seq, Since: s.since, Where: fmt.Sprintf("%s:%d", frame.File, frame.Line)}
}
