package txn_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// listened opens a store and takes down each batch that becomes visible.
func listened(t labtest.TB, fs vfs.FS) (*txn.DB, *applied) {
	t.Helper()
	labtest.NoLeaks(t)
	a, o := &applied{}, smallBank()
	a.listen(o)
	return openBank(t, fs, o), a
}

// A commit is one batch. Only so does the store make all of it visible in one moment, and all of it or nothing survive. In the batch is
// the last write of each key: what was overwritten inside the transaction never existed for anybody else, and a delete is a write.
//
//lab:task 3 points=3
func TestCommit_IsOneBatch(t *testing.T) {
	db, a := listened(t, vfs.NewMem())
	plainPuts(t, db, "alice", "1000")
	tx := begin(t, db)
	puts(t, tx, "bob", "1", "alice", "900", "bob", "2", "carol", "1", "dave", "1")
	deletes(t, tx, "dave", "alice", "nobody")
	puts(t, tx, "dave", "", "bob", "3")
	commit(t, tx)
	expect(t, "batches", [][]string{{"alice=1000"}, {"-alice", "bob=3", "carol=1", "dave=", "-nobody"}}, a.batches)
	expect(t, "the store", lines("bob = 3", "carol = 1", "dave = "), all(t, db))
}

// With the commit everybody sees what was written, but for who reads at an older snapshot: that stays as it was.
//
//lab:task 3 points=2
func TestCommit_IsSeenFromThenOn(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "alice", "1000", "bob", "500")
	tx, before := begin(t, db), begin(t, db)
	puts(t, tx, "alice", "900", "bob", "600")
	commit(t, tx)
	expect(t, "the store", lines("alice = 900", "bob = 600"), all(t, db))
	expect(t, "a transaction begun after", lines("alice = 900", "bob = 600"), all(t, begin(t, db)))
	expect(t, "one begun before", lines("alice = 1000", "bob = 500"), all(t, before))
}

// Who has committed can name what it has made: the version of its first key, which those of the others follow. With it somebody may say
// later "if nobody has changed that". Who has written nothing has made no version.
//
//lab:task 3 points=1
func TestCommit_TellsItsVersion(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "alice", "1000")
	tx, reader := begin(t, db), begin(t, db)
	puts(t, tx, "carol", "1", "bob", "2")
	expect(t, "the version before the commit", kv.Seq(0), tx.Version())
	commit(t, tx)
	commit(t, reader)
	var got []kv.Seq
	for _, key := range []string{"bob", "carol"} {
		v, err := db.Latest([]byte(key))
		require.NoError(t, err)
		got = append(got, v.Seq)
	}
	expect(t, "the versions of bob and carol", []kv.Seq{tx.Version(), tx.Version() + 1}, got)
	expect(t, "the version of a commit of nothing", kv.Seq(0), reader.Version())
}

// Two transactions write different keys, and both commit. Neither brings back what it has only read: the batch holds what was written
// and not what was seen.
//
//lab:task 3 points=1
func TestCommit_WritesOnlyWhatWasWritten(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "0", "b", "0", "c", "0")
	one, two := begin(t, db), begin(t, db)
	puts(t, one, "a", "1")
	puts(t, two, "b", "2")
	all(t, two)
	plainPuts(t, db, "c", "3")
	commit(t, one)
	commit(t, two)
	expect(t, "the store", lines("a = 1", "b = 2", "c = 3"), all(t, db))
}

// Who has only read has nothing to write. No batch, no number, no byte, and no wait for the disk: most transactions are of this kind.
//
//lab:task 3 points=2
func TestCommit_OfNothingWritesNothing(t *testing.T) {
	fault := vfs.NewFault(vfs.NewMem())
	db, a := listened(t, fault)
	plainPuts(t, db, "a", "1")
	tx := begin(t, db)
	found(tx, "a", "b")
	visible, calls := db.Visible(), len(fault.Log())
	fault.FailAlways("", "", nil)
	require.NoError(t, tx.Commit(), "commit of a transaction that has only read")
	require.Equal(t, 1, len(a.batches), "batches, with that of the put")
	require.Equal(t, visible, db.Visible(), "the visible number")
	require.Equal(t, calls, len(fault.Log()), "operations of the file system")
	expect(t, "after it", "transaction has ended", fmt.Sprint(tx.Commit()))
}

// A put that is deleted again in the same transaction leaves a delete to be written. The store may have the key, since before or
// because somebody has put it meanwhile.
//
//lab:task 3 points=1
func TestCommit_OfDeletesWrites(t *testing.T) {
	db := newBank(t)
	tx := begin(t, db)
	puts(t, tx, "a", "own")
	deletes(t, tx, "a", "b")
	plainPuts(t, db, "a", "other", "b", "other", "c", "other")
	commit(t, tx)
	expect(t, "the store", lines("c = other"), all(t, db))
}

// When Commit has returned, the power may go. Plain writes may still be on their way to the disk, by Options.Log; a commit is not, unless
// somebody has said that he does not need that.
//
//lab:task 3 points=2
func TestCommit_IsDurable(t *testing.T) {
	for _, noSync := range []bool{false, true} {
		labtest.NoLeaks(t)
		mem := vfs.NewMem()
		fault, o := vfs.NewFault(mem), smallBank()
		o.NoSync = noSync
		db := openBank(t, fault, o)
		plainPuts(t, db, "plain", "1")
		syncs := fault.Count(vfs.OpSync, "*.log")
		tx := begin(t, db)
		puts(t, tx, "a", "1", "b", "1")
		commit(t, tx)
		if noSync {
			require.Equal(t, syncs, fault.Count(vfs.OpSync, "*.log"), "syncs of the log by a commit with NoSync")
			require.NoError(t, db.Close())
			continue
		}
		after := openBank(t, mem.Preview(vfs.LoseUnsynced), smallBank())
		expect(t, "after a power cut", lines("a = 1", "b = 1", "plain = 1"), all(t, after))
		require.NoError(t, errors.Join(db.Close(), after.Close()))
	}
}

// While the disk is still at work on a commit nobody sees any of it, and then all: the moment lies in between, and it is one.
//
//lab:task 3 points=3
func TestCommit_NobodySeesHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := vfs.NewFault(vfs.NewMem())
		db := openBank(t, fault, smallBank())
		plainPuts(t, db, "a", "0", "b", "0", "c", "0")
		tx := begin(t, db)
		puts(t, tx, "a", "1", "c", "1")
		deletes(t, tx, "b")
		reached, release := fault.BlockAt(vfs.OpSync, "*.log")
		done := make(chan error, 1)
		go func() { done <- tx.Commit() }()
		synctest.Wait()
		select {
		case <-reached:
		default:
			t.Fatal("the commit has not come to the sync of the log")
		}
		expect(t, "the store, while the log is synced", lines("a = 0", "b = 0", "c = 0"), all(t, db))
		expect(t, "a transaction begun then", lines("a = 0", "b = 0", "c = 0"), all(t, begin(t, db)))
		_, err := tx.Get([]byte("a"))
		require.ErrorIs(t, err, txn.ErrDone, "get in the transaction that is being committed")
		require.ErrorIs(t, tx.Rollback(), txn.ErrDone, "rollback of the transaction that is being committed")
		release()
		require.NoError(t, <-done)
		expect(t, "the store, after the commit", lines("a = 1", "c = 1"), all(t, db))
	})
}

// gateKeeper refuses every batch that has a write of one key.
type gateKeeper struct{ key string }

// errGate is what gateKeeper says.
var errGate = errors.New("not through this gate")

// Admit refuses the batch or does not.
func (g gateKeeper) Admit(_ kv.Seq, b *kv.Batch) error {
	for op := range b.Ops() {
		if string(op.Key) == g.key {
			return errGate
		}
	}
	return nil
}

// A commit that fails has failed as a whole: nothing of it is visible, not even what came before the write that was refused. The
// transaction has ended; whoever wants to try again begins again. Everybody else goes on.
//
//lab:task 3 points=3
func TestCommit_FailureLeavesNothing(t *testing.T) {
	labtest.NoLeaks(t)
	o := smallBank()
	o.Gate = gateKeeper{"m"}
	db := openBank(t, vfs.NewMem(), o)
	plainPuts(t, db, "a", "0", "z", "0")
	tx := begin(t, db)
	puts(t, tx, "a", "1", "m", "1", "y", "1")
	deletes(t, tx, "z")
	require.ErrorIs(t, tx.Commit(), errGate)
	expect(t, "the store after the failure", lines("a = 0", "z = 0"), all(t, db))
	require.ErrorIs(t, tx.Commit(), txn.ErrDone, "a second attempt")
	require.ErrorIs(t, tx.Put([]byte("k"), nil), txn.ErrDone, "a put after it")
	require.Zero(t, db.Snapshots().Open, "open snapshots: the transaction has ended")

	again := begin(t, db)
	puts(t, again, "a", "2")
	commit(t, again)
	plainPuts(t, db, "p", "2")
	expect(t, "the store, written on", lines("a = 2", "p = 2", "z = 0"), all(t, db))
}

// The same if it is the disk that fails. Whether the log has the batch is not known then, so that the store takes no more writes until it
// is opened again; but nobody sees any of it, and then it is there as a whole or not at all.
//
//lab:task 3 points=2
func TestCommit_DiskFailureLeavesNothing(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpWrite, vfs.OpSync} {
		labtest.NoLeaks(t)
		fault := vfs.NewFault(vfs.NewMem())
		db := openBank(t, fault, smallBank())
		setup := begin(t, db)
		puts(t, setup, "a", "0", "b", "0")
		commit(t, setup)
		tx := begin(t, db)
		puts(t, tx, "a", "1", "b", "1")
		fault.FailNext(op, "*.log", nil)
		require.ErrorIs(t, tx.Commit(), vfs.ErrInjected, "commit, with a log whose %s fails", op)
		old, whole := lines("a = 0", "b = 0"), lines("a = 1", "b = 1")
		expect(t, "the store after the failure", old, all(t, db))
		require.ErrorIs(t, tx.Commit(), txn.ErrDone, "a second attempt")
		_ = db.Close()
		db = openBank(t, fault, smallBank())
		if got := all(t, db); fmt.Sprint(got) != fmt.Sprint(whole) {
			expect(t, "opened again: neither the whole commit nor nothing of it", old, got)
		}
		require.NoError(t, db.Close())
	}
}

// A batch that is larger than any memtable can be refused by the store, and a gate that somebody has put into the options is asked for
// commits as for every batch; with a Validator too, which comes after it.
//
//lab:task 3 points=1
func TestCommit_PassesGateAndValidator(t *testing.T) {
	labtest.NoLeaks(t)
	o, j := smallBank(), &judge{}
	o.Gate, o.Validator = gateKeeper{"m"}, j
	db := openBank(t, vfs.NewMem(), o)
	plainPuts(t, db, "a", "0")
	_, err := db.Put([]byte("m"), nil)
	require.ErrorIs(t, err, errGate, "a plain put that the gate does not let through")
	tx := begin(t, db)
	puts(t, tx, "m", "1")
	require.ErrorIs(t, tx.Commit(), errGate, "a commit that the gate does not let through")
	require.Equal(t, 1, j.asked, "batches that the Validator has been asked about: those that the gate had let through")
	j.refuse = 1
	tx = begin(t, db)
	puts(t, tx, "b", "1")
	require.ErrorIs(t, tx.Commit(), kv.ErrConflict, "a commit that the Validator refuses")
	expect(t, "the store", lines("a = 0"), all(t, db))
	tx = begin(t, db)
	puts(t, tx, "b", "2")
	commit(t, tx)
	require.NotNil(t, j.visible, "Opened was called")
	require.Equal(t, db.Visible(), j.visible(), "what Opened was given returns the visible number")
	expect(t, "the store", lines("a = 0", "b = 2"), all(t, db))
}

// Random transactions that commit and roll back in any order, among plain writes, compared with maps: the last committer wins, key by
// key.
//
//lab:task 3 points=3 random
func TestCommit_MatchesModel(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(rt *rapid.T) { playRandom(rt, "end") })
}
