package partition_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/partition"
)

// What is in a database is the sum of what is in its partitions, in memtables and in tables. With the keys a to i, in
// three partitions of three keys each, everything can be counted on fingers.
//
//lab:task 4 points=3
func TestStats_CountsEachPartitionAndAll(t *testing.T) {
	db, _ := letters(t, newDisk())
	const inMemory = 3 * (1 + 1 + kv.TrailerSize) // a key, a value, and what a version takes beside
	memory := partition.Counts{Memtables: 1, Keys: 3, Bytes: inMemory}
	same(t, "in memtables", []partition.Counts{memory, memory, memory}, db.Stats().Partitions)
	same(t, "in memtables, total", partition.Counts{Memtables: 3, Keys: 9, Bytes: 3 * inMemory}, db.Stats().Total)
	flush(t, db)
	put(t, db, "m", "M") // of partition 1
	stats := db.Stats()
	var want partition.Counts
	for i, c := range stats.Partitions {
		keys := 3
		if i == 1 {
			keys = 4
		}
		require.Equal(t, fmt.Sprint(1, 1, keys), fmt.Sprint(c.Memtables, c.Tables, c.Keys), "memtables, tables and keys of partition %d", i)
		require.Greater(t, c.Bytes, int64(100), "bytes of a table, of partition %d", i)
		want.Memtables += c.Memtables
		want.Tables += c.Tables
		want.Keys += c.Keys
		want.Bytes += c.Bytes
	}
	same(t, "total", want, stats.Total)
	require.Equal(t, 10, stats.Total.Keys)
}

// A key that was overwritten counts twice until a merge has thrown away its old value, and one that was deleted as
// well. After that the numbers are exact.
//
//lab:task 4 points=1
func TestStats_ExactWhenMerged(t *testing.T) {
	db, _ := letters(t, newDisk())
	flush(t, db)
	put(t, db, "a", "new")
	require.NoError(t, db.Delete([]byte("b")))
	require.Equal(t, 11, db.Stats().Total.Keys, "versions of nine keys, of which one was overwritten and one deleted")
	require.NoError(t, db.Compact(context.Background()))
	total := db.Stats().Total
	require.Equal(t, fmt.Sprint(3, 3, 8), fmt.Sprint(total.Memtables, total.Tables, total.Keys), "memtables, tables and keys after Compact")
}

// Somebody has written to a partition's directory as if it were a store. The key is there and cannot be found: Get
// looks where the router says. Verify tells which key it is.
//
//lab:task 4 points=1
func TestVerify_FindsKeyInTheWrongPartition(t *testing.T) {
	d := newDisk()
	o := by(partition.Ranges("m"))
	db := open(t, d, o)
	put(t, db, "apple", "red", "zebra", "black")
	require.NoError(t, db.Verify(context.Background()))
	closeDB(t, db)
	direct := o.Store
	direct.FS = d
	s, err := store.Open(rigDir+"/partition_1", &direct)
	require.NoError(t, err)
	require.NoError(t, errors.Join(s.Put([]byte("banana"), nil), s.Close()))
	db = open(t, d, o)
	err = db.Verify(context.Background())
	require.ErrorContains(t, err, "banana")
	require.ErrorContains(t, err, "partition 1")
}

// Sixty-four partitions with a block cache of 64 MiB each would want 4 GiB. CacheSize is the memory that all of them
// share, so each sees in its statistics what the others have read, too. A cache that is given is the one.
//
//lab:task 4 points=2
func TestOpen_PartitionsShareOneCache(t *testing.T) {
	for _, size := range []int64{0, 1 << 20} {
		o := by(partition.Hash(4))
		o.Store.CacheSize = size
		db := open(t, newDisk(), o)
		fill(t, db, 12)
		flush(t, db)
		held(t, db)
		stats := db.Stats()
		require.Equal(t, int64(4), stats.Cache.Blocks, "blocks in the cache, after one block of each of 4 partitions was read (CacheSize %d)", size)
		if size > 0 {
			require.Equal(t, size, stats.Cache.Capacity, "capacity")
		}
		closeDB(t, db)
	}
	o := by(partition.Hash(4))
	o.Store.CacheSize, o.Store.Cache = 0, sstable.NewCache(1<<20)
	given := open(t, newDisk(), o)
	require.Equal(t, int64(1<<20), given.Stats().Cache.Capacity, "capacity, when a cache of 1 MiB is given")
	closeDB(t, given)
	db := open(t, newDisk(), by(partition.Hash(4))) // with CacheSize -1
	fill(t, db, 12)
	flush(t, db)
	held(t, db)
	require.Zero(t, db.Stats().Cache.Capacity, "a CacheSize below 0 means no cache")
}
