package partition_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// logOf matches operations on the logs of one partition.
func logOf(op vfs.Op, i int) func(vfs.Call) bool {
	return in(op, i, ".log")
}

// in matches operations on the files of one partition that have a suffix.
func in(op vfs.Op, i int, suffix string) func(vfs.Call) bool {
	prefix := fmt.Sprintf("%s/partition_%d/", rigDir, i)
	return func(c vfs.Call) bool {
		name := filepath.ToSlash(c.Name)
		return c.Op == op && strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix)
	}
}

// Partitions 0 and 2 cannot sync their logs when the database is closed. Both errors are reported, with the partition
// that they come from; partition 1 is closed as if nothing had happened, all files are closed, and the lock is free. A
// Close that stops at the first error leaves a directory that nobody can open until the process ends.
//
//lab:task 2 points=3
func TestClose_ClosesAllAndJoinsErrors(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	db := open(t, d, by(partition.Ranges("b", "c")))
	put(t, db, "a", "1", "b", "2", "c", "3")
	d.FailAt(logOf(vfs.OpSync, 0), vfs.ErrCrashed)
	d.FailAt(logOf(vfs.OpSync, 2), vfs.ErrInjected)
	err := db.Close()
	require.ErrorContains(t, err, "partition 0")
	require.ErrorContains(t, err, "partition 2")
	require.NotContains(t, err.Error(), "partition 1")
	require.ErrorIs(t, err, vfs.ErrCrashed, "the error of partition 0")
	require.ErrorIs(t, err, vfs.ErrInjected, "the error of partition 2")
	allClosed(t, d, "after a Close that failed")
	d.Clear()
	finds(t, "partition 1, after a power cut", open(t, d.mem.Preview(vfs.LoseUnsynced), by(partition.Ranges("b", "c"))), "b=2")
	finds(t, "opened again", open(t, d, by(partition.Ranges("b", "c"))), "a=1", "b=2", "c=3")
}

// A database can be closed once. After that everything is refused, and the next opener comes in.
//
//lab:task 2 points=1
func TestClose_Once(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Hash(2)))
	put(t, db, "a", "1")
	closeDB(t, db)
	require.ErrorIs(t, db.Close(), kv.ErrClosed, "a second Close")
	require.ErrorIs(t, db.Put([]byte("a"), nil), kv.ErrClosed)
	_, err := db.Get([]byte("a"))
	require.ErrorIs(t, err, kv.ErrClosed)
	require.ErrorIs(t, db.Sync(), kv.ErrClosed)
	finds(t, "opened again", open(t, d, by(partition.Hash(2))), "a=1")
}

// The lock is the last thing that Close gives back: the next opener may begin to move keys at once, and must not meet
// a partition that is still being closed.
//
//lab:task 2 points=1
func TestClose_GivesTheLockBackLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		db := open(t, d, by(partition.Hash(2)))
		_, release := d.BlockAt(vfs.OpClose, "*.log")
		done := make(chan error, 1)
		go func() { done <- db.Close() }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("Close has returned while a log is being closed (error %v)", err)
		default:
		}
		require.ErrorIs(t, db.Close(), kv.ErrClosed, "a second Close meanwhile")
		_, err := tryOpen(t, d, by(partition.Hash(3)))
		require.ErrorIs(t, err, vfs.ErrLocked, "another opener, while Close is closing a log")
		release()
		require.NoError(t, <-done)
		closeDB(t, open(t, d, by(partition.Hash(2))))
	})
}

// One partition's disk is full. A flush of all partitions reports it, and flushes the others all the same: an error is
// no reason to leave work undone that can be done.
//
//lab:task 2 points=2
func TestFlush_OneFailureStopsNoOther(t *testing.T) {
	for broken := range 3 {
		d := newDisk()
		db := open(t, d, by(partition.Ranges("b", "c")))
		put(t, db, "a", "1", "b", "2", "c", "3")
		d.FailAt(in(vfs.OpCreate, broken, ".sst"), nil)
		err := db.Flush(context.Background())
		require.ErrorIs(t, err, vfs.ErrInjected)
		require.ErrorContains(t, err, fmt.Sprintf("partition %d", broken))
		d.Clear()
		for i := range 3 {
			tables := 1
			if i == broken {
				tables = 0
			}
			files := 0
			for _, name := range labtest.Files(t, d, fmt.Sprintf("%s/partition_%d", rigDir, i)) {
				if len(name) > 4 && name[len(name)-4:] == ".sst" {
					files++
				}
			}
			require.Equal(t, tables, files, "tables of partition %d, after a flush that partition %d could not do", i, broken)
		}
	}
}
