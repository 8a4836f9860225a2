//lab:day 1.4

package sstable

import "lsmlab/solution/week1/block"

// get returns the block of that key, nil if it is not there, and marks its entry as used.
//
//lab:todo 4 sstables#shard
//lab:hint Readers share the lock: RLock. So all that a hit may change is what is atomic.
func (s *shard) get(k cacheKey) *block.Block {
	// #region get
	s.mu.RLock()
	defer s.mu.RUnlock()
	e := s.entries[k]
	if e == nil {
		return nil
	}
	if !e.used.Load() {
		e.used.Store(true) // written once a round, not at every hit: a write would take the line from other processors
	}
	return e.block
	// #endregion
}

// add puts a block in, and makes room for it first. It does nothing if the key is taken, or if the block costs more than
// the whole shard may hold.
//
//lab:todo 4 sstables#shard
//lab:hint Two goroutines may have missed the same block, and both come with it. The second must not count its size again.
//lab:hint cost says what it takes, makeRoomLocked sees that so much is free, linkLocked puts it into the ring; the map and s.size are yours.
func (s *shard) add(k cacheKey, b *block.Block) {
	// #region add
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[k] != nil || cost(b) > s.capacity {
		return
	}
	s.makeRoomLocked(cost(b))
	e := &cacheEntry{key: k, block: b}
	s.entries[k] = e
	s.size += cost(b)
	s.linkLocked(e)
	// #endregion
}

// makeRoomLocked drops entries until one more of that cost fits. It requires need to be at most the capacity.
//
//lab:todo 4 sstables#clock
//lab:hint Look at s.hand: used since the last round? Then take the bit away and go to the next. If not, removeLocked drops it.
//lab:hint Why does this end, even if every bit is set? Nobody can set a bit while you hold the lock.
func (s *shard) makeRoomLocked(need int64) {
	// #region clock
	for s.size+need > s.capacity {
		e := s.hand
		s.hand = e.next
		if e.used.Swap(false) {
			continue
		}
		s.removeLocked(e)
		s.evictions++
	}
	// #endregion
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
