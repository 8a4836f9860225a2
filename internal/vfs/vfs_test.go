package vfs_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/vfs"
)

// each runs a test over every file system, in a directory of its own. They must not differ.
func each(t *testing.T, test func(t *testing.T, fs vfs.FS, dir string)) {
	t.Run("os", func(t *testing.T) { test(t, vfs.OS(), t.TempDir()) })
	t.Run("mem", func(t *testing.T) {
		m := vfs.NewMem()
		require.NoError(t, m.MkdirAll("db"))
		test(t, m, "db")
	})
	t.Run("fault over mem", func(t *testing.T) {
		f := vfs.NewFault(vfs.NewMem())
		require.NoError(t, f.MkdirAll("/db"))
		test(t, f, "/db")
	})
}

// put writes a file and closes it, without a sync.
func put(t require.TestingT, fs vfs.FS, name, data string) {
	f, err := fs.Create(name)
	require.NoError(t, err)
	_, err = f.Write([]byte(data))
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// get reads a file.
func get(t require.TestingT, fs vfs.FS, name string) string {
	data, err := vfs.ReadFile(fs, name)
	require.NoError(t, err)
	return string(data)
}

// What is written can be read, at any offset; the end is io.EOF.
func TestFile_WriteAndReadAt(t *testing.T) {
	each(t, func(t *testing.T, fs vfs.FS, dir string) {
		name := filepath.Join(dir, "a")
		f, err := fs.Create(name)
		require.NoError(t, err)
		for _, part := range []string{"hello", ", ", "world"} {
			n, err := f.Write([]byte(part))
			require.NoError(t, err)
			require.Equal(t, len(part), n)
		}
		size, err := f.Size()
		require.NoError(t, err)
		require.EqualValues(t, 12, size)
		buf := make([]byte, 5)
		n, err := f.ReadAt(buf, 7)
		require.Equal(t, 5, n)
		require.True(t, err == nil || errors.Is(err, io.EOF), "%v", err)
		require.Equal(t, "world", string(buf))
		n, err = f.ReadAt(buf, 10)
		require.Equal(t, 2, n)
		require.ErrorIs(t, err, io.EOF)
		n, err = f.ReadAt(buf, 99)
		require.Zero(t, n)
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, f.Sync())
		require.NoError(t, f.Close())
		size, err = fs.Size(name)
		require.NoError(t, err)
		require.EqualValues(t, 12, size)
		require.Equal(t, "hello, world", get(t, fs, name))
	})
}

// OpenAppend writes behind what is there; Create begins anew.
func TestFS_OpenAppendContinuesAndCreateEmpties(t *testing.T) {
	each(t, func(t *testing.T, fs vfs.FS, dir string) {
		name := filepath.Join(dir, "a")
		put(t, fs, name, "one")
		f, err := fs.OpenAppend(name)
		require.NoError(t, err)
		_, err = f.Write([]byte(" two"))
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Equal(t, "one two", get(t, fs, name))
		put(t, fs, name, "new")
		require.Equal(t, "new", get(t, fs, name))
	})
}

// After a cut, the next write stands at the new end, in both directions.
func TestFile_TruncateMovesTheEnd(t *testing.T) {
	each(t, func(t *testing.T, fs vfs.FS, dir string) {
		name := filepath.Join(dir, "a")
		put(t, fs, name, "0123456789")
		f, err := fs.OpenAppend(name)
		require.NoError(t, err)
		require.NoError(t, f.Truncate(4))
		_, err = f.Write([]byte("x"))
		require.NoError(t, err)
		require.NoError(t, f.Truncate(7))
		_, err = f.Write([]byte("y"))
		require.NoError(t, err)
		require.Error(t, f.Truncate(-1))
		require.NoError(t, f.Close())
		require.Equal(t, "0123x\x00\x00y", get(t, fs, name))
	})
}

// What is not there is an error that says so.
func TestFS_MissingFiles(t *testing.T) {
	each(t, func(t *testing.T, fsys vfs.FS, dir string) {
		missing := filepath.Join(dir, "missing")
		_, err := fsys.Open(missing)
		require.ErrorIs(t, err, fs.ErrNotExist)
		_, err = fsys.OpenAppend(missing)
		require.ErrorIs(t, err, fs.ErrNotExist)
		_, err = fsys.Size(missing)
		require.ErrorIs(t, err, fs.ErrNotExist)
		_, err = fsys.List(missing)
		require.ErrorIs(t, err, fs.ErrNotExist)
		_, err = fsys.Create(filepath.Join(missing, "a"))
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorIs(t, fsys.Remove(missing), fs.ErrNotExist)
		require.ErrorIs(t, fsys.Rename(missing, missing+"2"), fs.ErrNotExist)
		require.ErrorIs(t, fsys.Link(missing, missing+"2"), fs.ErrNotExist)
		require.ErrorIs(t, fsys.SyncDir(missing), fs.ErrNotExist)
	})
}

// Who holds a file open goes on reading it after its name is gone, or is another file's.
func TestFS_OpenFilesOutliveTheirNames(t *testing.T) {
	each(t, func(t *testing.T, fs vfs.FS, dir string) {
		name, other := filepath.Join(dir, "a"), filepath.Join(dir, "b")
		put(t, fs, name, "old")
		f, err := fs.Open(name)
		require.NoError(t, err)
		require.NoError(t, fs.Remove(name))
		put(t, fs, name, "new")
		put(t, fs, other, "other")
		require.NoError(t, fs.Rename(other, name))
		buf := make([]byte, 3)
		_, err = f.ReadAt(buf, 0)
		require.True(t, err == nil || errors.Is(err, io.EOF), "%v", err)
		require.Equal(t, "old", string(buf))
		require.NoError(t, f.Close())
		require.Equal(t, "other", get(t, fs, name))
	})
}

// Rename replaces, Link does not.
func TestFS_RenameAndLink(t *testing.T) {
	each(t, func(t *testing.T, fsys vfs.FS, dir string) {
		a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
		put(t, fsys, a, "A")
		put(t, fsys, b, "B")
		require.NoError(t, fsys.Rename(a, b))
		require.Equal(t, "A", get(t, fsys, b))
		require.NoError(t, fsys.Link(b, c))
		require.ErrorIs(t, fsys.Link(b, c), fs.ErrExist)
		require.NoError(t, fsys.Remove(b))
		require.Equal(t, "A", get(t, fsys, c))
		names, err := fsys.List(dir)
		require.NoError(t, err)
		require.Equal(t, []string{"c"}, names)
	})
}

// List shows files and directories, sorted; MkdirAll may be repeated.
func TestFS_DirectoriesAndList(t *testing.T) {
	each(t, func(t *testing.T, fs vfs.FS, dir string) {
		for range 2 {
			require.NoError(t, fs.MkdirAll(filepath.Join(dir, "x", "y")))
		}
		for _, name := range []string{"b", "a", "c"} {
			put(t, fs, filepath.Join(dir, name), "")
		}
		require.Error(t, fs.MkdirAll(filepath.Join(dir, "a", "b")))
		names, err := fs.List(dir)
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b", "c", "x"}, names)
		require.Error(t, fs.Remove(filepath.Join(dir, "x")), "x is not empty")
		require.NoError(t, fs.Remove(filepath.Join(dir, "x", "y")))
		require.NoError(t, fs.Remove(filepath.Join(dir, "x")))
		require.NoError(t, fs.SyncDir(dir))
	})
}

// Of two who want a lock one gets it, until it is given back.
func TestFS_LockExcludes(t *testing.T) {
	each(t, func(t *testing.T, fs vfs.FS, dir string) {
		name := filepath.Join(dir, "LOCK")
		lock, err := fs.Lock(name)
		require.NoError(t, err)
		_, err = fs.Lock(name)
		require.ErrorIs(t, err, vfs.ErrLocked)
		require.ErrorContains(t, err, "LOCK")
		require.NoError(t, lock.Close())
		require.Error(t, lock.Close())
		again, err := fs.Lock(name)
		require.NoError(t, err)
		require.NoError(t, again.Close())
	})
}

// A file that was opened for reading takes no writes, and a closed one nothing.
func TestFile_RefusesBrokenCalls(t *testing.T) {
	each(t, func(t *testing.T, fsys vfs.FS, dir string) {
		name := filepath.Join(dir, "a")
		put(t, fsys, name, "data")
		f, err := fsys.Open(name)
		require.NoError(t, err)
		_, err = f.Write([]byte("x"))
		require.Error(t, err)
		require.Error(t, f.Truncate(0))
		_, err = f.ReadAt(make([]byte, 1), -1)
		require.Error(t, err)
		require.NoError(t, f.Close())
		_, err = f.ReadAt(make([]byte, 1), 0)
		require.ErrorIs(t, err, fs.ErrClosed)
		_, err = f.Size()
		require.ErrorIs(t, err, fs.ErrClosed)
		require.ErrorIs(t, f.Sync(), fs.ErrClosed)
		require.ErrorIs(t, f.Close(), fs.ErrClosed)
		require.Equal(t, "data", get(t, fsys, name))
	})
}

// Many goroutines may read one file, and use the file system, at once. The race detector looks on.
func TestFS_ConcurrentUse(t *testing.T) {
	each(t, func(t *testing.T, fs vfs.FS, dir string) {
		shared := filepath.Join(dir, "shared")
		put(t, fs, shared, "0123456789")
		f, err := fs.Open(shared)
		require.NoError(t, err)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				own := filepath.Join(dir, fmt.Sprint("own", i))
				for range 20 {
					if err := vfs.WriteFile(fs, own, []byte{byte(i)}); err != nil {
						t.Error(err)
					}
					if _, err := f.ReadAt(make([]byte, 3), int64(i%7)); err != nil {
						t.Error(err)
					}
					if _, err := fs.List(dir); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		require.NoError(t, f.Close())
	})
}

// A random history leaves the same files in memory as on the machine's disk.
func TestMem_BehavesLikeTheOperatingSystem(t *testing.T) {
	top := t.TempDir()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		real, mem := vfs.OS(), vfs.NewMem()
		dir := filepath.Join(top, fmt.Sprint(runs))
		require.NoError(t, real.MkdirAll(dir))
		require.NoError(t, mem.MkdirAll(dir))
		name := rapid.SampledFrom([]string{"a", "b", "c"})
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			op := rapid.IntRange(0, 5).Draw(t, "op")
			one, two := filepath.Join(dir, name.Draw(t, "name")), filepath.Join(dir, name.Draw(t, "to"))
			step := func(fs vfs.FS) error {
				switch op {
				case 0:
					return vfs.WriteFile(fs, one, []byte(two))
				case 1:
					return fs.Remove(one)
				case 2:
					return fs.Rename(one, two)
				case 3:
					return fs.Link(one, two)
				}
				f, err := fs.OpenAppend(one)
				if err != nil {
					return err
				}
				if op == 4 {
					err = f.Truncate(1)
				} else {
					_, err = f.Write([]byte("+"))
				}
				return errors.Join(err, f.Close())
			}
			want, got := step(real), step(mem)
			require.Equal(t, want == nil, got == nil, "os: %v, mem: %v", want, got)
			wantNames, err := real.List(dir)
			require.NoError(t, err)
			names, err := mem.List(dir)
			require.NoError(t, err)
			require.Equal(t, wantNames, names)
			for _, n := range names {
				require.Equal(t, get(t, real, filepath.Join(dir, n)), get(t, mem, filepath.Join(dir, n)), n)
			}
		}
	})
}
