package kv_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
)

// TestKey_Order lists keys in their order and compares each with each.
func TestKey_Order(t *testing.T) {
	keys := []kv.Key{
		kv.MakeKey(nil, 5, kv.KindSet),
		kv.MakeKey([]byte("\x00"), 1, kv.KindSet),
		kv.SeekKey([]byte("apple"), kv.MaxSeq),
		kv.MakeKey([]byte("apple"), kv.MaxSeq, kv.KindSet),
		kv.SeekKey([]byte("apple"), 7),
		kv.MakeKey([]byte("apple"), 7, kv.KindSet),
		kv.MakeKey([]byte("apple"), 7, kv.KindDelete),
		kv.SeekKey([]byte("apple"), 6),
		kv.MakeKey([]byte("apple"), 0, kv.KindDelete),
		kv.MakeKey([]byte("apple\x00"), 9, kv.KindSet),
		kv.MakeKey([]byte("b"), 1, kv.KindSet),
		kv.MakeKey([]byte("\xff"), 1, kv.KindSet),
	}
	for i, a := range keys {
		for j, b := range keys {
			switch c := a.Compare(b); {
			case i < j:
				require.Negative(t, c, "%v, %v", a, b)
			case i > j:
				require.Positive(t, c, "%v, %v", a, b)
			default:
				require.Zero(t, c, "%v", a)
			}
		}
	}
}

// TestKey_Encoding fixes the bytes, and takes apart what it has put together.
func TestKey_Encoding(t *testing.T) {
	key := kv.MakeKey([]byte("fig"), 0x0102, kv.KindSet)
	enc := key.Append([]byte{9})
	require.Equal(t, []byte{9, 'f', 'i', 'g', 1, 2, 1, 0, 0, 0, 0, 0}, enc)
	back, ok := kv.DecodeKey(enc[1:])
	require.True(t, ok)
	require.Zero(t, key.Compare(back))
	require.Equal(t, kv.Seq(0x0102), back.Seq())
	require.Equal(t, kv.KindSet, back.Kind())
	require.Equal(t, `"fig"#258,set`, back.String())
	_, ok = kv.DecodeKey(make([]byte, 7))
	require.False(t, ok, "seven bytes hold no trailer")
	require.Equal(t, "258 newest", fmt.Sprint(back.Seq(), " ", kv.MaxSeq))
	require.Equal(t, kv.MaxSeq, kv.MakeKey(nil, kv.MaxSeq, kv.KindDelete).Seq())
}

// TestKey_CloneSharesNothing changes the original.
func TestKey_CloneSharesNothing(t *testing.T) {
	user := []byte("fig")
	clone := kv.MakeKey(user, 1, kv.KindSet).Clone()
	user[0] = 'p'
	require.Equal(t, "fig", string(clone.User))
}

// TestBound_Admits tries keys below, at and above each kind of bound.
func TestBound_Admits(t *testing.T) {
	at := []byte("b")
	for _, c := range []struct {
		bound        kv.Bound
		lower, upper string // the keys of "a", "b", "c" that are admitted
	}{
		{kv.Unbounded(), "abc", "abc"}, {kv.Included(at), "bc", "ab"}, {kv.Excluded(at), "c", "a"},
	} {
		var lower, upper string
		for _, key := range []string{"a", "b", "c"} {
			if c.bound.AdmitsFromBelow([]byte(key)) {
				lower += key
			}
			if c.bound.AdmitsFromAbove([]byte(key)) {
				upper += key
			}
		}
		require.Equal(t, c.lower, lower, "%v as lower bound", c.bound)
		require.Equal(t, c.upper, upper, "%v as upper bound", c.bound)
	}
	require.True(t, kv.Within(kv.Included(at), kv.Included(at), at))
	require.False(t, kv.Within(kv.Included(at), kv.Excluded(at), at))
}

// TestEmpty_KeepsItsError checks the iterator over nothing.
func TestEmpty_KeepsItsError(t *testing.T) {
	it := kv.Empty(kv.ErrClosed)
	it.First()
	require.False(t, it.Valid())
	require.ErrorIs(t, it.Err(), kv.ErrClosed)
	require.NoError(t, it.Close())
	require.Panics(t, it.Next)
}

// TestCompare_IsAnOrder sorts random keys by Compare and by the words of its comment.
func TestCompare_IsAnOrder(t *testing.T) {
	key := rapid.Custom(func(t *rapid.T) kv.Key {
		user := rapid.SliceOfN(rapid.ByteRange(0, 2), 0, 3).Draw(t, "user")
		return kv.MakeKey(user, kv.Seq(rapid.IntRange(0, 3).Draw(t, "seq")), kv.Kind(rapid.IntRange(0, 1).Draw(t, "kind")))
	})
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(key).Draw(t, "keys")
		slices.SortFunc(keys, kv.Key.Compare)
		for i := 1; i < len(keys); i++ {
			a, b := keys[i-1], keys[i]
			ok := string(a.User) < string(b.User) || string(a.User) == string(b.User) && a.Trailer >= b.Trailer
			require.True(t, ok, "%v before %v", a, b)
		}
	})
}
