package bench

import "encoding/binary"

const (
	// keySize is the length of every key in bytes.
	keySize = 16
	// valueSize is the length of every value in bytes.
	valueSize = 100
)

// keyAt writes the i-th key into dst. The keys are all different, and in random order: the first half is i through a
// bijection of 64-bit numbers (the finaliser of splitmix64, Steele et al. 2014), the second half is i itself.
func keyAt(dst []byte, i uint64) {
	x := i + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	binary.BigEndian.PutUint64(dst, x^x>>31)
	binary.BigEndian.PutUint64(dst[8:], i)
}

// missingAt writes a key that no store holds: a neighbour of the i-th key.
func missingAt(dst []byte, i uint64) {
	keyAt(dst, i)
	dst[keySize-1] ^= 0xff
	dst[8] = 0xff
}

// valueAt writes the i-th value into dst: half of it repeats, half of it does not.
func valueAt(dst []byte, i uint64) {
	for at := 0; at+8 <= len(dst); at += 8 {
		word := uint64(0x2020202020202020)
		if at%16 == 0 {
			word = (i + uint64(at)) * 0x9e3779b97f4a7c15
		}
		binary.LittleEndian.PutUint64(dst[at:], word)
	}
}
