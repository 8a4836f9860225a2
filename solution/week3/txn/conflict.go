//lab:day 3.4

package txn

import (
	"fmt"

	"lsmlab/internal/kv"
)

// conflictLocked returns why the batch must not commit: somebody has written one of its keys since its snapshot was
// taken, or, for a serializable transaction, something that it has read.
//
//lab:todo 1 serializable#first-committer
//lab:hint What was written at the snapshot's number or before, the transaction has seen.
//lab:hint The function conflict, below, makes the error. It names the key, and the number of its newest write.
//lab:hint Whatever the level, the batch's own keys count. For Serializable go on with staleLocked.
func (o *Oracle) conflictLocked(b *kv.Batch, f *Footprint) error {
	// #region first-committer
	for op := range b.Ops() {
		if at := o.recent.newest(op.Key); at > f.At {
			return conflict("%q, which it writes, was written at %d", op.Key, at, f)
		}
	}
	if f.Level == Serializable {
		return o.staleLocked(f)
	}
	return nil
	// #endregion
}

// staleLocked returns why what a transaction has read is not what it would read now.
//
//lab:todo 3 serializable#reads
//lab:hint A key that was not there when it was looked for, and is there now, is as stale as one that has changed.
//lab:hint A range has as many keys as somebody may write into it. So go over what was written: o.recent.since(f.At).
//lab:stub return nil
func (o *Oracle) staleLocked(f *Footprint) error {
	// #region stale
	for key := range f.Keys {
		if at := o.recent.newest([]byte(key)); at > f.At {
			return conflict("%q, which it has looked for, was written at %d", []byte(key), at, f)
		}
	}
	if len(f.Ranges) == 0 {
		return nil
	}
	for key, at := range o.recent.since(f.At) {
		for _, r := range f.Ranges {
			if r.Holds(key) {
				return conflict("%q, in a range that it has walked, was written at %d", key, at, f)
			}
		}
	}
	return nil
	// #endregion
}

// conflict returns the error for a key that was written at a number after the snapshot. format takes both.
func conflict(format string, key []byte, at kv.Seq, f *Footprint) error {
	return fmt.Errorf("%w: "+format+", after the snapshot of this transaction at %d", kv.ErrConflict, key, at, f.At)
}
