package partition_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/partition"
	refpartition "lsmlab/solution/week3/partition"
)

// A jump consistent hash is fixed to the last bit, as every hash by which keys are stored. Its arithmetic is that of
// float64: each step is rounded, and everywhere in the same way.
//
//lab:task bonus points=2
func TestJump_GoldenRoutes(t *testing.T) {
	for _, c := range []struct {
		key                 string
		four, thousand, all int
	}{
		{"", 1, 499, 923358708},
		{"a", 3, 723, 946333142},
		{"apple", 0, 449, 328386528},
		{"user0001", 0, 68, 467572593},
		{"user0002", 1, 440, 773817551},
		{"\x00", 3, 999, 318964481},
		{"\xff\xff", 2, 366, 763239506},
		{"a key that is longer than eight bytes", 1, 966, 409818907},
	} {
		require.Equal(t, c.four, partition.Jump(4).Route([]byte(c.key)), "partition of %q among 4", c.key)
		require.Equal(t, c.thousand, partition.Jump(1000).Route([]byte(c.key)), "partition of %q among 1,000", c.key)
		require.Equal(t, c.all, partition.Jump(1_000_000_007).Route([]byte(c.key)), "partition of %q among 1,000,000,007", c.key)
	}
}

// As even as a hash, and with one partition more it moves one key in n+1, to the new one.
//
//lab:task bonus points=2
func TestJump_IsEvenAndMovesItsShareOnly(t *testing.T) {
	keys := manyKeys("user%04d")
	for n := 1; n < 10; n++ {
		for i, got := range share(partition.Jump(n), keys) {
			fair := len(keys) / n
			require.True(t, got >= fair*4/5 && got <= fair*6/5, "jump(%d): partition %d has %d of 10,000 keys", n, i, got)
		}
		moved := 0
		for _, k := range keys {
			if from, to := partition.Jump(n).Route(k), partition.Jump(n+1).Route(k); from != to {
				moved++
				require.Equal(t, n, to, "from %d to %d partitions, %q moves from %d to an old one", n, n+1, k, from)
			}
		}
		fair := len(keys) / (n + 1)
		require.True(t, moved > fair*4/5 && moved < fair*6/5, "from %d to %d partitions %d keys move, want about %d", n, n+1, moved, fair)
	}
}

// Random keys and numbers: your routes must be the reference's.
//
//lab:task bonus points=1 random
func TestJump_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 100_000).Draw(t, "partitions"), labtest.Keys().Draw(t, "key")
		require.Equal(t, refpartition.Jump(n).Route(k), partition.Jump(n).Route(k), "jump(%d): partition of %q", n, k)
	})
}

// Four partitions share one budget for their memtables (the bonus of week 2, day 7). Each of them is far below it, and
// all together are above: so one of them is flushed, the one that holds the most.
//
//lab:task bonus points=2
func TestOpen_PartitionsShareOneBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := by(partition.Jump(4))
		o.Budget = 4000
		db := open(t, newDisk(), o)
		value := string(make([]byte, 90))
		for i := range 100 {
			put(t, db, key(i), value)
		}
		synctest.Wait()
		stats, tables := db.Stats(), 0
		for _, p := range stats.Partitions {
			tables += p.Tables
		}
		require.NotZero(t, tables, "tables, after 10,000 bytes were put with a budget of 4,000")
		closeDB(t, db)
	})
}
