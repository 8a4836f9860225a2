package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// After Flush, what was in memory stands in one table of level 0: the newest version of each key, and the tombstone of
// "fig", which may still have to hide an older "fig" somewhere below. The memtable is empty again, and every answer is
// what it was before.
//
//lab:task 1 points=3
func TestFlush_MovesMemtableIntoTable(t *testing.T) {
	labtest.NoLeaks(t)
	r := openRig(t, nil)
	r.put(t, "plum", "blue")
	r.put(t, "apple", "red")
	r.put(t, "fig", "violet")
	r.remove(t, "fig")
	r.put(t, "kiwi", "")
	answers := []string{"apple", `"red"`, "fig", "not found", "kiwi", `""`, "plum", `"blue"`, "lime", "not found"}
	r.expect(t, "before the flush", answers...)
	r.flush(t)
	r.expect(t, "after the flush", answers...)
	same(t, "runs, newest first", [][]string{{
		`"apple"#2,set = "red"`, `"fig"#4,delete`, `"kiwi"#5,set = ""`, `"plum"#1,set = "blue"`,
	}}, r.contents(t))
	same(t, "entries of the memtables", []int{0}, r.memtables())
	run := r.Stats().Runs[0]
	require.Equal(t, 0, run.Level, "level of the new run")
	labtest.NoStrayFiles(t, r.mem, rigDir, sstable.FileName(run.Tables[0].Number))
}

// To flush nothing is fine: a new store, and one that has just been flushed. No table file appears, no empty memtable is
// frozen, and the manifest, which would have to write and sync, is not bothered.
//
//lab:task 1 points=2
func TestFlush_OfNothingIsFine(t *testing.T) {
	edits := 0
	r := openRig(t, &engine.Options{Manifest: fakeManifest(func(*version.Edit, *version.Version) error {
		edits++
		return nil
	})})
	r.flush(t)
	r.flush(t)
	require.Empty(t, labtest.Files(t, r.mem, rigDir), "files after the flush of an empty store")
	same(t, "memtables after the flush of an empty store", []int{0}, r.memtables())
	r.put(t, "apple", "red")
	r.flush(t)
	r.flush(t)
	require.Len(t, labtest.Files(t, r.mem, rigDir), 1, "files after one put and two flushes")
	require.Equal(t, 1, edits, "edits that the manifest was asked to record")
}

// Three memtables hold "k" = one, two, three. They reach the disk in the order in which they were written, oldest first.
// If the newest went first, the older ones, still in memory, would be asked before its table: "k" would be two again.
//
//lab:task 1 points=3
func TestFlush_TakesOldestFirst(t *testing.T) {
	var order []uint64
	o := patient()
	o.Listener.FlushBegin = func(id uint64) { order = append(order, id) }
	r := openRig(t, o)
	for _, tag := range []string{"one", "two", "three"} {
		r.putBig(t, "k", tag)
	}
	same(t, "entries of the memtables", []int{1, 1, 1}, r.memtables())
	stats := r.Stats().Memtables
	r.flush(t)
	same(t, "the memtables' IDs in the order of their flushes", []uint64{stats[2].ID, stats[1].ID, stats[0].ID}, order)
	same(t, "runs, newest first", [][]string{{`"k"#3,set = "three"`}, {`"k"#2,set = "two"`}, {`"k"#1,set = "one"`}}, r.contents(t))
	r.expect(t, "after three flushes", "k", `"three"`)
}

// The disk fails at the second of three memtables. The first is on disk then, and it must have been the oldest: readers
// ask the memtables first, so what lies on disk has to be older than everything in memory.
//
//lab:task 1 points=2
func TestFlush_LeavesNewerMemtablesAboveTable(t *testing.T) {
	r := openRig(t, patient())
	for _, tag := range []string{"one", "two", "three"} {
		r.putBig(t, "k", tag)
	}
	tables := 0
	r.fault.FailAt(func(c vfs.Call) bool {
		if c.Op == vfs.OpCreate {
			tables++
		}
		return c.Op == vfs.OpCreate && tables == 2
	}, nil)
	require.ErrorIs(t, r.Flush(context.Background()), vfs.ErrInjected)
	same(t, "runs, newest first", [][]string{{`"k"#1,set = "one"`}}, r.contents(t))
	same(t, "entries of the memtables", []int{0, 1, 1}, r.memtables())
	r.expect(t, "half flushed", "k", `"three"`)
	r.fault.Clear()
	r.flush(t)
	r.expect(t, "flushed", "k", `"three"`)
}

// "k" is written and flushed again and again. The newest table must stand on top, at any time: inserted at the wrong end,
// it is asked last, and the oldest value is the one that everybody sees.
//
//lab:task 1 points=2
func TestFlush_PutsNewTableOnTop(t *testing.T) {
	r := openRig(t, nil)
	for _, tag := range []string{"one", "two", "three"} {
		r.put(t, "k", tag)
		r.put(t, tag, "x")
		r.flush(t)
		r.expect(t, "after the flush of "+tag, "k", `"`+tag+`"`)
	}
	r.remove(t, "k")
	r.flush(t)
	r.expect(t, "after the flush of the tombstone", "k", "not found", "one", `"x"`)
	require.Len(t, r.Stats().Runs, 4)
}

// A flush changes two things: a table appears, a memtable disappears. Readers take the version whenever they like, so
// there must be no version in which only one of the two has happened. Here every version that ever becomes current is
// asked for every key that was acknowledged: if the memtable left in a step of its own, one of them misses its keys.
//
//lab:task 1 points=3
func TestFlush_NoVersionMissesAKey(t *testing.T) {
	var acknowledged []string
	o := patient()
	o.Listener.Changed = func(_, after *version.Version) {
		for _, key := range acknowledged {
			if value, err := after.Get([]byte(key), kv.MaxSeq); err != nil {
				t.Errorf("a version with %d memtables and %d runs: Get(%q): %s", after.Memtables.Len(), len(after.Runs), key, answered(value, err))
			}
		}
	}
	r := openRig(t, o)
	for _, key := range []string{"a", "b", "c", "d"} {
		r.putBig(t, key, "x")
		acknowledged = append(acknowledged, key)
	}
	r.flush(t)
	r.expect(t, "in the end", "a", `"x"`, "b", `"x"`, "c", `"x"`, "d", `"x"`)
	same(t, "entries of the memtables", []int{0}, r.memtables())
}

// The manifest is asked before readers see the edit, since an edit that is visible must not be forgotten. While it writes,
// the old version is the current one, whole: the memtable in it, the table not yet.
//
//lab:task 1 points=2
func TestFlush_IsRecordedBeforeItIsVisible(t *testing.T) {
	var r *rig
	o := patient()
	o.Manifest = fakeManifest(func(edit *version.Edit, after *version.Version) error {
		r.expect(t, "while the manifest writes", "apple", `"red"`)
		same(t, "runs while the manifest writes", [][]string{}, r.contents(t))
		same(t, "entries of the memtables while the manifest writes", []int{0, 1}, r.memtables())
		same(t, "runs that the manifest is shown", [][]string{{`"apple"#1,set = "red"`}}, contents(t, after))
		require.Equal(t, 1, after.Memtables.Len(), "memtables that the manifest is shown")
		require.Same(t, after.Runs[0], edit.Add[0], "the run of the edit")
		return nil
	})
	r = openRig(t, o)
	r.put(t, "apple", "red")
	r.flush(t)
	same(t, "runs in the end", [][]string{{`"apple"#1,set = "red"`}}, r.contents(t))
}

// While the manifest writes, writers go on, and a second memtable is frozen. The edit was worked out before that. If the
// engine now installed the version that it had worked out then, the second memtable would be gone with all its keys. The
// edit must be applied to the version that is current at that moment.
//
//lab:task 1 points=3
func TestFlush_KeepsMemtableThatIsFrozenMeanwhile(t *testing.T) {
	var r *rig
	edits := 0
	o := patient()
	o.Manifest = fakeManifest(func(*version.Edit, *version.Version) error {
		if edits++; edits == 1 {
			r.putBig(t, "banana", "two")
			r.putBig(t, "cherry", "three")
			r.putBig(t, "date", "four")
		}
		return nil
	})
	r = openRig(t, o)
	r.putBig(t, "apple", "one")
	r.flush(t)
	r.expect(t, "after the flush", "apple", `"one"`, "banana", `"two"`, "cherry", `"three"`, "date", `"four"`)
	same(t, "entries of the memtables", []int{1, 1, 1}, r.memtables())
	same(t, "runs", [][]string{{`"apple"#1,set = "one"`}}, r.contents(t))
}

// Flush freezes what is in memory and returns when that is on disk. Writers that go on meanwhile freeze more memtables; a
// Flush that wanted these too might never return. (Above it was the manifest during which they came; here it is the file.)
//
//lab:task 1 points=1
func TestFlush_EndsThoughWritersGoOn(t *testing.T) {
	var r *rig
	n := 0
	o := patient()
	o.Listener.FlushBegin = func(uint64) {
		if n++; n < 20 {
			r.putBig(t, "k", "again")
			r.putBig(t, "k", "and again")
		}
	}
	r = openRig(t, o)
	r.putBig(t, "k", "one")
	r.putBig(t, "k", "two")
	r.flush(t)
	require.Equal(t, 2, n, "flushes: of the two memtables that there were at the beginning")
	r.expect(t, "in the end", "k", `"and again"`)
}

// A caller who has waited long enough ends its context. Flush then stops between two memtables and says so. Nothing is lost,
// and nothing is wrong with the store: the next Flush does the rest.
//
//lab:task 1 points=1
func TestFlush_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o := patient()
	o.Listener.FlushEnd = func(uint64, *sstable.Table, error) { cancel() }
	r := openRig(t, o)
	for _, key := range []string{"a", "b", "c"} {
		r.putBig(t, key, "x")
	}
	require.ErrorIs(t, r.Flush(ctx), context.Canceled)
	same(t, "runs", [][]string{{`"a"#1,set = "x"`}}, r.contents(t))
	r.putBig(t, "d", "x")
	r.flush(t)
	r.expect(t, "in the end", "a", `"x"`, "b", `"x"`, "c", `"x"`, "d", `"x"`)
	same(t, "entries of the memtables", []int{0}, r.memtables())
}

// A crash may come at any moment. When the manifest records the new table, the table's contents must be on the disk, and
// its name in the directory too: these are two things, and two syncs. Here the power fails while the manifest is asked,
// and the disk holds what was synced.
//
//lab:task 1 points=3
func TestFlush_TableIsDurableBeforeItIsRecorded(t *testing.T) {
	var r *rig
	var disk *vfs.Mem
	r = &rig{mem: vfs.NewMem()}
	require.NoError(t, r.mem.MkdirAll(rigDir))
	require.NoError(t, r.mem.SyncDir("."))
	r.fault = vfs.NewFault(r.mem)
	r.open(t, &engine.Options{Manifest: fakeManifest(func(*version.Edit, *version.Version) error {
		disk = r.mem.Crash(vfs.LoseUnsynced)
		return vfs.ErrCrashed
	})})
	r.put(t, "apple", "red")
	require.ErrorIs(t, r.Flush(context.Background()), vfs.ErrCrashed)
	require.NotNil(t, disk, "the manifest was never asked")
	names := labtest.Files(t, disk, rigDir)
	require.Len(t, names, 1, "tables on the disk after the crash")
	f, err := disk.Open(rigDir + "/" + names[0])
	require.NoError(t, err)
	table, err := sstable.Open(f, names[0], 1, sstable.Options{})
	require.NoError(t, err, "open the table that survived")
	defer table.Close()
	value, _, found, err := table.Get([]byte("apple"), kv.MaxSeq)
	require.NoError(t, err)
	require.True(t, found, "apple in the table that survived")
	require.Equal(t, "red", string(value))
}

// A manifest needs more than runs to start from: a file number that is free, the highest sequence number in use, and the
// oldest log that is still needed, which is that of the oldest memtable left.
//
//lab:task 1 points=2
func TestFlush_EditSaysWhereToGoOn(t *testing.T) {
	type numbers struct {
		MinLog uint64
		Last   kv.Seq
	}
	var got, want []numbers
	o := patient()
	o.Manifest = fakeManifest(func(edit *version.Edit, after *version.Version) error {
		left := after.Memtables.Tables()
		want = append(want, numbers{MinLog: left[len(left)-1].ID(), Last: 3})
		got = append(got, numbers{MinLog: edit.MinLog, Last: edit.Last})
		require.Greater(t, edit.Next, edit.Add[0].Tables()[0].Number(), "the next free number, compared with the new table's")
		require.Greater(t, edit.Next, after.Memtables.Active().ID(), "the next free number, compared with the active memtable's")
		require.Equal(t, edit.Flushed.ID(), edit.Add[0].Epoch(), "the run takes the place of its memtable")
		return nil
	})
	r := openRig(t, o)
	for _, key := range []string{"a", "b", "c"} {
		r.putBig(t, key, "x")
	}
	r.flush(t)
	require.Len(t, got, 3, "edits")
	same(t, "numbers in the three edits", want, got)
}
