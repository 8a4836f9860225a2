//go:build labcompare

package comparetransactions_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"lsmlab/internal/differ/harness"
	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	refmvcc "lsmlab/solution/week3/mvcc"
	reftxn "lsmlab/solution/week3/txn"
	"lsmlab/week3/mvcc"
	"lsmlab/week3/txn"
)

// arena is the size of a memtable: so small that a run of operations fills several, and compactions begin.
const arena = 1 << 10

// TestCompare puts the same writes, transactions, snapshots, flushes, compactions, reopenings and reads through both stores. There
// is one transaction at a time, which plain writes collide with, and one snapshot.
func TestCompare(t *testing.T) {
	names := []string{"put", "put", "put", "delete", "get", "scan", "flush", "compact", "reopen", "snapshot", "snapshot get", "snapshot scan",
		"begin", "begin", "transaction put", "transaction put", "transaction delete", "transaction get", "transaction get", "transaction scan", "commit", "commit", "rollback"}
	harness.Compare(t, names, func() (harness.Side, harness.Side, error) {
		student, err := newSide(openStudent)
		if err != nil {
			return nil, nil, err
		}
		reference, err := newSide(openReference)
		if err != nil {
			return nil, nil, err
		}
		return student, reference, nil
	})
}

// openStudent opens the student's store.
func openStudent(fs vfs.FS) (opened, error) {
	o := &txn.Options{Validator: txn.NewOracle()}
	o.FS, o.MemtableSize, o.Collector = fs, arena, mvcc.NewCollector(0)
	db, err := txn.Open("db", o)
	if err != nil {
		return opened{}, err
	}
	return opened{
		db:   db,
		scan: func(l, u kv.Bound) harness.Scan { return db.Scan(l, u) },
		begin: func() (transaction, ranger, error) {
			t, err := db.Begin(txn.Serializable)
			return t, func(l, u kv.Bound) harness.Scan { return t.Scan(l, u) }, err
		},
		snapshot: func() (snapshot, ranger) {
			s := db.Snapshot()
			return s, func(l, u kv.Bound) harness.Scan { return s.Scan(l, u) }
		},
	}, nil
}

// openReference opens the reference's.
func openReference(fs vfs.FS) (opened, error) {
	o := &reftxn.Options{Validator: reftxn.NewOracle()}
	o.FS, o.MemtableSize, o.Collector = fs, arena, refmvcc.NewCollector(0)
	db, err := reftxn.Open("db", o)
	if err != nil {
		return opened{}, err
	}
	return opened{
		db:   db,
		scan: func(l, u kv.Bound) harness.Scan { return db.Scan(l, u) },
		begin: func() (transaction, ranger, error) {
			t, err := db.Begin(reftxn.Serializable)
			return t, func(l, u kv.Bound) harness.Scan { return t.Scan(l, u) }, err
		},
		snapshot: func() (snapshot, ranger) {
			s := db.Snapshot()
			return s, func(l, u kv.Bound) harness.Scan { return s.Scan(l, u) }
		},
	}, nil
}

// The two stores have these methods; what returns types of their own is behind functions.
type (
	db interface {
		Put(key, value []byte) (kv.Seq, error)
		Delete(key []byte) (kv.Seq, error)
		Get(key []byte) ([]byte, error)
		Flush(ctx context.Context) error
		Compact(ctx context.Context) error
		Close() error
	}
	transaction interface {
		Put(key, value []byte) error
		Delete(key []byte) error
		Get(key []byte) ([]byte, error)
		Commit() error
		Rollback() error
	}
	snapshot interface {
		Get(key []byte) ([]byte, error)
		Close() error
	}
	ranger func(lower, upper kv.Bound) harness.Scan
)

// opened is an open store of either kind.
type opened struct {
	db       db
	scan     ranger
	begin    func() (transaction, ranger, error)
	snapshot func() (snapshot, ranger)
}

// side is one store, with a transaction and a snapshot, if there are.
type side struct {
	opened
	fs      vfs.FS
	again   func(fs vfs.FS) (opened, error)
	txn     transaction
	inTxn   ranger
	snap    snapshot
	inSnap  ranger
	started bool
	taken   bool
}

// newSide opens a store over a file system in memory.
func newSide(again func(fs vfs.FS) (opened, error)) (*side, error) {
	s := &side{fs: vfs.NewMem(), again: again}
	var err error
	s.opened, err = again(s.fs)
	return s, err
}

// Close closes the store, which ends the transaction.
func (s *side) Close() error { return s.db.Close() }

// none is the answer of an operation that needs what is not there.
const none = "there is none"

// Do carries out one operation.
func (s *side) Do(o harness.Op) string {
	if rest, ok := strings.CutPrefix(o.Name, "transaction "); ok {
		return s.inside(rest, o)
	}
	switch o.Name {
	case "snapshot", "snapshot get", "snapshot scan":
		return s.past(o)
	case "begin", "commit", "rollback":
		return s.border(o.Name)
	case "put":
		return version(s.db.Put(o.Key, o.Value))
	case "delete":
		return version(s.db.Delete(o.Key))
	case "get":
		return harness.Found(s.db.Get(o.Key))
	case "scan":
		return harness.Scanned(s.scan(o.Lower, o.Upper))
	case "flush":
		return harness.Done(s.db.Flush(context.Background()))
	case "compact":
		return harness.Done(s.db.Compact(context.Background()))
	case "reopen":
		return harness.Done(s.reopen())
	}
	return ""
}

// border begins or ends the transaction.
func (s *side) border(name string) (said string) {
	if s.started == (name == "begin") {
		return none
	}
	s.started = name == "begin"
	var err error
	switch name {
	case "begin":
		s.txn, s.inTxn, err = s.opened.begin()
	case "commit":
		err = s.txn.Commit()
	case "rollback":
		err = s.txn.Rollback()
	}
	if errors.Is(err, kv.ErrConflict) {
		return "conflict"
	}
	return harness.Done(err)
}

// inside carries out an operation of the transaction.
func (s *side) inside(name string, o harness.Op) string {
	if !s.started {
		return none
	}
	switch name {
	case "put":
		return harness.Done(s.txn.Put(o.Key, o.Value))
	case "delete":
		return harness.Done(s.txn.Delete(o.Key))
	case "get":
		return harness.Found(s.txn.Get(o.Key))
	}
	return harness.Scanned(s.inTxn(o.Lower, o.Upper))
}

// past takes a snapshot in place of the one before, or reads from it.
func (s *side) past(o harness.Op) string {
	if o.Name == "snapshot" {
		var err error
		if s.taken {
			err = s.snap.Close()
		}
		s.taken = true
		s.snap, s.inSnap = s.opened.snapshot()
		return harness.Done(err)
	}
	if !s.taken {
		return none
	}
	if o.Name == "snapshot get" {
		return harness.Found(s.snap.Get(o.Key))
	}
	return harness.Scanned(s.inSnap(o.Lower, o.Upper))
}

// reopen closes the store, with all that is open, and opens it again.
func (s *side) reopen() (err error) {
	if err := s.db.Close(); err != nil {
		return err
	}
	s.started, s.taken = false, false
	s.opened, err = s.again(s.fs)
	return err
}

// version returns what a write answers.
func version(v kv.Seq, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("version %d", v)
}
