package sstable

import (
	"lsmlab/internal/todo"
	"lsmlab/week1/block"
)

// get returns the block of that key, nil if it is not there, and marks its entry as used.
func (s *shard) get(k cacheKey) *block.Block {
	// TODO(week 1, day 4, task 4): implement get. Chapter: book/week1/day4-sstables.md#shard
	//
	// Hint: Readers share the lock: RLock. So all that a hit may change is what is atomic.
	panic(todo.Reached("week 1 day 4 task 4", "shard.get"))
}

// add puts a block in, and makes room for it first. It does nothing if the key is taken, or if the block costs more than
// the whole shard may hold.
func (s *shard) add(k cacheKey, b *block.Block) {
	// TODO(week 1, day 4, task 4): implement add. Chapter: book/week1/day4-sstables.md#shard
	//
	// Hint: Two goroutines may have missed the same block, and both come with it. The second must not count its size again.
	// Hint: cost says what it takes, makeRoomLocked sees that so much is free, linkLocked puts it into the ring; the map and s.size are yours.
	panic(todo.Reached("week 1 day 4 task 4", "shard.add"))
}

// makeRoomLocked drops entries until one more of that cost fits. It requires need to be at most the capacity.
func (s *shard) makeRoomLocked(need int64) {
	// TODO(week 1, day 4, task 4): implement makeRoomLocked. Chapter: book/week1/day4-sstables.md#clock
	//
	// Hint: Look at s.hand: used since the last round? Then take the bit away and go to the next. If not, removeLocked drops it.
	// Hint: Why does this end, even if every bit is set? Nobody can set a bit while you hold the lock.
	panic(todo.Reached("week 1 day 4 task 4", "shard.makeRoomLocked"))
}

// linkLocked puts e into the ring, just behind the hand: it is judged last.
func (s *shard) linkLocked(e *cacheEntry) {
	if s.hand == nil {
		e.prev, e.next, s.hand = e, e, e
		return
	}
	e.prev, e.next = s.hand.prev, s.hand
	e.prev.next, e.next.prev = e, e
}

// removeLocked takes e out of the ring, the map and the size. If the hand was at e, it moves on.
func (s *shard) removeLocked(e *cacheEntry) {
	delete(s.entries, e.key)
	s.size -= cost(e.block)
	if e.next == e {
		s.hand = nil
		return
	}
	e.prev.next, e.next.prev = e.next, e.prev
	if s.hand == e {
		s.hand = e.next
	}
}

// evict drops the entries of a file.
func (s *shard) evict(file uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, e := range s.entries {
		if k.file == file {
			s.removeLocked(e)
		}
	}
}
