package partition

import (
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week2/store"
)

// storeOf returns the store that key belongs to.
func (db *DB) storeOf(key []byte) *store.Store { return db.stores[db.router.Route(key)] }

// Put stores value under key, in the key's partition.
func (db *DB) Put(key, value []byte) error { return db.storeOf(key).Put(key, value) }

// Delete removes key from its partition. That the key exists is neither needed nor checked.
func (db *DB) Delete(key []byte) error { return db.storeOf(key).Delete(key) }

// Get returns the value of key, in memory of its own, or kv.ErrNotFound. Any other error means that the answer is not
// known.
func (db *DB) Get(key []byte) ([]byte, error) { return db.storeOf(key).Get(key) }

// Result is what GetBatch has found for one key.
type Result struct {
	Value []byte // in memory of its own
	Err   error  // as Get returns it: nil, kv.ErrNotFound, or why the answer is not known
}

// GetBatch looks for many keys at once, and returns what it has found for each of them: result i is that of key i, and
// a key that is asked for twice has two. What one key meets is its own: the others have their results, whatever fails.
func (db *DB) GetBatch(keys [][]byte) []Result {
	// TODO(week 3, day 7, task 3): implement GetBatch. Chapter: book/week3/day7-partitions.md#get-batch
	//
	// Hint: The slice of results has a place for each key. parallel may be asked for len(keys) calls.
	panic(todo.Reached("week 3 day 7 task 3", "DB.GetBatch"))
}

// BatchError tells how far a batch has come of which not every partition has taken its part.
type BatchError struct {
	// Taken are the partitions that have their part of the batch, all of it, ascending.
	Taken []int
	// Failed are those that have refused theirs, ascending. Readers see nothing of such a part. Where the reason was
	// the disk, it may turn up when the database is opened again, as a whole.
	Failed []int
	// Err are their errors, joined.
	Err error
}

// Error returns who has taken the batch, and why others have not.
func (e *BatchError) Error() string {
	return fmt.Sprintf("batch: taken by partitions %v, not by %v: %v", e.Taken, e.Failed, e.Err)
}

// Unwrap returns the reasons.
func (e *BatchError) Unwrap() error { return e.Err }

// Apply stores the writes of a batch, each in its partition. Within a partition it is all or nothing, for readers and
// after a crash; between partitions it is not: a reader may see the part of one before that of another, and a crash
// may leave some of the parts. If a partition refuses its part, the others take theirs all the same, and the error is
// a *BatchError. A batch with a key or value that no store may take is refused before anything is written. The batch
// belongs to the caller again.
func (db *DB) Apply(b *kv.Batch) error {
	// TODO(week 3, day 7, task 3): implement Apply. Chapter: book/week3/day7-partitions.md#apply
	//
	// Hint: b.Check(db.maxValue) before anything else.
	// Hint: split gives each partition its part. Which have none? Nothing was taken there, and nothing has failed.
	// Hint: collect, and afterwards, in order: who has taken, who has failed.
	panic(todo.Reached("week 3 day 7 task 3", "DB.Apply"))
}

// split returns each partition's part of a batch, its writes in the order that they had.
func (db *DB) split(b *kv.Batch) []kv.Batch {
	// TODO(week 3, day 7, task 3): implement split. Chapter: book/week3/day7-partitions.md#apply
	//
	// Hint: b.Ops iterates over the writes in order. A delete belongs to the partition of its key, as a put does.
	panic(todo.Reached("week 3 day 7 task 3", "DB.split"))
}
