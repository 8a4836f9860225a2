package txn_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// errChanged is what a function returns that has thought better of it.
var errChanged = errors.New("thought better of it")

// Update commits what the function has written, and tells when it returns: what was promised is stored. The transaction is serializable,
// since the function decides by what it reads.
//
//lab:task 4 points=2
func TestUpdate_Commits(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "a", "1")
	require.NoError(t, db.Update(func(tx *txn.Txn) error {
		expect(t, "in the function", lines("a = 1", "b: key not found"), found(tx, "a", "b"))
		puts(t, tx, "a", "2", "b", "2")
		return nil
	}))
	expect(t, "the store", lines("a = 2", "b = 2"), all(t, db))
	require.Equal(t, txn.Serializable, j.prints[0].Level)
	expect(t, "TxnStats", txn.Stats{Begun: 1, Committed: 1}, db.TxnStats())
}

// If the function returns an error nothing of what it has written is stored, and the caller gets that error. It is not tried again: what
// went wrong is not that somebody was faster.
//
//lab:task 4 points=2
func TestUpdate_ErrorRollsBack(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "1")
	var kept *txn.Txn
	runs := 0
	err := db.Update(func(tx *txn.Txn) error {
		runs++
		kept = tx
		puts(t, tx, "a", "2", "b", "2")
		return fmt.Errorf("after a put: %w", errChanged)
	})
	require.ErrorIs(t, err, errChanged)
	require.Equal(t, 1, runs, "runs of the function")
	require.ErrorIs(t, kept.Commit(), txn.ErrDone, "a commit of the transaction afterwards")
	expect(t, "the store", lines("a = 1"), all(t, db))
	expect(t, "TxnStats", txn.Stats{Begun: 1, RolledBack: 1}, db.TxnStats())
}

// A panic is not for Update to swallow: something is broken, and the program should say so. But if somebody above catches it, the store
// must not be left with a transaction that nobody will ever end.
//
//lab:task 4 points=2
func TestUpdate_PanicRollsBackAndGoesOn(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "1")
	for name, run := range map[string]func(func(*txn.Txn) error) error{"Update": db.Update, "View": db.View} {
		require.PanicsWithValue(t, "a mistake", func() {
			_ = run(func(tx *txn.Txn) error {
				_ = tx.Put([]byte("a"), []byte("2"))
				panic("a mistake")
			})
		}, "panic in "+name)
	}
	expect(t, "the store", lines("a = 1"), all(t, db))
	expect(t, "TxnStats", txn.Stats{Begun: 2, RolledBack: 2}, db.TxnStats())
	require.Zero(t, db.Snapshots().Open, "open snapshots")
}

// Two commits are refused because somebody was faster. Update runs the function again, each time with a new snapshot: with the old one it
// would decide by the same old balance again, and be refused again, for ever. Each retry is counted.
//
//lab:task 4 points=3
func TestUpdate_RetriesConflictWithNewSnapshot(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "n", "0")
	j.refuse = 2
	var saw []string
	require.NoError(t, db.Update(func(tx *txn.Txn) error {
		saw = append(saw, found(tx, "n", "left over")...)
		plainPuts(t, db, "n", strconv.Itoa(len(saw)))
		puts(t, tx, "left over", "1")
		return nil
	}))
	expect(t, "what each run has seen", lines(
		"n = 0", "left over: key not found", "n = 2", "left over: key not found", "n = 4", "left over: key not found",
	), saw)
	expect(t, "the store", lines("left over = 1", "n = 6"), all(t, db))
	expect(t, "TxnStats", txn.Stats{Begun: 3, Committed: 1, Conflicts: 2, Retries: 2}, db.TxnStats())
	require.Zero(t, db.Snapshots().Open, "open snapshots")
}

// A function may meet a conflict before its own commit does: it has called something that commits, and was refused. It hands on the
// error, and is run again like any that was overtaken. What it had written itself is rolled back.
//
//lab:task 4 points=1
func TestUpdate_RetriesConflictOfItsFunction(t *testing.T) {
	db := newBank(t)
	runs := 0
	require.NoError(t, db.Update(func(tx *txn.Txn) error {
		puts(t, tx, fmt.Sprint("run ", runs), "1")
		if runs++; runs == 1 {
			return fmt.Errorf("another store: %w", kv.ErrConflict)
		}
		return nil
	}))
	expect(t, "the store", lines("run 1 = 1"), all(t, db))
	expect(t, "TxnStats", txn.Stats{Begun: 2, Committed: 1, RolledBack: 1, Retries: 1}, db.TxnStats())
}

// What is not a conflict does not go away by trying again: a gate that refuses, a disk that fails, a store that was closed.
//
//lab:task 4 points=2
func TestUpdate_RetriesNothingElse(t *testing.T) {
	labtest.NoLeaks(t)
	o := smallBank()
	o.Gate = gateKeeper{"m"}
	db := openBank(t, vfs.NewMem(), o)
	runs := 0
	write := func(tx *txn.Txn) error {
		runs++
		return tx.Put([]byte("m"), nil)
	}
	require.ErrorIs(t, db.Update(write), errGate)
	require.Equal(t, 1, runs, "runs of the function, with a gate that refuses its batch")
	expect(t, "TxnStats", txn.Stats{Begun: 1, Failed: 1}, db.TxnStats())
	require.NoError(t, db.Close())
	require.ErrorIs(t, db.Update(write), kv.ErrClosed)
	require.Equal(t, 1, runs, "runs of the function, with that after Close")
	require.Zero(t, db.TxnStats().Retries, "retries")
}

// Who is refused each time has to be told at last. The error says what it was, so that the caller may decide for himself.
//
//lab:task 4 points=2
func TestUpdate_GivesUpAtLast(t *testing.T) {
	db, j := judged(t)
	j.refuse = 1 << 30
	runs := 0
	err := db.Update(func(tx *txn.Txn) error {
		if runs++; runs > 100_000 {
			return errors.New("still trying after 100,000 runs")
		}
		return tx.Put([]byte("a"), nil)
	})
	require.ErrorIs(t, err, kv.ErrConflict)
	require.Greater(t, runs, 50, "runs of the function before Update gives up")
	stats := db.TxnStats()
	require.Equal(t, int64(runs-1), stats.Retries, "retries: the first run is none")
	require.Equal(t, int64(runs), stats.Conflicts)
	require.Empty(t, all(t, db), "the store")
}

// A view reads one moment, and writes nothing. A put in it is a mistake, and would be lost without a word; so it is refused. And it never
// has to be run again: it has taken nothing down that anybody could object to.
//
//lab:task 4 points=2
func TestView_ReadsOnly(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "a", "1", "b", "1")
	j.refuse = 1
	var kept *txn.Txn
	require.NoError(t, db.View(func(tx *txn.Txn) error {
		kept = tx
		plainPuts(t, db, "a", "2")
		expect(t, "in the view", lines("a = 1", "b = 1"), all(t, tx))
		require.ErrorIs(t, tx.Put([]byte("a"), []byte("3")), txn.ErrView, "put in a view")
		require.ErrorIs(t, tx.Delete([]byte("b")), txn.ErrView, "delete in a view")
		require.Zero(t, tx.Ops(), "writes")
		return nil
	}))
	require.ErrorIs(t, kept.Put([]byte("a"), []byte("3")), txn.ErrDone, "put in a view that has ended")
	require.ErrorIs(t, db.View(func(*txn.Txn) error { return errChanged }), errChanged)
	expect(t, "the store", lines("a = 2", "b = 1"), all(t, db))
	expect(t, "TxnStats", txn.Stats{Begun: 2, Committed: 1, RolledBack: 1}, db.TxnStats())
	require.Empty(t, j.prints, "commits that the Validator has been told of")
}

// The function is given its transaction to read and write, and not to end. If it commits all the same, Update says so instead of committing
// a second time.
//
//lab:task 4 points=1
func TestUpdate_FunctionEndsItsTransaction(t *testing.T) {
	db := newBank(t)
	err := db.Update(func(tx *txn.Txn) error {
		puts(t, tx, "a", "1")
		return tx.Commit()
	})
	require.ErrorIs(t, err, txn.ErrDone)
	expect(t, "the store", lines("a = 1"), all(t, db))
	expect(t, "TxnStats", txn.Stats{Begun: 1, Committed: 1}, db.TxnStats())
}

// Random updates: some are refused a few times, some return an error, some panic. The store holds what the successful ones have written, and the
// counts say how many there were of each.
//
//lab:task 4 points=3 random
func TestUpdate_MatchesModel(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(rt *rapid.T) {
		j, o := &judge{}, smallBank()
		o.Validator = j
		db := openBank(rt, vfs.NewMem(), o)
		var want txn.Stats
		held := map[string]string{}
		for i := range rapid.IntRange(1, 12).Draw(rt, "updates") {
			key := string(labtest.Keys().Draw(rt, "key"))
			end := rapid.SampledFrom([]string{"commit", "commit", "error", "panic"}).Draw(rt, "end")
			refused := rapid.IntRange(0, 3).Draw(rt, "refused")
			if end != "commit" {
				refused = 0 // it never comes to a commit
			}
			j.refuse = refused
			func() {
				defer func() {
					if r := recover(); r != nil && r != any(errChanged) {
						panic(r)
					}
				}()
				_ = db.Update(func(tx *txn.Txn) error {
					puts(rt, tx, key, strconv.Itoa(i))
					switch end {
					case "error":
						return errChanged
					case "panic":
						panic(errChanged)
					}
					return nil
				})
			}()
			want.Begun += int64(1 + refused)
			want.Conflicts += int64(refused)
			want.Retries += int64(refused)
			if end == "commit" {
				want.Committed++
				held[key] = strconv.Itoa(i)
			} else {
				want.RolledBack++
			}
		}
		expect(rt, "TxnStats", want, db.TxnStats())
		expect(rt, "the store", shown(held, kv.Bound{}, kv.Bound{}, nil), all(rt, db))
	})
}
