package mvcc

import (
	"sync/atomic"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
	"lsmlab/week1/version"
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
func (db *DB) Snapshot() *Snapshot {
	// TODO(week 3, day 1, task 3): implement Snapshot. Chapter: book/week3/day1-snapshots.md#snapshot
	//
	// Hint: The collector wants the function, and not the number: it calls it when it is ready. Then db.begin.
	panic(todo.Reached("week 3 day 1 task 3", "DB.Snapshot"))
}

// SnapshotAt returns a snapshot of what was visible at version v. The errors are those of GetAt.
func (db *DB) SnapshotAt(v kv.Seq) (*Snapshot, error) {
	// TODO(week 3, day 1, task 3): implement SnapshotAt. Chapter: book/week3/day1-snapshots.md#snapshot
	//
	// Hint: Not visible yet: ErrFuture. Not granted by the collector: ErrCollected. Then db.begin.
	panic(todo.Reached("week 3 day 1 task 3", "DB.SnapshotAt"))
}

// begin returns a snapshot at a number for which a reader is counted in, and enters it among the open ones.
func (db *DB) begin(seq kv.Seq) *Snapshot {
	// TODO(week 3, day 1, task 3): implement begin. Chapter: book/week3/day1-snapshots.md#snapshot
	//
	// Hint: With db.opts.CompactionFilter, the snapshot holds on to the tree of now: db.View.
	// Hint: since is time.Now(). Who has called Snapshot: runtime.Callers(3, s.caller[:]). db.open is guarded by db.mu.
	panic(todo.Reached("week 3 day 1 task 3", "DB.begin"))
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
func (s *Snapshot) get(key []byte) ([]byte, error) {
	// TODO(week 3, day 1, task 3): implement get. Chapter: book/week3/day1-snapshots.md#snapshot
	//
	// Hint: db.get reads from a tree at a number. Which tree, which number?
	// Hint: Between two lines somebody may close the snapshot, and a flush drop what it needed. Take the tree first.
	panic(todo.Reached("week 3 day 1 task 3", "Snapshot.get"))
}

// view returns the tree to read from.
func (s *Snapshot) view() *version.Version {
	// TODO(week 3, day 1, task 3): implement view. Chapter: book/week3/day1-snapshots.md#snapshot
	//
	// Hint: The one that the snapshot holds on to, if there is one, and the current one if not.
	panic(todo.Reached("week 3 day 1 task 3", "Snapshot.view"))
}

// Scan returns a scan of the keys from lower to upper. It keeps the bounds' keys. It holds what it reads, so a scan
// that was made before the snapshot was closed goes on.
func (s *Snapshot) Scan(lower, upper kv.Bound) *engine.Scan {
	return s.db.ScanOver(s.Iterator(lower, upper))
}

// Iterator returns an iterator over what Scan shows: one entry a key. Once the snapshot or the DB is closed, it is
// empty and its Err is kv.ErrClosed.
func (s *Snapshot) Iterator(lower, upper kv.Bound) kv.Iterator {
	// TODO(week 3, day 1, task 3): implement Iterator. Chapter: book/week3/day1-snapshots.md#snapshot
	//
	// Hint: A tree's Scan shows what is visible at a number. kv.Empty has a place for an error.
	panic(todo.Reached("week 3 day 1 task 3", "Snapshot.Iterator"))
}

// Close lets go of what the snapshot shows. A second Close returns kv.ErrClosed, and does nothing.
func (s *Snapshot) Close() error {
	// TODO(week 3, day 1, task 3): implement Close. Chapter: book/week3/day1-snapshots.md#snapshot
	//
	// Hint: Of two goroutines that close it, one does: s.closed.Swap.
	// Hint: Undo what begin did, and what was done before begin: the collector has counted a reader in.
	panic(todo.Reached("week 3 day 1 task 3", "Snapshot.Close"))
}
