package partition_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/partition"
)

// A database is opened in a directory that is not there yet, with no options at all, on a real disk. It has four
// partitions, each in a directory of its own. It is written, closed and opened again, and everything is there.
//
//lab:task 2 points=3
func TestOpen_SurvivesRestart(t *testing.T) {
	labtest.NoLeaks(t)
	dir := t.TempDir() + "/data/db"
	want := []string{}
	for session := range 3 {
		db, err := partition.Open(dir, nil)
		require.NoError(t, err, "open, session %d", session)
		t.Cleanup(func() { _ = db.Close() })
		finds(t, fmt.Sprintf("session %d", session), db, want...)
		for i := range 20 {
			k := key(20*session + i)
			put(t, db, k, "v")
			want = append(want, k+"=v")
		}
		closeDB(t, db)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	same(t, "names in the directory", append([]string{"LOCK"}, partitions(4)...), names)
}

// Each key is in the store of the partition that the router names, and in no other. Here the router is by ranges, so
// one can see it: what is below m is in partition_0.
//
//lab:task 2 points=2
func TestOpen_EachPartitionHasItsKeys(t *testing.T) {
	d := newDisk()
	o := by(partition.Ranges("m", "t"))
	db := open(t, d, o)
	put(t, db, "apple", "1", "melon", "2", "zebra", "3", "kiwi", "4", "t", "5", "lemon", "6")
	require.NoError(t, db.Delete([]byte("kiwi")))
	closeDB(t, db)
	for i, want := range [][]string{{"apple", "lemon"}, {"melon"}, {"t", "zebra"}} {
		same(t, fmt.Sprintf("keys in partition_%d", i), want, partitionHolds(t, d, i))
	}
}

// Opened with another router, a database has lost nothing and finds nearly nothing, and each write makes it worse. So
// it must not open, and the error must name both: what the keys are divided by, and what was asked for. It counts as
// another router if only the number differs, or only the kind, or one split. Afterwards the right one finds
// everything.
//
//lab:task 2 points=3
func TestOpen_RefusesAnotherRouter(t *testing.T) {
	routers := []partition.Router{
		partition.Hash(4), partition.Hash(5), partition.Consistent(4), partition.Ranges("b", "c", "d"), partition.Ranges("b", "c", "e"),
	}
	for i, first := range routers {
		d := newDisk()
		db := open(t, d, by(first))
		put(t, db, "apple", "red")
		closeDB(t, db)
		for j, second := range routers {
			if i == j {
				continue
			}
			_, err := tryOpen(t, d, by(second))
			require.Error(t, err, "made with %v, opened with %v", first, second)
			for _, word := range []string{first.String(), second.String(), "Rebalance"} {
				require.ErrorContains(t, err, word, "made with %v, opened with %v", first, second)
			}
		}
		finds(t, "opened with the right one", open(t, d, by(first)), "apple=red")
		same(t, "directories", partitions(first.Count()), directories(t, d))
	}
}

// wide is a router of somebody else's, whose name does not tell how many partitions it has.
type wide struct{ partition.Router }

// String returns a name that all of them have.
func (wide) String() string { return "wide" }

// A router may be anybody's, and its name may not tell everything. How many partitions there are is compared for
// itself.
//
//lab:task 2 points=1
func TestOpen_ComparesTheCountItself(t *testing.T) {
	d := newDisk()
	closeDB(t, open(t, d, by(wide{partition.Ranges("m")})))
	_, err := tryOpen(t, d, by(wide{partition.Ranges("m", "t")}))
	require.ErrorContains(t, err, "2", "made with 2 partitions, opened with 3")
	require.ErrorContains(t, err, "3", "made with 2 partitions, opened with 3")
	closeDB(t, open(t, d, by(wide{partition.Ranges("m")})))
}

// A directory with files, and without a map of partitions, holds something else: a store, say, or a database whose map
// was lost. To make a new database among that would hide what is there. The error names what lies there, and nothing
// is changed.
//
//lab:task 2 points=2
func TestOpen_RefusesDirectoryOfSomethingElse(t *testing.T) {
	d := newDisk()
	o := &store.Options{}
	o.FS = d
	s, err := store.Open(rigDir, o)
	require.NoError(t, err)
	require.NoError(t, s.Put([]byte("apple"), []byte("red")))
	require.NoError(t, s.Close())
	before := labtest.Files(t, d, rigDir)
	_, err = tryOpen(t, d, by(partition.Hash(2)))
	require.ErrorContains(t, err, "PARTITIONS", "the directory of a store")
	same(t, "files afterwards", before, labtest.Files(t, d, rigDir))

	d = newDisk()
	db := open(t, d, by(partition.Hash(2)))
	put(t, db, "apple", "red")
	closeDB(t, db)
	require.NoError(t, d.Remove(rigDir+"/PARTITIONS"))
	_, err = tryOpen(t, d, by(partition.Hash(2)))
	require.ErrorContains(t, err, "partition_0", "a database whose map was lost")
	allClosed(t, d, "after the refusal")
}

// Somebody has moved a partition's directory away, to make room. Open must not make an empty store in its place: every
// third key would be gone, and nobody would be told.
//
//lab:task 2 points=2
func TestOpen_RefusesMissingPartition(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Hash(3)))
	fill(t, db, 9)
	closeDB(t, db)
	const gone = rigDir + "/partition_1"
	for _, name := range labtest.Files(t, d, gone) {
		require.NoError(t, d.Remove(gone+"/"+name))
	}
	require.NoError(t, d.Remove(gone))
	_, err := tryOpen(t, d, by(partition.Hash(3)))
	require.ErrorContains(t, err, "partition 1", "the error names the partition that is missing")
	same(t, "directories", []string{"PARTITIONS", "partition_0", "partition_2"}, directories(t, d))
	allClosed(t, d, "after the refusal")
}

// A router without partitions has no place for any key. That is said at once, not by a division by zero at the first
// put; and nothing is made.
//
//lab:task 2 points=1
func TestOpen_RefusesRouterWithoutPartitions(t *testing.T) {
	d := newDisk()
	_, err := tryOpen(t, d, by(partition.Hash(0)))
	require.Error(t, err, "opened with hash(0)")
	require.Empty(t, labtest.Files(t, d, "."), "files")
	closeDB(t, open(t, d, by(partition.Hash(1))))
}

// Two who open one directory would write two maps and move each other's keys. The second learns that it is taken,
// before it has looked at anything.
//
//lab:task 2 points=1
func TestOpen_TakesTheLockFirst(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Hash(2)))
	before := len(d.Log())
	_, err := tryOpen(t, d, by(partition.Hash(3)))
	require.ErrorIs(t, err, vfs.ErrLocked, "the second opener")
	for _, call := range d.Log()[before:] {
		require.Contains(t, []vfs.Op{vfs.OpMkdirAll, vfs.OpList, vfs.OpLock}, call.Op, "the second opener's call of %s %s", call.Op, call.Name)
	}
	put(t, db, "apple", "red")
	closeDB(t, db)
}

// Random splits, of any bytes, and random writes and restarts: whatever the splits are called, the same ones open the
// database again, and everything is there.
//
//lab:task 2 points=3 random
func TestOpen_RandomSplits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var splits []string
		for _, s := range rapid.SliceOfN(rapid.OneOf(labtest.Keys(), rapid.SliceOfN(rapid.Byte(), 1, 4)), 0, 4).Draw(t, "splits") {
			splits = append(splits, string(s))
		}
		d, o, model, next := newDisk(), by(partition.Ranges(splits...)), labtest.NewModel(), kv.Seq(1)
		for session := range rapid.IntRange(1, 3).Draw(t, "sessions") {
			db, err := tryOpen(t, d, o)
			require.NoError(t, err, "open, session %d", session)
			for _, k := range rapid.SliceOfN(labtest.Keys(), 0, 10).Draw(t, "keys") {
				require.NoError(t, db.Put(k, []byte{byte(session)}))
				model.Put(next, k, []byte{byte(session)})
				next++
			}
			for _, e := range model.Scan(kv.Unbounded(), kv.Unbounded(), next) {
				value, err := db.Get(e.Key.User)
				require.NoError(t, err, "get of %q, session %d", e.Key.User, session)
				require.Equal(t, string(e.Value), string(value), "value of %q, session %d", e.Key.User, session)
			}
			closeDB(t, db)
		}
		m, err := partition.ReadMap(d, rigDir)
		require.NoError(t, err)
		require.Equal(t, o.Router.String(), m.Router, "router in the map")
	})
}

// The map is written in a format that must never change. Field by field: the header of a file of records with number
// 1, and one record, which says by which router keys lie, to which one they are being moved, in how many directories,
// and how many more are left over.
//
//lab:task 2 points=2
func TestMap_GoldenBytes(t *testing.T) {
	d := newDisk()
	closeDB(t, open(t, d, by(partition.Ranges("g", "p\xff"))))
	got, err := vfs.ReadFile(d, rigDir+"/PARTITIONS")
	require.NoError(t, err)
	want := strings.Join([]string{
		"LSMLabR\xb5",                      // magic of a file of records
		"\x01\x00\x00\x00",                 // its format version
		"\x01\x00\x00\x00\x00\x00\x00\x00", // the file's number
		"\xb3\xf0\xea\x14",                 // CRC-32C of the 20 bytes before
		"\x23\x00\x00\x00",                 // length of the record, 35 bytes
		"\x53\x33\xca\xa9",                 // CRC-32C of number, offset and length
		"\x50\x35\x57\x4e",                 // the same, and the record
		`"ranges([\"g\" \"p\\xff\"])"`,     // Router, as Go writes strings
		` ""`,                              // Target: none
		` 3 0`,                             // Partitions, Leftover
	}, "")
	labtest.DiffBytes(t, "PARTITIONS", []byte(want), got)
	onDisk, err := os.ReadFile("testdata/w3d7_golden.partitions")
	require.NoError(t, err)
	labtest.DiffBytes(t, "testdata/w3d7_golden.partitions", onDisk, got)
	m, err := partition.ReadMap(d, rigDir)
	require.NoError(t, err)
	same(t, "the map", partition.Map{Router: `ranges(["g" "p\xff"])`, Partitions: 3}, m)
}
