//lab:day 2.7

package store

import (
	"errors"
	"fmt"
	"path/filepath"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/manifest"
	"lsmlab/solution/week2/wal"
)

// Open opens the store in dir, which it makes if there is none. The options may be nil, and are not kept. Only Format must be
// the same as last time: a store can be opened with another policy, log mode or codec, and goes on from what it finds.
func Open(dir string, o *Options) (*Store, error) {
	s := &Store{dir: dir, opts: o.withDefaults()}
	if abs, err := filepath.Abs(dir); err == nil && dir != "" && s.opts.FS == vfs.OS() {
		s.dir = abs // a process may change its working directory, and find another store under the same name there
	}
	err := s.opts.check()
	if err == nil {
		err = s.recover()
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	if s.member != nil {
		s.opts.Budget.opened(s.member, s.Flush)
	}
	return s, nil
}

// recover finds again what an earlier run has left, and starts the engine on it.
//
//  1. The lock comes first: recovery cuts, removes and renames, and two who do that at once destroy what they share.
//  2. The manifest comes before the logs. It says which logs still matter, and which file numbers are taken.
//  3. The engine comes last. It creates the log of its first memtable, with a number above all that were found.
//  4. Who fails closes what was opened before, in the opposite order. So a second attempt, with the trouble mended, finds
//     neither a lock nor an open file.
//
//lab:todo 1 batches-and-crashes#open
//lab:hint manifest.Lock, manifest.Open, wal.Open, engine.Open: each needs what the one before has found.
//lab:hint On an error the tables that the manifest has opened are yours to close, closeTables: the engine never got them.
//lab:hint s.release closes the manifest and gives the lock back, as far as you came.
func (s *Store) recover() (err error) {
	// #region recover
	var tables *manifest.Recovered
	defer func() {
		if err != nil {
			err = errors.Join(err, closeTables(tables), s.release())
		}
	}()
	if s.lock, err = manifest.Lock(s.opts.FS, s.dir); err != nil {
		return err
	}
	if s.manifest, tables, err = manifest.Open(s.dir, s.manifestOptions()); err != nil {
		return err
	}
	logs, replayed, err := wal.Open(s.dir, s.logOptions(), tables.MinLog)
	if err != nil {
		return err
	}
	s.lost = replayed.Lost
	s.Engine, err = engine.Open(s.dir, s.engineOptions(logs, state(tables, replayed)))
	return err
	// #endregion
}

// closeTables closes the tables that a manifest has opened and no engine has got; nil has none.
func closeTables(r *manifest.Recovered) error {
	if r == nil {
		return nil
	}
	var errs []error
	for _, run := range r.Runs {
		for _, t := range run.Tables() {
			errs = append(errs, t.Close())
		}
	}
	return errors.Join(errs...)
}

// state returns what the engine begins with. The manifest and the logs have both seen numbers, and each may have seen higher
// ones than the other: a manifest of sequence numbers whose batches the crash has taken, a log of writes that no edit has heard
// of. What either has seen is not given away again.
//
//lab:todo 1 batches-and-crashes#state
//lab:hint Runs come from the manifest, memtables from the logs, and the two numbers from both.
func state(tables *manifest.Recovered, replayed *wal.Recovered) *engine.State {
	// #region state
	return &engine.State{
		Runs:      tables.Runs,
		Memtables: replayed.Memtables,
		Next:      max(tables.Next, replayed.Next),
		Last:      max(tables.Last, replayed.Last),
	}
	// #endregion
}

// manifestOptions returns the options of the manifest. Tables share the engine's cache and counters.
func (s *Store) manifestOptions() manifest.Options {
	o := &s.opts
	return manifest.Options{FS: o.FS, Tables: o.Tables(), Format: o.Format, MaxSize: o.ManifestSize}
}

// logOptions returns the options of the logs.
func (s *Store) logOptions() wal.Options {
	return wal.Options{FS: s.opts.FS, LoseOnKill: s.opts.Log == LogLosesOnKill, Committer: GroupCommit}
}

// engineOptions plugs everything into the engine's seams.
func (s *Store) engineOptions(logs *wal.Logs, state *engine.State) *engine.Options {
	o := &s.opts.Options
	o.State, o.Manifest, o.Logs = state, s.manifest, logs
	if s.opts.Log == LogOff {
		o.Logs, o.Gate = nil, lastOrders{s, o.Gate}
	}
	if s.opts.Budget != nil {
		s.member = s.opts.Budget.join(o)
	}
	return o
}
