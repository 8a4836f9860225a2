package memtable

import (
	"bytes"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
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
func (s *skiplist) seek(key kv.Key) *node {
	// TODO(week 1, day 1, task 1): implement seek. Chapter: book/week1/day1-memtable.md#skip-list
	//
	// Hint: Stand at the head, on the highest level in use. Go right while the next node stands before the key; else go down.
	// Hint: The next node is s.node(n.tower[level].Load()), nil at the end of the level.
	panic(todo.Reached("week 1 day 1 task 1", "skiplist.seek"))
}

// splice is a place in the list on every level: between prev, which stands before the key, and next, which does not.
type splice struct {
	prev [maxHeight]*node
	next [maxHeight]uint32 // offsets; 0 at the end
}

// find fills in sp on every level for key.
func (s *skiplist) find(key kv.Key, sp *splice) {
	// TODO(week 1, day 1, task 1): implement find. Chapter: book/week1/day1-memtable.md#skip-list
	//
	// Hint: It is the same walk as seek's, over all maxHeight levels, and it remembers on each level where it went down.
	panic(todo.Reached("week 1 day 1 task 1", "skiplist.find"))
}

// insert puts a copy of the version into the list. It takes no lock, so nobody waits for a writer who is stopped on his
// way. The caller inserts no version twice. It returns ErrFull if the arena has no room.
func (s *skiplist) insert(key kv.Key, value []byte) error {
	// TODO(week 1, day 1, task 1): implement insert. Chapter: book/week1/day1-memtable.md#insert
	//
	// Hint: First s.newNode with a randomHeight; then find its place; then link it on each level of its tower, from 0 up.
	// Hint: Link: store next in the new node's tower, then CompareAndSwap the link of prev from next to the new node.
	// Hint: If the swap fails, somebody inserted in between. Find the place again, on this level, and try once more.
	// Hint: s.raise(height) says that so many levels are in use.
	panic(todo.Reached("week 1 day 1 task 1", "skiplist.insert"))
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
