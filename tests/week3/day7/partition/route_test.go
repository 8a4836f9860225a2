package partition_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/partition"
	refpartition "lsmlab/solution/week3/partition"
)

// kinds are the routers that a number of partitions makes.
var kinds = map[string]func(n int) partition.Router{"hash": partition.Hash, "consistent": partition.Consistent}

// share counts how many of the keys belong to each partition.
func share(r partition.Router, keys [][]byte) []int {
	counts := make([]int, r.Count())
	for _, k := range keys {
		counts[r.Route(k)]++
	}
	return counts
}

// manyKeys returns 10,000 keys, as programs make them: alike, with a number somewhere.
func manyKeys(pattern string) (keys [][]byte) {
	for i := range 10_000 {
		keys = append(keys, fmt.Appendf(nil, pattern, i))
	}
	return keys
}

// patterns are ways in which programs make keys.
var patterns = []string{"user%04d", "%d", "%08d/name", "tenant7/order/%x", "\x00\x00\x00%c"}

// A key lies where the hash of it said on the day when it was written. Another program, another processor or next
// year's version of Go must say the same, or the key is not found any more. So the hash is fixed to the last bit, and
// here are routes that must never change: among four partitions, and among a billion, which shows nearly all of the
// hash.
//
//lab:task 1 points=2
func TestHash_GoldenRoutes(t *testing.T) {
	for _, c := range []struct {
		key       string
		four, all int
	}{
		{"", 2, 566091299},
		{"a", 3, 534922194},
		{"apple", 2, 447867654},
		{"user0001", 3, 218050950},
		{"user0002", 0, 685609754},
		{"\x00", 3, 609031767},
		{"\xff\xff", 1, 637021304},
		{"a key that is longer than eight bytes", 3, 893074529},
	} {
		require.Equal(t, c.four, partition.Hash(4).Route([]byte(c.key)), "partition of %q among 4", c.key)
		require.Equal(t, c.all, partition.Hash(1_000_000_007).Route([]byte(c.key)), "partition of %q among 1,000,000,007", c.key)
	}
}

// Half of all hashes have their highest bit set. As a signed number such a hash is negative, and in Go so is its
// remainder: there is no partition -3. A hash that is cut to 32 bits first, because an int has no more on that
// machine, sends the key elsewhere.
//
//lab:task 1 points=2
func TestHash_IsNeverNegative(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 64, 1000} {
		for _, k := range manyKeys("user%04d")[:500] {
			got := partition.Hash(n).Route(k)
			require.True(t, 0 <= got && got < n, "partition of %q among %d is %d", k, n, got)
		}
	}
}

// A partition that has twice its share is full when the others are half empty. For 10,000 keys over four partitions
// each must have 2,500, give or take a fifth, however alike the keys look.
//
//lab:task 1 points=2
func TestHash_IsEven(t *testing.T) { even(t, "hash") }

// The same for a consistent hash. One point on the ring for each partition would not do: their distances are as uneven
// as chance makes them. It takes hundreds.
//
//lab:task 1 points=2
func TestConsistent_IsEven(t *testing.T) { even(t, "consistent") }

// even counts the shares of many keys over four partitions.
func even(t *testing.T, kind string) {
	for _, pattern := range patterns {
		for i, n := range share(kinds[kind](4), manyKeys(pattern)) {
			if n < 2000 || n > 3000 {
				t.Errorf("%s(4), keys like %q: partition %d has %d of 10,000 keys, want 2,500 and at most a fifth more or less", kind, pattern, i, n)
			}
		}
	}
}

// The reason for a consistent hash: with a fifth partition, one key in five moves, and not four in five. A key that
// moves goes to the new partition; between two old ones nothing is gained by moving it.
//
//lab:task 1 points=3
func TestConsistent_MovesItsShareOnly(t *testing.T) {
	keys := manyKeys("user%04d")
	for n := 1; n < 10; n++ {
		before, after, moved := partition.Consistent(n), partition.Consistent(n+1), 0
		for _, k := range keys {
			from, to := before.Route(k), after.Route(k)
			if from == to {
				continue
			}
			moved++
			require.Equal(t, n, to, "from %d to %d partitions, %q moves from %d to an old one", n, n+1, k, from)
		}
		fair := len(keys) / (n + 1)
		require.True(t, moved > fair*4/5 && moved < fair*6/5, "from %d to %d partitions %d of %d keys move, want about %d", n, n+1, moved, len(keys), fair)
	}
}

// The ring is part of the format, too: which points there are, and that a key belongs to the first one at or behind
// its hash. The hash of "user1405" is behind the last of all points, so it belongs to the first one. A ring is closed.
//
//lab:task 1 points=2
func TestConsistent_GoldenRoutes(t *testing.T) {
	for _, c := range []struct {
		key                  string
		four, seven, hundred int
	}{
		{"", 2, 2, 32},
		{"a", 2, 2, 27},
		{"apple", 0, 6, 32},
		{"user0001", 3, 3, 3},
		{"user0002", 0, 5, 96},
		{"\x00", 2, 2, 54},
		{"\xff\xff", 3, 4, 96},
		{"a key that is longer than eight bytes", 0, 5, 63},
		{"user1405", 0, 0, 64},
	} {
		require.Equal(t, c.four, partition.Consistent(4).Route([]byte(c.key)), "partition of %q among 4", c.key)
		require.Equal(t, c.seven, partition.Consistent(7).Route([]byte(c.key)), "partition of %q among 7", c.key)
		require.Equal(t, c.hundred, partition.Consistent(100).Route([]byte(c.key)), "partition of %q among 100", c.key)
	}
}

// With the splits g and p there are three ranges: what comes before g, from g on, and from p on. A key that equals a
// split is the first of its range. Keys are compared as bytes, so upper case and digits come before g, and "pa" behind
// "p".
//
//lab:task 1 points=2
func TestRanges_SplitBelongsToTheRangeThatItBegins(t *testing.T) {
	r := partition.Ranges("g", "p")
	require.Equal(t, 3, r.Count(), "two splits make three partitions")
	for _, c := range []struct {
		key  string
		want int
	}{{"a", 0}, {"Zebra", 0}, {"fzzz", 0}, {"f\xff\xff", 0}, {"g", 1}, {"g\x00", 1}, {"ozz", 1}, {"p", 2}, {"pa", 2}, {"\xff", 2}} {
		require.Equal(t, c.want, r.Route([]byte(c.key)), "partition of %q", c.key)
	}
	require.Equal(t, 0, partition.Ranges().Route([]byte("anything")), "without splits there is one partition")
}

// Nobody should have to sort the splits, and a slice that the caller uses for something else afterwards must not move
// keys.
//
//lab:task 1 points=1
func TestRanges_SplitsInAnyOrder(t *testing.T) {
	splits := []string{"p", "g", "p"}
	r := partition.Ranges(splits...)
	require.Equal(t, `[p g p]`, fmt.Sprint(splits), "the caller's slice")
	copy(splits, []string{"a", "a", "a"})
	require.Equal(t, partition.Ranges("g", "p").String(), r.String(), "name")
	for want, k := range []string{"f", "m", "z"} {
		require.Equal(t, want, r.Route([]byte(k)), "partition of %q", k)
	}
}

// Random splits and keys: the number of a key's range is the number of splits that are not above it.
//
//lab:task 1 points=2 random
func TestRanges_LikeCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var splits []string
		for _, s := range rapid.SliceOfN(labtest.Keys(), 0, 6).Draw(t, "splits") {
			splits = append(splits, string(s))
		}
		k := string(labtest.Keys().Draw(t, "key"))
		r := partition.Ranges(splits...)
		slices.Sort(splits)
		splits = slices.Compact(splits)
		want := 0
		for want < len(splits) && splits[want] <= k {
			want++
		}
		require.Equal(t, want, r.Route([]byte(k)), "partition of %q with the splits %q", k, splits)
		require.Equal(t, len(splits)+1, r.Count(), "partitions with the splits %q", splits)
	})
}

// Random keys and numbers of partitions: your routers must say what the reference's say, twice, and leave the key as
// it was.
//
//lab:task 1 points=2 random
func TestRoutes_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "partitions")
		k := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "key")
		before := string(k)
		for name, kind := range map[string]struct {
			mine partition.Router
			ref  refpartition.Router
		}{
			"hash": {partition.Hash(n), refpartition.Hash(n)}, "consistent": {partition.Consistent(n), refpartition.Consistent(n)},
		} {
			want := kind.ref.Route(k)
			require.Equal(t, want, kind.mine.Route(k), "%s(%d): partition of %q", name, n, k)
			require.Equal(t, want, kind.mine.Route(k), "%s(%d): partition of %q, asked again", name, n, k)
		}
		require.Equal(t, before, string(k), "the caller's key")
	})
}
