//lab:day 1.1

package memtable

import (
	"bytes"
	"sync/atomic"

	"lsmlab/internal/kv"
)

// skiplist is a sorted linked list with express lanes (Pugh 1990). Any number of goroutines may read and insert at once:
//
//  1. A node is complete before it is linked, and nothing but its tower changes afterwards.
//  2. A level is linked by one atomic swap of the predecessor's link, from level 0 up. So whoever meets a node on some
//     level finds it on all lower ones, unless its insert is still under way; level 0 alone decides what is in the list.
//  3. If the swap fails, another insert came first: look again from the same predecessor, which can only have moved away
//     by nodes in between. Nodes are never taken out, so no predecessor goes stale.
type skiplist struct {
	*arena
	head   *node        // before every entry, with a full tower and no key
	height atomic.Int32 // levels in use, at least 1

	onCompare func(user []byte) // called before an entry is compared; nil but in tests
}

// newSkiplist returns an empty list in an arena of capacity bytes.
func newSkiplist(capacity int) *skiplist {
	a := newArena(capacity)
	at, err := a.newNode(kv.Key{}, nil, maxHeight)
	if err != nil {
		panic(err) // newArena leaves room for the head
	}
	s := &skiplist{arena: a, head: a.node(at)}
	s.height.Store(1)
	return s
}

// before reports whether n stands before key. Every search compares here and nowhere else: tests count how often, and
// stop a writer here.
func (s *skiplist) before(n *node, key kv.Key) bool {
	if s.onCompare != nil {
		s.onCompare(s.key(n))
	}
	c := bytes.Compare(s.key(n), key.User)
	return c < 0 || c == 0 && n.trailer > key.Trailer
}

// seek returns the first node at or after key, nil if there is none. It takes no lock and allocates nothing.
//
//lab:todo 1 memtable#skip-list
//lab:hint Stand at the head, on the highest level in use. Go right while the next node stands before the key; else go down.
//lab:hint The next node is s.node(n.tower[level].Load()), nil at the end of the level.
func (s *skiplist) seek(key kv.Key) *node {
	n := s.head
	bigger := uint32(0) // the node just found to stand at or after key: a lower level often leads to it again
	for level := int(s.height.Load()) - 1; ; {
		at := n.tower[level].Load()
		if next := s.node(at); at != 0 && at != bigger && s.before(next, key) {
			n = next
			continue
		}
		if level == 0 {
			return s.node(at)
		}
		bigger = at
		level--
	}
}

// splice is a place in the list on every level: between prev, which stands before the key, and next, which does not.
type splice struct {
	prev [maxHeight]*node
	next [maxHeight]uint32 // offsets; 0 at the end
}

// find fills in sp on every level for key.
//
//lab:todo 1 memtable#skip-list
//lab:hint It is the same walk as seek's, over all maxHeight levels, and it remembers on each level where it went down.
func (s *skiplist) find(key kv.Key, sp *splice) {
	n := s.head
	for level := maxHeight - 1; level >= 0; level-- {
		n, sp.next[level] = s.findOn(level, n, key)
		sp.prev[level] = n
	}
}

// findOn walks right on one level, from a node that stands before key, and returns the last node before key and the
// offset of the one behind it.
//
//lab:omit
func (s *skiplist) findOn(level int, from *node, key kv.Key) (prev *node, next uint32) {
	for prev = from; ; {
		at := prev.tower[level].Load()
		if at == 0 || !s.before(s.node(at), key) {
			return prev, at
		}
		prev = s.node(at)
	}
}

// insert puts a copy of the version into the list. It takes no lock, so nobody waits for a writer who is stopped on his
// way. The caller inserts no version twice. It returns ErrFull if the arena has no room.
//
//lab:todo 1 memtable#insert
//lab:hint First s.newNode with a randomHeight; then find its place; then link it on each level of its tower, from 0 up.
//lab:hint Link: store next in the new node's tower, then CompareAndSwap the link of prev from next to the new node.
//lab:hint If the swap fails, somebody inserted in between. Find the place again, on this level, and try once more.
//lab:hint s.raise(height) says that so many levels are in use.
func (s *skiplist) insert(key kv.Key, value []byte) error {
	height := randomHeight()
	at, err := s.newNode(key, value, height)
	if err != nil {
		return err
	}
	n := s.node(at)
	var sp splice
	s.find(key, &sp)
	for level := range height {
		for {
			n.tower[level].Store(sp.next[level])
			if sp.prev[level].tower[level].CompareAndSwap(sp.next[level], at) {
				break
			}
			sp.prev[level], sp.next[level] = s.findOn(level, sp.prev[level], key)
		}
	}
	s.raise(height)
	return nil
}

// raise makes sure that at least height levels are in use.
func (s *skiplist) raise(height int) {
	for {
		now := s.height.Load()
		if int(now) >= height || s.height.CompareAndSwap(now, int32(height)) {
			return
		}
	}
}
