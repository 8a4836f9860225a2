package txn

import (
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/memtable"
)

// workspace holds what a transaction has written. It is a stack of memtables above the snapshot: the transaction's n-th
// write has the number of the snapshot plus n. So its writes are newer than all that the snapshot shows, a later one is
// newer than an earlier one, and whoever reads at a number sees neither what was written after. The numbers mean
// nothing in the store: a commit gets its own.
type workspace struct {
	base   kv.Seq         // the snapshot's number
	ops    atomic.Int64   // how many writes there were; others may ask
	tables memtable.Stack // none before the first write
}

// The sizes in bytes of a workspace's memtables: the first, and how often the size may double. Most transactions are
// small.
const (
	firstTable = 1 << 10
	doublings  = 12
)

// top returns the number of the last write, or the snapshot's if there was none.
func (w *workspace) top() kv.Seq { return w.base + kv.Seq(w.ops.Load()) }

// add takes the one write of a batch. The batch has been checked.
func (w *workspace) add(b *kv.Batch) error {
	// TODO(week 3, day 2, task 1): implement add. Chapter: book/week3/day2-transactions.md#workspace
	//
	// Hint: w.room gives a memtable in which there is room for the batch; Done tells it that you are through.
	// Hint: Which number does this write get? Which will the next one get?
	panic(todo.Reached("week 3 day 2 task 1", "workspace.add"))
}

// room returns a memtable with room for a write, as whose writer the caller is counted in: the active one, or else a
// larger one, which is active from then on.
func (w *workspace) room(payload int) *memtable.Table {
	active := w.tables.Active()
	if active == nil || !active.Reserve(1, payload) {
		size := firstTable << min(w.tables.Len(), doublings)
		active = memtable.New(0, max(size, memtable.Capacity(1, payload)))
		active.Reserve(1, payload)
		w.tables = w.tables.Freeze(active)
	}
	return active
}

// get returns the last write of key: its value, borrowed, and its kind. found is false only if the transaction has not
// written it.
func (w *workspace) get(key []byte) (value []byte, kind kv.Kind, found bool) {
	return w.tables.Get(key, kv.MaxSeq)
}

// iterators returns an iterator over each memtable, newest first. They show every write, those to come included.
func (w *workspace) iterators() []kv.Iterator {
	var its []kv.Iterator
	for _, t := range w.tables.Tables() {
		its = append(its, t.NewIterator())
	}
	return its
}

// batch returns the last write of each key, in the order of keys.
func (w *workspace) batch() *kv.Batch {
	// TODO(week 3, day 2, task 3): implement batch. Chapter: book/week3/day2-transactions.md#commit
	//
	// Hint: Merge the iterators: of each key the newest write comes first.
	// Hint: A delete is a write. What it deletes may be in the store.
	// Hint: The slices of a key are the iterator's: they may change as it moves. A batch copies what it is given.
	panic(todo.Reached("week 3 day 2 task 3", "workspace.batch"))
}
