//lab:day 3.2

package txn

import (
	"errors"
	"fmt"
	"time"

	"lsmlab/internal/kv"
)

// maxTries is how often Update runs a transaction before it gives up. Of those that are in each other's way one commits
// each time, so that only who is overtaken a thousand times in a row ever gets there.
const maxTries = 1000

// Update runs fn in a serializable transaction, and commits it if fn returns nil. After a conflict, of the commit or of
// something that fn has called, it runs fn again, in a new transaction with a new snapshot. So fn may run many times, and
// should do nothing but read and write its transaction. If fn returns another error the transaction is rolled back, and
// Update returns that error; if fn panics it is rolled back, and the panic goes on. fn does not end the transaction itself.
//
//lab:todo 4 transactions#update
//lab:hint db.run runs fn once. Which errors are worth another try?
//lab:hint Each try needs a snapshot of its own. Why would the old one lead to the same conflict for ever?
//lab:hint db.retried counts a retry.
func (db *DB) Update(fn func(*Txn) error) error {
	// #region update
	for try := 1; ; try++ {
		err := db.run(Serializable, false, fn)
		if !errors.Is(err, kv.ErrConflict) {
			return err
		}
		if try == maxTries {
			return fmt.Errorf("given up after %d tries: %w", try, err)
		}
		db.retried()
	}
	// #endregion
}

// View runs fn in a transaction that may only read, and ends it. It never conflicts with anything. (The engine's View,
// the tree as it is now, is db.Engine.View.)
func (db *DB) View(fn func(*Txn) error) error { return db.run(SnapshotIsolation, true, fn) }

// run runs fn once in a new transaction, and ends it on every way out.
//
//lab:todo 4 transactions#update
//lab:hint A panic does not return. What runs all the same?
//lab:hint Rollback of a transaction that has ended does nothing but to say so.
func (db *DB) run(level Isolation, readOnly bool, fn func(*Txn) error) error {
	// #region run
	t, err := db.Begin(level)
	if err != nil {
		return err
	}
	t.readOnly = readOnly
	defer t.Rollback() // does nothing after Commit; a panic goes on behind it
	if err := fn(t); err != nil {
		return err
	}
	return t.Commit()
	// #endregion
}

// retryPause is how long Update waits before it tries again. A thousand of them outlast a slow sync.
const retryPause = 200 * time.Microsecond

// retried counts a retry, and waits for whoever was in the way. A commit is in the way from the moment at which it is
// admitted, and is seen only when it is on the disk: until then each new snapshot is older than it, and who tried at once
// would have used up all tries before the disk has turned.
func (db *DB) retried() {
	db.mu.Lock()
	db.stats.Retries++
	db.mu.Unlock()
	time.Sleep(retryPause)
}
