package txn_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/history"
	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// wards lets two doctors go home at the same time. Each looks who is on call, sees two, and takes itself off. It
// returns what the history says, and what their commits do.
func wards(t *testing.T, h *hall, level txn.Isolation) (verdict history.Verdict, first, second error) {
	t.Helper()
	rec := history.NewRecorder(map[string]string{"ann": "on call", "bob": "on call"})
	a := witness{record: rec.Begin("Ann")}
	b := witness{record: rec.Begin("Bob")}
	a.Txn, b.Txn = h.enter(t, level), h.enter(t, level)
	for _, w := range []witness{a, b} {
		require.NoError(t, w.get("ann"))
		require.NoError(t, w.get("bob"))
	}
	for _, step := range []struct {
		w          witness
		key, value string
	}{{a, "ann", "at home"}, {b, "bob", "in the pub"}} {
		step.w.record.Put(step.key, step.value)
		write(t, step.w.Txn, step.key, step.value)
	}
	end := func(w witness) error {
		err := w.Commit()
		if err == nil {
			w.record.Committed()
		} else {
			w.record.Aborted()
		}
		return err
	}
	first, second = end(a), end(b)
	return rec.Check(), first, second
}

// Two doctors are on call, and one must be. Each sees that there are two, and goes home. They write different keys;
// so under snapshot isolation nobody stops them, and nobody is left. That is write skew, and it is not a bug: it is
// what this level allows. The history checker says that no order of the two explains what they have seen.
//
//lab:task 3 points=2
func TestTxn_WriteSkewUnderSnapshotIsolation(t *testing.T) {
	h := newHall(t, "ann", "on call", "bob", "on call")
	verdict, first, second := wards(t, h, txn.SnapshotIsolation)
	admitted(t, "Ann's commit", first)
	admitted(t, "Bob's commit", second)
	h.holdsIn(t, "ann", "at home")
	h.holdsIn(t, "bob", "in the pub")
	require.Equal(t, `write skew: no order of these explains what they have read
    Ann must come before Bob: Ann has read bob = "on call", which Bob has replaced by "in the pub"
    Bob must come before Ann: Bob has read ann = "on call", which Ann has replaced by "at home"`, verdict.String())
	// The other level must know the difference.
	h = newHall(t, "ann", "on call", "bob", "on call")
	_, _, second = wards(t, h, txn.Serializable)
	refused(t, "serializable: Bob's commit", "ann", second)
}

// The same two doctors, serializable: what Bob has read, Ann has changed. He is told so, looks again, sees that he is
// the last one, and stays.
//
//lab:task 3 points=3
func TestTxn_WriteSkewIsRefused(t *testing.T) {
	h := newHall(t, "ann", "on call", "bob", "on call")
	verdict, first, second := wards(t, h, txn.Serializable)
	admitted(t, "Ann's commit", first)
	refused(t, "Bob's commit", "ann", second)
	h.holdsIn(t, "bob", "on call")
	require.Equal(t, "serializable: Ann", verdict.String())
}

// Two transactions each look whether a room is free for an hour, find nothing, and book it. No key is read by both
// and none is written twice: only the empty range connects them.
//
//lab:task 3 points=3
func TestTxn_PhantomIsRefused(t *testing.T) {
	h := newHall(t, "room/1/09:00", "dentist", "room/2/10:00", "choir")
	book := func(tx *txn.Txn, key string) {
		scan := tx.Scan(kv.Included([]byte("room/1/10:")), kv.Excluded([]byte("room/1/11:")))
		for key := range scan.All() {
			t.Errorf("want a free hour\ngot %s", key)
		}
		require.NoError(t, scan.Close())
		write(t, tx, key, "me")
	}
	a, b, other := h.enter(t, txn.Serializable), h.enter(t, txn.Serializable), h.enter(t, txn.Serializable)
	book(a, "room/1/10:15")
	book(b, "room/1/10:45")
	shows(t, other, "room/1/09:00", "dentist")
	write(t, other, "room/1/11:00", "me")
	admitted(t, "the first booking", a.Commit())
	refused(t, "the second booking", "room/1/10:15", b.Commit())
	admitted(t, "a booking of the hour behind", other.Commit())
}

// A scan was left after two keys. What lies behind them the transaction has not seen, and does not depend on: a
// change there is no reason to refuse it. A change before that point is.
//
//lab:task 3 points=2
func TestTxn_ScanCountsAsFarAsItCame(t *testing.T) {
	for _, c := range []struct {
		changed  string
		conflict bool
	}{{"a", false}, {"b", true}, {"bb", true}, {"c", true}, {"cc", false}, {"d", false}} {
		h := newHall(t, "b", "1", "c", "2", "d", "3", "e", "4")
		tx := h.enter(t, txn.Serializable)
		scan := tx.Scan(kv.Included([]byte("b")), kv.Unbounded())
		scan.First()
		scan.Next()
		require.Equal(t, "c", string(scan.Key()), "the second key")
		require.NoError(t, scan.Close())
		write(t, tx, "result", "3")
		h.plainly(t, c.changed, "new")
		what := fmt.Sprintf("a commit that has walked from b to c, after a put of %s", c.changed)
		if c.conflict {
			refused(t, what, c.changed, tx.Commit())
		} else {
			admitted(t, what, tx.Commit())
		}
	}
}

// A transaction that only reads has read one moment, and needs no other to be right. Whatever is written meanwhile,
// it takes its place in the order at that moment. To refuse it would be of no use to anybody, and nobody could ever
// read a busy store as a whole.
//
//lab:task 3 points=3
func TestTxn_ReadOnlyIsNeverRefused(t *testing.T) {
	h := newHall(t, "x", "1", "y", "1")
	tx := h.enter(t, txn.Serializable)
	shows(t, tx, "x", "1")
	shows(t, tx, "z", "")
	scan := tx.Scan(kv.Unbounded(), kv.Unbounded())
	for range scan.All() {
		h.plainly(t, "x", "2")
	}
	require.NoError(t, scan.Close())
	h.plainly(t, "y", "2")
	h.plainly(t, "z", "2")
	shows(t, tx, "y", "1")
	admitted(t, "the commit of a transaction that has only read", tx.Commit())
	runs := 0
	require.NoError(t, h.Update(func(tx *txn.Txn) error {
		runs++
		shows(t, tx, "x", "2")
		h.plainly(t, "x", "2")
		return nil
	}))
	require.Equal(t, 1, runs, "runs of an Update that only reads")
}

// Update is serializable: its function has read how much may be spent, and before it commits the limit is another
// one. It has to run again, although nobody else has written what it writes. Who wants to save the comparison there
// saves the wrong thing.
//
//lab:task 3 points=2
func TestUpdate_IsSerializable(t *testing.T) {
	h := newHall(t, "limit", "100", "spent", "0")
	runs := 0
	require.NoError(t, h.Update(func(tx *txn.Txn) error {
		limit, err := tx.Get([]byte("limit"))
		if err != nil {
			return err
		}
		if runs++; runs == 1 {
			h.plainly(t, "limit", "50")
		}
		return tx.Put([]byte("spent"), limit)
	}))
	require.Equal(t, 2, runs, "runs of the function")
	h.holdsIn(t, "spent", "50")
}

// Under snapshot isolation it is the transaction's own writes that count, and nothing else: whoever asks for this
// level does not want to be refused for what it has read.
//
//lab:task 3 points=1
func TestTxn_SnapshotIsolationIgnoresReads(t *testing.T) {
	h := newHall(t, "x", "1")
	weak, strict := h.enter(t, txn.SnapshotIsolation), h.enter(t, txn.Serializable)
	shows(t, weak, "x", "1")
	shows(t, strict, "x", "1")
	write(t, weak, "y", "1")
	write(t, strict, "z", "1")
	h.plainly(t, "x", "2")
	admitted(t, "snapshot isolation", weak.Commit())
	refused(t, "serializable", "x", strict.Commit())
}

// Four goroutines run random transactions: gets of keys that are there and that are not, scans that stop early,
// writes. All that they have seen is taken down, and a checker that knows nothing of the store looks for an order in
// which it could have happened, one after the other. There must be one.
//
//lab:task 3 points=5 random race
func TestSerializable_HistoriesHaveAnOrder(t *testing.T) {
	for seed := range uint64(8) {
		h := newHall(t)
		rec := h.crowd(t, txn.Serializable, seed)
		if verdict := rec.Check(); !verdict.Serializable {
			t.Fatalf("seed %d: %s", seed, verdict)
		}
	}
}

// The same under snapshot isolation. Here write skew may happen, and mostly does. Nothing worse may: no lost update,
// no torn and no dirty read, and nothing from before the beginning missed.
//
//lab:task 1 points=3 random race
func TestSnapshotIsolation_NothingWorseThanWriteSkew(t *testing.T) {
	for seed := range uint64(8) {
		h := newHall(t)
		rec := h.crowd(t, txn.SnapshotIsolation, seed)
		switch verdict := rec.Check(); verdict.Anomaly {
		case "", "write skew", "write skew through a phantom":
		default:
			t.Fatalf("seed %d: %s", seed, verdict)
		}
	}
}

// Four clerks move money between five accounts at the same time, and an auditor adds up what is there, again and
// again. Then the power goes. Every sum is the same: during the day, since each audit reads one moment, and after the
// crash, since each transfer is there as a whole.
//
//lab:task 1 points=3 random race
func TestUpdate_BankKeepsItsTotal(t *testing.T) {
	for _, power := range []int{50, 120, 200, 1 << 30} {
		h := newHall(t, "a0", "100", "a1", "100", "a2", "100", "a3", "100", "a4", "100")
		h.mem.CrashAt(h.mem.Ops() + power)
		var all sync.WaitGroup
		for clerk := range uint64(4) {
			all.Go(func() {
				dice := rand.New(rand.NewPCG(clerk, uint64(power)))
				for range 50 {
					from, way, amount := dice.IntN(5), 1+dice.IntN(4), dice.IntN(10)
					err := h.Update(func(tx *txn.Txn) error {
						return errors.Join(add(tx, fmt.Sprintf("a%d", from), -amount), add(tx, fmt.Sprintf("a%d", (from+way)%5), amount))
					})
					if err == nil {
						err = h.View(audit)
					}
					if errors.Is(err, vfs.ErrCrashed) {
						return
					}
					if err != nil {
						t.Errorf("a day at the bank: %v", err)
					}
				}
			})
		}
		all.Wait()
		after := openHall(t, h.mem.Crash(vfs.Tear(uint64(power))))
		require.NoError(t, after.View(audit), "after the power cut at operation %d", power)
	}
}

// audit adds up what is in all accounts. Its error says what is wrong with the sum, or that it could not be read.
func audit(tx *txn.Txn) error {
	sum, accounts := 0, 0
	scan := tx.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		n, err := strconv.Atoi(string(value))
		if err != nil {
			return errors.Join(fmt.Errorf("account %s holds %q", key, value), scan.Close())
		}
		sum += n
		accounts++
	}
	if err := errors.Join(scan.Err(), scan.Close()); err != nil {
		return err
	}
	if sum != 500 || accounts != 5 {
		return fmt.Errorf("want 500 in 5 accounts, got %d in %d", sum, accounts)
	}
	return nil
}
