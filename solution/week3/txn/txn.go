//lab:day 3.2

package txn

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/mvcc"
)

var (
	// ErrDone is returned by every call to a transaction that was committed or rolled back, or whose commit has failed.
	// If it was the DB's Close that ended it, the error wraps kv.ErrClosed as well.
	ErrDone = errors.New("transaction has ended")
	// ErrView is returned for a write in a transaction that may only read.
	ErrView = errors.New("transaction may only read")

	errDoneClosed = fmt.Errorf("%w: %w", ErrDone, kv.ErrClosed)
)

// Txn is a transaction. It is used by one goroutine at a time, and need not stay with one.
//
//  1. It reads from its snapshot, and above it from its workspace. Nothing that others write meanwhile reaches either.
//  2. Nobody else reads its workspace. So until Commit nothing has happened, and a rollback has nothing to undo.
//  3. Commit writes one batch, which the engine makes visible, and durable, as a whole.
//  4. ended goes from false to true once. Who has made it so ends the transaction; everybody else is told ErrDone.
type Txn struct {
	db        *DB
	id        int64 // the how-manieth transaction of the DB
	started   time.Time
	readOnly  bool
	snapshot  *mvcc.Snapshot
	own       workspace
	footprint Footprint // Keys is nil if nobody wants to know what was read
	one       kv.Batch  // of the write that is being made: its memory is used again
	version   kv.Seq    // see Version
	ended     atomic.Bool
}

// Seq returns the number of the snapshot from which the transaction reads.
func (t *Txn) Seq() kv.Seq { return t.snapshot.Seq() }

// Version returns the number of the commit's first write, in the order of the keys; the others follow it. It is 0 before
// Commit, and of a transaction that has written nothing; after a Commit that has failed it means nothing.
func (t *Txn) Version() kv.Seq { return t.version }

// Started returns when the transaction began.
func (t *Txn) Started() time.Time { return t.started }

// Ops returns how many puts and deletes there were.
func (t *Txn) Ops() int { return int(t.own.ops.Load()) }

// check returns the error of a call to a transaction that has ended, nil if it has not.
func (t *Txn) check() error {
	switch {
	case !t.ended.Load():
		return nil
	case t.db.closed.Load():
		return errDoneClosed
	}
	return ErrDone
}

// Get returns the value of key, in memory of its own, or kv.ErrNotFound: what the transaction itself has written last,
// or else what its snapshot shows.
//
//lab:todo 1 transactions#reads
//lab:hint First of all: has the transaction ended?
//lab:hint t.own.get has three answers: a value, a delete, and nothing at all. Only one of them leads to the snapshot.
//lab:hint t.looked is told what the snapshot was asked for, and the error that it answered.
func (t *Txn) Get(key []byte) ([]byte, error) {
	// #region get
	if err := t.check(); err != nil {
		return nil, err
	}
	if value, kind, found := t.own.get(key); found {
		if kind == kv.KindDelete {
			return nil, kv.ErrNotFound
		}
		return append([]byte{}, value...), nil
	}
	value, err := t.snapshot.Get(key)
	t.looked(key, err)
	return value, err
	// #endregion
}

// Put stores value under key, when the transaction is committed. Both are copied.
func (t *Txn) Put(key, value []byte) error {
	t.one.Reset()
	t.one.Set(key, value)
	return t.write()
}

// Delete removes key, when the transaction is committed. That the key exists is neither needed nor checked.
func (t *Txn) Delete(key []byte) error {
	t.one.Reset()
	t.one.Delete(key)
	return t.write()
}

// write takes the write in t.one into the workspace. What the store would refuse is refused here, with the same error.
//
//lab:todo 1 transactions#workspace
//lab:hint Three reasons to refuse: the transaction has ended, or may only read, or kv.Batch.Check is against it.
func (t *Txn) write() error {
	// #region write
	if err := t.check(); err != nil {
		return err
	}
	if t.readOnly {
		return ErrView
	}
	if err := t.one.Check(t.db.maxValue); err != nil {
		return err
	}
	return t.own.add(&t.one)
	// #endregion
}
