package vfs_test

import (
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/vfs"
)

// files returns everything in a Mem's directory "db".
func files(t require.TestingT, m *vfs.Mem) map[string]string {
	names, err := m.List("db")
	require.NoError(t, err)
	all := map[string]string{}
	for _, name := range names {
		all[name] = get(t, m, "db/"+name)
	}
	return all
}

// newDB returns a Mem with a durable directory "db".
func newDB(t require.TestingT) *vfs.Mem {
	m := vfs.NewMem()
	require.NoError(t, m.MkdirAll("db"))
	require.NoError(t, m.SyncDir("."))
	return m
}

// A file is durable when it is synced and its directory is; each alone is not enough.
func TestMem_CrashForgetsWhatWasNotSynced(t *testing.T) {
	m := newDB(t)
	require.NoError(t, vfs.WriteFile(m, "db/both", []byte("data")))
	put(t, m, "db/entry only", "data")
	require.NoError(t, m.SyncDir("db"))
	require.NoError(t, vfs.WriteFile(m, "db/contents only", []byte("data")))
	require.Equal(t, []string{"db/contents only", "db/entry only"}, m.Unsynced())

	require.Equal(t, map[string]string{"both": "data", "entry only": ""}, files(t, m.Crash(vfs.LoseUnsynced)))
	require.Equal(t, map[string]string{"both": "data", "entry only": "data", "contents only": "data"}, files(t, m.Crash(vfs.KeepUnsynced)))
	_, err := m.List("db")
	require.ErrorIs(t, err, vfs.ErrCrashed)
}

// Removing and renaming, too, are forgotten until the directory is synced.
func TestMem_CrashForgetsChangesOfDirectories(t *testing.T) {
	m := newDB(t)
	for _, name := range []string{"a", "b", "c"} {
		require.NoError(t, vfs.WriteFile(m, "db/"+name, []byte(name)))
	}
	require.NoError(t, m.SyncDir("db"))
	require.NoError(t, m.Remove("db/a"))
	require.NoError(t, m.Rename("db/b", "db/c"))
	require.Equal(t, map[string]string{"c": "b"}, files(t, m.Clone()))
	require.Equal(t, map[string]string{"a": "a", "b": "b", "c": "c"}, files(t, m.Preview(vfs.LoseUnsynced)))
	require.NoError(t, m.SyncDir("db"))
	require.Empty(t, m.Unsynced())
	require.Equal(t, map[string]string{"c": "b"}, files(t, m.Crash(vfs.LoseUnsynced)))
}

// A directory that was made and never synced into the one above it is gone, with all that is in it.
func TestMem_CrashForgetsDirectories(t *testing.T) {
	m := vfs.NewMem()
	require.NoError(t, m.MkdirAll("db"))
	require.NoError(t, vfs.WriteFile(m, "db/a", nil))
	require.NoError(t, m.SyncDir("db"))
	_, err := m.Crash(vfs.LoseUnsynced).List("db")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Equal(t, map[string]string{"a": ""}, files(t, m.Crash(vfs.KeepUnsynced)))
}

// A cut of a file is no more durable than a write.
func TestMem_CrashForgetsACut(t *testing.T) {
	m := newDB(t)
	require.NoError(t, vfs.WriteFile(m, "db/a", []byte("0123456789")))
	require.NoError(t, m.SyncDir("db"))
	f, err := m.OpenAppend("db/a")
	require.NoError(t, err)
	require.NoError(t, f.Truncate(3))
	_, err = f.Write([]byte("3456789"))
	require.NoError(t, err)
	require.Equal(t, []string{"db/a"}, m.Unsynced(), "the same bytes, but written anew")
	_, err = f.Write([]byte("abc"))
	require.NoError(t, err)
	require.Equal(t, "0123456789", get(t, m.Preview(vfs.LoseUnsynced), "db/a"))
	require.NoError(t, f.Sync())
	require.Equal(t, "0123456789abc", get(t, m.Crash(vfs.LoseUnsynced), "db/a"))
}

// The file system that a crash leaves goes on by itself: it can crash again, and the outcome of the first stays what it was.
func TestMem_CrashLeavesAFileSystemOfItsOwn(t *testing.T) {
	m := newDB(t)
	lock, err := m.Lock("db/LOCK")
	require.NoError(t, err)
	require.NoError(t, vfs.WriteFile(m, "db/a", []byte("one")))
	require.NoError(t, m.SyncDir("db"))
	first := m.Crash(vfs.LoseUnsynced)
	require.NoError(t, lock.Close())
	_, err = first.Lock("db/LOCK")
	require.NoError(t, err, "who held a lock died with it")
	f, err := first.OpenAppend("db/a")
	require.NoError(t, err)
	_, err = f.Write([]byte(" two"))
	require.NoError(t, err)
	require.Equal(t, "one", get(t, m.Crash(vfs.LoseUnsynced), "db/a"))
	require.Equal(t, "one", get(t, first.Crash(vfs.LoseUnsynced), "db/a"))
}

// CrashAt stops exactly the n-th operation and all behind it, whichever they are.
func TestMem_CrashAt(t *testing.T) {
	script := func(m *vfs.Mem) (done int) {
		for i := range 5 {
			if vfs.WriteFile(m, fmt.Sprint("db/", i), []byte("x")) != nil || m.SyncDir("db") != nil {
				return done
			}
			done++
		}
		return done
	}
	m := newDB(t)
	before := m.Ops()
	require.Equal(t, 5, script(m))
	perFile := (m.Ops() - before) / 5
	require.Equal(t, 5, perFile, "create, write, sync, close, and the directory's sync")
	for n := 1; n <= 25; n++ {
		m := newDB(t)
		m.CrashAt(m.Ops() + n)
		done := script(m)
		require.Equal(t, (n-1)/perFile, done)
		require.True(t, m.Crashed())
		require.GreaterOrEqual(t, len(files(t, m.Crash(vfs.LoseUnsynced))), done)
	}
}

// The write during which the plug is pulled may have reached the disk, or not.
func TestMem_CrashDuringAWrite(t *testing.T) {
	m := newDB(t)
	f, err := m.Create("db/a")
	require.NoError(t, err)
	require.NoError(t, m.SyncDir("db"))
	m.CrashAt(m.Ops() + 1)
	for range 2 {
		n, err := f.Write([]byte("record"))
		require.Zero(t, n)
		require.ErrorIs(t, err, vfs.ErrCrashed)
	}
	require.Equal(t, "", get(t, m.Crash(vfs.LoseUnsynced), "db/a"))
	require.Equal(t, "record", get(t, m.Crash(vfs.KeepUnsynced), "db/a"))
	outcomes := map[string]bool{}
	for seed := range uint64(500) {
		outcomes[get(t, m.Crash(vfs.Tear(seed)), "db/a")] = true
		require.Equal(t, get(t, m.Crash(vfs.Tear(seed)), "db/a"), get(t, m.Crash(vfs.Tear(seed)), "db/a"))
	}
	require.Contains(t, outcomes, "rec")
	require.Contains(t, outcomes, "record")
	require.Contains(t, outcomes, "")
	require.Contains(t, outcomes, "rec\x00")
}

// Whatever the dice say, a file that was renamed has one of its names, and a rename between directories is not split by
// the sync of one of them.
func TestMem_RenameIsIndivisible(t *testing.T) {
	for seed := range uint64(64) {
		m := newDB(t)
		require.NoError(t, vfs.WriteFile(m, "db/a", []byte("x")))
		require.NoError(t, m.SyncDir("db"))
		require.NoError(t, m.Rename("db/a", "db/b"))
		after := files(t, m.Crash(vfs.Tear(seed)))
		require.Len(t, after, 1, after)
	}
	m := newDB(t)
	require.NoError(t, m.MkdirAll("db2"))
	require.NoError(t, m.SyncDir("/"))
	require.NoError(t, vfs.WriteFile(m, "db/a", nil))
	require.NoError(t, m.Rename("db/a", "db2/a"))
	require.NoError(t, m.SyncDir("db2"))
	after := m.Crash(vfs.LoseUnsynced)
	require.Empty(t, files(t, after))
	names, err := after.List("db2")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, names)
}

// Two names of one file are one file after a crash as before.
func TestMem_LinksSurviveAsOneFile(t *testing.T) {
	m := newDB(t)
	put(t, m, "db/a", "x")
	require.NoError(t, m.Link("db/a", "db/b"))
	after := m.Crash(vfs.KeepUnsynced)
	f, err := after.OpenAppend("db/a")
	require.NoError(t, err)
	_, err = f.Write([]byte("y"))
	require.NoError(t, err)
	require.Equal(t, "xy", get(t, after, "db/b"))
}

// Under every policy, what was synced is there to the byte, and what follows it is a beginning of what was written,
// perhaps with zeros at its end.
func TestMem_SyncedDataSurvivesEveryPolicy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newDB(t)
		f, err := m.Create("db/log")
		require.NoError(t, err)
		require.NoError(t, m.SyncDir("db"))
		var written, synced string
		for range rapid.IntRange(0, 10).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "sync") {
				require.NoError(t, f.Sync())
				synced = written
				continue
			}
			p := rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "write")
			_, err := f.Write([]byte(p))
			require.NoError(t, err)
			written += p
		}
		for _, policy := range vfs.Policies(8) {
			got := get(t, m.Crash(policy), "db/log")
			require.GreaterOrEqual(t, len(got), len(synced))
			require.LessOrEqual(t, len(got), len(written))
			require.Equal(t, synced, got[:len(synced)])
			for i := len(synced); i < len(got); i++ {
				require.True(t, got[i] == written[i] || got[i] == 0)
			}
		}
	})
}
