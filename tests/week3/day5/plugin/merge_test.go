package plugin_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/plugin"
)

// newest is a policy that does nothing by itself; Compact merges that many of the newest runs, into the place of the oldest of them.
type newest int

// Pick never wants anything.
func (newest) Pick(shape.Tree) (shape.Task, bool) { return shape.Task{}, false }

// Full merges the newest runs.
func (n newest) Full(t shape.Tree) (shape.Task, bool) {
	inputs := t.Runs[:min(int(n), len(t.Runs))]
	if len(inputs) == 0 {
		return shape.Task{}, false
	}
	return shape.Task{Inputs: inputs, Output: inputs[len(inputs)-1].Place, Reason: "by hand"}, true
}

// openPast opens a store with its past, of which nothing is kept but what readers need, with a filter.
func openPast(t labtest.TB, f engine.CompactionFilter, merged int) *mvcc.DB {
	t.Helper()
	o := &mvcc.Options{Options: storeOptions(nil), Collector: mvcc.NewCollector(0)}
	o.NoCompaction, o.Policy, o.CompactionFilter = false, newest(merged), f
	db, err := mvcc.Open(rigDir, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// put writes one value.
func put(t labtest.TB, db *mvcc.DB, key, value string) {
	t.Helper()
	_, err := db.Put([]byte(key), []byte(value))
	require.NoError(t, err)
}

// reader is what reads: a DB or a snapshot.
type reader interface {
	Get(key []byte) ([]byte, error)
}

// found returns what a reader finds, "-" if nothing.
func found(t labtest.TB, r reader, key string) string {
	t.Helper()
	value, err := r.Get([]byte(key))
	if errors.Is(err, kv.ErrNotFound) {
		return "-"
	}
	require.NoError(t, err, "Get(%q)", key)
	return string(value)
}

// versions returns how many versions of a key lie in memtables and tables.
func versions(t labtest.TB, db *mvcc.DB, key string) int {
	t.Helper()
	history, err := db.History([]byte(key))
	require.NoError(t, err)
	return len(history)
}

// A merge drops what the filter discards, with all that is left of it, and leaves the rest alone. A flush does not ask the filter.
//
//lab:task 5 points=2
func TestFilter_DropsInAMerge(t *testing.T) {
	labtest.NoLeaks(t)
	db := openPast(t, plugin.DropPrefix([]byte("tmp/")), 10)
	put(t, db, "tmp/1", "x")
	put(t, db, "user/1", "y")
	require.NoError(t, db.Flush(background))
	require.Equal(t, "x", found(t, db, "tmp/1"), "after a flush")
	require.NoError(t, db.Compact(background))
	require.Equal(t, "-", found(t, db, "tmp/1"), "after a merge")
	require.Equal(t, "y", found(t, db, "user/1"))
	require.Zero(t, versions(t, db, "tmp/1"), "versions that are left")
	put(t, db, "tmp/1", "again")
	require.Equal(t, "again", found(t, db, "tmp/1"), "written anew")
}

// A snapshot shows what there was, also after a merge with a filter that would discard all of it: the one that was taken at the very
// number of the value, and one that was taken later, at the newest. Nobody else sees the value any more. When the snapshots are
// closed, the next merge takes it.
//
//lab:task 5 points=4
func TestFilter_LeavesWhatASnapshotSees(t *testing.T) {
	labtest.NoLeaks(t)
	db := openPast(t, plugin.DropPrefix([]byte("tmp/")), 10)
	put(t, db, "tmp/1", "first")
	alone := db.Snapshot()
	require.NoError(t, db.Compact(background))
	require.Equal(t, "first", found(t, alone, "tmp/1"), "the only snapshot, at the newest number")
	require.Equal(t, "-", found(t, db, "tmp/1"), "without a snapshot")
	require.NoError(t, alone.Close())

	put(t, db, "tmp/1", "old")
	atOld := db.Snapshot()
	put(t, db, "tmp/1", "new")
	atNew := db.Snapshot()
	put(t, db, "user/1", "y")
	later := db.Snapshot()
	for round := range 3 {
		require.NoError(t, db.Compact(background))
		require.Equal(t, "old", found(t, atOld, "tmp/1"), "merge %d", round+1)
		require.Equal(t, "new", found(t, atNew, "tmp/1"), "merge %d", round+1)
		require.Equal(t, "new", found(t, later, "tmp/1"), "merge %d", round+1)
		require.Contains(t, []string{"-", "new"}, found(t, db, "tmp/1"), "without a snapshot, merge %d", round+1)
	}
	require.NoError(t, errors.Join(atOld.Close(), atNew.Close(), later.Close()))
	put(t, db, "user/1", "z")
	require.NoError(t, db.Compact(background))
	require.Equal(t, "-", found(t, db, "tmp/1"))
	require.Zero(t, versions(t, db, "tmp/1"), "versions that are left when nobody reads them")
}

// While somebody reads at 1, every number from there on is still answered: at 2 there was a value. A merge must leave it, though the
// filter wants it to go, and no snapshot stands at 2 yet.
//
//lab:task 5 points=2
func TestFilter_LeavesNumbersAboveTheOldestReader(t *testing.T) {
	labtest.NoLeaks(t)
	db := openPast(t, plugin.DropPrefix([]byte("tmp/")), 10)
	put(t, db, "user/1", "x")
	oldest := db.Snapshot()
	put(t, db, "tmp/1", "y")
	put(t, db, "user/1", "z")
	require.NoError(t, db.Compact(background))
	value, err := db.GetAt([]byte("tmp/1"), 2)
	require.NoError(t, err, "GetAt 2")
	require.Equal(t, "y", string(value), "GetAt 2")
	at2, err := db.SnapshotAt(2)
	require.NoError(t, err)
	require.NoError(t, oldest.Close())
	require.NoError(t, db.Compact(background))
	require.Equal(t, "y", found(t, at2, "tmp/1"), "a snapshot at 2")
	require.NoError(t, at2.Close())
}

// The newest value is too old, and an older one has no stamp and would live for ever. It lies in a table that the merge does not read.
// What was discarded is deleted: the old value must not come back to life, not in this merge and not in the next.
//
//lab:task 5 points=4
func TestFilter_NeverRevealsAnOlderVersion(t *testing.T) {
	labtest.NoLeaks(t)
	for merged := 1; merged <= 3; merged++ {
		db := openPast(t, plugin.TimeToLive(time.Hour), merged)
		put(t, db, "k", "forever")
		require.NoError(t, db.Flush(background))
		put(t, db, "k", "forever too")
		put(t, db, "k", string(plugin.Stamp(time.Now().Add(-2*time.Hour), []byte("old"))))
		require.NoError(t, db.Compact(background))
		require.Equal(t, "-", found(t, db, "k"), "after a merge of the newest %d runs", merged)
		for range 3 {
			put(t, db, "other", "x")
			require.NoError(t, db.Compact(background))
			require.Equal(t, "-", found(t, db, "k"), "after further merges of the newest %d runs", merged)
		}
	}
}

// Sessions are stamped and live for an hour, by the clock of the merge: one that was written half an hour ago survives it, one of two
// hours ago does not.
//
//lab:task 5 points=2
func TestFilter_TimeToLiveInAMerge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := plugin.Filters(plugin.TimeToLive(time.Hour, []byte("session/")), plugin.DropPrefix([]byte("tmp/")))
		db := openPast(t, f, 10)
		put(t, db, "session/old", string(plugin.Stamp(time.Now(), []byte("ann"))))
		put(t, db, "user/old", string(plugin.Stamp(time.Now(), []byte("bob"))))
		put(t, db, "tmp/1", "x")
		time.Sleep(90 * time.Minute)
		put(t, db, "session/new", string(plugin.Stamp(time.Now(), []byte("cid"))))
		time.Sleep(30 * time.Minute)
		require.NoError(t, db.Compact(background))
		for key, want := range map[string]string{"session/old": "-", "user/old": "bob", "session/new": "cid", "tmp/1": "-"} {
			_, value, _ := plugin.Unstamp([]byte(found(t, db, key)))
			require.Equal(t, want, string(value), key)
		}
		require.NoError(t, db.Close())
	})
}

// Random writes, snapshots, flushes and merges of some or all runs, with a filter that discards "tmp/". Each snapshot says for ever what it
// said first. A key outside says its newest value; one inside that, or nothing, and never an older one.
//
//lab:task 5 points=5 random
func TestFilter_RandomHistories(t *testing.T) {
	labtest.NoLeaks(t)
	keys := []string{"tmp/a", "tmp/b", "user/a"}
	rapid.Check(t, func(t *rapid.T) {
		db := openPast(t, plugin.DropPrefix([]byte("tmp/")), rapid.IntRange(1, 4).Draw(t, "merged"))
		now := map[string]string{"tmp/a": "-", "tmp/b": "-", "user/a": "-"}
		var snapshots []*mvcc.Snapshot
		var shown []map[string]string
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			key := rapid.SampledFrom(keys).Draw(t, "key")
			switch rapid.SampledFrom([]string{"put", "put", "delete", "snapshot", "close", "flush", "compact"}).Draw(t, "what") {
			case "put":
				now[key] = fmt.Sprint("v", step)
				put(t, db, key, now[key])
			case "delete":
				_, err := db.Delete([]byte(key))
				require.NoError(t, err)
				now[key] = "-"
			case "snapshot":
				snapshots, shown = append(snapshots, db.Snapshot()), append(shown, map[string]string{})
				for _, k := range keys {
					shown[len(shown)-1][k] = found(t, snapshots[len(shown)-1], k)
				}
			case "close":
				if len(snapshots) > 0 {
					require.NoError(t, snapshots[0].Close())
					snapshots, shown = snapshots[1:], shown[1:]
				}
			case "flush":
				require.NoError(t, db.Flush(background))
			case "compact":
				require.NoError(t, db.Compact(background))
			}
			for _, k := range keys {
				if got := found(t, db, k); got != now[k] {
					require.Equal(t, "-", got, "%s after step %d, last written %s", k, step, now[k])
					require.Contains(t, k, "tmp/", "a key that the filter does not discard")
					now[k] = "-" // and it stays so
				}
				for i, s := range snapshots {
					require.Equal(t, shown[i][k], found(t, s, k), "%s in a snapshot of %d, after step %d", k, s.Seq(), step)
				}
			}
		}
		require.NoError(t, db.Close())
	})
}
