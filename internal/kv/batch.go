package kv

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
)

// MaxKeySize is the length in bytes of the longest user key.
const MaxKeySize = 64 << 10

// Op is one write of a batch. Its slices borrow from the batch.
type Op struct {
	Kind  Kind
	Key   []byte
	Value []byte // empty for a delete
}

// Batch is a list of writes that take effect together, in order. The zero Batch is empty and ready to use. It copies
// what it is given. A Batch is used by one goroutine at a time.
//
// Its encoding, which a log writes as it is, holds for each write
//
//	kind       1 byte
//	key size   uvarint
//	key
//	value size uvarint, only if kind is set
//	value      only if kind is set
type Batch struct {
	enc      []byte
	count    int
	payload  int // bytes of keys and values
	maxValue int // length of the longest value
	err      error
}

// Set adds a write of value under key. A key of a forbidden size is remembered and refused when the batch is applied.
func (b *Batch) Set(key, value []byte) {
	b.begin(KindSet, key)
	b.enc = binary.AppendUvarint(b.enc, uint64(len(value)))
	b.enc = append(b.enc, value...)
	b.payload += len(value)
	b.maxValue = max(b.maxValue, len(value))
}

// Delete adds a tombstone for key. A key of a forbidden size is remembered and refused when the batch is applied.
func (b *Batch) Delete(key []byte) { b.begin(KindDelete, key) }

// begin appends what both kinds of write start with.
func (b *Batch) begin(kind Kind, key []byte) {
	if err := CheckKey(key); err != nil && b.err == nil {
		b.err = fmt.Errorf("write %d of the batch: %w", b.count+1, err)
	}
	b.enc = append(b.enc, byte(kind))
	b.enc = binary.AppendUvarint(b.enc, uint64(len(key)))
	b.enc = append(b.enc, key...)
	b.count++
	b.payload += len(key)
}

// CheckKey returns ErrEmptyKey or ErrKeyTooLarge, with figures, if key cannot be a user key.
func CheckKey(key []byte) error {
	switch {
	case len(key) == 0:
		return ErrEmptyKey
	case len(key) > MaxKeySize:
		return fmt.Errorf("%w: %d bytes, at most %d", ErrKeyTooLarge, len(key), MaxKeySize)
	}
	return nil
}

// Check returns why the batch may not be applied: a key of a forbidden size, or a value of more than maxValue bytes.
func (b *Batch) Check(maxValue int) error {
	if b.err != nil {
		return b.err
	}
	if b.maxValue > maxValue {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrValueTooLarge, b.maxValue, maxValue)
	}
	return nil
}

// Len returns the number of writes.
func (b *Batch) Len() int { return b.count }

// Payload returns the bytes of all keys and values together.
func (b *Batch) Payload() int { return b.payload }

// Encoded returns the batch's encoding. It is valid until the batch changes; the caller must not change it.
func (b *Batch) Encoded() []byte { return b.enc }

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() { *b = Batch{enc: b.enc[:0]} }

// Ops iterates over the writes in order. Their slices are valid until the batch changes.
func (b *Batch) Ops() iter.Seq[Op] {
	return func(yield func(Op) bool) {
		for rest := b.enc; len(rest) > 0; {
			op, n := decodeOp(rest)
			if n <= 0 || !yield(op) {
				return
			}
			rest = rest[n:]
		}
	}
}

// DecodeBatch returns a batch with a copy of the given encoding. Bytes that are not the encoding of exactly count
// writes give an error that unwraps to ErrCorrupt; its offset counts from the beginning of enc.
func DecodeBatch(enc []byte, count int) (*Batch, error) {
	b := &Batch{}
	for at := 0; at < len(enc); {
		op, n := decodeOp(enc[at:])
		if n <= 0 || CheckKey(op.Key) != nil {
			return nil, &CorruptionError{File: "batch", Offset: int64(at), Reason: fmt.Sprintf("write %d cannot be decoded", b.count+1)}
		}
		at += n
		b.count++
		b.payload += len(op.Key) + len(op.Value)
		b.maxValue = max(b.maxValue, len(op.Value))
	}
	if b.count != count {
		return nil, &CorruptionError{File: "batch", Offset: -1, Reason: fmt.Sprintf("holds %d writes instead of %d", b.count, count)}
	}
	b.enc = append([]byte(nil), enc...)
	return b, nil
}

// decodeOp decodes the first write of enc and returns its length, 0 if there is none.
func decodeOp(enc []byte) (op Op, n int) {
	if len(enc) == 0 || enc[0] > byte(KindSet) {
		return Op{}, 0
	}
	op.Kind = Kind(enc[0])
	rest := enc[1:]
	if op.Key, rest = cut(rest); rest == nil {
		return Op{}, 0
	}
	if op.Kind == KindSet {
		if op.Value, rest = cut(rest); rest == nil {
			return Op{}, 0
		}
	}
	return op, len(enc) - len(rest)
}

// cut splits off a length and that many bytes. The rest is nil if src does not hold them.
func cut(src []byte) (piece, rest []byte) {
	size, n := binary.Uvarint(src)
	if n <= 0 || size > math.MaxInt32 || int(size) > len(src)-n {
		return nil, nil
	}
	end := n + int(size)
	return src[n:end:end], src[end:]
}
