//lab:day 3.7

package partition

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"math"
	"path/filepath"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week2/manifest"
	"lsmlab/solution/week2/store"
)

// Options says how a database works. The zero Options are usable.
type Options struct {
	// Router divides the keys. It must be the same at every opening. Default Hash(4).
	Router Router
	// Store are the options of every partition. They share its Cache: if none is given, one of CacheSize bytes. A
	// Gate, a Listener and the like hear of all partitions, each of which counts its writes for itself.
	Store store.Options
	// Budget limits the bytes in the memtables of all partitions together: see store.Budget. Default 0: no common
	// limit.
	Budget int64
}

// defaultCacheSize is the default of Options.Store.CacheSize, as in store.
const defaultCacheSize = 64 << 20

// withDefaults returns a copy of o, which may be nil, with every default filled in that the partitions must share.
func (o *Options) withDefaults() Options {
	var full Options
	if o != nil {
		full = *o
	}
	if full.Router == nil {
		full.Router = Hash(4)
	}
	if full.Store.FS == nil {
		full.Store.FS = vfs.OS()
	}
	if full.Budget > 0 {
		full.Store.Budget = store.NewBudget(full.Budget)
	}
	full.share()
	return full
}

// share gives all partitions one block cache, unless a cache is given or not wanted.
//
//lab:todo 4 partitions#stats
//lab:hint What does a store do that finds no Cache in its options? And sixty-four of them?
//lab:hint A CacheSize below 0 means no cache at all; 0 means defaultCacheSize. sstable.NewCache makes one.
//lab:stub return
func (o *Options) share() {
	// #region share
	if o.Store.Cache == nil && o.Store.CacheSize >= 0 {
		o.Store.Cache = sstable.NewCache(cmp.Or(o.Store.CacheSize, defaultCacheSize))
	}
	// #endregion
}

// DB is an open database. Any number of goroutines may use it.
type DB struct {
	router   Router
	stores   []*store.Store // by the number of the partition
	maxValue int            // length of the longest value, as far as that is known
	lock     io.Closer      // on the directory
	closing  atomic.Bool    // Close has been called
}

// Open opens the database in dir, which it makes if there is none. The options may be nil, and are not kept.
//
// It refuses a directory in which keys were divided in another way: with the wrong router nothing fails, and most keys
// are not found. For the same reason it refuses one without a map that is not empty, and one in which a partition is
// missing. A router without partitions it refuses before it makes anything.
func Open(dir string, o *Options) (*DB, error) {
	opts := o.withDefaults()
	db := &DB{router: opts.Router, maxValue: cmp.Or(opts.Store.MaxValueSize, math.MaxInt)}
	if err := db.open(dir, &opts); err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return db, nil
}

// open does what Open does, for a DB that has its router.
//
//  1. The lock comes first. Two who make one database at once would write two maps.
//  2. The map is there before any partition is, and says that the database is being made. So whatever a crash leaves,
//     the next opener knows that nothing was ever stored, and begins again.
//  3. The map says that the database is made when all partitions are durably there. From then on a missing one is a
//     loss.
//  4. Who fails closes what was opened before.
//
//lab:todo 2 partitions#open
//lab:hint A router that has less than one partition: an error, even before the lock, which makes a directory.
//lab:hint loadMap reads the map, or begins one; then openStores. If the map has no Router, the database is being made: m.commit ends that.
//lab:hint Directories that a Rebalance has left are removed by m.sweep. If that fails, nothing is lost but space.
//lab:hint A deferred function sees all ways out: if err is set, close the stores and give the lock back. each skips stores that are nil.
func (db *DB) open(dir string, o *Options) (err error) {
	// #region open
	fs, n := o.Store.FS, db.router.Count()
	if n < 1 {
		return fmt.Errorf("options: %v has no partitions", db.router)
	}
	if db.lock, err = manifest.Lock(fs, dir); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, each(db.stores, (*store.Store).Close), db.lock.Close())
		}
	}()
	m, err := loadMap(dir, o)
	if err != nil {
		return err
	}
	if db.stores, err = openStores(dir, &o.Store, n); err != nil {
		return err
	}
	if m.Router == "" {
		return m.commit(fs, dir, n)
	}
	_ = m.sweep(fs, dir)
	return nil
	// #endregion
}

// loadMap returns the map of the database in dir, or begins one of a database that is being made: in an empty
// directory, and in one where that was begun before. It returns why the database cannot be opened with these options,
// in words that name both what is there and what was asked for. The map that it returns is durable.
//
//lab:todo 2 partitions#map
//lab:hint ReadMap. If there is no file (iofs.ErrNotExist), the directory must be empty: checkEmpty.
//lab:hint A map without Router is of a database that is being made. It gets this Target and these Partitions, and is written. What was left by an earlier attempt with more of them?
//lab:hint A Target that is set: a Rebalance has not ended. What shall the reader of the error do?
//lab:hint Another router, or as many partitions as it does not have. If all is as it was: checkDirs.
//lab:hint Whoever wrote the map may have died before its name was durable. What is built on it must not stand on air: fs.SyncDir.
func loadMap(dir string, o *Options) (m Map, err error) {
	// #region load
	fs, router, n := o.Store.FS, o.Router.String(), o.Router.Count()
	m, err = ReadMap(fs, dir)
	if errors.Is(err, iofs.ErrNotExist) {
		err = checkEmpty(fs, dir)
	}
	switch {
	case err != nil:
		return m, err
	case m.Router == "":
		m = Map{Target: router, Partitions: n, Leftover: max(0, m.Partitions+m.Leftover-n)}
		return m, m.write(fs, dir)
	case m.Target != "":
		return m, fmt.Errorf("keys were being moved from %s to %s, and not all of them are there: "+
			"run Rebalance with %[2]s again", m.Router, m.Target)
	case m.Router != router || m.Partitions != n:
		return m, fmt.Errorf("its keys are divided by %s among %d partitions, and not by %s among %d: "+
			"open it with the former, or move the keys with Rebalance", m.Router, m.Partitions, router, n)
	}
	return m, errors.Join(checkDirs(fs, dir, n), fs.SyncDir(dir))
	// #endregion
}

// checkEmpty returns what lies in a directory without a map: perhaps a store, or a database whose map was lost.
// Nothing may be made there. The directory's own name is durable then: whoever has made it may have died before that.
func checkEmpty(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != lockName && name != tempName {
			return fmt.Errorf("%s lies there, and no %s says how keys are divided: take an empty directory", name, mapName)
		}
	}
	return fs.SyncDir(filepath.Dir(dir))
}

// checkDirs returns which of the first n partitions is missing. A store would be made in its place, without its keys.
func checkDirs(fs vfs.FS, dir string, n int) error {
	for i := range n {
		if _, err := fs.Size(filepath.Join(partitionDir(dir, i), manifest.FileName)); err != nil {
			return failure(i, fmt.Errorf("it is missing: %w", err))
		}
	}
	return nil
}

// openStores opens the stores of the first n partitions, all at once. If one fails, those that are open are closed
// again.
//
//lab:todo 2 partitions#open
//lab:hint collect calls a function for each of n partitions. Each call has a place of its own in a slice of stores.
//lab:hint The caller gets nothing that it could close. Who closes the others?
func openStores(dir string, o *store.Options, n int) ([]*store.Store, error) {
	// #region open-stores
	stores := make([]*store.Store, n)
	err := errors.Join(collect(n, func(i int) (err error) {
		stores[i], err = store.Open(partitionDir(dir, i), o)
		return err
	})...)
	if err != nil {
		return nil, errors.Join(err, each(stores, (*store.Store).Close))
	}
	return stores, nil
	// #endregion
}

// Close closes all partitions, and returns all of their errors joined, each with its partition. A second Close returns
// kv.ErrClosed. The lock is given back last: the next opener finds nobody at work.
//
//lab:todo 2 partitions#close
//lab:hint db.closing.Swap(true) tells whether somebody was here before.
//lab:hint Whatever fails, everything is closed: each, (*store.Store).Close, errors.Join.
func (db *DB) Close() error {
	// #region close
	if db.closing.Swap(true) {
		return kv.ErrClosed
	}
	return errors.Join(each(db.stores, (*store.Store).Close), db.lock.Close())
	// #endregion
}
