package partition

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
)

// Scan returns a scan of the keys from lower to upper, in order, over all partitions. Each of them is seen as it was
// at one moment during the call, and not all as at the same one. An error of one partition ends the scan: what would
// come behind might be wrong. NumActive counts the partitions that still have keys. See engine.Scan for the rest.
func (db *DB) Scan(lower, upper kv.Bound) *engine.Scan {
	// TODO(week 3, day 7, task 4): implement Scan. Chapter: book/week3/day7-partitions.md#scan
	//
	// Hint: Merging n sorted sources is day 2's iterator.NewMerging. A scanOf is such a source, over one partition's Scan.
	// Hint: Which bounds does each of these scans get?
	// Hint: ScanOver, of any of the stores, makes an engine.Scan of an iterator.
	panic(todo.Reached("week 3 day 7 task 4", "DB.Scan"))
}

// scanOf is the scan of one partition, as an iterator that can be merged. A user key is shown once, and lies in one
// partition; so the versions' numbers, which each partition counts for itself, are of no use, and all keys have the
// same.
type scanOf struct {
	*engine.Scan
	partition int
}

// Key returns the current user key, with a number that says nothing.
func (s *scanOf) Key() kv.Key {
	// TODO(week 3, day 7, task 4): implement Key. Chapter: book/week3/day7-partitions.md#scan
	//
	// Hint: kv.Key has a field for the user key.
	panic(todo.Reached("week 3 day 7 task 4", "scanOf.Key"))
}

// SeekGE moves to the first key at or after the target's user key.
func (s *scanOf) SeekGE(target kv.Key) {
	// TODO(week 3, day 7, task 4): implement SeekGE. Chapter: book/week3/day7-partitions.md#scan
	//
	// Hint: engine.Scan has a SeekGE that wants a user key.
	panic(todo.Reached("week 3 day 7 task 4", "scanOf.SeekGE"))
}

// Err returns the error that ended the partition's scan, and which partition that was.
func (s *scanOf) Err() error { return failure(s.partition, s.Scan.Err()) }
