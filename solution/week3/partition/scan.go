//lab:day 3.7

package partition

import (
	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/iterator"
)

// Scan returns a scan of the keys from lower to upper, in order, over all partitions. Each of them is seen as it was
// at one moment during the call, and not all as at the same one. An error of one partition ends the scan: what would
// come behind might be wrong. NumActive counts the partitions that still have keys. See engine.Scan for the rest.
//
//lab:todo 4 partitions#scan
//lab:hint Merging n sorted sources is day 2's iterator.NewMerging. A scanOf is such a source, over one partition's Scan.
//lab:hint Which bounds does each of these scans get?
//lab:hint ScanOver, of any of the stores, makes an engine.Scan of an iterator.
func (db *DB) Scan(lower, upper kv.Bound) *engine.Scan {
	// #region scan
	children := make([]kv.Iterator, len(db.stores))
	for i, s := range db.stores {
		children[i] = &scanOf{Scan: s.Scan(lower, upper), partition: i}
	}
	return db.stores[0].ScanOver(iterator.NewMerging(children...))
	// #endregion
}

// scanOf is the scan of one partition, as an iterator that can be merged. A user key is shown once, and lies in one
// partition; so the versions' numbers, which each partition counts for itself, are of no use, and all keys have the
// same.
type scanOf struct {
	*engine.Scan
	partition int
}

// Key returns the current user key, with a number that says nothing.
//
//lab:todo 4 partitions#scan
//lab:hint kv.Key has a field for the user key.
func (s *scanOf) Key() kv.Key { return kv.Key{User: s.Scan.Key()} }

// SeekGE moves to the first key at or after the target's user key.
//
//lab:todo 4 partitions#scan
//lab:hint engine.Scan has a SeekGE that wants a user key.
func (s *scanOf) SeekGE(target kv.Key) { s.Scan.SeekGE(target.User) }

// Err returns the error that ended the partition's scan, and which partition that was.
func (s *scanOf) Err() error { return failure(s.partition, s.Scan.Err()) }
