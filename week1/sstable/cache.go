package sstable

import (
	"sync"
	"sync/atomic"

	"lsmlab/week1/block"
)

const (
	// shards is the number of parts of a Cache. Goroutines that want different blocks mostly meet different locks.
	shards = 16
	// entryOverhead is about what an entry costs beside the block's bytes: the parsed block, the entry and its place in
	// the map.
	entryOverhead = 250
)

// Cache keeps data blocks in memory, for all tables of one store (Share: of several). It holds blocks and never a table,
// so it keeps no file open. Any number of goroutines may use it.
//
// When it is full, the clock algorithm (Corbató 1968) says what goes. The entries stand in a ring. A hit sets the entry's
// used bit, and no more: the entry does not move, so that readers can share the lock. To make room, a hand goes around the
// ring: an entry with the bit set loses the bit and gets another round; one without it leaves.
type Cache struct {
	capacity int64
	shards   *[shards]shard
	shares   *atomic.Uint64 // how many stores have had a share of the same memory
	share    uint64         // the number of this one
}

// CacheStats says what is in a cache.
type CacheStats struct {
	Capacity  int64 // in bytes
	Size      int64 // bytes in use, with what each entry costs beside the block
	Blocks    int64 // entries
	Evictions int64 // entries that had to go to make room for others
}

// cacheKey says which block an entry holds.
type cacheKey struct {
	file   uint64 // number of the table, and of the share
	offset int64  // of the block in the file
}

// cacheEntry is a block in the ring of its shard.
type cacheEntry struct {
	key        cacheKey
	block      *block.Block
	used       atomic.Bool // since the hand came by
	prev, next *cacheEntry // in the ring
}

// shard is a part of a cache, with a lock of its own.
type shard struct {
	mu        sync.RWMutex // guards all below; the used bits are set under the read lock
	capacity  int64        // in bytes
	size      int64        // sum of the entries' costs; at most capacity
	entries   map[cacheKey]*cacheEntry
	hand      *cacheEntry // the entry to be judged next, nil if there is none
	evictions int64
}

// cost returns the bytes that an entry with this block takes.
func cost(b *block.Block) int64 { return int64(b.Size()) + entryOverhead }

// NewCache returns a cache of at most capacity bytes. A sixteenth of it is the largest block that it can hold.
func NewCache(capacity int64) *Cache {
	c := &Cache{capacity: capacity, shards: new([shards]shard), shares: new(atomic.Uint64)}
	for i := range c.shards {
		c.shards[i] = shard{capacity: capacity / shards, entries: map[cacheKey]*cacheEntry{}}
	}
	return c
}

// Share returns a cache for the tables of another store, which have the same numbers. Both use the same memory.
func (c *Cache) Share() *Cache {
	other := *c
	other.share = c.shares.Add(1)
	return &other
}

// file returns what stands for a table of this share. There are fewer than 2^40 files in a store.
func (c *Cache) file(number uint64) uint64 { return number ^ c.share<<40 }

// shard returns the part to which a key belongs. Multiplying by large odd numbers spreads what differs in a few low bits
// over the high ones (Knuth, TAOCP 6.4), of which the uppermost four choose.
func (c *Cache) shard(k cacheKey) *shard {
	h := k.file*0x9e3779b97f4a7c15 + uint64(k.offset)
	return &c.shards[h*0xd6e8feb86659fd93>>60]
}

// Get returns the block at that offset of the table with that number, nil if it is not there. It allocates nothing.
func (c *Cache) Get(file uint64, offset int64) *block.Block {
	k := cacheKey{c.file(file), offset}
	return c.shard(k).get(k)
}

// Add puts a block in. If there is one in its place already, that stays: another goroutine was faster, and both have read
// the same bytes. A block that is larger than a shard is not kept.
func (c *Cache) Add(file uint64, offset int64, b *block.Block) {
	k := cacheKey{c.file(file), offset}
	c.shard(k).add(k, b)
}

// Evict drops all blocks of a table, whose file is gone. It looks at every entry.
func (c *Cache) Evict(file uint64) {
	for i := range c.shards {
		c.shards[i].evict(c.file(file))
	}
}

// Stats returns what is in the cache.
func (c *Cache) Stats() CacheStats {
	sum := CacheStats{Capacity: c.capacity}
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.RLock()
		sum.Size += s.size
		sum.Blocks += int64(len(s.entries))
		sum.Evictions += s.evictions
		s.mu.RUnlock()
	}
	return sum
}
