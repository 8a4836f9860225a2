package txn_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// everyCall returns what each call to a transaction says, by its name.
func everyCall(tx *txn.Txn) []string {
	_, get := tx.Get([]byte("a"))
	scan := tx.Scan(kv.Unbounded(), kv.Unbounded())
	scan.First()
	calls := []struct {
		name string
		err  error
	}{
		{"get", get},
		{"put", tx.Put([]byte("late"), []byte("1"))},
		{"delete", tx.Delete([]byte("a"))},
		{"scan", errors.Join(scan.Err(), scan.Close())},
		{"commit", tx.Commit()},
		{"rollback", tx.Rollback()},
	}
	said := lines()
	for _, c := range calls {
		said = append(said, fmt.Sprintf("%s: %t, closed: %t", c.name, errors.Is(c.err, txn.ErrDone), errors.Is(c.err, kv.ErrClosed)))
	}
	return said
}

// doneSaid is what everyCall returns for a transaction that has ended.
func doneSaid(closed bool) []string {
	said := lines()
	for _, call := range []string{"get", "put", "delete", "scan", "commit", "rollback"} {
		done := call != "scan" || !closed // the store itself refuses to scan then
		said = append(said, fmt.Sprintf("%s: %t, closed: %t", call, done, closed))
	}
	return said
}

// A transaction that has ended does nothing any more, whichever way it ended. A put that went into its workspace now would be lost without
// a word, and a read would come from a moment whose data nobody keeps.
//
//lab:task 3 points=3
func TestTxn_EndedIsErrDone(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "1")
	ended := map[string]*txn.Txn{}
	for _, how := range []string{"committed", "rolled back", "committed without a write"} {
		tx := begin(t, db)
		if how == "rolled back" {
			puts(t, tx, "a", "2")
			require.NoError(t, tx.Rollback())
		} else {
			if how == "committed" {
				puts(t, tx, "b", "2")
			}
			commit(t, tx)
		}
		ended[how] = tx
	}
	for how, tx := range ended {
		expect(t, "ErrDone by each call to a transaction that was "+how, doneSaid(false), everyCall(tx))
	}
	expect(t, "the store", lines("a = 1", "b = 2"), all(t, db))
}

// A second Commit is refused, and does nothing. Somebody has deleted the key meanwhile; if the batch were written once more, the key would
// be back.
//
//lab:task 3 points=2
func TestCommit_Once(t *testing.T) {
	db, a := listened(t, vfs.NewMem())
	tx := begin(t, db)
	puts(t, tx, "a", "1")
	commit(t, tx)
	_, err := db.Delete([]byte("a"))
	require.NoError(t, err)
	require.ErrorIs(t, tx.Commit(), txn.ErrDone)
	expect(t, "batches", [][]string{{"a=1"}, {"-a"}}, a.batches)
	require.Equal(t, int64(1), db.TxnStats().Committed, "transactions committed")
}

// After a rollback nothing of the transaction is there, and everything goes on: writes without a transaction are stored as ever, also
// while one is open, and those of later transactions. All of it is there when the store is opened again.
//
//lab:task 3 points=2
func TestRollback_LeavesStoreAsItWas(t *testing.T) {
	labtest.NoLeaks(t)
	mem := vfs.NewMem()
	db := openBank(t, mem, smallBank())
	plainPuts(t, db, "a", "0", "b", "0")
	tx := begin(t, db)
	puts(t, tx, "a", "rolled back", "c", "rolled back")
	deletes(t, tx, "b")
	plainPuts(t, db, "a", "plain", "d", "while it was open")
	require.NoError(t, tx.Rollback())
	expect(t, "the store after the rollback", lines("a = plain", "b = 0", "d = while it was open"), all(t, db))

	plainPuts(t, db, "e", "plain")
	later := begin(t, db)
	puts(t, later, "f", "later")
	commit(t, later)
	want := lines("a = plain", "b = 0", "d = while it was open", "e = plain", "f = later")
	expect(t, "the store, written on", want, all(t, db))
	require.NoError(t, db.Close())
	expect(t, "opened again", want, all(t, openBank(t, mem, smallBank())))
}

// The end of a transaction gives its snapshot back, once: whoever holds one keeps old versions from being dropped. The Validator is told
// as well, with the number that it counted in.
//
//lab:task 3 points=2
func TestEnd_GivesBackWhatBeginTook(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "a", "1")
	one, two := begin(t, db), beginAt(t, db, txn.Serializable)
	plainPuts(t, db, "a", "2")
	three, four := begin(t, db), begin(t, db)
	require.Equal(t, 4, db.Snapshots().Open, "open snapshots")
	puts(t, three, "b", "3")
	commit(t, three)
	require.NoError(t, two.Rollback())
	require.Error(t, two.Rollback(), "a second rollback")
	j.refuse = 1
	puts(t, four, "b", "4")
	require.ErrorIs(t, four.Commit(), kv.ErrConflict)
	commit(t, one)
	require.Error(t, one.Commit(), "a second commit")
	require.Zero(t, db.Snapshots().Open, "open snapshots")
	expect(t, "numbers that the Validator has counted in", []kv.Seq{1, 1, 2, 2}, j.begun)
	expect(t, "numbers that it has counted out", []kv.Seq{2, 1, 2, 1}, j.ended)
}

// A transaction that is being committed has not left. The Validator still has to judge it, by what was written since its snapshot,
// and may forget that as soon as it hears of the end. And whoever looks finds it among the unfinished: it is nowhere else yet.
//
//lab:task 3 points=2
func TestCommit_LeavesWhenItIsWritten(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "a", "1")
	tx := begin(t, db)
	puts(t, tx, "a", "2")
	j.writing = func() {
		require.Empty(t, j.ended, "numbers that the Validator has counted out, before the batch is written")
		expect(t, "unfinished, before the batch is written", 1, len(db.TxnStats().Unfinished))
	}
	commit(t, tx)
	expect(t, "numbers that the Validator has counted out, after Commit", []kv.Seq{1}, j.ended)
	expect(t, "TxnStats", txn.Stats{Begun: 1, Committed: 1}, db.TxnStats())
}

// A scan belongs to its transaction. When that ends the scan does, with an error: what it would show on is neither what the transaction
// sees nor what the store holds.
//
//lab:task 3 points=2
func TestScan_EndsWithTransaction(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "1", "b", "1", "c", "1")
	for _, end := range []func(*txn.Txn) error{(*txn.Txn).Commit, (*txn.Txn).Rollback} {
		for _, move := range []string{"Next", "First", "SeekGE"} {
			tx := begin(t, db)
			scan := tx.Scan(kv.Unbounded(), kv.Unbounded())
			scan.First()
			require.True(t, scan.Valid())
			require.NoError(t, end(tx))
			switch move {
			case "Next":
				scan.Next()
			case "First":
				scan.First()
			case "SeekGE":
				scan.SeekGE([]byte("b"))
			}
			require.False(t, scan.Valid(), "Valid after the end of the transaction and %s", move)
			require.ErrorIs(t, scan.Err(), txn.ErrDone)
			require.NoError(t, scan.Close())
		}
	}
}

// Transactions that somebody has forgotten hold on to old versions for ever. So the statistics list those that have not ended, and
// every one that has begun is counted in one place.
//
//lab:task 3 points=2
func TestTxnStats_CountsAndListsUnfinished(t *testing.T) {
	labtest.NoLeaks(t)
	o, j := smallBank(), &judge{}
	o.Validator, o.Gate = j, gateKeeper{"m"}
	db := openBank(t, vfs.NewMem(), o)
	plainPuts(t, db, "x", "1", "y", "1")
	committed, rolled, refused, failed := begin(t, db), begin(t, db), begin(t, db), begin(t, db)
	forgotten := beginAt(t, db, txn.Serializable)
	plainPuts(t, db, "z", "1")
	fresh := begin(t, db)
	puts(t, forgotten, "a", "1", "a", "2", "b", "1")
	expect(t, "unfinished", 6, len(db.TxnStats().Unfinished))
	puts(t, committed, "a", "1")
	commit(t, committed)
	require.NoError(t, rolled.Rollback())
	j.refuse = 1
	puts(t, refused, "a", "1")
	require.Error(t, refused.Commit())
	puts(t, failed, "m", "1")
	require.Error(t, failed.Commit())

	want := txn.Stats{Begun: 6, Committed: 1, RolledBack: 1, Conflicts: 1, Failed: 1, Unfinished: []txn.Info{
		{ID: 5, Started: forgotten.Started(), Ops: 3, Seq: 2, Isolation: txn.Serializable},
		{ID: 6, Started: fresh.Started(), Ops: 0, Seq: 3, Isolation: txn.SnapshotIsolation},
	}}
	expect(t, "TxnStats", want, db.TxnStats())
}
