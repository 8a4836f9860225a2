package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// Verify reads every block of every table. On a sound store it finds nothing; one flipped bit in one block, which no
// lookup may touch for years, it finds, and names file and offset.
//
//lab:task 1 points=1
func TestVerify_FindsOneFlippedBit(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogWritten))
	put(t, s, "apple", bigValue("1"), "banana", bigValue("2"), "cherry", bigValue("3"))
	flush(t, s)
	require.NoError(t, s.Verify(context.Background()), "a sound store")
	names := files(t, d, rigDir, "*.sst")
	require.NotEmpty(t, names)
	path := filepath.Join(rigDir, names[len(names)-1])
	data, err := vfs.ReadFile(d.mem, path)
	require.NoError(t, err)
	data[50] ^= 0x10
	overwrite(t, d, path, data)
	var damage *kv.CorruptionError
	require.ErrorAs(t, s.Verify(context.Background()), &damage)
	require.Equal(t, names[len(names)-1], damage.File, "the file that the error names")
}

// Somebody has removed a table's file, or shortened it. The store has the file open and may never notice; the next Open
// would. And a manifest that says something else than what the store works with is found too, as long as there is time
// to make a copy.
//
//lab:task 1 points=1
func TestVerify_ComparesDirectoryAndManifest(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogWritten))
	put(t, s, "apple", "red")
	manifest := filepath.Join(rigDir, "MANIFEST")
	empty, err := vfs.ReadFile(d.mem, manifest)
	require.NoError(t, err)
	flush(t, s)
	full, err := vfs.ReadFile(d.mem, manifest)
	require.NoError(t, err)
	require.NoError(t, s.Verify(context.Background()))

	overwrite(t, d, manifest, empty)
	require.ErrorIs(t, s.Verify(context.Background()), kv.ErrCorrupt, "a manifest without the table")
	overwrite(t, d, manifest, full)
	require.NoError(t, s.Verify(context.Background()))

	table := filepath.Join(rigDir, files(t, d, rigDir, "*.sst")[0])
	require.NoError(t, d.mem.Rename(table, table+".away"))
	require.Error(t, s.Verify(context.Background()), "a table whose file is gone")
	require.NoError(t, d.mem.Rename(table+".away", table))
	require.NoError(t, s.Verify(context.Background()))
}

// Verify ends when its context does, and says so; on a closed store it says kv.ErrClosed.
//
//lab:task 1 points=1
func TestVerify_EndsWithContextAndStore(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogWritten))
	put(t, s, "apple", "red")
	flush(t, s)
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	require.ErrorIs(t, s.Verify(ctx), context.Canceled)
	require.NoError(t, s.Verify(context.Background()))
	closeStore(t, s)
	require.ErrorIs(t, s.Verify(context.Background()), kv.ErrClosed)
}
