package kv

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"strconv"
)

// Seq is a sequence number: the how-manieth write of a store's life this is. The first write has number 1; 0 is before
// every write. It has 56 bits, so that it fits into one word together with a Kind.
type Seq uint64

// MaxSeq is the highest sequence number: reading at MaxSeq means reading the newest version.
const MaxSeq Seq = 1<<56 - 1

// String returns the number, and for MaxSeq what it stands for.
func (s Seq) String() string {
	if s == MaxSeq {
		return "newest"
	}
	return strconv.FormatUint(uint64(s), 10)
}

// Kind says what a version does to its user key. The values are part of every file format.
type Kind uint8

const (
	// KindDelete marks a tombstone: from this sequence number on there is no such key.
	KindDelete Kind = 0
	// KindSet marks a version with a value, which may be empty.
	KindSet Kind = 1
)

// String returns "delete", "set", or the number of an unknown kind.
func (k Kind) String() string {
	switch k {
	case KindDelete:
		return "delete"
	case KindSet:
		return "set"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Trailer is a sequence number and a kind in one word: the number in the upper 56 bits, the kind in the lower 8. The
// larger of two trailers is the newer version.
type Trailer uint64

// TrailerSize is the length in bytes of an encoded Trailer.
const TrailerSize = 8

// MakeTrailer packs a sequence number and a kind.
func MakeTrailer(seq Seq, kind Kind) Trailer { return Trailer(seq)<<8 | Trailer(kind) }

// Seq returns the sequence number.
func (t Trailer) Seq() Seq { return Seq(t >> 8) }

// Kind returns the kind.
func (t Trailer) Kind() Kind { return Kind(t) }

// Key is an internal key: a user key and the version of it. User is borrowed: whoever hands out a Key says how long it
// stays valid.
type Key struct {
	User    []byte
	Trailer Trailer
}

// MakeKey returns the internal key of one version. It keeps user and does not copy it.
func MakeKey(user []byte, seq Seq, kind Kind) Key {
	return Key{User: user, Trailer: MakeTrailer(seq, kind)}
}

// SeekKey returns the key before which no version of user that a reader at sequence number at may see can stand:
// seeking to it lands on the newest version with a number of at most at, if there is one.
func SeekKey(user []byte, at Seq) Key { return Key{User: user, Trailer: Trailer(at)<<8 | 0xff} }

// Seq returns the version's sequence number.
func (k Key) Seq() Seq { return k.Trailer.Seq() }

// Kind returns the version's kind.
func (k Key) Kind() Kind { return k.Trailer.Kind() }

// Compare orders internal keys: user keys ascending as bytes, then versions of one user key from the newest to the
// oldest. It returns a number below, at or above 0.
func (k Key) Compare(other Key) int {
	if c := bytes.Compare(k.User, other.User); c != 0 {
		return c
	}
	return cmp.Compare(other.Trailer, k.Trailer)
}

// Clone returns a key that shares no memory with k.
func (k Key) Clone() Key { return Key{User: bytes.Clone(k.User), Trailer: k.Trailer} }

// String returns the key for people, as in "apple"#7,set.
func (k Key) String() string { return fmt.Sprintf("%q#%d,%s", k.User, k.Seq(), k.Kind()) }

// Append appends the encoded key to dst: the user key's bytes, then the trailer as 8 bytes, little-endian.
func (k Key) Append(dst []byte) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, k.User...), uint64(k.Trailer))
}

// DecodeKey undoes Append. The key borrows enc. It returns false if enc is too short to hold a trailer.
func DecodeKey(enc []byte) (Key, bool) {
	n := len(enc) - TrailerSize
	if n < 0 {
		return Key{}, false
	}
	return Key{User: enc[:n:n], Trailer: Trailer(binary.LittleEndian.Uint64(enc[n:]))}, true
}
