package txn_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/crashlab"
	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// crashableBank is a store as the crash lab sees it, whose every write is a transaction.
type crashableBank struct{ *txn.DB }

// Write commits a transaction with the writes of a batch. Another one is open meanwhile, and rolled back.
func (c crashableBank) Write(b *kv.Batch, _ bool) (kv.Seq, error) {
	other, err := c.Begin(txn.SnapshotIsolation)
	if err != nil {
		return 0, err
	}
	defer func() { _ = other.Rollback() }()
	tx, err := c.Begin(txn.SnapshotIsolation)
	if err != nil {
		return 0, err
	}
	for op := range b.Ops() {
		if op.Kind == kv.KindDelete {
			err = errors.Join(err, tx.Delete(op.Key), other.Put(op.Key, []byte("rolled back")))
		} else {
			err = errors.Join(err, tx.Put(op.Key, op.Value), other.Delete(op.Key))
		}
	}
	return 0, errors.Join(err, tx.Commit())
}

// Dump returns all keys and values.
func (c crashableBank) Dump() (pairs []crashlab.Pair, err error) {
	scan := c.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		pairs = append(pairs, crashlab.Pair{Key: string(key), Value: string(value)})
	}
	return pairs, errors.Join(scan.Err(), scan.Close())
}

// bankLab returns a crash lab for stores with transactions.
func bankLab() crashlab.Lab {
	return crashlab.Lab{Open: func(fs vfs.FS) (crashlab.Store, error) {
		o := smallBank()
		o.FS = fs
		db, err := txn.Open(bankDir, o)
		if err != nil {
			return nil, err
		}
		return crashableBank{db}, nil
	}}
}

// The power goes at every single operation of the file system, in turn: what was not synced is lost, or kept, or torn in pieces. When the
// store is opened again each transaction is there as a whole or not at all, all that were acknowledged are, and nothing of those that
// were rolled back or never ended. The failure tells at which operation of which script it happened.
//
//lab:task 3 points=4
func TestCommit_SurvivesCrashAtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	script := crashlab.Parse(`put!:a=1 batch!:a=2,b=2,c=2 flush batch!:-a,b=3,d=3 put!:e=4 compact
		batch!:a=5,-b,-c,e=5 reopen batch!:a=6,b=6,a=7 del!:d`)
	report, err := bankLab().Crash(script)
	require.NoError(t, err)
	t.Logf("crashes: %v", report)
}

// The disk does not die, it fails: once, and in a second run from there on. A commit that was refused is not visible as long as the store
// is open, and opened again it is there as a whole or not at all.
//
//lab:task 3 points=2
func TestCommit_SurvivesFailureOfEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	l := bankLab()
	l.Stride = 2
	report, err := l.Fail(crashlab.Parse("batch!:a=1,b=1 flush batch!:a=2,-b,c=2 reopen batch!:a=3,b=3"), errors.New("no space left on device"))
	require.NoError(t, err)
	t.Logf("failing operations: %v", report)
}

// The accounts of the bank that crashes, and what all of them have together.
const (
	accounts = 8
	total    = accounts * 100
)

// account returns the key of an account.
func account(i int) string { return fmt.Sprintf("account%d", i) }

// balances returns what each account has.
func balances(t labtest.TB, s scanner) (each []int, sum int) {
	t.Helper()
	for _, line := range all(t, s) {
		var name string
		var n int
		_, err := fmt.Sscanf(line, "%s = %d", &name, &n)
		require.NoError(t, err, "an account that reads %q", line)
		each = append(each, n)
		sum += n
	}
	return each, sum
}

// clerk moves money between two accounts in a transaction, and returns it, not committed yet.
func clerk(db *txn.DB, dice *rand.Rand) (*txn.Txn, error) {
	tx, err := db.Begin(txn.SnapshotIsolation)
	if err != nil {
		return nil, err
	}
	from, to := dice.IntN(accounts), dice.IntN(accounts-1)
	if to >= from {
		to++
	}
	move := func(i, amount int) error {
		value, err := tx.Get([]byte(account(i)))
		if err != nil {
			return err
		}
		var n int
		if _, err := fmt.Sscan(string(value), &n); err != nil {
			return err
		}
		return tx.Put([]byte(account(i)), fmt.Append(nil, n+amount))
	}
	amount := 1 + dice.IntN(20)
	return tx, errors.Join(move(from, -amount), move(to, amount))
}

// workday opens the bank and moves money until something fails, at the latest after twenty transfers. Every fourth transfer is rolled back, and
// one is open all the time. It returns how many were committed.
func workday(fs vfs.FS, dice *rand.Rand) (done int, err error) {
	o := smallBank()
	o.FS = fs
	db, err := txn.Open(bankDir, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := clerk(db, dice); err != nil { // goes home in the middle of his work
		return 0, err
	}
	for i := range 20 {
		tx, err := clerk(db, dice)
		if err != nil {
			return done, err
		}
		if i%4 == 3 {
			if err := tx.Rollback(); err != nil {
				return done, err
			}
		} else if err := tx.Commit(); err != nil {
			return done, err
		} else {
			done++
		}
	}
	return done, nil
}

// A bank loses its power again and again, in the middle of its work, for forty days in a row, and each time some of what was on its way to the disk is
// torn. Money is only moved, from one account to another, and so the sum of all accounts stays what it was: half a transfer
// would be money made, or lost.
//
//lab:task 3 points=4
func TestBank_KeepsTotalThroughCrashes(t *testing.T) {
	labtest.NoLeaks(t)
	mem := vfs.NewMem()
	db := openBank(t, mem, smallBank())
	opening := begin(t, db)
	for i := range accounts {
		puts(t, opening, account(i), "100")
	}
	commit(t, opening)
	require.NoError(t, db.Close())

	dice := rand.New(rand.NewPCG(3, 2))
	crashes, transfers := 0, 0
	for day := range 40 {
		mem.CrashAt(mem.Ops() + 20 + dice.IntN(120))
		done, err := workday(mem, dice)
		transfers += done
		if err != nil {
			require.ErrorIs(t, err, vfs.ErrCrashed, "day %d: something failed that is not the power", day+1)
			crashes++
		}
		mem = mem.Crash(vfs.Tear(uint64(day)))
		db := openBank(t, mem, smallBank())
		each, sum := balances(t, db)
		require.Equal(t, accounts, len(each), "day %d: accounts", day+1)
		require.Equal(t, total, sum, "day %d: the sum of all accounts after %d transfers and %d crashes: %v", day+1, transfers, crashes, each)
		require.NoError(t, db.Close())
	}
	t.Logf("%d transfers, %d crashes: the sum of all accounts is %d", transfers, crashes, total)
	require.Greater(t, crashes, 10, "days that ended with a crash")
}
