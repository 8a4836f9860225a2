package vfs_test

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/vfs"
)

// newFault returns a Fault over a Mem with a directory "db".
func newFault(t *testing.T) *vfs.Fault {
	return vfs.NewFault(newDB(t))
}

// FailNext hits the next call that matches, without effect, and no other.
func TestFault_FailNext(t *testing.T) {
	f := newFault(t)
	mine := errors.New("mine")
	f.FailNext(vfs.OpCreate, "*.sst", mine)
	put(t, f, "db/a.log", "")
	_, err := f.Create("db/a.sst")
	require.ErrorIs(t, err, mine)
	_, err = f.Open("db/a.sst")
	require.ErrorIs(t, err, fs.ErrNotExist)
	put(t, f, "db/a.sst", "")
}

// FailAlways goes on until Clear; FailAt asks a function.
func TestFault_FailAlwaysAndFailAt(t *testing.T) {
	f := newFault(t)
	f.FailAlways(vfs.OpSync, "", nil)
	for range 3 {
		require.ErrorIs(t, vfs.WriteFile(f, "db/a", nil), vfs.ErrInjected)
	}
	f.Clear()
	require.NoError(t, vfs.WriteFile(f, "db/a", nil))
	f.FailAt(func(c vfs.Call) bool { return c.Op == vfs.OpRename && c.To == "db/CURRENT" }, nil)
	require.NoError(t, f.Rename("db/a", "db/b"))
	require.ErrorIs(t, f.Rename("db/b", "db/CURRENT"), vfs.ErrInjected)
}

// FailAfter reports a failure of something that was done.
func TestFault_FailAfter(t *testing.T) {
	f := newFault(t)
	put(t, f, "db/a", "")
	f.FailAfter(vfs.OpRename, "b", nil)
	require.ErrorIs(t, f.Rename("db/a", "db/b"), vfs.ErrInjected)
	_, err := f.Size("db/b")
	require.NoError(t, err)
	f.FailAfter(vfs.OpLock, "", nil)
	_, err = f.Lock("db/LOCK")
	require.ErrorIs(t, err, vfs.ErrInjected)
	lock, err := f.Lock("db/LOCK")
	require.NoError(t, err, "a lock that nobody got is not held")
	require.NoError(t, lock.Close())
}

// A short write writes a part, says how much, and fails.
func TestFault_ShortWrite(t *testing.T) {
	f := newFault(t)
	file, err := f.Create("db/a")
	require.NoError(t, err)
	for _, c := range []struct{ n, want int }{{3, 3}, {0, 0}, {99, 6}} {
		f.ShortWrite("a", c.n, nil)
		n, err := file.Write([]byte("record"))
		require.ErrorIs(t, err, io.ErrShortWrite)
		require.Equal(t, c.want, n)
	}
	require.NoError(t, file.Close())
	require.Equal(t, "recrecord", get(t, f, "db/a"))
}

// A blocked operation waits before it does anything, others pass, and release lets it go on.
func TestFault_BlockAt(t *testing.T) {
	f := newFault(t)
	reached, release := f.BlockAt(vfs.OpCreate, "*.sst")
	done := make(chan error)
	go func() { done <- vfs.WriteFile(f, "db/1.sst", []byte("x")) }()
	<-reached
	_, err := f.Size("db/1.sst")
	require.ErrorIs(t, err, fs.ErrNotExist)
	put(t, f, "db/2.sst", "others pass: the rule is for one call")
	release()
	release()
	require.NoError(t, <-done)
	require.Equal(t, "x", get(t, f, "db/1.sst"))
}

// Clear lets go whoever waits, and whoever would have waited.
func TestFault_ClearReleases(t *testing.T) {
	f := newFault(t)
	reached, _ := f.BlockAt(vfs.OpSyncDir, "db")
	done := make(chan error)
	go func() { done <- f.SyncDir("db") }()
	<-reached
	f.BlockAt(vfs.OpList, "")
	f.Clear()
	require.NoError(t, <-done)
	_, err := f.List("db")
	require.NoError(t, err)
}

// A Close that fails has closed the file; a failed Open leaves none open.
func TestFault_CloseTakesEffect(t *testing.T) {
	f := newFault(t)
	file, err := f.Create("db/a")
	require.NoError(t, err)
	f.FailNext(vfs.OpClose, "", nil)
	require.ErrorIs(t, file.Close(), vfs.ErrInjected)
	require.ErrorIs(t, file.Close(), fs.ErrClosed)
	f.FailAfter(vfs.OpOpen, "", nil)
	_, err = f.Open("db/a")
	require.ErrorIs(t, err, vfs.ErrInjected)
	require.Equal(t, 3, f.Count(vfs.OpClose, "a")+f.Count(vfs.OpOpen, "a"))
}

// The log tells what was done, in order; the counts also count reads.
func TestFault_LogAndCount(t *testing.T) {
	f := newFault(t)
	require.NoError(t, vfs.WriteFile(f, "db/a", []byte("x")))
	require.NoError(t, f.Rename("db/a", "db/b"))
	require.Equal(t, "x", get(t, f, "db/b"))
	require.Equal(t, []vfs.Call{
		{Op: vfs.OpCreate, Name: "db/a"}, {Op: vfs.OpWrite, Name: "db/a"}, {Op: vfs.OpSync, Name: "db/a"}, {Op: vfs.OpClose, Name: "db/a"},
		{Op: vfs.OpRename, Name: "db/a", To: "db/b"},
		{Op: vfs.OpOpen, Name: "db/b"}, {Op: vfs.OpClose, Name: "db/b"},
	}, f.Log())
	require.Equal(t, 1, f.Count(vfs.OpRead, ""))
	require.Equal(t, 5, f.Count("", "a"))
	require.Equal(t, 1, f.Count(vfs.OpRename, "b"), "a rename matches by either name")
	require.Panics(t, func() { f.FailNext("", "[", nil) })
}
