//lab:day 1.4

package sstable

import (
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/block"
)

// Get returns the newest version of user with a sequence number of at most at: its value and its kind. A tombstone is
// an answer, with found true and kind delete; found is false only if the table has no such version. The value is borrowed
// and must not be changed; it stays good for as long as the caller holds it. Get reads at most one block, none if the
// filter knows that the key is not there, and allocates nothing if the block is in the cache.
//
//lab:todo 3 sstables#get
//lab:hint A closed table answers nothing: t.checkOpen. Then what costs least: t.mayContain asks the filter. Then the index, then a block.
//lab:hint kv.SeekKey(user, at) is what to look for. If index.search finds no block, no key in the table is that large.
//lab:hint t.block(i, true) gives block i. Its own Get does the rest. An error is not the same as "not found".
func (t *Table) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool, err error) {
	// #region get
	if err := t.checkOpen(); err != nil {
		return nil, 0, false, err
	}
	if !t.mayContain(user) {
		return nil, 0, false, nil
	}
	i := t.index.search(kv.SeekKey(user, at))
	if i == len(t.index.blocks) {
		return nil, 0, false, nil
	}
	b, err := t.block(i, true)
	if err != nil {
		return nil, 0, false, err
	}
	value, kind, found = b.Get(user, at)
	return value, kind, found, nil
	// #endregion
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
//
//lab:todo 4 sstables#cached
//lab:hint Other tables have a block at the same offset. What tells them apart?
//lab:hint A block that could not be read has no place in the cache.
func (t *Table) cached(i int, fill bool) (*block.Block, error) {
	// #region cached
	offset := t.index.blocks[i].Offset
	if b := t.cache.Get(t.number, offset); b != nil {
		t.metrics.CacheHits.Add(1)
		return b, nil
	}
	t.metrics.CacheMisses.Add(1)
	b, err := t.readData(i)
	if err == nil && fill {
		t.cache.Add(t.number, offset, b)
	}
	return b, err
	// #endregion
}
