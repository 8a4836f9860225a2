//lab:day 1.7

package block

import (
	"encoding/binary"

	"lsmlab/internal/kv"
)

// prefix is the codec that leaves out what a user key has in common with the block's first.
type prefix struct{}

// Prefix returns the codec with number 1. It writes a user key as
//
//	shared size      uvarint    how many bytes it has in common with the block's first user key, from the beginning
//	rest size        uvarint
//	rest                        what follows them
//
// The first entry of a block has nothing to share with: its shared size is 0. Every other key is put together from the
// first key and its own rest alone, so that a binary search can still jump into the middle of the block.
func Prefix() Codec { return prefix{} }

// ID returns 1.
func (prefix) ID() byte { return 1 }

// sizes returns 2.
func (prefix) sizes() int { return 2 }

// Append appends the two sizes and the part of user that first does not have.
//
//lab:todo 3 filters-and-prefixes#append
//lab:hint How far do first and user agree? The shorter of the two may end before they differ.
func (prefix) Append(dst, first, user []byte) []byte {
	// #region append
	shared := commonPrefix(first, user)
	dst = binary.AppendUvarint(dst, uint64(shared))
	dst = binary.AppendUvarint(dst, uint64(len(user)-shared))
	return append(dst, user[shared:]...)
	// #endregion
}

// Split returns the two pieces of the key: how much of the first user key, and the rest where it lies.
//
//lab:todo 3 filters-and-prefixes#split
//lab:hint Two uvarints, then bytes; each of the three may be cut off. Plain's Split shows how to refuse.
//lab:hint A shared size that no int can hold must not become a negative one. No key is longer than kv.MaxKeySize.
func (prefix) Split(src []byte) (shared int, rest []byte, n int) {
	// #region split
	common, m := uvarint(src)
	if m <= 0 || common > kv.MaxKeySize {
		return 0, nil, 0
	}
	size, k := uvarint(src[m:])
	if k <= 0 || size > uint64(len(src)-m-k) {
		return 0, nil, 0
	}
	n = m + k + int(size)
	return int(common), src[m+k : n : n], n
	// #endregion
}

// commonPrefix returns how many bytes a and b have in common from the beginning.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
