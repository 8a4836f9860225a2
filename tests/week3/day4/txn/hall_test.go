package txn_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/history"
	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/txn"
)

// hall is a store with transactions, an oracle, and a disk that waits where the test wants it to.
type hall struct {
	*txn.DB
	oracle *txn.Oracle
	mem    *vfs.Mem
	disk   *vfs.Fault // over mem
}

// newHall opens a new store with these keys and values. It is closed at clean-up, and leaves neither goroutines nor
// files behind.
func newHall(t labtest.TB, pairs ...string) *hall {
	t.Helper()
	tryOracle()
	labtest.NoLeaks(t)
	h := openHall(t, vfs.NewMem())
	for i := 0; i < len(pairs); i += 2 {
		h.plainly(t, pairs[i], pairs[i+1])
	}
	return h
}

// openHall opens the store of a file system.
func openHall(t labtest.TB, mem *vfs.Mem) *hall {
	t.Helper()
	h := &hall{oracle: txn.NewOracle(), mem: mem, disk: vfs.NewFault(mem)}
	o := &txn.Options{Validator: h.oracle, Options: mvcc.Options{Options: store.Options{
		NoCompaction: true, Options: engine.Options{FS: h.disk, MemtableSize: 64 << 10, CacheSize: -1},
	}}}
	var err error
	h.DB, err = txn.Open("hall", o)
	require.NoError(t, err, "open")
	t.Cleanup(func() {
		h.disk.Clear()
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = h.Close() // one test has done it
		}()
		comes(t, "the end of Close", closed)
		if _, err := mem.List("hall"); !errors.Is(err, vfs.ErrCrashed) {
			labtest.NoStrayFiles(t, mem, "hall", "LOCK", "MANIFEST", "*.log", "*.sst")
		}
	})
	return h
}

// tryOracle lets an oracle of its own judge one commit. What is not written yet, or panics, does so here, and not
// under the lock of an engine which could not be closed any more.
func tryOracle() {
	oracle, b := txn.NewOracle(), writing("x")
	oracle.Begin(func() kv.Seq { return 0 })
	_ = oracle.Commit(b, &txn.Footprint{Level: txn.Serializable}, func() error { return oracle.Admit(1, b) })
	oracle.End(0)
}

// plainly stores a value outside of any transaction.
func (h *hall) plainly(t labtest.TB, key, value string) {
	t.Helper()
	_, err := h.Put([]byte(key), []byte(value))
	require.NoError(t, err, "plain put of %s", key)
}

// enter begins a transaction.
func (h *hall) enter(t labtest.TB, level txn.Isolation) *txn.Txn {
	t.Helper()
	tx, err := h.Begin(level)
	require.NoError(t, err, "begin")
	return tx
}

// write puts a value in a transaction.
func write(t labtest.TB, tx *txn.Txn, key, value string) {
	t.Helper()
	require.NoError(t, tx.Put([]byte(key), []byte(value)), "put %s in the transaction", key)
}

// shows fails the test unless a transaction reads this value; "" is not found.
func shows(t labtest.TB, tx *txn.Txn, key, want string) {
	t.Helper()
	value, err := tx.Get([]byte(key))
	if want == "" {
		require.ErrorIs(t, err, kv.ErrNotFound, "get %s", key)
		return
	}
	require.NoError(t, err, "get %s", key)
	require.Equal(t, want, string(value), "get %s", key)
}

// holdsIn fails the test unless the store holds this value.
func (h *hall) holdsIn(t labtest.TB, key, want string) {
	t.Helper()
	value, err := h.Get([]byte(key))
	require.NoError(t, err, "get %s from the store", key)
	require.Equal(t, want, string(value), "%s in the store", key)
}

// addOne adds one to a number.
func addOne(tx *txn.Txn, key string) error { return add(tx, key, 1) }

// add adds something to a number.
func add(tx *txn.Txn, key string, amount int) error {
	value, err := tx.Get([]byte(key))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(value))
	if err != nil {
		return err
	}
	return tx.Put([]byte(key), []byte(strconv.Itoa(n+amount)))
}

// witness is a transaction that is taken down.
type witness struct {
	*txn.Txn
	record *history.Txn
}

// get reads a key.
func (w witness) get(key string) error {
	value, err := w.Get([]byte(key))
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return err
	}
	w.record.Get(key, string(value), err == nil)
	return nil
}

// scan walks over a range, and stops after at most limit keys.
func (w witness) scan(lower, upper string, limit int) error {
	from, to := kv.Included([]byte(lower)), kv.Excluded([]byte(upper))
	var found []history.Pair
	scan := w.Scan(from, to)
	for key, value := range scan.All() {
		found = append(found, history.Pair{Key: string(key), Value: string(value)})
		if len(found) == limit {
			to = kv.Included([]byte(string(key)))
			break
		}
	}
	w.record.Scan(from, to, found)
	return errors.Join(scan.Err(), scan.Close())
}

// replace reads a key, and writes another value.
func (w witness) replace(key, value string) error {
	if err := w.get(key); err != nil {
		return err
	}
	w.record.Put(key, value)
	return w.Put([]byte(key), []byte(value))
}

// finish commits, and takes down how that went. A conflict is no error.
func (w witness) finish() error {
	err := w.Commit()
	if err == nil {
		w.record.Committed()
		return nil
	}
	w.record.Aborted()
	if errors.Is(err, kv.ErrConflict) {
		return nil
	}
	return err
}

// crowd runs random transactions of one level in several goroutines, and returns what they saw.
func (h *hall) crowd(t *testing.T, level txn.Isolation, seed uint64) *history.Recorder {
	t.Helper()
	initial := map[string]string{}
	for _, key := range []string{"k0", "k2", "k4"} {
		initial[key] = "0"
		h.plainly(t, key, "0")
	}
	rec := history.NewRecorder(initial)
	var all sync.WaitGroup
	var values atomic.Int64
	for g := range uint64(4) {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(seed, g))
			for range 20 {
				record := rec.Begin("")
				tx, err := h.Begin(level)
				if err == nil {
					err = randomly(witness{tx, record}, dice, &values)
				}
				if err != nil {
					t.Errorf("transaction: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	return rec
}

// randomly does a few random things in a transaction, and commits it.
func randomly(w witness, dice *rand.Rand, values *atomic.Int64) (err error) {
	for range 1 + dice.IntN(4) {
		key := fmt.Sprintf("k%d", dice.IntN(6))
		switch dice.IntN(4) {
		case 0:
			err = w.get(key)
		case 1:
			err = w.scan(key, "k9", 1+dice.IntN(3))
		default:
			err = w.replace(key, strconv.FormatInt(values.Add(1), 10))
		}
		if err != nil {
			return err
		}
		runtime.Gosched()
	}
	return w.finish()
}
