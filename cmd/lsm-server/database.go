package main

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
)

// database is the store behind the server.
type database struct {
	*subject.Store
	versions *subject.Versions     // the same store with its past; nil without --versions
	txns     *subject.Transactions // and with transactions; nil without --versions
	counts   *counts
	plugins  *subject.Plugins // nil without --slow
}

// Errors that HTTP has a status for, and no other tool needs.
var (
	errNoVersions = errors.New("this needs versions, days 1 to 4 of week 3: start the server with --versions")
	errNoSnapshot = errors.New("no such snapshot is open")
)

// logModes are the values of --wal.
var logModes = map[string]subject.LogMode{
	"off": subject.LogOff, "written": subject.LogWritten, "synced": subject.LogSynced,
	"loses-on-kill": subject.LogLosesOnKill,
}

// open opens the store that the command line asks for. Those who are told what is slow are told on slow.
func open(f flags, slow io.Writer) (*database, error) {
	o := subject.StoreOptions{Log: logModes[f.WAL]}
	o.MaxValueSize = f.MaxValue
	db := &database{counts: new(counts)}
	if f.Slow > 0 {
		db.plugins = subject.NewPlugins(subject.PluginsOptions{})
		if err := db.plugins.Register(subject.NewSlowLog(slow, f.Slow)); err != nil {
			return nil, err
		}
	}
	if err := db.open(f.Path, o, f.Versions); err != nil {
		return nil, errors.Join(err, db.shutdownPlugins())
	}
	return db, nil
}

// open opens the store, with its past or without, and counts what happens in it.
func (d *database) open(dir string, o subject.StoreOptions, versions bool) (err error) {
	o.Listener = d.listener()
	if !versions {
		d.Store, err = subject.OpenStore(dir, &o)
		return err
	}
	past := subject.VersionsOptions{Options: o, Collector: subject.NewCollector(0)}
	all := subject.TransactionsOptions{Options: past, Validator: subject.NewOracle()}
	all.NoSync = true // what --wal says holds for commits, too
	if d.txns, err = subject.OpenTransactions(dir, &all); err == nil {
		d.versions, d.Store = d.txns.DB, d.txns.DB.Store
	}
	return err
}

// listener returns who is told what happens in the store. The slow log is not told of single writes and reads, which it
// would only throw away: each would be copied for it.
func (d *database) listener() subject.Listener {
	l := d.counts.listener()
	if d.plugins == nil {
		return l
	}
	told := d.plugins.Listener(l)
	told.Applied, told.Got = l.Applied, l.Got
	return told
}

// close closes the store, and first of all what is open in it; the plugins hear of it to the end.
func (d *database) close() error {
	var err error
	if d.txns != nil {
		err = d.txns.Close()
	} else {
		err = d.Store.Close()
	}
	return errors.Join(err, d.shutdownPlugins())
}

// shutdownPlugins ends the plugins, if there are any.
func (d *database) shutdownPlugins() error {
	if d.plugins == nil {
		return nil
	}
	return d.plugins.Shutdown()
}

// get returns the value of a key and its version, 0 if versions are not known.
func (d *database) get(key []byte) ([]byte, kv.Seq, error) {
	value, err := d.Store.Get(key)
	if d.versions == nil || err != nil {
		return value, 0, err // a key that is not there ends here: Get asks the tables' filters, Latest cannot
	}
	latest, err := d.versions.Latest(key)
	return latest.Value, latest.Seq, err
}

// write writes a batch if all conditions hold, and returns the version of its first write, 0 if it is not known. An
// error that wraps kv.ErrConflict means that one does not hold, or did not when the batch came to be written.
func (d *database) write(b *kv.Batch, conditions []condition) (kv.Seq, error) {
	if len(conditions) == 0 {
		version, err := d.Write(b, false)
		if d.versions == nil {
			version = 0
		}
		return version, err
	}
	if d.txns == nil {
		return 0, errNoVersions
	}
	tx, err := d.txns.Begin(subject.Serializable)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // after a commit it does nothing
	for _, c := range conditions {
		if err := d.check(tx, c); err != nil {
			return 0, err
		}
	}
	for op := range b.Ops() {
		if op.Kind == kv.KindDelete {
			err = tx.Delete(op.Key)
		} else {
			err = tx.Put(op.Key, op.Value)
		}
		if err != nil {
			return 0, err
		}
	}
	if err := tx.Commit(); err != nil || b.Len() > 1 {
		return 0, err // a transaction writes in the order of the keys: which of its writes came first in b it does not know
	}
	return tx.Version(), nil
}

// check returns an error if a condition does not hold. The transaction reads the key, so that its commit fails if
// somebody writes the key in between; what is newest now is then what the transaction sees.
func (d *database) check(tx *subject.Txn, c condition) error {
	if _, err := tx.Get(c.Key); err != nil && !errors.Is(err, kv.ErrNotFound) {
		return err
	}
	latest, err := d.versions.Latest(c.Key)
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return err
	}
	if latest.Seq != c.Version {
		return fmt.Errorf("%w: %q has version %d, not %d (0: no value)", kv.ErrConflict, c.Key, latest.Seq, c.Version)
	}
	return nil
}

// counts counts what a store tells its listener and not its statistics.
type counts struct {
	writes, bytes, stalls, stalled, backgroundErrors atomic.Int64
}

// listener returns what counts. Some of it is called under the engine's lock: it only adds.
func (c *counts) listener() subject.Listener {
	return subject.Listener{
		Applied: func(_ kv.Seq, b *kv.Batch) {
			c.writes.Add(int64(b.Len()))
			c.bytes.Add(int64(b.Payload()))
		},
		StallBegin:      func(int) { c.stalls.Add(1); c.stalled.Add(1) },
		StallEnd:        func() { c.stalled.Add(-1) },
		BackgroundError: func(error) { c.backgroundErrors.Add(1) },
	}
}
