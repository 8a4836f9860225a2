//lab:day 3.1

package mvcc

import (
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
	// Collector says which versions go; it belongs to one DB, and to one Open. Default nil: every version is kept for
	// ever. What an earlier run has dropped, with a Collector or as a plain store, does not come back.
	Collector Collector
}

// DB is an open store that remembers. It is a store, with all of the store's methods; what is written by them, batches
// included, has versions as well. Any number of goroutines may use it.
type DB struct {
	*store.Store
	opts   Options
	closed atomic.Bool // set by Close, before anything is closed

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
	opts.Collector.Opened(s.Visible())
	return &DB{Store: s, opts: opts, open: map[*Snapshot]struct{}{}}, nil
}

// Close closes the store. Snapshots that are still open return kv.ErrClosed from then on. A second Close returns
// kv.ErrClosed.
func (db *DB) Close() error {
	db.closed.Store(true)
	return db.Store.Close()
}

// get returns the value that a tree has of key at a number, borrowed, and tells the listener. Memtables are not
// closed, so they would go on answering: hence the question at the beginning. Tables know themselves, also when they
// are closed under a reader.
func (db *DB) get(tree *version.Version, key []byte, at kv.Seq) ([]byte, error) {
	// #region get
	if db.closed.Load() {
		return nil, kv.ErrClosed
	}
	value, err := tree.Get(key, at)
	if got := db.opts.Listener.Got; got != nil {
		got(key, value, err)
	}
	return value, err
	// #endregion
}
