//lab:day 3.7

package partition

import (
	"errors"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/solution/week2/store"
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
//
//lab:todo 3 partitions#get-batch
//lab:hint The slice of results has a place for each key. parallel may be asked for len(keys) calls.
func (db *DB) GetBatch(keys [][]byte) []Result {
	// #region get-batch
	results := make([]Result, len(keys))
	parallel(len(keys), func(i int) {
		results[i].Value, results[i].Err = db.Get(keys[i])
	})
	return results
	// #endregion
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
//
//lab:todo 3 partitions#apply
//lab:hint b.Check(db.maxValue) before anything else.
//lab:hint split gives each partition its part. Which have none? Nothing was taken there, and nothing has failed.
//lab:hint collect, and afterwards, in order: who has taken, who has failed.
func (db *DB) Apply(b *kv.Batch) error {
	// #region apply
	if err := b.Check(db.maxValue); err != nil {
		return err
	}
	parts := db.split(b)
	errs := collect(len(parts), func(i int) error {
		if parts[i].Len() == 0 {
			return nil
		}
		return db.stores[i].Apply(&parts[i])
	})
	e := &BatchError{Err: errors.Join(errs...)}
	if e.Err == nil {
		return nil
	}
	for i, err := range errs {
		if err != nil {
			e.Failed = append(e.Failed, i)
		} else if parts[i].Len() > 0 {
			e.Taken = append(e.Taken, i)
		}
	}
	return e
	// #endregion
}

// split returns each partition's part of a batch, its writes in the order that they had.
//
//lab:todo 3 partitions#apply
//lab:hint b.Ops iterates over the writes in order. A delete belongs to the partition of its key, as a put does.
func (db *DB) split(b *kv.Batch) []kv.Batch {
	// #region split
	parts := make([]kv.Batch, len(db.stores))
	for op := range b.Ops() {
		part := &parts[db.router.Route(op.Key)]
		if op.Kind == kv.KindDelete {
			part.Delete(op.Key)
		} else {
			part.Set(op.Key, op.Value)
		}
	}
	return parts
	// #endregion
}
