package filter

import (
	"encoding/binary"
	"math/bits"
)

// The multipliers are odd, so that multiplying by them can be undone modulo 2⁶⁴, and have no structure of their own:
// they are the first 64 bits behind the point of the golden ratio, √2 (its last bit set) and √3.
const (
	golden = 0x9e3779b97f4a7c15
	root2  = 0x6a09e667f3bcc909
	root3  = 0xbb67ae8584caa73b
)

// Hash returns 64 well-mixed bits that depend on every byte of key and on its length. They are the same in every process,
// on every machine and for ever: filters on disk are made of them.
func Hash(key []byte) uint64 {
	h := uint64(len(key)) * root2
	for ; len(key) >= 8; key = key[8:] {
		h = step(h, binary.LittleEndian.Uint64(key))
	}
	return finish(step(h, tail(key)))
}

// step takes one word into h. For a given word it can be undone, so two keys that differ so far stay different unless a
// later word happens to bring them together.
func step(h, word uint64) uint64 {
	h = (h ^ word) * golden
	return h ^ h>>32
}

// tail returns the bytes of key, at most 7, as a little-endian word.
func tail(key []byte) (word uint64) {
	for i, c := range key {
		word |= uint64(c) << (8 * i)
	}
	return word
}

// finish spreads every bit of h over the whole word.
func finish(h uint64) uint64 {
	h = (h ^ h>>29) * root2
	h = (h ^ h>>32) * root3
	return h ^ h>>31
}

// positions yields, one after the other, which of a filter's bits the hash of one key stands for.
type positions struct {
	g, d uint64 // where the next probe lies, as a fraction of 2⁶⁴; the distance to the one after it
	bits uint64 // how many bits the filter has
}

// newPositions returns the positions of a key with hash h in a filter of so many bits.
func newPositions(h uint64, size int) positions {
	return positions{g: h, d: bits.RotateLeft64(h, 32) | 1, bits: uint64(size)}
}

// next returns the next position. The upper half of a product is a fraction scaled to the number of bits, and costs less
// than a remainder.
func (p *positions) next() (bit uint64) {
	bit, _ = bits.Mul64(p.g, p.bits)
	p.g += p.d
	return bit
}
