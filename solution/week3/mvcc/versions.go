//lab:day 3.1

package mvcc

import (
	"errors"
	"fmt"

	"lsmlab/internal/kv"
)

// A read of the past can be refused for two reasons. Both are wrapped, with the numbers.
var (
	// ErrFuture is returned for a read at a version that has not been written yet: its answer could still change.
	ErrFuture = errors.New("this version has not been written yet")
	// ErrCollected is returned for a read at a version from before the oldest at which everything is kept.
	ErrCollected = errors.New("this version is not kept any more")
)

// Put stores value under key, and returns the version that this makes. Both are copied.
//
//lab:todo 1 snapshots#versions
//lab:hint A batch of one write, without sync, as the store's own Put. What does db.Write return?
//lab:hint The store numbers all writes, and knows after a restart how far it had come. Do not count yourself.
//lab:hint And do not look it up when the write is done: somebody else may have written since.
func (db *DB) Put(key, value []byte) (kv.Seq, error) {
	// #region put
	var b kv.Batch
	b.Set(key, value)
	return db.Write(&b, false)
	// #endregion
}

// Delete removes key, and returns the version in which it is gone. That the key exists is neither needed nor checked.
//
//lab:todo 1 snapshots#versions
//lab:hint A delete is a write. It has a version like any other.
func (db *DB) Delete(key []byte) (kv.Seq, error) {
	var b kv.Batch
	b.Delete(key)
	return db.Write(&b, false)
}

// GetAt returns the value that key had at version v: that of the newest write at or before it, in memory of its own.
// If the key was not written by then, or deleted, it returns kv.ErrNotFound; for a v that is not visible yet
// ErrFuture; for one of which the collector may have dropped something ErrCollected.
//
//  1. The visible number comes before the tree. So the tree has every write up to v.
//  2. The floor comes after the tree. Whoever drops a version has raised the floor before; is it still at v or below,
//     then nothing that v needs was dropped from this tree.
//
//lab:todo 1 snapshots#versions
//lab:hint Three questions, and their order matters: db.Visible, db.View, db.opts.Collector.Floor.
//lab:hint db.get reads from a tree at a number, and tells the listener. Its value is borrowed, and own copies it.
//lab:hint db.View returns a visible number too. It is loaded after the tree, and may be ahead of it.
func (db *DB) GetAt(key []byte, v kv.Seq) ([]byte, error) {
	// #region get-at
	if visible := db.Visible(); v > visible {
		return nil, fmt.Errorf("get at %d: %w: the newest is %d", v, ErrFuture, visible)
	}
	tree, _ := db.View()
	if floor := db.opts.Collector.Floor(); v < floor {
		return nil, fmt.Errorf("get at %d: %w: the oldest is %d", v, ErrCollected, floor)
	}
	return own(db.get(tree, key, v))
	// #endregion
}

// own copies a value that was borrowed, and hands on an error.
func own(value []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(value)), value...), nil
}
