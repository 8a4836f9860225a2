package mvcc

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
)

// Watermark is the Collector that drops what nobody needs any more.
//
//	readers at    4  4     9              17
//	numbers   1 … 4 … … … 9 … … … … … … 17 … 23
//	              ↑ watermark              ↑ visible
//
// The watermark is the number of the oldest reader, or the visible number if that is lower or nobody reads. Readers
// below it are gone and none comes back, so of each key they leave only the newest version at or below it.
//
//  1. All of it is guarded by one lock. A reader's number is loaded inside it, so it is not below any watermark that
//     was given to a merge before; and a merge that comes later finds the reader counted in.
//  2. The watermark never goes down. Who wants to read below it is refused: what he would need may be gone.
//  3. So no reader ever stands below the watermark, and a flush that has got an older visible number than a merge
//     that overtook it may use the newer watermark all the same.
type Watermark struct {
	newest int // how many versions of a key stay in any case; every or less, never 1

	mu      sync.Mutex
	readers []readers         // guarded by mu, as all below: ascending by number
	floor   kv.Seq            // the watermark as the last merge has got it
	cleanup map[string]kv.Seq // by key, the number up to which newest does not count
	sweepAt int               // how many of these there may be before somebody looks which ones are done
}

// readers are those who read at one number. Two may, and the first that goes must not take the other's versions along.
type readers struct {
	seq   kv.Seq
	count int // at least 1
}

var _ Collector = (*Watermark)(nil)

// every is more versions than a key has.
const every = math.MaxInt

// NewCollector returns a Collector for one DB. With keepVersions 0 or 1 it keeps of each key what readers need. With
// more, it keeps the newest that many versions of each key besides, deletes counted and kept like others, and a
// compaction filter cannot discard these. Below 0 it keeps all, but for those that [DB.Cleanup] lets go.
func NewCollector(keepVersions int) *Watermark {
	switch {
	case keepVersions < 0:
		keepVersions = every
	case keepVersions == 1:
		keepVersions = 0 // the newest one is needed by whoever reads next
	}
	return &Watermark{newest: keepVersions, cleanup: map[string]kv.Seq{}, sweepAt: minSweep}
}

// Opened raises the floor to last: nobody knows what an earlier run has dropped.
func (w *Watermark) Opened(last kv.Seq) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.floor = max(w.floor, last)
}

// Floor returns the number below which reads are refused.
func (w *Watermark) Floor() kv.Seq {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.floor
}

// Acquire counts in a reader at the number that visible returns, and returns it.
func (w *Watermark) Acquire(visible func() kv.Seq) kv.Seq {
	// TODO(week 3, day 3, task 1): implement Acquire. Chapter: book/week3/day3-garbage-collection.md#readers
	//
	// Hint: What if a merge fixes its watermark when the number is loaded already, and not yet counted?
	// Hint: w.findLocked returns where a number stands, or where it belongs. Somebody may read at it already.
	panic(todo.Reached("week 3 day 3 task 1", "Watermark.Acquire"))
}

// AcquireAt counts in a reader at v, or returns false if v is below the watermark that a merge has got.
func (w *Watermark) AcquireAt(v kv.Seq) bool {
	// TODO(week 3, day 3, task 1): implement AcquireAt. Chapter: book/week3/day3-garbage-collection.md#readers
	//
	// Hint: At the watermark itself everything is still there.
	panic(todo.Reached("week 3 day 3 task 1", "Watermark.AcquireAt"))
}

// Release counts a reader at v out. It panics if there is none, since then somebody else is without protection.
func (w *Watermark) Release(v kv.Seq) {
	// TODO(week 3, day 3, task 1): implement Release. Chapter: book/week3/day3-garbage-collection.md#readers
	//
	// Hint: A number is free when its last reader goes. One of them may be the oldest, or any other.
	panic(todo.Reached("week 3 day 3 task 1", "Watermark.Release"))
}

// findLocked returns the index in readers of those at v, or the index at which they belong if there are none.
func (w *Watermark) findLocked(v kv.Seq) (i int, found bool) {
	return slices.BinarySearchFunc(w.readers, v, func(r readers, v kv.Seq) int { return cmp.Compare(r.seq, v) })
}

// Keeper fixes the watermark for one flush or merge, and returns who decides by it.
func (w *Watermark) Keeper(visible kv.Seq) engine.Keeper {
	// TODO(week 3, day 3, task 1): implement Keeper. Chapter: book/week3/day3-garbage-collection.md#watermark
	//
	// Hint: Who reads longest? And if nobody reads: who may come next, and at which number?
	// Hint: w.keepsAllLocked tells when nothing is dropped. keepAll{} is a Keeper then, and nobody need be refused.
	// Hint: Task 4 wants to know of its keeper whether the list of cleanups had something on it now: cleaning.
	// Hint: Two flushes and merges may ask at once, each with a visible number that it loaded earlier.
	panic(todo.Reached("week 3 day 3 task 1", "Watermark.Keeper"))
}

// keepsAllLocked reports whether no version may be dropped.
func (w *Watermark) keepsAllLocked() bool { return w.newest == every && len(w.cleanup) == 0 }

// Cleanups returns how many keys are on the list of DB.Cleanup.
func (w *Watermark) Cleanups() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.cleanup)
}
