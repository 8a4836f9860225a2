package kv_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
)

// sample returns a batch with a value, an empty value and a delete.
func sample() *kv.Batch {
	b := &kv.Batch{}
	b.Set([]byte("apple"), []byte("red"))
	b.Delete([]byte("fig"))
	b.Set([]byte("member"), nil)
	return b
}

// ops returns copies of a batch's writes.
func ops(b *kv.Batch) []kv.Op {
	var out []kv.Op
	for op := range b.Ops() {
		out = append(out, kv.Op{Kind: op.Kind, Key: bytes.Clone(op.Key), Value: append([]byte{}, op.Value...)})
	}
	return out
}

// TestBatch_Encoding fixes the bytes, which logs will hold.
func TestBatch_Encoding(t *testing.T) {
	b := sample()
	want := "\x01\x05apple\x03red" + "\x00\x03fig" + "\x01\x06member\x00"
	require.Equal(t, want, string(b.Encoded()))
	require.Equal(t, 3, b.Len())
	require.Equal(t, len("apple"+"red"+"fig"+"member"), b.Payload())
	back, err := kv.DecodeBatch([]byte(want), 3)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(ops(b), ops(back)))
	require.Equal(t, b.Payload(), back.Payload())
}

// TestBatch_CopiesAndResets uses the caller's memory, and the batch's own, again.
func TestBatch_CopiesAndResets(t *testing.T) {
	key := []byte("apple")
	var b kv.Batch
	b.Set(key, key)
	copy(key, "zzzzz")
	require.Equal(t, "apple", string(ops(&b)[0].Key))
	require.Equal(t, "apple", string(ops(&b)[0].Value))
	b.Set(nil, nil)
	b.Reset()
	require.Zero(t, b.Len()+b.Payload()+len(b.Encoded()))
	require.NoError(t, b.Check(0), "an error of before is forgotten")
}

// TestBatch_Check tries sizes at and beyond their limits.
func TestBatch_Check(t *testing.T) {
	for _, c := range []struct {
		key, value int
		want       error
	}{
		{1, 0, nil}, {kv.MaxKeySize, 10, nil}, {0, 1, kv.ErrEmptyKey}, {kv.MaxKeySize + 1, 1, kv.ErrKeyTooLarge}, {1, 11, kv.ErrValueTooLarge},
	} {
		var b kv.Batch
		b.Set(make([]byte, c.key), make([]byte, c.value))
		require.ErrorIs(t, b.Check(10), c.want, "key of %d, value of %d", c.key, c.value)
	}
	var b kv.Batch
	b.Delete(nil)
	require.ErrorIs(t, b.Check(10), kv.ErrEmptyKey)
}

// TestDecodeBatch_RefusesDamage cuts a batch short at each byte, and gives it another count.
func TestDecodeBatch_RefusesDamage(t *testing.T) {
	enc := sample().Encoded()
	for n := range len(enc) {
		_, err := kv.DecodeBatch(enc[:n], 3)
		require.ErrorIs(t, err, kv.ErrCorrupt, "first %d bytes", n)
	}
	for _, count := range []int{0, 2, 4} {
		_, err := kv.DecodeBatch(enc, count)
		require.ErrorIs(t, err, kv.ErrCorrupt, "count %d", count)
	}
	_, err := kv.DecodeBatch([]byte("\x02\x01a"), 1)
	require.ErrorIs(t, err, kv.ErrCorrupt, "a kind that does not exist")
	_, err = kv.DecodeBatch([]byte("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a"), 1)
	require.ErrorIs(t, err, kv.ErrCorrupt, "a key of 2^64-1 bytes")
}

// FuzzDecodeBatch wants an error, or a batch that holds what it was given.
func FuzzDecodeBatch(f *testing.F) {
	f.Add(sample().Encoded(), 3)
	f.Add([]byte{1, 1, 'a', 0x80}, 1)
	f.Fuzz(func(t *testing.T, enc []byte, count int) {
		b, err := kv.DecodeBatch(enc, count)
		if err != nil {
			require.ErrorIs(t, err, kv.ErrCorrupt)
			return
		}
		require.Len(t, ops(b), count)
		require.Equal(t, count, b.Len())
	})
}
