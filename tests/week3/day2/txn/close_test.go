package txn_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// Close ends what has not ended. Nothing of it is stored, and whoever still holds such a transaction is told that it has ended, and why.
// No transaction begins any more.
//
//lab:task 3 points=3
func TestClose_EndsUnfinished(t *testing.T) {
	labtest.NoLeaks(t)
	mem := vfs.NewMem()
	o, j := smallBank(), &judge{}
	o.Validator = j
	db := openBank(t, mem, o)
	plainPuts(t, db, "a", "1")
	one, two, done := begin(t, db), begin(t, db), begin(t, db)
	puts(t, one, "a", "2", "b", "2")
	commit(t, done)
	scan := two.Scan(kv.Unbounded(), kv.Unbounded())
	require.NoError(t, db.Close())

	for _, tx := range []*txn.Txn{one, two} {
		expect(t, "ErrDone by each call after Close", doneSaid(true), everyCall(tx))
	}
	scan.First()
	require.False(t, scan.Valid())
	require.ErrorIs(t, scan.Err(), kv.ErrClosed)
	require.NoError(t, scan.Close())
	_, err := db.Begin(txn.SnapshotIsolation)
	require.ErrorIs(t, err, kv.ErrClosed, "Begin after Close")
	require.ErrorIs(t, db.Close(), kv.ErrClosed, "a second Close")
	expect(t, "TxnStats", txn.Stats{Begun: 3, Committed: 1, RolledBack: 2}, db.TxnStats())
	require.Zero(t, db.Snapshots().Open, "open snapshots")
	require.Equal(t, 3, len(j.ended), "transactions that the Validator has counted out")
	expect(t, "opened again", lines("a = 1"), all(t, openBank(t, mem, smallBank())))
}

// Close wants to know which transactions are open, and one of them is just leaving. The list has a lock for that.
//
//lab:task 3 points=1 race
func TestClose_LooksUnderTheLock(t *testing.T) {
	db, j := judged(t)
	tx := begin(t, db)
	closed := make(chan error, 1)
	j.ending = func() { go func() { closed <- db.Close() }() }
	require.NoError(t, tx.Rollback())
	require.NoError(t, <-closed)
}

// Somebody closes the store while others are at work. Each of them is told so at some call; what was committed before is there when the
// store is opened again, and what was not is not.
//
//lab:task 3 points=3 race
func TestClose_WhileOthersWork(t *testing.T) {
	labtest.NoLeaks(t)
	mem := vfs.NewMem()
	db := openBank(t, mem, smallBank())
	var workers sync.WaitGroup
	committed := make([]int, 4)
	atWork := make(chan struct{}, 2*len(committed)) // one for each worker's first round, and one for its end
	for i := range committed {
		workers.Go(func() {
			defer func() { atWork <- struct{}{} }()
			for n := 1; ; n++ {
				tx, err := db.Begin(txn.Serializable)
				if err == nil {
					err = errors.Join(tx.Put(fmt.Appendf(nil, "a%d", i), fmt.Append(nil, n)), tx.Put(fmt.Appendf(nil, "b%d", i), fmt.Append(nil, n)))
				}
				if err == nil && n%3 == 0 {
					err = tx.Rollback()
				} else if err == nil {
					if err = tx.Commit(); err == nil {
						committed[i] = n
					}
				}
				if err != nil {
					if !errors.Is(err, kv.ErrClosed) {
						t.Errorf("a call while the store is being closed: %v", err)
					}
					return
				}
				if n == 1 {
					atWork <- struct{}{}
				}
			}
		})
	}
	for range committed {
		<-atWork
	}
	require.NotEmpty(t, db.TxnStats().Begun, "transactions begun")
	require.NoError(t, db.Close())
	workers.Wait()
	require.Empty(t, db.TxnStats().Unfinished, "unfinished transactions after Close")
	db = openBank(t, mem, smallBank())
	for i, n := range committed {
		expect(t, "opened again", lines(fmt.Sprintf("a%d = %d", i, n), fmt.Sprintf("b%d = %d", i, n)), found(db, fmt.Sprint("a", i), fmt.Sprint("b", i)))
	}
}
