package txn_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// Who withdraws 100 and looks at the balance wants to see the balance after it, though nobody else does yet. Of several writes
// of a key the last one counts.
//
//lab:task 1 points=2
func TestGet_SeesOwnWrites(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "alice", "1000", "bob", "500")
	tx := begin(t, db)
	puts(t, tx, "alice", "900", "carol", "100", "alice", "800")
	expect(t, "in the transaction", lines("alice = 800", "bob = 500", "carol = 100"), found(tx, "alice", "bob", "carol"))
}

// An own delete is an answer: the key is gone. It is not the same as having nothing to say, after which the store is asked, and
// finds the value that was deleted.
//
//lab:task 1 points=2
func TestGet_OwnDeleteDoesNotFallThrough(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "alice", "1000", "bob", "500")
	tx := begin(t, db)
	deletes(t, tx, "alice")
	puts(t, tx, "bob", "400")
	deletes(t, tx, "bob")
	puts(t, tx, "carol", "1")
	deletes(t, tx, "carol")
	gone := lines("alice: key not found", "bob: key not found", "carol: key not found")
	expect(t, "after deletes in the transaction", gone, found(tx, "alice", "bob", "carol"))
	puts(t, tx, "alice", "1")
	expect(t, "put again after the delete", lines("alice = 1"), found(tx, "alice"))
}

// A value of no bytes is a value. It was put, so it is there, and what the store has under the key is hidden by it.
//
//lab:task 1 points=1
func TestGet_OwnEmptyValueIsValue(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "note", "old")
	tx := begin(t, db)
	puts(t, tx, "note", "")
	value, err := tx.Get([]byte("note"))
	require.NoError(t, err, "get of a key under which the transaction has put an empty value")
	require.NotNil(t, value, "the empty value")
	require.Empty(t, value)
}

// Until the commit nobody sees what a transaction has written: not the store, and not another transaction, whether it began before
// or after. It may still be rolled back, and then whoever has seen it has seen what never was.
//
//lab:task 1 points=2
func TestWrites_AreNobodyElsesBusiness(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "alice", "1000", "bob", "500")
	before := begin(t, db)
	tx := begin(t, db)
	puts(t, tx, "alice", "1", "carol", "1")
	deletes(t, tx, "bob")
	after := begin(t, db)
	want := lines("alice = 1000", "bob = 500", "carol: key not found")
	for name, g := range map[string]getter{"the store": db, "a transaction begun before": before, "one begun after": after} {
		expect(t, name+" sees", want, found(g, "alice", "bob", "carol"))
	}
}

// A transaction reads what was committed when it began. What others write later, or delete, does not reach it: not when it reads a
// key for the first time, and not when what it needs has been flushed and merged away from under it.
//
//lab:task 1 points=3
func TestGet_ReadsAtSnapshot(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "alice", "1000", "bob", "500")
	tx := begin(t, db)
	plainPuts(t, db, "alice", "1", "carol", "1")
	_, err := db.Delete([]byte("bob"))
	require.NoError(t, err)
	want := lines("alice = 1000", "bob = 500", "carol: key not found")
	expect(t, "after writes of others", want, found(tx, "alice", "bob", "carol"))
	settle(t, db)
	expect(t, "after a flush and a merge", want, found(tx, "alice", "bob", "carol"))
	puts(t, tx, "bob", "7")
	expect(t, "after a write of its own", lines("alice = 1000", "bob = 7", "carol: key not found"), found(tx, "alice", "bob", "carol"))
	require.Equal(t, kv.Seq(2), tx.Seq(), "the snapshot's number")
}

// The Validator must know of every transaction from the number of its snapshot on. So it is the Validator that takes the
// snapshot, when it is ready to count; what was written until then is in it.
//
//lab:task 1 points=1
func TestBegin_LetsValidatorTakeSnapshot(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "a", "1")
	j.before = func() { plainPuts(t, db, "a", "2") }
	tx := begin(t, db)
	expect(t, "written before the Validator took the snapshot", lines("a = 2"), found(tx, "a"))
	expect(t, "the number that was counted in, and the snapshot's", []kv.Seq{2, 2}, []kv.Seq{j.begun[0], tx.Seq()})
}

// A transaction is a value. One goroutine may have two of them, and neither knows of the other; and one that was begun here may be
// continued there.
//
//lab:task 1 points=2
func TestTxn_IsTiedToNoGoroutine(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "x", "0")
	one, two := begin(t, db), begin(t, db)
	puts(t, one, "x", "1", "only", "one")
	puts(t, two, "x", "2")
	expect(t, "the first", lines("x = 1", "only = one"), found(one, "x", "only"))
	expect(t, "the second", lines("x = 2", "only: key not found"), found(two, "x", "only"))

	elsewhere := make(chan []string)
	go func() {
		err := one.Put([]byte("y"), []byte("1"))
		elsewhere <- append(found(one, "x", "y"), fmt.Sprint(err))
	}()
	expect(t, "the first, in another goroutine", lines("x = 1", "y = 1", "<nil>"), <-elsewhere)
	expect(t, "the first, back in this one", lines("y = 1"), found(one, "y"))
}

// The caller's slices are the caller's: it may use them again for the next key. And what Get returns belongs to the caller, who
// may change it, and changes nothing else by that.
//
//lab:task 1 points=1
func TestTxn_KeepsNoSlices(t *testing.T) {
	db := newBank(t)
	tx := begin(t, db)
	key, value := []byte("key"), []byte("value")
	require.NoError(t, tx.Put(key, value))
	copy(key, "KEY")
	copy(value, "VALUE")
	got, err := tx.Get([]byte("key"))
	require.NoError(t, err)
	copy(got, "-----")
	expect(t, "after the caller has changed every slice", lines("key = value", "KEY: key not found"), found(tx, "key", "KEY"))
}

// What the store would refuse at the commit is refused at once, where the mistake is, with the store's own error. The transaction
// goes on, and the write that was refused is none.
//
//lab:task 1 points=2
func TestTxn_RefusesWhatStoreRefuses(t *testing.T) {
	labtest.NoLeaks(t)
	o := smallBank()
	o.MaxValueSize = 10
	db := openBank(t, vfs.NewMem(), o)
	tx := begin(t, db)
	for _, c := range []struct {
		what       string
		key, value int
		want       error
	}{
		{"no key", 0, 1, kv.ErrEmptyKey},
		{"a key that is too long", kv.MaxKeySize + 1, 1, kv.ErrKeyTooLarge},
		{"a value that is too long", 1, 11, kv.ErrValueTooLarge},
		{"the longest key and value", kv.MaxKeySize, 10, nil},
	} {
		key, value := bytes.Repeat([]byte("k"), c.key), make([]byte, c.value)
		_, want := db.Put(key, value)
		err := tx.Put(key, value)
		require.ErrorIs(t, err, c.want, "put with %s", c.what)
		expect(t, "the transaction's error, and the store's, of "+c.what, fmt.Sprint(want), fmt.Sprint(err))
	}
	require.ErrorIs(t, tx.Delete(nil), kv.ErrEmptyKey, "delete of no key")
	require.Equal(t, 1, tx.Ops(), "writes, without those that were refused")
}

// Without a limit in the options values may be as long as the store's default allows, and not only empty.
//
//lab:task 1 points=1
func TestTxn_LongValuesByDefault(t *testing.T) {
	db := newBank(t)
	tx := begin(t, db)
	long := strings.Repeat("v", 100_000)
	puts(t, tx, "a", "1", "long", long, "b", "2")
	got, err := tx.Get([]byte("long"))
	require.NoError(t, err)
	require.Equal(t, len(long), len(got), "length of the value")
	expect(t, "around it", lines("a = 1", "b = 2"), found(tx, "a", "b"))
}

// Whoever looks for transactions that were forgotten, or too large, wants to know when they began, and how many writes there were:
// puts and deletes, also of one key.
//
//lab:task 1 points=1
func TestTxn_OpsAndStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openBank(t, vfs.NewMem(), smallBank())
		start := time.Now()
		tx := begin(t, db)
		<-time.After(time.Minute) // of the clock that synctest keeps: nobody waits
		puts(t, tx, "a", "1", "a", "2")
		deletes(t, tx, "a")
		require.Equal(t, 3, tx.Ops(), "writes")
		require.True(t, start.Equal(tx.Started()), "began at %v, not %v", start, tx.Started())
	})
}

// Nobody says how much a transaction may write. It holds what it has, each key with its last value, and one that takes more room
// than all others together.
//
//lab:task 1 points=2
func TestTxn_ManyWrites(t *testing.T) {
	db := newBank(t)
	tx := begin(t, db)
	name := func(i int) string { return fmt.Sprintf("key%04d", i) }
	for round := range 3 {
		for i := range 1000 {
			puts(t, tx, name(i), fmt.Sprintf("%d.%d", round, i))
		}
	}
	require.Equal(t, 3000, tx.Ops(), "writes")
	for i := range 1000 {
		expect(t, "the last value", lines(fmt.Sprintf("%s = 2.%d", name(i), i)), found(tx, name(i)))
	}
}

// A disk that cannot be read gives no answer. That is not the same as an answer that there is no such key.
//
//lab:task 1 points=1
func TestGet_PassesReadErrors(t *testing.T) {
	labtest.NoLeaks(t)
	fault := vfs.NewFault(vfs.NewMem())
	db := openBank(t, fault, smallBank())
	plainPuts(t, db, "alice", "1000")
	settle(t, db)
	tx := begin(t, db)
	fault.FailAlways(vfs.OpRead, "*.sst", nil)
	_, err := tx.Get([]byte("alice"))
	require.ErrorIs(t, err, vfs.ErrInjected)
}

// Random puts and deletes of several transactions at the same time, among plain writes. What each transaction finds is compared
// with a map of its own, at each step.
//
//lab:task 1 points=3 random
func TestGet_MatchesModel(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(rt *rapid.T) { playRandom(rt, "get") })
}

var _ getter = (*txn.Txn)(nil)
