package main

import (
	"errors"
	"fmt"
	"strconv"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
)

// errNoPast is returned by commands that need a store with versions.
var errNoPast = errors.New("this store has no past: open it with --versions needed (or all, or a number)")

// history lists the versions of a key.
func (s *session) history(args []string) error {
	if s.db == nil {
		return errNoPast
	}
	versions, err := s.db.History([]byte(args[0]))
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	for _, v := range versions {
		if v.Deleted {
			fmt.Fprintf(s.out, "version %d: deleted\n", v.Seq)
		} else {
			fmt.Fprintf(s.out, "version %d: %s\n", v.Seq, show(v.Value))
		}
	}
	fmt.Fprintln(s.out, count(len(versions), "version", "versions"))
	return nil
}

// getAt looks a key up as it was at a version.
func (s *session) getAt(key []byte, version string) error {
	if s.db == nil {
		return errNoPast
	}
	n, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return fmt.Errorf("get: %q is no version: that is a number", version)
	}
	value, err := s.db.GetAt(key, kv.Seq(n))
	return s.tellValue(key, value, err)
}

// snapshot takes a snapshot, reads from one, closes one, or lists all.
func (s *session) snapshot(args []string) error {
	if s.db == nil {
		return errNoPast
	}
	switch {
	case len(args) == 0:
		snap := s.db.Snapshot()
		s.snapshots = append(s.snapshots, snap)
		fmt.Fprintf(s.out, "snapshot %d is of version %d\n", len(s.snapshots), snap.Seq())
		return nil
	case args[0] == "list" && len(args) == 1:
		return s.listSnapshots()
	case len(args) >= 2:
		return s.useSnapshot(args[0], args[1], args[2:])
	}
	return errSnapshotUsage
}

// errSnapshotUsage is returned for a use of snapshot that makes no sense.
var errSnapshotUsage = errors.New(`usage:
  snapshot
  snapshot list
  snapshot get N KEY
  snapshot scan N [FROM [TO]]
  snapshot close N`)

// listSnapshots lists those that are open.
func (s *session) listSnapshots() error {
	n := 0
	for i, snap := range s.snapshots {
		if snap != nil {
			fmt.Fprintf(s.out, "snapshot %d is of version %d\n", i+1, snap.Seq())
			n++
		}
	}
	fmt.Fprintln(s.out, count(n, "open snapshot", "open snapshots"))
	return nil
}

// useSnapshot reads from a snapshot, or closes it.
func (s *session) useSnapshot(verb, number string, args []string) error {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(s.snapshots) || s.snapshots[n-1] == nil {
		return fmt.Errorf("snapshot: there is no open snapshot %s", number)
	}
	snap := s.snapshots[n-1]
	switch {
	case verb == "get" && len(args) == 1:
		value, err := snap.Get([]byte(args[0]))
		return s.tellValue([]byte(args[0]), value, err)
	case verb == "scan" && len(args) <= 2:
		lower, upper := bounds(args)
		return s.list(snap.Scan(lower, upper), lower, upper)
	case verb == "close" && len(args) == 0:
		s.snapshots[n-1] = nil
		if err := snap.Close(); err != nil {
			return fmt.Errorf("snapshot close: %w", err)
		}
		fmt.Fprintf(s.out, "closed snapshot %d\n", n)
		return nil
	}
	return errSnapshotUsage
}

// begin begins a transaction. Until it ends, put, get, del and scan are its own.
func (s *session) begin(args []string) error {
	if s.db == nil {
		return errNoPast
	}
	if s.txn != nil {
		return errors.New("begin: a transaction is under way: commit or rollback ends it")
	}
	level := subject.SnapshotIsolation
	if len(args) == 1 {
		if args[0] != "serializable" && args[0] != "snapshot" {
			return fmt.Errorf("begin: %q is no isolation level: serializable, or snapshot, which is the default", args[0])
		}
		if args[0] == "serializable" {
			level = subject.Serializable
		}
	}
	t, err := s.db.Begin(level)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	s.txn = t
	fmt.Fprintf(s.out, "began a transaction that reads version %d, under %s\n", t.Seq(), level)
	return nil
}

// errNoTransaction is returned by commands that end one.
var errNoTransaction = errors.New("there is no transaction: begin begins one")

// commit writes what the transaction has done, all of it or nothing.
func (s *session) commit([]string) error {
	if s.txn == nil {
		return errNoTransaction
	}
	t := s.txn
	s.txn = nil
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	fmt.Fprintf(s.out, "committed %s\n", count(t.Ops(), "write", "writes"))
	return nil
}

// rollback forgets what the transaction has done.
func (s *session) rollback([]string) error {
	if s.txn == nil {
		return errNoTransaction
	}
	t := s.txn
	s.txn = nil
	if err := t.Rollback(); err != nil {
		return fmt.Errorf("rollback: %w", err)
	}
	fmt.Fprintf(s.out, "rolled back %s\n", count(t.Ops(), "write", "writes"))
	return nil
}

// writer and reader are what commands write to and read from: the transaction that is under way, or the store.
type (
	writer interface {
		Put(key, value []byte) error
		Delete(key []byte) error
	}
	reader interface {
		Get(key []byte) ([]byte, error)
		Scan(lower, upper kv.Bound) *subject.Scan
	}
)

// write makes one write. If the store keeps versions, it returns what is to be said about the one that was made.
func (s *session) write(one func(w writer) error) (version string, err error) {
	if s.txn != nil {
		return ", when the transaction commits", one(s.txn)
	}
	if s.db == nil {
		return "", one(s.engine)
	}
	w := versioned{db: s.db}
	err = one(&w)
	return fmt.Sprintf(", version %d", w.made), err
}

// reader returns what is read from.
func (s *session) reader() reader {
	if s.txn != nil {
		return s.txn
	}
	return s.engine
}

// versioned is a writer that remembers the version that it has made.
type versioned struct {
	db   *subject.Transactions
	made kv.Seq
}

// Put stores a value.
func (w *versioned) Put(key, value []byte) (err error) {
	w.made, err = w.db.Put(key, value)
	return err
}

// Delete removes a key.
func (w *versioned) Delete(key []byte) (err error) {
	w.made, err = w.db.Delete(key)
	return err
}

// letGo ends what the session holds of a store that is about to be closed.
func (s *session) letGo() {
	if s.txn != nil {
		fmt.Fprintln(s.out, "note: the transaction that was under way is rolled back")
		s.txn.Rollback()
	}
	s.txn, s.snapshots = nil, nil
}

// outside returns an error if a transaction is under way, for commands that write past it.
func (s *session) outside(command string) error {
	if s.txn != nil {
		return fmt.Errorf("%s writes to the store itself: commit or rollback comes first", command)
	}
	return nil
}
