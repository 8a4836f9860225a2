package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"lsmlab/internal/shape"
	"lsmlab/internal/subject"
)

// open opens the session's store: the durable one if a log is asked for or the directory has a manifest, and the engine of
// week 1, which forgets, otherwise. So each day's work can be seen at once, before the days after it are done.
func (s *session) open() (err error) {
	_, noManifest := os.Stat(filepath.Join(s.dir, subject.ManifestName))
	if s.flags.WAL == "off" && noManifest != nil && s.flags.Versions == "off" {
		s.engine, err = subject.Open(s.dir, s.engineOptions())
		return err
	}
	o := &subject.StoreOptions{Options: *s.engineOptions(), Log: logModes[s.flags.WAL], NoFilter: s.flags.FilterBits == 0}
	if !s.flags.PrefixKeys {
		o.Codec = subject.Plain()
	}
	o.Compactor = nil // the store makes its own
	o.Policy = policies[s.flags.Compaction]
	o.NoCompaction = o.Policy == nil
	if s.flags.Versions != "off" {
		return s.openVersions(o)
	}
	if s.store, err = subject.OpenStore(s.dir, o); err != nil {
		return err
	}
	s.engine = s.store.Engine
	return nil
}

// openVersions opens the store as one with a past and with transactions.
func (s *session) openVersions(o *subject.StoreOptions) (err error) {
	all := &subject.TransactionsOptions{Validator: subject.NewOracle(), NoSync: true}
	all.Options.Options = *o
	if s.flags.kept >= 0 {
		all.Collector = subject.NewCollector(s.flags.kept)
	}
	if s.db, err = subject.OpenTransactions(s.dir, all); err != nil {
		s.db = nil
		return err
	}
	s.store, s.engine = s.db.Store, s.db.Engine
	return nil
}

// keptVersions reads a value of --versions but off: how many versions of a key stay besides those that somebody reads; below 0
// all of them, and for ever.
func keptVersions(text string) (int, error) {
	switch text {
	case "needed":
		return 0, nil
	case "all":
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("--versions must be off, needed, all, or a number from 1 on, and is %q", text)
	}
	return n, nil
}

// logModes are the values of --wal.
var logModes = map[string]subject.LogMode{
	"off": subject.LogOff, "written": subject.LogWritten, "synced": subject.LogSynced, "loses-on-kill": subject.LogLosesOnKill,
}

// policies are the values of --compaction but none.
var policies = map[string]shape.Policy{
	"simple": subject.SimplePolicy{}, "tiered": subject.TieredPolicy{}, "leveled": subject.LeveledPolicy{},
}

// engineOptions returns the engine's options for the command line.
func (s *session) engineOptions() *subject.Options {
	f := s.flags
	o := &subject.Options{MemtableSize: f.MemtableSize}
	if f.FilterBits > 0 {
		o.Filter = subject.Bloom(f.FilterBits)
	}
	if f.PrefixKeys {
		o.Codec = subject.Prefix()
	}
	if policy := policies[f.Compaction]; policy != nil {
		o.Compactor = subject.NewCompactor(policy, subject.CompactionOptions{})
	}
	return o
}

// close closes the store.
func (s *session) close() error {
	s.letGo()
	engine, store, db := s.engine, s.store, s.db
	s.engine, s.store, s.db = nil, nil, nil
	if db != nil {
		return db.Close()
	}
	if store != nil {
		return store.Close()
	}
	return engine.Close()
}

// tellLost says what recovery has cut off.
func (s *session) tellLost() {
	if s.store != nil {
		for _, loss := range s.store.Lost() {
			fmt.Fprintln(s.out, "note: cut off:", loss)
		}
	}
}

// errForgets is returned by commands that need a store that survives.
var errForgets = errors.New("this store forgets everything at its end: open it with --wal written")

// sync makes every write durable.
func (s *session) sync([]string) error {
	if s.store == nil {
		return errForgets
	}
	if err := s.store.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	fmt.Fprintln(s.out, "synced")
	return nil
}

// reopen closes the store and opens it again.
func (s *session) reopen([]string) error {
	if s.store == nil && s.engine != nil {
		return errForgets
	}
	if s.engine != nil {
		if err := s.close(); err != nil {
			fmt.Fprintln(s.out, "error: close:", err)
		}
	}
	if err := s.open(); err != nil {
		return fmt.Errorf("reopen: %w", err)
	}
	fmt.Fprintln(s.out, "reopened")
	s.tellLost()
	return nil
}

// crash ends the process as kill -9 would.
func (s *session) crash([]string) error {
	if s.store == nil {
		fmt.Fprintln(s.out, "note: this store forgets everything at its end, with or without a crash")
	}
	fmt.Fprintln(s.out, "crashing")
	s.out.Flush()
	s.in.Close() // the store is left as it is, and the terminal is not
	exit(0)
	return nil
}

// exit ends the process; tests put something else in its place.
var exit = os.Exit

// versions says for the session's first line which versions are kept; nothing if there are none.
func (f flags) versions() string {
	if f.Versions == "off" {
		return ""
	}
	return "; versions " + f.Versions
}
