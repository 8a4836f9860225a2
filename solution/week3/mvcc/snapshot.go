//lab:day 3.1

package mvcc

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/version"
)

// Snapshot is the store as it was at one version. It must be closed: until then nothing can be dropped that it shows.
// Any number of goroutines may use it.
//
//	s := db.Snapshot()
//	defer s.Close()
//	value, err := s.Get([]byte("apple"))
//
// Why it stays the same:
//
//  1. The number is a visible one. All writes up to it are inserted, and those that come, or are on their way, have
//     higher ones.
//  2. The collector loads it while it counts the reader in, under one lock. So there is no merge that knows neither
//     the number as visible nor the reader.
//  3. Each read loads the tree as it is then. Whatever was flushed or merged since has kept what the number needs, if
//     the reader was counted in until then. So whether the snapshot is closed is asked when the tree is loaded.
//  4. With a compaction filter that is not enough. A filter may discard what is visible when a merge begins, though
//     somebody reads at just that number. So the snapshot holds on to a tree, which never changes.
//  5. The number comes before that tree: a tree from before it may lack writes that the number includes. A merge that
//     is installed in between has kept what the number needs; what its filter has discarded by then, it never shows.
type Snapshot struct {
	db     *DB
	seq    kv.Seq
	tree   *version.Version // the one to read from; nil: the current one
	closed atomic.Bool
	since  time.Time
	caller [1]uintptr // who has made it
}

// Snapshot returns a snapshot of what is visible now. On a closed DB its reads return kv.ErrClosed.
//
//lab:todo 3 snapshots#snapshot
//lab:hint The collector wants the function, and not the number: it calls it when it is ready. Then db.begin.
func (db *DB) Snapshot() *Snapshot {
	return db.begin(db.opts.Collector.Acquire(db.Visible))
}

// SnapshotAt returns a snapshot of what was visible at version v. The errors are those of GetAt.
//
//lab:todo 3 snapshots#snapshot
//lab:hint Not visible yet: ErrFuture. Not granted by the collector: ErrCollected. Then db.begin.
func (db *DB) SnapshotAt(v kv.Seq) (*Snapshot, error) {
	// #region snapshot-at
	if visible := db.Visible(); v > visible {
		return nil, fmt.Errorf("snapshot at %d: %w: the newest is %d", v, ErrFuture, visible)
	}
	if !db.opts.Collector.AcquireAt(v) {
		return nil, fmt.Errorf("snapshot at %d: %w: the oldest is %d", v, ErrCollected, db.opts.Collector.Floor())
	}
	return db.begin(v), nil
	// #endregion
}

// begin returns a snapshot at a number for which a reader is counted in, and enters it among the open ones.
//
//lab:todo 3 snapshots#snapshot
//lab:hint With db.opts.CompactionFilter, the snapshot holds on to the tree of now: db.View.
//lab:hint since is time.Now(). Who has called Snapshot: runtime.Callers(3, s.caller[:]). db.open is guarded by db.mu.
func (db *DB) begin(seq kv.Seq) *Snapshot {
	// #region begin
	s := &Snapshot{db: db, seq: seq, since: time.Now()}
	runtime.Callers(3, s.caller[:])
	if db.opts.CompactionFilter != nil {
		s.tree, _ = db.View()
	}
	db.mu.Lock()
	db.open[s] = struct{}{}
	db.mu.Unlock()
	return s
	// #endregion
}

// Seq returns the version that the snapshot shows.
func (s *Snapshot) Seq() kv.Seq { return s.seq }

// Get returns the value of key, in memory of its own, or kv.ErrNotFound.
func (s *Snapshot) Get(key []byte) ([]byte, error) { return own(s.get(key)) }

// GetTo is Get, but appends the value to dst. After an error it returns dst as it was.
func (s *Snapshot) GetTo(dst, key []byte) ([]byte, error) {
	value, err := s.get(key)
	if err != nil {
		return dst, err
	}
	return append(dst, value...), nil
}

// get returns the value of key, borrowed; kv.ErrClosed once the snapshot is closed.
//
//lab:todo 3 snapshots#snapshot
//lab:hint db.get reads from a tree at a number. Which tree, which number?
//lab:hint Between two lines somebody may close the snapshot, and a flush drop what it needed. Take the tree first.
func (s *Snapshot) get(key []byte) ([]byte, error) {
	tree := s.view()
	if s.closed.Load() {
		return nil, kv.ErrClosed
	}
	return s.db.get(tree, key, s.seq)
}

// view returns the tree to read from.
//
//lab:todo 3 snapshots#snapshot
//lab:hint The one that the snapshot holds on to, if there is one, and the current one if not.
func (s *Snapshot) view() *version.Version {
	// #region view
	if s.tree != nil {
		return s.tree
	}
	tree, _ := s.db.View()
	return tree
	// #endregion
}

// Scan returns a scan of the keys from lower to upper. It keeps the bounds' keys. It holds what it reads, so a scan
// that was made before the snapshot was closed goes on.
func (s *Snapshot) Scan(lower, upper kv.Bound) *engine.Scan {
	return s.db.ScanOver(s.Iterator(lower, upper))
}

// Iterator returns an iterator over what Scan shows: one entry a key. Once the snapshot or the DB is closed, it is
// empty and its Err is kv.ErrClosed.
//
//lab:todo 3 snapshots#snapshot
//lab:hint A tree's Scan shows what is visible at a number. kv.Empty has a place for an error.
func (s *Snapshot) Iterator(lower, upper kv.Bound) kv.Iterator {
	// #region iterator
	tree := s.view()
	if s.closed.Load() || s.db.closed.Load() {
		return kv.Empty(kv.ErrClosed)
	}
	return tree.Scan(lower, upper, s.seq)
	// #endregion
}

// Close lets go of what the snapshot shows. A second Close returns kv.ErrClosed, and does nothing.
//
//lab:todo 3 snapshots#snapshot
//lab:hint Of two goroutines that close it, one does: s.closed.Swap.
//lab:hint Undo what begin did, and what was done before begin: the collector has counted a reader in.
func (s *Snapshot) Close() error {
	// #region close
	if s.closed.Swap(true) {
		return kv.ErrClosed
	}
	s.db.mu.Lock()
	delete(s.db.open, s)
	s.db.mu.Unlock()
	s.db.opts.Collector.Release(s.seq)
	return nil
	// #endregion
}
