package txn

import (
	"lsmlab/internal/kv"
	"lsmlab/week1/engine"
)

// Isolation says what a transaction is kept apart from.
type Isolation int

const (
	// SnapshotIsolation: it reads what was committed when it began, and nothing else. Of two that write the same key
	// only one commits, if there is a Validator to see that.
	SnapshotIsolation Isolation = iota
	// Serializable: and nothing that it has read may have changed when it commits; keys that it did not find, and the
	// ranges that it walked, included. Without a Validator it is no more than SnapshotIsolation.
	Serializable
)

// String returns the level's name.
func (i Isolation) String() string {
	if i == Serializable {
		return "serializable"
	}
	return "snapshot isolation"
}

// Validator decides which commits may stand beside what was committed meanwhile. It is the gate of the store: it sees
// every batch, plain ones included, in the order of sequence numbers. A DB asks Options.Gate first, so that what the
// Validator admits is written. All its methods may be called at once.
type Validator interface {
	// Admit takes down what the batch writes. Of the batch of a Commit that is under way, told apart by its pointer, it
	// looks first whether its footprint still holds, and answers an error that wraps kv.ErrConflict if it does not. It
	// is called under the engine's lock, and must not call the engine or take what is held while take runs (see Begin).
	engine.Gate
	// Opened tells how to ask how far writes are visible, which takes no lock. It is called once, after the store is
	// open and before the first transaction; batches may have been admitted before.
	Opened(visible func() kv.Seq)
	// Begin counts a transaction in. It calls take once, under a lock of its own, to take the transaction's snapshot,
	// and returns the number that take returns: what was admitted and is above that number is what a commit is checked
	// against.
	Begin(take func() kv.Seq) kv.Seq
	// Commit calls write once, which writes b and returns how that went, and returns what write returns. Until then b
	// is known as the batch of a transaction with this footprint.
	Commit(b *kv.Batch, f *Footprint, write func() error) error
	// End counts a transaction out that began at this number: once for each Begin, whatever became of the transaction.
	End(at kv.Seq)
}

// Footprint is what a commit depends on. What it writes is in its batch, each key once. It does not change any more.
type Footprint struct {
	// At is the number of the snapshot that the transaction has read from.
	At kv.Seq
	// Level is how much of it counts.
	Level Isolation
	// Keys are the keys that Get has looked for in the snapshot, true for those that it has found. One that the
	// transaction had written itself is not among them: what the store says of it was of no concern. Nil below
	// Serializable.
	Keys map[string]bool
	// Ranges are the ranges that scans have walked, in no order; they may overlap. Nil below Serializable.
	Ranges []*Range
}

// Range is what one walk of a scan has looked at: from where it was positioned to the key on which it stood last, or to
// the end of the scan if it came there. What lies behind that the transaction has not seen, and does not depend on.
type Range struct{ Lower, Upper kv.Bound }

// Holds reports whether key lies in the range.
func (r *Range) Holds(key []byte) bool { return kv.Within(r.Lower, r.Upper, key) }
