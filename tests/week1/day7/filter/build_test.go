package filter_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/filter"
)

// A filter is written by one process and read by another, years later perhaps. So its bytes depend on the keys alone: not on
// a random seed, not on the machine's byte order. These are all the bits that three fruits set.
//
//lab:task 1 points=3
func TestBloomFinish_WritesTheFormatByteByByte(t *testing.T) {
	expectFilter(t, "apple, banana, cherry", goldenFilter, build(10, goldenKeys...))
}

// Too few probes, and absent keys slip through; too many, and the bits fill up until everything slips through. The best number
// is bits a key times ln 2, rounded: for 10 bits 6.93, which is 7 and not 6. More than 30 are not worth their time.
//
//lab:task 1 points=2
func TestBloomFinish_RoundsTheNumberOfProbes(t *testing.T) {
	want := map[int]int{-5: 1, 0: 1, 1: 1, 2: 1, 3: 2, 5: 3, 8: 6, 10: 7, 12: 8, 16: 11, 20: 14, 43: 30, 60: 30, 1000: 30}
	got := map[int]int{}
	for bits := range want {
		data := build(bits, "apple")
		got[bits] = int(data[len(data)-1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("number of probes for bits a key (-want +got)\n%s", diff)
	}
}

// 1,000 keys at 10 bits are 10,000 bits, 1,250 bytes, and one byte for the probes. 70 bits need nine bytes, not eight. And
// a filter of one key has 64 bits all the same: in 10 bits seven probes would leave hardly a gap.
//
//lab:task 1 points=2
func TestBloomFinish_HasRoomForEveryKey(t *testing.T) {
	want := map[string]int{"10 bits, 1000 keys": 1251, "10 bits, 7 keys": 10, "10 bits, 1 keys": 9, "3 bits, 30 keys": 13, "1 bits, 65 keys": 10}
	got := map[string]int{}
	for _, c := range []struct{ bits, keys int }{{10, 1000}, {10, 7}, {10, 1}, {3, 30}, {1, 65}} {
		got[fmt.Sprintf("%d bits, %d keys", c.bits, c.keys)] = len(build(c.bits, keysOf("key%04d", 0, c.keys)...))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bytes of the filter block (-want +got)\n%s", diff)
	}
}

// A key that comes twice in a row sets the same bits twice. Room for it twice would be room for nothing.
//
//lab:task 1 points=1
func TestBloomAdd_CountsTheSameKeyOnce(t *testing.T) {
	var keys []string
	for _, key := range keysOf("key%04d", 0, 100) {
		keys = append(keys, key, key, key)
	}
	expectFilter(t, "100 keys, each three times in a row", refBuild(10, keysOf("key%04d", 0, 100)...), build(10, keys...))
}

// The caller's key lies in a buffer that holds the next key a moment later. A builder that keeps the slice builds its filter over
// the last key, a thousand times, and then answers "no" for keys that are there.
//
//lab:task 1 points=2
func TestBloomAdd_DoesNotKeepTheKey(t *testing.T) {
	b, buffer := filter.Bloom(10).NewBuilder(), make([]byte, 0, 16)
	for _, key := range goldenKeys {
		buffer = append(buffer[:0], key...)
		b.Add(buffer)
	}
	copy(buffer, "XXXXXX")
	expectFilter(t, "keys that all came in one buffer", goldenFilter, b.Finish())
}

// Nothing added: still a filter, with no bit set, that says "no" to everyone.
//
//lab:task 1 points=1
func TestBloomFinish_WithoutKeysSetsNoBit(t *testing.T) {
	expectFilter(t, "no keys", []byte{0, 0, 0, 0, 0, 0, 0, 0, 7}, build(10))
}

// Random keys, random numbers of bits: your filter and the reference's must be equal to the bit, or a table written by the one
// loses keys when it is read by the other.
//
//lab:task 1 points=3 random
func TestBloomBuilder_WritesWhatTheReferenceWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(0, 50).Draw(t, "bits a key")
		var keys []string
		for _, key := range rapid.SliceOfN(labtest.Keys(), 0, 30).Draw(t, "keys") {
			keys = append(keys, string(key))
		}
		expectFilter(t, fmt.Sprintf("%d bits a key, keys %q", bits, keys), refBuild(bits, keys...), build(bits, keys...))
	})
}

// One builder a table: two tables written at the same time must not find each other's keys.
//
//lab:task 1 points=1
func TestBloomNewBuilder_BeginsWithoutKeys(t *testing.T) {
	wantOne, wantTwo := refBuild(10, "apple", "cherry"), refBuild(10, "banana")
	policy := filter.Bloom(10)
	one, two := policy.NewBuilder(), policy.NewBuilder()
	one.Add([]byte("apple"))
	two.Add([]byte("banana"))
	one.Add([]byte("cherry"))
	expectFilter(t, "one", wantOne, one.Finish())
	expectFilter(t, "two", wantTwo, two.Finish())
	require.Equal(t, "lsmlab.bloom.v1", policy.Name())
}
