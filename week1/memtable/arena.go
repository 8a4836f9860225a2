package memtable

import (
	"errors"
	"math"
	"sync/atomic"
	"unsafe"
)

// ErrFull is returned when a table's arena has no room for an entry.
var ErrFull = errors.New("memtable is full")

// MaxCapacity is the largest arena in bytes: an offset in it has 32 bits.
const MaxCapacity = math.MaxUint32 - int(unsafe.Sizeof(node{})) - arenaAlign

// arenaAlign is the alignment of every piece in bytes: that of a node's trailer.
const arenaAlign = 8

// arena is one piece of memory, handed out from front to back and never taken back. A million entries in it are one
// object to the garbage collector. Offset 0 is never handed out: it stands for "no node".
type arena struct {
	base     unsafe.Pointer // of buf
	buf      []byte
	capacity uint64        // bytes that may be handed out
	used     atomic.Uint64 // bytes handed out so far
}

// newArena returns an arena of capacity bytes. Behind them lies room for one node, because a pointer to a node with a
// short tower is a pointer to memory of a whole one.
func newArena(capacity int) *arena {
	capacity = min(max(capacity, minCapacity), MaxCapacity)
	words := make([]uint64, (capacity+int(unsafe.Sizeof(node{})))/8+1) // words, so that it is aligned
	base := unsafe.Pointer(&words[0])
	a := &arena{base: base, buf: unsafe.Slice((*byte)(base), len(words)*8), capacity: uint64(capacity)}
	a.used.Store(arenaAlign)
	return a
}

// alloc hands out size bytes, aligned to arenaAlign. It returns false if they are not there.
func (a *arena) alloc(size int) (at uint32, ok bool) {
	padded := uint64(align(size))
	end := a.used.Add(padded)
	if end > a.capacity {
		a.used.Add(-padded)
		return 0, false
	}
	return uint32(end - padded), true
}

// align rounds size up to a multiple of arenaAlign.
func align(size int) int { return (size + arenaAlign - 1) &^ (arenaAlign - 1) }

// bytes returns size bytes at an offset.
func (a *arena) bytes(at, size uint32) []byte { return a.buf[at : at+size : at+size] }

// node returns the node at an offset, nil for offset 0.
func (a *arena) node(at uint32) *node {
	if at == 0 {
		return nil
	}
	return (*node)(unsafe.Add(a.base, at))
}

// offset undoes node.
func (a *arena) offset(n *node) int { return int(uintptr(unsafe.Pointer(n)) - uintptr(a.base)) }
