package memtable

import (
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
	"unsafe"

	"lsmlab/internal/kv"
)

const (
	// maxHeight bounds a tower: with one node in four reaching the next level, 12 levels serve 4^11 entries, 4 million.
	maxHeight = 12
	// nodeHeader is the size in bytes of a node without its tower.
	nodeHeader = int(unsafe.Offsetof(node{}.tower))
	// maxNode bounds what one entry takes beside its key and value: the highest tower, and padding.
	maxNode = nodeHeader + maxHeight*4 + arenaAlign
	// minCapacity is what an arena needs for the head and an entry or two.
	minCapacity = 4 * maxNode
)

// node is one version in the arena. It lies there as
//
//	trailer     8 bytes
//	key at      4 bytes   offset of the user key
//	key size    4 bytes
//	value size  4 bytes
//	tower       4 bytes a level, from level 0 up: the offset of the next node on that level, 0 at the end
//	user key
//	value
//
// The tower holds as many levels as the node is high and no more: Requires level < height.
// Once a node is linked, only its tower changes.
type node struct {
	trailer   kv.Trailer
	keyAt     uint32
	keySize   uint32
	valueSize uint32
	tower     [maxHeight]atomic.Uint32
}

// newNode copies a version into the arena, with an empty tower of the given height.
func (a *arena) newNode(key kv.Key, value []byte, height int) (at uint32, err error) {
	head := nodeHeader + height*4
	at, ok := a.alloc(head + len(key.User) + len(value))
	if !ok {
		return 0, ErrFull
	}
	n := a.node(at)
	n.trailer = key.Trailer
	n.keyAt, n.keySize, n.valueSize = at+uint32(head), uint32(len(key.User)), uint32(len(value))
	copy(a.key(n), key.User)
	copy(a.value(n), value)
	return at, nil
}

// key returns a node's user key. It lives as long as the arena.
func (a *arena) key(n *node) []byte { return a.bytes(n.keyAt, n.keySize) }

// value returns a node's value. It lives as long as the arena.
func (a *arena) value(n *node) []byte { return a.bytes(n.keyAt+n.keySize, n.valueSize) }

// randomHeight throws the dice for a tower: 1 with probability 3/4, 2 with 3/16, and so on (Pugh 1990, with p = 1/4).
func randomHeight() int {
	return 1 + bits.TrailingZeros32(rand.Uint32()|1<<(2*(maxHeight-1)))/2
}
