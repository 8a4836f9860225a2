package txn

import (
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Oracle is the Validator that says which commits may stand beside what others have committed meanwhile: the first
// committer wins. It keeps, for each key that was written lately, the number of its newest write, and compares with
// the numbers of snapshots.
//
//	db, err := txn.Open(dir, &txn.Options{Validator: txn.NewOracle()})
//
// Why nothing slips through:
//
//  1. Each batch passes Admit, plain ones too, in the order of numbers, before anybody can see it. It is compared and taken
//     down in one go, under the engine's lock, under which it gets its number. So nobody comes between what it was compared
//     with and its own number.
//  2. A batch that was admitted and is not visible yet is no part of a snapshot that is taken now. Its number is above the
//     snapshot's: it counts as committed meanwhile, although it came before Begin.
//  3. Every snapshot that is open is at the oldest one or later; every one to come, at the visible number or later. So what is
//     at or below both may be forgotten, and nothing else.
//  4. A snapshot's number is read and counted in under mu, and forgetting is under mu: nothing is forgotten in between.
//  5. A transaction that writes nothing never comes here. It has read one moment, and there is its place in the order.
//
// A batch that is admitted and fails after that stays taken down. It can refuse a commit for nothing; but when a log has
// failed, the engine takes no writes any more.
type Oracle struct {
	mu      sync.Mutex
	visible func() kv.Seq            // how far writes are visible; nil before Opened
	recent  recent                   // guarded by mu, as all below: what was written, and not forgotten
	commits map[*kv.Batch]*Footprint // of the commits that are under way
	readers []reader                 // the transactions that are open, by the numbers of their snapshots, oldest first
}

// NewOracle returns an oracle for one store.
func NewOracle() *Oracle {
	o := &Oracle{commits: map[*kv.Batch]*Footprint{}}
	o.recent.init()
	return o
}

// Opened tells the oracle how to ask how far writes are visible.
func (o *Oracle) Opened(visible func() kv.Seq) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.visible = visible
}

// Commit calls write, which writes b, and returns what it returns. Meanwhile Admit knows b by its footprint.
func (o *Oracle) Commit(b *kv.Batch, f *Footprint, write func() error) error {
	// TODO(week 3, day 4, task 1): implement Commit. Chapter: book/week3/day4-serializable.md#admit
	//
	// Hint: write comes back to Admit, on this goroutine, and Admit takes mu.
	// Hint: The batch's memory may be another batch's as soon as you have returned.
	panic(todo.Reached("week 3 day 4 task 1", "Oracle.Commit"))
}

// setCommit makes b known by its footprint, or unknown if that is nil.
func (o *Oracle) setCommit(b *kv.Batch, f *Footprint) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f == nil {
		delete(o.commits, b)
	} else {
		o.commits[b] = f
	}
}

// Admit takes down what the batch writes: the first write at number first, the others at those that follow. If it is
// the batch of a Commit, it may be refused, with an error that wraps kv.ErrConflict; then nothing of it is taken
// down.
func (o *Oracle) Admit(first kv.Seq, b *kv.Batch) error {
	// TODO(week 3, day 4, task 1): implement Admit. Chapter: book/week3/day4-serializable.md#admit
	//
	// Hint: Three steps, all under mu: does the footprint hold (conflictLocked), forget (forgetLocked), remember.
	// Hint: A batch of nobody's Commit has no footprint, and nothing to be compared with. Is there something to remember?
	panic(todo.Reached("week 3 day 4 task 1", "Oracle.Admit"))
}

// OracleStats says what an oracle holds.
type OracleStats struct {
	// Records is how many keys it knows the newest write of.
	Records int
	// Snapshots is how many different snapshots the open transactions read from, and Oldest the number of the oldest,
	// 0 if there is none.
	Snapshots int
	Oldest    kv.Seq
}

// Stats returns what the oracle holds now.
func (o *Oracle) Stats() OracleStats {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := OracleStats{Records: len(o.recent.byKey), Snapshots: len(o.readers)}
	if len(o.readers) > 0 {
		s.Oldest = o.readers[0].at
	}
	return s
}
