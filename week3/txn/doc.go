// Package txn has transactions over the store with its past: several reads and writes that others see as one step, or
// not at all.
//
//	snapshot ──────────→ reads: what was committed when the transaction began
//	workspace ─────────→ reads: what it has written itself, which hides what is below
//	workspace ─ Commit → one batch → the store
//
//	err := db.Update(func(t *txn.Txn) error { // commits at the end, and runs again after a conflict
//		balance, err := t.Get([]byte("alice"))
//		if err != nil {
//			return err // rolls back
//		}
//		return t.Put([]byte("alice"), withdraw(balance))
//	})
//
// Nothing of a transaction is in the store before Commit, so there is nothing to undo: a rollback forgets the
// workspace. What is hard about transactions, that all of it or nothing survives a crash and that nobody sees a half, a
// batch has had since Week 2.
//
// Whether a commit may stand beside what others have committed meanwhile is for a [Validator] to say. Without one, the
// last commit wins, and what it overwrites is lost.
package txn
