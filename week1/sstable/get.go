package sstable

import (
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/block"
)

// Get returns the newest version of user with a sequence number of at most at: its value and its kind. A tombstone is
// an answer, with found true and kind delete; found is false only if the table has no such version. The value is borrowed
// and must not be changed; it stays good for as long as the caller holds it. Get reads at most one block, none if the
// filter knows that the key is not there, and allocates nothing if the block is in the cache.
func (t *Table) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool, err error) {
	// TODO(week 1, day 4, task 3): implement Get. Chapter: book/week1/day4-sstables.md#get
	//
	// Hint: A closed table answers nothing: t.checkOpen. Then what costs least: t.mayContain asks the filter. Then the index, then a block.
	// Hint: kv.SeekKey(user, at) is what to look for. If index.search finds no block, no key in the table is that large.
	// Hint: t.block(i, true) gives block i. Its own Get does the rest. An error is not the same as "not found".
	panic(todo.Reached("week 1 day 4 task 3", "Table.Get"))
}

// mayContain asks the filter whether the table may hold user. Without a filter it may.
func (t *Table) mayContain(user []byte) bool {
	if t.filter == nil {
		return true
	}
	t.metrics.FilterChecks.Add(1)
	if t.filter.MayContain(user) {
		return true
	}
	t.metrics.FilterNegatives.Add(1)
	return false
}

// checkOpen returns an error if the table is closed.
func (t *Table) checkOpen() error {
	if t.closed.Load() {
		return fmt.Errorf("read %s: %w", t.name, kv.ErrClosed)
	}
	return nil
}

// block returns data block i, from the cache if there is one. With fill, a block that had to be read is put there.
func (t *Table) block(i int, fill bool) (*block.Block, error) {
	if t.cache == nil {
		return t.readData(i)
	}
	return t.cached(i, fill)
}

// readData reads data block i from the file and checks it.
func (t *Table) readData(i int) (*block.Block, error) {
	h := t.index.blocks[i]
	t.metrics.BlockReads.Add(1)
	b, err := t.readParsed(h, BlockData, t.codec)
	switch {
	case err != nil && t.closed.Load():
		return nil, t.checkOpen() // closed while we were at it
	case err != nil:
		return nil, err
	case b.Len() == 0:
		return nil, t.corruptf(h.Offset, "data block %d has no entries", i)
	}
	return b, nil
}

// cached returns data block i from the cache, or else from the file; with fill, it is in the cache from then on. It
// counts in t.metrics whether the cache had it.
func (t *Table) cached(i int, fill bool) (*block.Block, error) {
	// TODO(week 1, day 4, task 4): implement cached. Chapter: book/week1/day4-sstables.md#cached
	//
	// Hint: Other tables have a block at the same offset. What tells them apart?
	// Hint: A block that could not be read has no place in the cache.
	panic(todo.Reached("week 1 day 4 task 4", "Table.cached"))
}
