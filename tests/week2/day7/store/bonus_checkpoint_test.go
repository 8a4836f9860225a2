package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// copyDir is where the tests make their copies.
const copyDir = "copies/monday"

// formatted returns options with a fact that every opening must repeat, of the store and of its copies.
func formatted() *store.Options {
	o := small(store.LogWritten)
	o.Format = map[string]string{"partitions": "4"}
	return o
}

// checkpoint copies a store to copyDir.
func checkpoint(t labtest.TB, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Checkpoint(context.Background(), copyDir), "checkpoint")
}

// openCopy opens the copy.
func openCopy(t labtest.TB, d *disk) *store.Store {
	t.Helper()
	s, err := tryOpen(t, d, copyDir, formatted())
	require.NoError(t, err, "open the copy")
	return s
}

// filled returns an open store with keys in tables and in memory.
func filled(t labtest.TB, d *disk) *store.Store {
	t.Helper()
	s := open(t, d, formatted())
	put(t, s, "apple", "1", "banana", "1")
	flush(t, s)
	put(t, s, "apple", "2", "cherry", "2")
	flush(t, s)
	require.NoError(t, s.Delete([]byte("banana")))
	put(t, s, "date", "3")
	return s
}

// A copy is a store. It has everything that was written before, also what was only in memory. From then on both are
// written and merged without knowing of each other: what the original removes stays with the copy, and nothing that is
// written to one appears in the other.
//
//lab:task bonus points=3
func TestCheckpoint_CopyAndOriginalLiveOn(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	s := filled(t, d)
	checkpoint(t, s)
	put(t, s, "apple", "original", "egg", "original")
	compact(t, s)
	holds(t, "the original", s, "apple = original", "cherry = 2", "date = 3", "egg = original")

	c := openCopy(t, d)
	holds(t, "the copy", c, "apple = 2", "cherry = 2", "date = 3")
	put(t, c, "apple", "copy", "fig", "copy")
	flush(t, c)
	holds(t, "the copy, written", c, "apple = copy", "cherry = 2", "date = 3", "fig = copy")
	compact(t, c)
	require.NoError(t, c.Verify(context.Background()))
	closeStore(t, c)
	closeStore(t, s)
	holds(t, "the copy, opened again", openCopy(t, d), "apple = copy", "cherry = 2", "date = 3", "fig = copy")
	again := open(t, d, formatted())
	holds(t, "the original, opened again", again, "apple = original", "cherry = 2", "date = 3", "egg = original")
	require.NoError(t, again.Verify(context.Background()))
}

// When Checkpoint has returned, the copy is there, even if the power goes right afterwards: the names of its files, and
// that of its directory.
//
//lab:task bonus points=2
func TestCheckpoint_IsDurable(t *testing.T) {
	d := newDisk()
	require.NoError(t, d.MkdirAll("copies"))
	require.NoError(t, d.SyncDir("."))
	s := filled(t, d)
	checkpoint(t, s)
	cut := d.crashed(false)
	holds(t, "the copy, after a power cut", openCopy(t, cut), "apple = 2", "cherry = 2", "date = 3")
}

// Directories above the copy may be missing. Checkpoint makes them, and each of their names is an entry of the one
// above, which the power takes if nobody has synced it.
//
//lab:task bonus points=1
func TestCheckpoint_MakesDirectoriesDurable(t *testing.T) {
	d := newDisk()
	s := filled(t, d)
	checkpoint(t, s)
	holds(t, "the copy, after a power cut", openCopy(t, d.crashed(false)), "apple = 2", "cherry = 2", "date = 3")
}

// Two checkpoints go to the same directory at the same time. One of them is told that it is not empty; and then it must
// not clean up what the other has made.
//
//lab:task bonus points=1
func TestCheckpoint_SecondLeavesFirstAlone(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	s := filled(t, d)
	flush(t, s)
	reached, release := d.BlockAt(vfs.OpLink, "")
	first := inBackground(func() error { return s.Checkpoint(context.Background(), copyDir) })
	reaches(t, "a table gets its second name", reached)
	second := inBackground(func() error { return s.Checkpoint(context.Background(), copyDir) })
	letOthersRun()
	release()
	require.NoError(t, finished(t, "the first checkpoint", first))
	require.Error(t, finished(t, "the second checkpoint", second))
	holds(t, "the copy", openCopy(t, d), "apple = 2", "cherry = 2", "date = 3")
}

// The copy takes names, and no bytes: of a store of a terabyte a copy must not take a terabyte. No table is written but
// those of the flush.
//
//lab:task bonus points=1
func TestCheckpoint_CopiesNoData(t *testing.T) {
	d := newDisk()
	s := filled(t, d)
	flush(t, s)
	created := d.Count(vfs.OpCreate, "*.sst")
	checkpoint(t, s)
	require.Equal(t, created, d.Count(vfs.OpCreate, "*.sst"), "tables created")
	require.Equal(t, 3, d.Count(vfs.OpLink, "*.sst"), "tables linked")
}

// The directory is taken: by another copy, or by something that nobody wants to lose. Checkpoint refuses, and changes
// nothing in it.
//
//lab:task bonus points=1
func TestCheckpoint_RefusesDirectoryInUse(t *testing.T) {
	d := newDisk()
	s := filled(t, d)
	require.NoError(t, d.MkdirAll(copyDir))
	overwrite(t, d, copyDir+"/diary.txt", []byte("dear diary"))
	require.ErrorContains(t, s.Checkpoint(context.Background(), copyDir), "diary.txt")
	same(t, "files in the directory", []string{"diary.txt"}, labtest.Files(t, d.mem, copyDir))
	require.ErrorContains(t, s.Checkpoint(context.Background(), rigDir), "not empty", "a copy of a store into its own directory")
	holds(t, "the original", s, "apple = 2", "cherry = 2", "date = 3")
}

// The power goes in the middle. A copy that has a manifest is complete. One that has not is refused by Open, unless
// there is nothing in it yet. What must never be: a directory that opens, and lacks something. And the original does
// not care.
//
//lab:task bonus points=3
func TestCheckpoint_InterruptedIsCompleteOrRefused(t *testing.T) {
	labtest.NoLeaks(t)
	for point := 1; ; point++ {
		d := newDisk()
		s := filled(t, d)
		require.NoError(t, s.Sync())
		require.NoError(t, d.MkdirAll("copies"))
		require.NoError(t, d.SyncDir("."))
		d.mem.CrashAt(d.mem.Ops() + point)
		err := s.Checkpoint(context.Background(), copyDir)
		complete := err == nil
		_ = s.Close()
		for i, policy := range vfs.Policies(8) {
			after := diskOf(d.mem.Crash(policy))
			what := fmt.Sprintf("crash at operation %d of Checkpoint, outcome %d", point, i)
			names, _ := after.List(copyDir)
			c, err := tryOpen(t, after, copyDir, formatted())
			switch {
			case slices.Contains(names, "MANIFEST"):
				require.NoError(t, err, "%s: there is a manifest; open", what)
				holds(t, what, c, "apple = 2", "cherry = 2", "date = 3")
			case slices.ContainsFunc(names, func(name string) bool { return name != "MANIFEST.tmp" }):
				require.ErrorContains(t, err, "MANIFEST", "%s: tables without a manifest; open", what)
			}
			holds(t, what+"; the original", open(t, after, formatted()), "apple = 2", "cherry = 2", "date = 3")
		}
		if complete {
			require.Greater(t, point, 8, "operations of a checkpoint")
			return
		}
	}
}

// Each operation fails in turn. Checkpoint says so, the directory is empty again, so that a second attempt needs no
// cleaning up, and the original goes on as if nothing had happened.
//
//lab:task bonus points=2
func TestCheckpoint_FailureLeavesDirectoryEmpty(t *testing.T) {
	for point := 0; ; point++ {
		d := newDisk()
		s := filled(t, d)
		flush(t, s)
		n, failed := point, ""
		d.FailAt(func(c vfs.Call) bool {
			n--
			if n == -1 {
				failed = fmt.Sprintf("%s %s fails", c.Op, c.Name)
			}
			return n == -1
		}, nil)
		err := s.Checkpoint(context.Background(), copyDir)
		d.Clear()
		if failed == "" {
			require.NoError(t, err)
			require.Greater(t, point, 8, "operations of a checkpoint")
			return
		}
		require.ErrorIs(t, err, vfs.ErrInjected, failed)
		if names, err := d.List(copyDir); err == nil {
			require.Empty(t, names, "%s: files in the directory", failed)
		}
		put(t, s, "date", "3")
		checkpoint(t, s)
		c := openCopy(t, d)
		holds(t, failed+"; the second attempt", c, "apple = 2", "cherry = 2", "date = 3")
		closeStore(t, c)
	}
}

// What is in memory comes into the copy by the flush. If that fails, a copy would lack it, and must not pass for one.
//
//lab:task bonus points=1
func TestCheckpoint_ReportsFailedFlush(t *testing.T) {
	d := newDisk()
	s := filled(t, d)
	d.FailNext(vfs.OpSync, "*.sst", nil)
	require.ErrorIs(t, s.Checkpoint(context.Background(), copyDir), vfs.ErrInjected, "Checkpoint, whose flush fails")
	if names, err := d.List(copyDir); err == nil {
		require.Empty(t, names, "files in the directory")
	}
	checkpoint(t, s)
	holds(t, "the second attempt", openCopy(t, d), "apple = 2", "cherry = 2", "date = 3")
}

// While the names are made, a merge must not remove its inputs: a table that is on the list and gone from the disk
// would end the copy. So the engine holds still. Writes go on meanwhile, and are not in the copy.
//
//lab:task bonus points=2
func TestCheckpoint_HoldsMergesAndNotWriters(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	s := filled(t, d)
	reached, release := d.BlockAt(vfs.OpLink, "")
	copied := inBackground(func() error { return s.Checkpoint(context.Background(), copyDir) })
	reaches(t, "the first link", reached)
	merged := inBackground(func() error { return s.Compact(context.Background()) })
	for range 100 {
		letOthersRun() // a merge that is not held has removed its inputs by then
	}
	put(t, s, "late", "4")
	release()
	require.NoError(t, finished(t, "Checkpoint", copied))
	require.NoError(t, finished(t, "Compact", merged))
	holds(t, "the copy", openCopy(t, d), "apple = 2", "cherry = 2", "date = 3")
	holds(t, "the original", s, "apple = 2", "cherry = 2", "date = 3", "late = 4")
}

// Somebody has thought better of it. Checkpoint ends with its context, and leaves the directory empty.
//
//lab:task bonus points=1
func TestCheckpoint_EndsWithContext(t *testing.T) {
	d := newDisk()
	s := filled(t, d)
	flush(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	links := 0
	d.FailAt(func(c vfs.Call) bool {
		if c.Op == vfs.OpLink {
			links++
			cancel()
		}
		return false
	}, nil)
	require.ErrorIs(t, s.Checkpoint(ctx, copyDir), context.Canceled)
	require.Equal(t, 1, links, "tables linked: the context ended during the first")
	require.Empty(t, labtest.Files(t, d.mem, copyDir), "files in the directory")
}
