//lab:day 1.3

package block

import "encoding/binary"

// Codec is how a block writes user keys. It sees the first user key of the block, so that it may leave out what a key
// has in common with it. The first entry itself is written with an empty first key. A Codec has no state: any number of
// goroutines use it.
type Codec interface {
	// ID is the codec's number in a table's footer. Numbers are never used again for another encoding.
	ID() byte
	// Append appends the encoding of user, in a block whose first user key is first, and returns the extended slice.
	Append(dst, first, user []byte) []byte
	// Split decodes the user key at the beginning of src: it is the first shared bytes of the block's first user key,
	// followed by rest, which borrows src. The encoding is n bytes long; n ≤ 0 says that src does not begin with one.
	// Split does not know how long the first key is: that shared does not exceed it is the caller's to check.
	Split(src []byte) (shared int, rest []byte, n int)
}

// sized is a codec of this package, which Block.split can decode for itself.
type sized interface {
	// sizes returns how many uvarints stand before the bytes of a key: one, the length of the bytes, or two, of which the
	// first says how much the key shares with the block's first.
	sizes() int
}

// plain is the codec that writes a user key whole.
type plain struct{}

// Plain returns the codec with number 0: the key's size as a uvarint, then the key.
func Plain() Codec { return plain{} }

// ID returns 0.
func (plain) ID() byte { return 0 }

// sizes returns 1.
func (plain) sizes() int { return 1 }

// Append appends the size of user and user itself.
func (plain) Append(dst, _, user []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(user)))
	return append(dst, user...)
}

// Split returns the key where it lies. It shares nothing with the block's first key.
func (plain) Split(src []byte) (shared int, rest []byte, n int) {
	// #region split
	size, m := uvarint(src)
	if m <= 0 || size > uint64(len(src)-m) {
		return 0, nil, 0
	}
	n = m + int(size)
	return 0, src[m:n:n], n
	// #endregion
}
