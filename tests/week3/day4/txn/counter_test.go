package txn_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// Two transactions add one to the same counter. Both have read 0, so both write 1. If both may commit, two increments
// have made one.
//
//lab:task 1 points=3
func TestTxn_LostUpdateIsRefused(t *testing.T) {
	for _, level := range []txn.Isolation{txn.SnapshotIsolation, txn.Serializable} {
		h := newHall(t, "n", "0")
		a, b := h.enter(t, level), h.enter(t, level)
		require.NoError(t, addOne(a, "n"))
		require.NoError(t, addOne(b, "n"))
		admitted(t, level.String()+": the first commit", a.Commit())
		refused(t, level.String()+": the second commit", "n", b.Commit())
		h.holdsIn(t, "n", "1")
		stats := h.TxnStats()
		require.Equal(t, []int64{2, 1, 1}, []int64{stats.Begun, stats.Committed, stats.Conflicts}, "begun, committed, refused")
	}
}

// Update's function reads the counter, and before it has committed somebody else puts another number there. The
// function is run once more, and must see that number. It is run until it has seen what it overwrites.
//
//lab:task 1 points=2
func TestUpdate_RunsAgainFromANewSnapshot(t *testing.T) {
	h := newHall(t, "n", "0")
	runs := 0
	require.NoError(t, h.Update(func(tx *txn.Txn) error {
		if err := addOne(tx, "n"); err != nil {
			return err
		}
		if runs++; runs <= 3 {
			h.plainly(t, "n", []string{"10", "20", "30"}[runs-1])
		}
		return nil
	}))
	h.holdsIn(t, "n", "31")
	stats := h.TxnStats()
	require.Equal(t, []int64{4, 1, 3, 3}, []int64{stats.Begun, stats.Committed, stats.Conflicts, stats.Retries},
		"begun, committed, refused, tried again")
}

// Eight goroutines each add one to the same counter, five hundred times. In the end it is 4,000: nobody was
// overwritten unseen. Whoever was refused has tried again, and is counted.
//
//lab:task 1 points=4 random race
func TestUpdate_LosesNoIncrement(t *testing.T) {
	h := newHall(t, "n", "0")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				if err := h.Update(func(tx *txn.Txn) error { return addOne(tx, "n") }); err != nil {
					t.Errorf("update: %v", err)
				}
			}
		})
	}
	all.Wait()
	h.holdsIn(t, "n", "4000")
	stats := h.TxnStats()
	require.Equal(t, int64(4000), stats.Committed, "commits")
	require.Equal(t, stats.Conflicts, stats.Retries, "each conflict was followed by another try")
	t.Logf("4,000 increments by 8 goroutines: %d tried again", stats.Retries)
}

// A real store, and a disk that stands still: the put of x has its number and waits for the log. The transaction that
// begins now reads the old x. It must not overwrite the new one, neither while the disk stands still nor later, when
// the put is long done.
//
//lab:task 2 points=5
func TestTxn_PutInFlightAtBegin(t *testing.T) {
	h := newHall(t, "x", "old")
	reached, goOn := h.disk.BlockAt(vfs.OpWrite, "*.log")
	put := make(chan struct{})
	go func() {
		defer close(put)
		if _, err := h.Put([]byte("x"), []byte("new")); err != nil {
			t.Errorf("put: %v", err)
		}
	}()
	comes(t, "the put's write to the log", reached)
	early, late := h.enter(t, txn.SnapshotIsolation), h.enter(t, txn.Serializable)
	for _, tx := range []*txn.Txn{early, late} {
		shows(t, tx, "x", "old")
		write(t, tx, "x", "mine")
	}
	var err error
	done := returnsOrWaits(t, func() { err = early.Commit() })
	select {
	case <-done:
		refused(t, "a commit of x, while the put waits for the disk", "x", err)
	default:
		t.Error("a commit of x, while the put waits for the disk: want a conflict\ngot a commit that waits behind the put")
	}
	goOn()
	comes(t, "the end of the put", put)
	for range 3 {
		h.plainly(t, "y", "")
	}
	refused(t, "a commit of x, from before, when the put is done", "x", late.Commit())
	h.holdsIn(t, "x", "new")
}

// However a transaction ends, the oracle must hear of it: one that is never counted out holds the memory of all that
// is written from then on.
//
//lab:task 2 points=3
func TestTxn_EveryEndIsCountedOut(t *testing.T) {
	h := newHall(t, "x", "1")
	open := func(what string, want int) {
		t.Helper()
		require.Equal(t, want, h.oracle.Stats().Snapshots, "snapshots that the oracle knows of: %s", what)
	}
	a, b := h.enter(t, txn.SnapshotIsolation), h.enter(t, txn.Serializable)
	open("two transactions, begun at one number", 1)
	write(t, a, "x", "2")
	write(t, b, "x", "3")
	require.NoError(t, a.Commit())
	c := h.enter(t, txn.SnapshotIsolation)
	open("another one, begun after a commit", 2)
	require.ErrorIs(t, b.Commit(), kv.ErrConflict)
	open("after a conflict", 1)
	require.NoError(t, c.Rollback())
	open("after a rollback", 0)
	require.NoError(t, h.View(func(*txn.Txn) error { open("in View", 1); return nil }))
	require.NoError(t, h.enter(t, txn.Serializable).Commit(), "a commit of nothing")
	open("after View, and a commit of nothing", 0)
	h.enter(t, txn.Serializable)
	require.NoError(t, h.Close())
	open("after Close", 0)
}

// Two thousand transactions over a real store, plain puts between them. What the oracle remembers does not grow. One
// that stays open makes it grow, until it ends.
//
//lab:task 2 points=2
func TestTxn_OracleIsFlat(t *testing.T) {
	h := newHall(t)
	turn := func(i int) {
		key := string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		h.plainly(t, "p"+key, "")
		tx := h.enter(t, txn.Serializable)
		shows(t, tx, "t"+key, "")
		write(t, tx, "t"+key, "v")
		require.NoError(t, tx.Commit())
	}
	for i := range 1000 {
		turn(i)
		require.LessOrEqual(t, h.oracle.Stats().Records, 2, "records after %d transactions", i+1)
	}
	reader := h.enter(t, txn.SnapshotIsolation)
	for i := 1000; i < 2000; i++ {
		turn(i)
	}
	require.Equal(t, 2000, h.oracle.Stats().Records, "records after 2,000 writes since the oldest snapshot")
	require.NoError(t, reader.Rollback())
	require.Equal(t, txn.OracleStats{}, h.oracle.Stats(), "when the oldest has ended")
}
