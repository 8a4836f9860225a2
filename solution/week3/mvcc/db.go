//lab:day 3.1

package mvcc

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/store"
)

// Options says how a DB works. The zero Options are usable.
type Options struct {
	// Options are the store's. Its Retention is set by Open.
	store.Options
	// Collector says which versions go. Default nil: every version is kept for ever.
	Collector Collector
}

// DB is an open store that remembers. It is a store, with all of the store's methods; what is written by them, batches
// included, has versions as well. Any number of goroutines may use it.
type DB struct {
	*store.Store
	collector Collector
	got       func(key, value []byte, err error) // Listener.Got; nil if nobody listens
	pins      bool                               // there is a compaction filter: see Snapshot
	closed    atomic.Bool                        // set by Close, before anything is closed

	mu   sync.Mutex
	open map[*Snapshot]struct{} // guarded by mu: those that were not closed yet
}

// Open opens the store in dir, or makes it. The options may be nil, and are not kept, but for the Collector.
func Open(dir string, o *Options) (*DB, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Collector == nil {
		opts.Collector = keepAll{}
	}
	opts.Retention = opts.Collector
	s, err := store.Open(dir, &opts.Options)
	if err != nil {
		return nil, err
	}
	db := &DB{
		Store: s, collector: opts.Collector, got: opts.Listener.Got, pins: opts.CompactionFilter != nil,
		open: map[*Snapshot]struct{}{},
	}
	db.collector.Opened(s.Visible())
	return db, nil
}

// Close closes the store. Snapshots that are still open return kv.ErrClosed from then on. A second Close returns kv.ErrClosed.
func (db *DB) Close() error {
	db.closed.Store(true)
	return db.Store.Close()
}

// Put stores value under key, and returns the version that this makes. Both are copied.
func (db *DB) Put(key, value []byte) (kv.Seq, error) {
	b := takeBatch()
	defer giveBatch(b)
	b.Set(key, value)
	return db.Write(b, false)
}

// Delete removes key, and returns the version in which it is gone. That the key exists is neither needed nor checked.
func (db *DB) Delete(key []byte) (kv.Seq, error) {
	b := takeBatch()
	defer giveBatch(b)
	b.Delete(key)
	return db.Write(b, false)
}

// Reads of the past can be refused for two reasons. Both are wrapped, with the numbers.
var (
	// ErrFuture is returned for a read at a version that has not been written yet: its answer could still change.
	ErrFuture = errors.New("this version has not been written yet")
	// ErrCollected is returned for a read at a version from before the oldest that is still kept whole.
	ErrCollected = errors.New("this version is not kept any more")
)

// GetAt returns the value that key had at version v: that of the newest write at or before it, in memory of its own. If the key
// was not written by then, or deleted, it returns kv.ErrNotFound.
func (db *DB) GetAt(key []byte, v kv.Seq) ([]byte, error) {
	if visible := db.Visible(); v > visible {
		return nil, fmt.Errorf("get at %d: %w: the newest is %d", v, ErrFuture, visible)
	}
	tree, _ := db.View()
	if floor := db.collector.Floor(); v < floor {
		return nil, fmt.Errorf("get at %d: %w: the oldest is %d", v, ErrCollected, floor)
	}
	value, err := db.get(tree, key, v)
	if err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(value)), value...), nil
}

// get returns the value that a tree has of key at a number, borrowed, and tells the listener.
func (db *DB) get(tree *version.Version, key []byte, at kv.Seq) ([]byte, error) {
	if db.closed.Load() {
		return nil, kv.ErrClosed
	}
	value, err := tree.Get(key, at)
	if err != nil && !errors.Is(err, kv.ErrNotFound) && db.closed.Load() {
		err = kv.ErrClosed // the file was closed under the reader
	}
	if db.got != nil {
		db.got(key, value, err)
	}
	return value, err
}

// maxPooled is the size in bytes above which a batch is left to the garbage collector: one huge value must not stay for ever.
const maxPooled = 1 << 16

// batches holds batches of one write for Put and Delete, so that these allocate nothing.
var batches = sync.Pool{New: func() any { return new(kv.Batch) }}

// takeBatch returns an empty batch.
func takeBatch() *kv.Batch { return batches.Get().(*kv.Batch) }

// giveBatch gives a batch back that nobody uses any more.
func giveBatch(b *kv.Batch) {
	if cap(b.Encoded()) <= maxPooled {
		b.Reset()
		batches.Put(b)
	}
}
