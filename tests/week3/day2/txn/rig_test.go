package txn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/txn"
)

// bankDir is the directory of every store of these tests.
const bankDir = "bank"

// smallBank returns options with small memtables, and without compaction in the background.
func smallBank() *txn.Options {
	return &txn.Options{Options: mvcc.Options{Options: store.Options{
		NoCompaction: true, Options: engine.Options{MemtableSize: 16 << 10, CacheSize: -1},
	}}}
}

// openBank opens the store of a file system. It is closed at clean-up, if the test has not done it.
func openBank(t labtest.TB, fs vfs.FS, o *txn.Options) *txn.DB {
	t.Helper()
	opts := *o
	opts.FS = fs
	db, err := txn.Open(bankDir, &opts)
	require.NoError(t, err, "open")
	t.Cleanup(func() {
		if fault, ok := fs.(*vfs.Fault); ok {
			fault.Clear()
		}
		_ = db.Close() // most tests have closed it, or broken it
		if mem, ok := fs.(*vfs.Mem); ok && mem.Crashed() {
			return
		}
		labtest.NoStrayFiles(t, fs, bankDir, "LOCK", "MANIFEST", "*.log", "*.sst")
	})
	return db
}

// newBank opens a new store in memory. It fails the test if a goroutine is left behind.
func newBank(t labtest.TB) *txn.DB {
	t.Helper()
	labtest.NoLeaks(t)
	return openBank(t, vfs.NewMem(), smallBank())
}

// beginAt begins a transaction.
func beginAt(t labtest.TB, db *txn.DB, level txn.Isolation) *txn.Txn {
	t.Helper()
	tx, err := db.Begin(level)
	require.NoError(t, err, "begin")
	return tx
}

// begin begins a transaction with snapshot isolation.
func begin(t labtest.TB, db *txn.DB) *txn.Txn {
	t.Helper()
	return beginAt(t, db, txn.SnapshotIsolation)
}

// puts writes pairs of keys and values in a transaction.
func puts(t labtest.TB, tx *txn.Txn, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(t, tx.Put([]byte(pairs[i]), []byte(pairs[i+1])), "put %s in the transaction", pairs[i])
	}
}

// plainPuts writes pairs of keys and values outside of any transaction.
func plainPuts(t labtest.TB, db *txn.DB, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		_, err := db.Put([]byte(pairs[i]), []byte(pairs[i+1]))
		require.NoError(t, err, "plain put of %s", pairs[i])
	}
}

// deletes removes keys in a transaction.
func deletes(t labtest.TB, tx *txn.Txn, keys ...string) {
	t.Helper()
	for _, key := range keys {
		require.NoError(t, tx.Delete([]byte(key)), "delete %s in the transaction", key)
	}
}

// commit commits a transaction.
func commit(t labtest.TB, tx *txn.Txn) {
	t.Helper()
	require.NoError(t, tx.Commit(), "commit")
}

// getter is a transaction, a store, or a snapshot.
type getter interface {
	Get(key []byte) ([]byte, error)
}

// found returns what is found under each key, as "key = value" or "key: the error".
func found(g getter, keys ...string) []string {
	lines := []string{}
	for _, key := range keys {
		value, err := g.Get([]byte(key))
		if err != nil {
			lines = append(lines, fmt.Sprintf("%s: %v", key, err))
		} else {
			lines = append(lines, fmt.Sprintf("%s = %s", key, value))
		}
	}
	return lines
}

// scanner is a transaction or a store.
type scanner interface {
	Scan(lower, upper kv.Bound) *engine.Scan
}

// drain walks a scan to its end, and closes it.
func drain(t labtest.TB, scan *engine.Scan) []string {
	t.Helper()
	lines := []string{}
	for key, value := range scan.All() {
		lines = append(lines, fmt.Sprintf("%s = %s", key, value))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()), "scan")
	return lines
}

// all returns everything that a transaction or a store shows.
func all(t labtest.TB, s scanner) []string {
	t.Helper()
	return drain(t, s.Scan(kv.Unbounded(), kv.Unbounded()))
}

// expect compares what is with what should be.
func expect[T any](t labtest.TB, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// lines is a list of lines, for expect.
func lines(l ...string) []string { return append([]string{}, l...) }

// settle flushes and merges everything.
func settle(t labtest.TB, db *txn.DB) {
	t.Helper()
	require.NoError(t, errors.Join(db.Flush(context.Background()), db.Compact(context.Background())), "flush and compact")
}

// judge is a Validator that takes down what it is told, and refuses as many commits as the test says.
type judge struct {
	mu      sync.Mutex
	before  func() // called by Begin before anything else, if it is not nil; as are the following two
	writing func() // called by Commit before it writes
	ending  func() // called by End
	refuse  int    // so many commits are refused
	visible func() kv.Seq
	pending map[*kv.Batch]bool
	asked   int // calls of Admit
	begun   []kv.Seq
	ended   []kv.Seq
	prints  []txn.Footprint
}

// Opened keeps visible.
func (j *judge) Opened(visible func() kv.Seq) { j.visible = visible }

// Begin counts a transaction in.
func (j *judge) Begin(take func() kv.Seq) kv.Seq {
	if j.before != nil {
		j.before()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	at := take()
	j.begun = append(j.begun, at)
	return at
}

// End counts a transaction out.
func (j *judge) End(at kv.Seq) {
	if j.ending != nil {
		j.ending()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = append(j.ended, at)
}

// Commit keeps a copy of the footprint.
func (j *judge) Commit(b *kv.Batch, f *txn.Footprint, write func() error) error {
	j.mu.Lock()
	print := txn.Footprint{At: f.At, Level: f.Level}
	for key, hit := range f.Keys {
		if print.Keys == nil {
			print.Keys = map[string]bool{}
		}
		print.Keys[key] = hit
	}
	for _, r := range f.Ranges {
		print.Ranges = append(print.Ranges, &txn.Range{Lower: r.Lower.Clone(), Upper: r.Upper.Clone()})
	}
	j.prints = append(j.prints, print)
	if j.pending == nil {
		j.pending = map[*kv.Batch]bool{}
	}
	j.pending[b] = true
	j.mu.Unlock()
	defer func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.pending, b)
	}()
	if j.writing != nil {
		j.writing()
	}
	return write()
}

// Admit refuses batches of commits while there are some to be refused.
func (j *judge) Admit(_ kv.Seq, b *kv.Batch) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked++
	if j.pending[b] && j.refuse > 0 {
		j.refuse--
		return fmt.Errorf("refused by the test: %w", kv.ErrConflict)
	}
	return nil
}

// judged opens a new store with a judge.
func judged(t labtest.TB) (*txn.DB, *judge) {
	t.Helper()
	labtest.NoLeaks(t)
	j, o := &judge{}, smallBank()
	o.Validator = j
	return openBank(t, vfs.NewMem(), o), j
}

// applied is a listener of every batch that becomes visible: its writes, as "key=value" and "-key".
type applied struct {
	mu      sync.Mutex
	batches [][]string
}

// listen makes the options tell it.
func (a *applied) listen(o *txn.Options) {
	o.Listener.Applied = func(_ kv.Seq, b *kv.Batch) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.batches = append(a.batches, writes(b))
	}
}

// writes returns the writes of a batch.
func writes(b *kv.Batch) []string {
	lines := []string{}
	for op := range b.Ops() {
		if op.Kind == kv.KindDelete {
			lines = append(lines, "-"+string(op.Key))
		} else {
			lines = append(lines, string(op.Key)+"="+string(bytes.Clone(op.Value)))
		}
	}
	return lines
}
