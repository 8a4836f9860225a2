package partition_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// mustMove returns how many of the keys key00, key01 … belong elsewhere by another router.
func mustMove(n int, from, to partition.Router) (moves int) {
	for i := range n {
		if from.Route([]byte(key(i))) != to.Route([]byte(key(i))) {
			moves++
		}
	}
	return moves
}

// filled returns a disk with a database of n keys, which is closed, and what it holds.
func filled(t labtest.TB, r partition.Router, n int) (*disk, []string) {
	t.Helper()
	d := newDisk()
	db := open(t, d, by(r))
	lines := fill(t, db, n)
	closeDB(t, db)
	return d, lines
}

// whole opens a database and fails the test unless it holds exactly these lines, each key once and where it belongs,
// in the directories of its partitions and no others.
func whole(t labtest.TB, what string, fs vfs.FS, r partition.Router, lines []string) {
	t.Helper()
	db, err := tryOpen(t, fs, by(r))
	require.NoError(t, err, "%s: open with %v", what, r)
	same(t, what+": all keys", lines, held(t, db))
	require.NoError(t, db.Verify(context.Background()), "%s: verify", what)
	closeDB(t, db)
	same(t, what+": directories", partitions(r.Count()), directories(t, fs))
}

// More partitions, fewer, as many, and other routers: every key is where the new router looks for it, and only those
// have moved that had to. Directories that nothing lies in any more are gone. The database opens by the new router,
// and not by the old one. To do the same again moves nothing.
//
//lab:task 5 points=4
func TestRebalance_MovesWhatBelongsElsewhere(t *testing.T) {
	labtest.NoLeaks(t)
	for _, c := range []struct{ from, to partition.Router }{
		{partition.Hash(2), partition.Hash(3)},
		{partition.Hash(4), partition.Hash(1)},
		{partition.Consistent(3), partition.Consistent(4)},
		{partition.Consistent(4), partition.Consistent(3)},
		{partition.Hash(3), partition.Consistent(3)},
		{partition.Ranges("key10"), partition.Ranges("key20")},
		{partition.Hash(2), partition.Ranges("key05", "key15", "key25")},
	} {
		what := fmt.Sprintf("from %v to %v", c.from, c.to)
		d, lines := filled(t, c.from, 30)
		require.Equal(t, mustMove(30, c.from, c.to), rebalance(t, d, by(c.to)), "%s: keys that have moved", what)
		allClosed(t, d, what)
		whole(t, what, d, c.to, lines)
		_, err := tryOpen(t, d, by(c.from))
		require.ErrorContains(t, err, c.to.String(), "%s: opened with the old router", what)
		require.Zero(t, rebalance(t, d, by(c.to)), "%s: keys that have moved the second time", what)
		whole(t, what+", twice", d, c.to, lines)
	}
}

// Values of 300 KB: far more than is copied at once, so that it comes to several shipments, and the last one is not
// full. Each is copied once.
//
//lab:task 5 points=2
func TestRebalance_ManyShipments(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Ranges()))
	for i := range 10 {
		require.NoError(t, db.Put([]byte(key(i)), []byte(strings.Repeat(string(rune('a'+i)), 300<<10))))
	}
	closeDB(t, db)
	to := partition.Ranges("key03")
	o := on(d, by(to))
	copies := []int{}
	o.Store.Listener.Applied = func(_ kv.Seq, b *kv.Batch) {
		if b.Payload() > 1000 {
			copies = append(copies, b.Len())
		}
	}
	moved, err := partition.Rebalance(context.Background(), rigDir, o)
	require.NoError(t, err)
	require.Equal(t, 7, moved, "keys that have moved")
	same(t, "keys in each batch of copies: one is complete when it has 1 MiB", []int{4, 3}, copies)
	db = open(t, d, by(to))
	require.Equal(t, 7, db.Stats().Partitions[1].Keys, "versions in partition 1: each key was copied once")
	for i := range 10 {
		value, err := db.Get([]byte(key(i)))
		require.NoError(t, err, "get of %s", key(i))
		require.True(t, len(value) == 300<<10 && value[0] == byte('a'+i) && value[len(value)-1] == byte('a'+i), "value of %s", key(i))
	}
}

// stopped begins to move keys, from three partitions to the router's, and stops after a few: a context that has ended
// stands for the operator who has lost his patience. It returns how many keys have moved by then.
func stopped(t *testing.T, to partition.Router) (*disk, []string, int) {
	t.Helper()
	d, lines := filled(t, partition.Hash(3), 30)
	ctx, cancel := context.WithCancel(context.Background())
	o := on(d, by(to))
	o.Store.Listener.Applied = func(kv.Seq, *kv.Batch) { cancel() } // when the first copies are written
	moved, err := partition.Rebalance(ctx, rigDir, o)
	require.ErrorIs(t, err, context.Canceled)
	allClosed(t, d, "after a Rebalance that was stopped")
	return d, lines, moved
}

// A database whose keys are half here and half there must not be opened, neither by the old router nor by the new one:
// each would miss the half that the other finds. The error says what to do, and Rebalance, called again, goes on.
//
//lab:task 5 points=3
func TestRebalance_UnfinishedIsNotOpened(t *testing.T) {
	to := partition.Hash(5)
	d, lines, moved := stopped(t, to)
	for _, r := range []partition.Router{partition.Hash(3), to, partition.Hash(4)} {
		_, err := tryOpen(t, d, by(r))
		require.ErrorContains(t, err, "Rebalance", "opened with %v", r)
		require.ErrorContains(t, err, "hash(3)", "opened with %v", r)
		require.ErrorContains(t, err, "hash(5)", "opened with %v", r)
	}
	rest := rebalance(t, d, by(to))
	require.NotZero(t, rest, "keys that are moved when it goes on")
	require.Equal(t, mustMove(30, partition.Hash(3), to), moved+rest, "keys that have moved before it was stopped, %d, and after that", moved)
	whole(t, "when it has gone on", d, to, lines)
}

// Half-way to five partitions somebody finds that two are enough, or that it was well as it was. Keys may be in all
// five directories then, also in those that neither the old router nor the new one knows.
//
//lab:task 5 points=3
func TestRebalance_ToAnotherRouterHalfWay(t *testing.T) {
	for _, r := range []partition.Router{partition.Hash(2), partition.Hash(3), partition.Consistent(4), partition.Ranges("key15")} {
		d, lines, _ := stopped(t, partition.Hash(5))
		rebalance(t, d, by(r))
		whole(t, fmt.Sprintf("from three to five partitions, and half-way to %v", r), d, r, lines)
	}
}

// A directory could not be removed when everything had been moved. That is an error, as the operator wants to know
// where his space is. But the keys are where they belong: the database opens by the new router, and Open removes what
// is left. Until then it does not grow: what is left of a directory is no place for a store.
//
//lab:task 5 points=2
func TestRebalance_LeftoversAreRemovedLater(t *testing.T) {
	d, lines := filled(t, partition.Hash(4), 30)
	d.FailAlways(vfs.OpRemove, "MANIFEST", nil)
	_, err := partition.Rebalance(context.Background(), rigDir, on(d, by(partition.Hash(2))))
	require.ErrorIs(t, err, vfs.ErrInjected)
	db := open(t, d, by(partition.Hash(2)))
	same(t, "all keys, while the leftovers cannot be removed", lines, held(t, db))
	closeDB(t, db)
	same(t, "directories", partitions(4), directories(t, d))
	_, err = partition.Rebalance(context.Background(), rigDir, on(d, by(partition.Hash(4))))
	require.Error(t, err, "Rebalance into directories that were removed by half")
	d.Clear()
	whole(t, "when they can", d, partition.Hash(2), lines)
	rebalance(t, d, by(partition.Hash(4)))
	whole(t, "with four again", d, partition.Hash(4), lines)
}

// While somebody has the database open, its keys stay where they are: who reads and writes by the old router would
// miss what has moved. And while they are being moved, nobody comes in.
//
//lab:task 5 points=1
func TestRebalance_NeedsTheDatabaseForItself(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Hash(2)))
	fill(t, db, 10)
	o := on(d, by(partition.Hash(3)))
	_, err := partition.Rebalance(context.Background(), rigDir, o)
	require.ErrorIs(t, err, vfs.ErrLocked, "Rebalance, while the database is open")
	closeDB(t, db)
	tried := 0
	o.Store.Listener.Applied = func(kv.Seq, *kv.Batch) {
		tried++
		_, err := tryOpen(t, d, by(partition.Hash(4)))
		require.ErrorIs(t, err, vfs.ErrLocked, "Open, while keys are being moved")
	}
	_, err = partition.Rebalance(context.Background(), rigDir, o)
	require.NoError(t, err)
	require.NotZero(t, tried)
}

// What Rebalance cannot do it must not begin: a directory without a map, a router without partitions, a database from
// which a partition is missing. Afterwards it is as it was.
//
//lab:task 5 points=2
func TestRebalance_RefusesWhatItCannotDo(t *testing.T) {
	_, err := partition.Rebalance(context.Background(), rigDir, on(newDisk(), by(partition.Hash(2))))
	require.ErrorContains(t, err, "PARTITIONS", "a directory that is not there")
	d, lines := filled(t, partition.Hash(2), 10)
	_, err = partition.Rebalance(context.Background(), rigDir, on(d, by(partition.Hash(0))))
	require.Error(t, err, "moved by hash(0)")
	whole(t, "after two refusals", d, partition.Hash(2), lines)
	for _, name := range labtest.Files(t, d, rigDir+"/partition_1") {
		require.NoError(t, d.Remove(rigDir+"/partition_1/"+name))
	}
	_, err = partition.Rebalance(context.Background(), rigDir, on(d, by(partition.Hash(3))))
	require.ErrorContains(t, err, "partition 1", "a partition is missing")
	m, err := partition.ReadMap(d, rigDir)
	require.NoError(t, err)
	require.Empty(t, m.Target, "nothing has begun")
}

// A source whose table cannot be read looks as if it had no more keys. It must not be taken for that: its keys would
// be left behind, where nobody looks for them.
//
//lab:task 5 points=2
func TestRebalance_UnreadableSourceIsNoEmptyOne(t *testing.T) {
	full := newDisk()
	db := open(t, full, by(partition.Hash(2)))
	lines := fill(t, db, 30)
	flush(t, db)
	closeDB(t, db)
	for read := 1; ; read++ { // the table is opened by some reads; the last one is of its data
		d, seen := diskOf(full.mem.Clone()), 0
		d.FailAt(func(c vfs.Call) bool {
			if !in(vfs.OpRead, 1, ".sst")(c) {
				return false
			}
			seen++
			return seen == read
		}, nil)
		_, err := partition.Rebalance(context.Background(), rigDir, on(d, by(partition.Hash(3))))
		if seen < read {
			require.NoError(t, err)
			require.Greater(t, read, 2, "reads of a table")
			return
		}
		require.ErrorIs(t, err, vfs.ErrInjected, "read %d of partition 1's table failed", read)
		d.Clear()
		rebalance(t, d, by(partition.Hash(3)))
		whole(t, fmt.Sprintf("read %d failed, and now the disk works again", read), d, partition.Hash(3), lines)
	}
}

// syncAfterWrite matches the syncs of one partition's logs, once something was written to one of them. (An earlier log
// is synced when a store is opened.)
func syncAfterWrite(i int) func(vfs.Call) bool {
	written := false
	return func(c vfs.Call) bool {
		written = written || logOf(vfs.OpWrite, i)(c)
		return written && logOf(vfs.OpSync, i)(c)
	}
}

// The disk of the new partition takes writes and cannot sync them. Were the keys deleted from the old one all the
// same, they would be in the operating system's memory only: the power goes, and they are nowhere. First the copy is
// durable, then the delete is written.
//
//lab:task 5 points=3
func TestRebalance_CopyIsDurableBeforeTheDelete(t *testing.T) {
	to := partition.Ranges("key15")
	d, lines := filled(t, partition.Ranges(), 30)
	d.FailAt(syncAfterWrite(1), nil)
	_, err := partition.Rebalance(context.Background(), rigDir, on(d, by(to)))
	require.ErrorIs(t, err, vfs.ErrInjected)
	after := d.mem.Preview(vfs.LoseUnsynced)
	rebalance(t, after, by(to))
	whole(t, "after a power cut, and Rebalance again", after, to, lines)
}

// The deletes are only written, and Close makes them durable. Here it cannot. Had the map said already that all is
// done, a power cut would bring the deleted keys back: they would be in two places, and a scan would show them twice,
// for ever.
//
//lab:task 5 points=3
func TestRebalance_HasNotEndedUntilTheDeletesAreDurable(t *testing.T) {
	to := partition.Ranges("key15")
	d, lines := filled(t, partition.Ranges(), 30)
	d.FailAt(syncAfterWrite(0), nil)
	_, err := partition.Rebalance(context.Background(), rigDir, on(d, by(to)))
	require.ErrorIs(t, err, vfs.ErrInjected)
	allClosed(t, d, "after a Rebalance that has failed")
	after := d.mem.Preview(vfs.LoseUnsynced)
	_, err = tryOpen(t, after, by(to))
	require.ErrorContains(t, err, "Rebalance", "opened after a power cut")
	rebalance(t, after, by(to))
	whole(t, "after Rebalance has been called again", after, to, lines)
}
