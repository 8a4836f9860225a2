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

// Snapshot is the store as it was at one version. It must be closed: until then nothing that it shows can be dropped. Any number
// of goroutines may use it.
//
//	s := db.Snapshot()
//	defer s.Close()
//	value, err := s.Get([]byte("apple"))
//
// Why it stays the same:
//
//  1. A write that is not visible when the number is taken gets a higher one, or has one, and stays out.
//  2. The number is loaded by the collector while it counts the reader in, under one lock. So no merge can begin in between
//     that knows neither.
//  3. A read loads the current version of the tree: whatever was flushed or merged since has kept what the number needs.
//  4. With a compaction filter that is not so. A filter may discard what is visible when the merge begins, though somebody reads at
//     just that number. So the snapshot holds on to the version of the tree in which it was made, which never changes. The
//     number is taken before the tree: a tree from before it may lack writes that the number includes.
type Snapshot struct {
	db     *DB
	seq    kv.Seq
	tree   *version.Version // nil: the current one
	closed atomic.Bool
	since  time.Time
	caller [1]uintptr // who has made it
}

// Snapshot returns a snapshot of what is visible now.
func (db *DB) Snapshot() *Snapshot {
	return db.begin(db.collector.Acquire(db.Visible))
}

// SnapshotAt returns a snapshot of what was visible at version v. The errors are those of GetAt.
func (db *DB) SnapshotAt(v kv.Seq) (*Snapshot, error) {
	if visible := db.Visible(); v > visible {
		return nil, fmt.Errorf("snapshot at %d: %w: the newest is %d", v, ErrFuture, visible)
	}
	if !db.collector.AcquireAt(v) {
		return nil, fmt.Errorf("snapshot at %d: %w: the oldest is %d", v, ErrCollected, db.collector.Floor())
	}
	return db.begin(v), nil
}

// begin returns a snapshot at a number for which a reader is counted in.
func (db *DB) begin(seq kv.Seq) *Snapshot {
	s := &Snapshot{db: db, seq: seq, since: time.Now()}
	if db.pins {
		s.tree, _ = db.View()
	}
	runtime.Callers(3, s.caller[:])
	db.mu.Lock()
	db.open[s] = struct{}{}
	db.mu.Unlock()
	return s
}

// Seq returns the version that the snapshot shows.
func (s *Snapshot) Seq() kv.Seq { return s.seq }

// Get returns the value of key, in memory of its own, or kv.ErrNotFound.
func (s *Snapshot) Get(key []byte) ([]byte, error) {
	value, err := s.get(key)
	if err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(value)), value...), nil
}

// GetTo is Get, but appends the value to dst. After an error it returns dst as it was.
func (s *Snapshot) GetTo(dst, key []byte) ([]byte, error) {
	value, err := s.get(key)
	if err != nil {
		return dst, err
	}
	return append(dst, value...), nil
}

// get returns the value of key, borrowed.
func (s *Snapshot) get(key []byte) ([]byte, error) {
	if s.closed.Load() {
		return nil, kv.ErrClosed
	}
	return s.db.get(s.view(), key, s.seq)
}

// view returns the version of the tree to read from.
func (s *Snapshot) view() *version.Version {
	if s.tree != nil {
		return s.tree
	}
	tree, _ := s.db.View()
	return tree
}

// Scan returns a scan of the keys from lower to upper. It keeps the bounds' keys. It holds what it reads, so that it may go on
// when the snapshot is closed.
func (s *Snapshot) Scan(lower, upper kv.Bound) *engine.Scan {
	return s.db.ScanOver(s.Iterator(lower, upper))
}

// Iterator returns an iterator over what Scan shows.
func (s *Snapshot) Iterator(lower, upper kv.Bound) kv.Iterator {
	if s.closed.Load() || s.db.closed.Load() {
		return kv.Empty(kv.ErrClosed)
	}
	return s.view().Scan(lower, upper, s.seq)
}

// Close lets go of the snapshot. A second Close returns kv.ErrClosed, and does nothing.
func (s *Snapshot) Close() error {
	if s.closed.Swap(true) {
		return kv.ErrClosed
	}
	s.db.mu.Lock()
	delete(s.db.open, s)
	s.db.mu.Unlock()
	s.db.collector.Release(s.seq)
	return nil
}
