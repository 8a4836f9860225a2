package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// someStore returns a disk with a store that was closed: some keys in a table, some in a log, and what it holds.
func someStore(t labtest.TB) (d *disk, want []string) {
	t.Helper()
	d = newDisk()
	s := open(t, d, small(store.LogWritten))
	put(t, s, "apple", "red", "banana", "yellow")
	flush(t, s)
	put(t, s, "cherry", "black")
	closeStore(t, s)
	return diskOf(d.mem.Clone()), []string{"apple = red", "banana = yellow", "cherry = black"}
}

// Open takes a lock, opens the manifest, then tables, then logs, then the engine, and any operation on the way may
// fail. Then what was opened before must be closed, or the process that tries again, once there is room on the disk,
// finds itself locked out by itself. Here each operation of an Open fails in turn.
//
//lab:task 1 points=4
func TestOpen_FailureLeavesNothingOpen(t *testing.T) {
	labtest.NoLeaks(t)
	image, want := someStore(t)
	full := errors.New("no space left on device")
	failing := func(point int) (d *disk, failed *vfs.Call) {
		d, failed = diskOf(image.mem.Clone()), &vfs.Call{}
		d.FailAt(func(c vfs.Call) bool {
			if c.Op == vfs.OpClose {
				return false // a file is closed, whatever it says
			}
			point--
			if point == -1 {
				*failed = c
			}
			return point == -1
		}, full)
		return d, failed
	}
	for point := 0; ; point++ {
		d, failed := failing(point)
		s, err := tryOpen(t, d, rigDir, small(store.LogWritten))
		if failed.Op == "" {
			require.NoError(t, err, "an Open in which nothing fails")
			require.Greater(t, point, 15, "operations in an Open")
			break
		}
		what := fmt.Sprintf("operation %d of Open fails: %s %s", point+1, failed.Op, failed.Name)
		if err == nil {
			closeStore(t, s) // nothing depends on it: an orphan that could not be removed
		} else {
			require.ErrorIs(t, err, full, what)
			allClosed(t, d, what, *failed)
		}
		if t.Failed() {
			return // one example is enough
		}
		d.Clear()
		s, err = tryOpen(t, d, rigDir, small(store.LogWritten))
		require.NoError(t, err, "%s; then the second attempt", what)
		holds(t, what+"; then the second attempt", s, want...)
		closeStore(t, s)
	}
}

// Options that cannot be are refused before anything is touched: a log mode that does not exist, and a store that is to
// sync the log that it does not have.
//
//lab:task 1 points=1
func TestOpen_RefusesOptionsThatCannotBe(t *testing.T) {
	d := newDisk()
	_, err := tryOpen(t, d, rigDir, small(store.LogMode(7)))
	require.ErrorContains(t, err, "LogMode")
	o := small(store.LogOff)
	o.Sync = true
	_, err = tryOpen(t, d, rigDir, o)
	require.ErrorContains(t, err, "LogOff")
	require.Empty(t, d.Log(), "operations of the file system")
	closeStore(t, open(t, d, small(store.LogOff))) // a good one opens
}

// A batch of three writes was being written when the process died, and of its bytes any number may have arrived.
// Whatever that number is: all three are there afterwards, or none. A transfer that has taken and not given is worse
// than one that was never made. The batch before it, which was whole, stays in any case.
//
//lab:task 1 points=3
func TestOpen_ReplaysBatchWholeOrNotAtAll(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogWritten))
	put(t, s, "apple", "10", "banana", "10")
	log := filepath.Join(rigDir, files(t, d, rigDir, "*.log")[0])
	before, err := vfs.ReadFile(d.mem, log)
	require.NoError(t, err)
	require.NoError(t, s.Apply(batch("apple=3", "-banana", "cherry=7")))
	killed := d.crashed(true)
	data, err := vfs.ReadFile(killed.mem, log)
	require.NoError(t, err)
	for size := len(before); size <= len(data); size++ {
		torn := diskOf(killed.mem.Clone())
		overwrite(t, torn, log, data[:size])
		s := open(t, torn, small(store.LogWritten))
		what := fmt.Sprintf("%d of %d bytes of the batch have arrived", size-len(before), len(data)-len(before))
		switch {
		case size < len(data):
			holds(t, what, s, "apple = 10", "banana = 10")
		default:
			holds(t, what, s, "apple = 3", "cherry = 7")
		}
		require.Equal(t, size > len(before) && size < len(data), len(s.Lost()) > 0, "%s: Lost tells: %v", what, s.Lost())
		closeStore(t, s)
	}
}

// A torn end of a log is daily life. A byte that has changed in its middle is not: what comes behind was acknowledged,
// and to leave it out in silence would be a lie. Open refuses, says where the damage is, and leaves every file as it
// found it.
//
//lab:task 1 points=2
func TestOpen_RefusesDamagedLog(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogWritten))
	put(t, s, "apple", "red", "banana", "yellow", "cherry", "black")
	killed := d.crashed(true)
	name := files(t, killed, rigDir, "*.log")[0]
	data, err := vfs.ReadFile(killed.mem, filepath.Join(rigDir, name))
	require.NoError(t, err)
	data[len(data)/2] ^= 1
	overwrite(t, killed, filepath.Join(rigDir, name), data)

	_, err = tryOpen(t, killed, rigDir, small(store.LogWritten))
	var damage *kv.CorruptionError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, name, damage.File, "the file that the error names")
	allClosed(t, killed, "after the refusal")
	after, err := vfs.ReadFile(killed.mem, filepath.Join(rigDir, name))
	require.NoError(t, err)
	labtest.DiffBytes(t, "the damaged log", data, after)
}

// A log that must be synced has failed to be. Is the batch on the disk? Nobody knows, so it is not shown, and from then
// on every write is refused: a later one that succeeds would stand on a log with a hole. Reads go on. Opening the store
// again, with a disk that works, reads what is there and begins anew.
//
//lab:task 1 points=3
func TestWrite_FailedLogStopsWritesUntilReopen(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpWrite, vfs.OpSync} {
		t.Run(string(op), func(t *testing.T) {
			d := newDisk()
			s := open(t, d, small(store.LogWritten))
			put(t, s, "apple", "red")
			d.FailNext(op, "*.log", nil)
			_, err := s.Write(batch("banana=yellow", "-apple"), true)
			require.ErrorIs(t, err, vfs.ErrInjected, "the write whose log failed")
			for range 2 {
				err = s.Put([]byte("cherry"), []byte("black"))
				require.ErrorIs(t, err, kv.ErrReadOnly, "a write afterwards, though the disk works again")
				require.ErrorIs(t, err, vfs.ErrInjected, "a write afterwards gives the reason")
				require.ErrorIs(t, s.Sync(), kv.ErrReadOnly, "a sync afterwards")
			}
			holds(t, "read-only", s, "apple = red")
			_ = s.Close() // it may report the log's error once more

			s = open(t, d, small(store.LogWritten))
			if got := held(t, s); len(got) != 1 || (got[0] != "apple = red" && got[0] != "banana = yellow") {
				t.Errorf("opened again: %v; want the state before the failed batch, or after it, and no mixture", got)
			}
			put(t, s, "cherry", "black")
			want := held(t, s)
			closeStore(t, s)
			holds(t, "opened once more", open(t, d, small(store.LogWritten)), want...)
		})
	}
}

// The manifest failed in the middle of a flush, so whether it has recorded the table is in doubt. The store becomes
// read-only rather than to guess, keeps the log, and after a restart every key is there, once.
//
//lab:task 1 points=2
func TestFlush_FailedManifestLosesNothing(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpWrite, vfs.OpSync} {
		for _, late := range []bool{false, true} { // the operation has not happened, or its answer was lost
			d := newDisk()
			s := open(t, d, small(store.LogWritten))
			put(t, s, "apple", "red", "banana", "yellow")
			if late {
				d.FailAfter(op, "MANIFEST*", nil)
			} else {
				d.FailNext(op, "MANIFEST*", nil)
			}
			what := fmt.Sprintf("%s of the manifest failed, after it took effect: %t", op, late)
			require.ErrorIs(t, s.Flush(t.Context()), vfs.ErrInjected, what)
			require.ErrorIs(t, s.Put([]byte("cherry"), nil), kv.ErrReadOnly, what)
			holds(t, what, s, "apple = red", "banana = yellow")
			_ = s.Close()
			s = open(t, d, small(store.LogWritten))
			holds(t, what+"; opened again", s, "apple = red", "banana = yellow")
			require.NoError(t, s.Verify(t.Context()), what)
			closeStore(t, s)
		}
	}
}

// A synced write promises that all writes before it are durable too, in whatever log they are. Here an earlier one is
// in the log of a frozen memtable, which nobody has synced. After a power cut both are there: a later write without the
// earlier one would be a history that never was.
//
//lab:task 1 points=2
func TestWrite_SyncedWriteBringsOlderLogsAlong(t *testing.T) {
	d := newDisk()
	o := small(store.LogWritten)
	o.MaxMemtables, o.StallMemtables = 8, 16
	s := open(t, d, o)
	put(t, s, "a", bigValue("1"), "b", bigValue("2"), "c", bigValue("3"))
	require.Equal(t, 3, len(s.Stats().Memtables), "memtables")
	_, err := s.Write(batch("d=4"), true)
	require.NoError(t, err)
	cut := d.crashed(false)
	holds(t, "after a power cut", open(t, cut, o), "a = 1", "b = 2", "c = 3", "d = 4")
}
