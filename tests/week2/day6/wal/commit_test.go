package wal_test

import (
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/wal"
)

// begin creates a log with the default committer.
func begin(t labtest.TB, fs vfs.FS, number uint64, o wal.Options) engine.Log {
	t.Helper()
	o.FS = fs
	l, err := wal.New(walDir, o).Create(number)
	require.NoError(t, err, "create log %d", number)
	return l
}

// A write that has returned must survive its process. For that it has to be with the operating system: in the file,
// whatever the disk has of it. It need not be synced, and a sync costs a hundred times as much, so it is not.
//
//lab:task 2 points=2
func TestCommit_HandsToTheOperatingSystem(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	put(t, l, 1, false, batch("a=1"))
	same(t, "log 3 when the process is killed", []string{"after nothing", "#1 a=1"}, recordsIn(t, d.mem.Crash(vfs.KeepUnsynced), 3))
	same(t, "syncs", 0, d.Count(vfs.OpSync, "*.log"))
}

// A synced write must survive its machine: it is on the disk when Commit returns.
//
//lab:task 2 points=2
func TestCommit_SyncIsDurable(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	put(t, l, 1, true, batch("a=1"))
	same(t, "log 3 when the power fails", []string{"after nothing", "#1 a=1"}, recordsIn(t, d.mem.Crash(vfs.LoseUnsynced), 3))
}

// A sync takes longer than anything else that a log does, and Append is called under the engine's lock: if it waited for the disk,
// so would every writer and every freeze of the store. Next writes go into the buffer meanwhile.
//
//lab:task 2 points=2
func TestCommit_AppendGoesOnDuringSync(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	first := l.Append(1, batch("a=1"))
	reached, release := d.BlockAt(vfs.OpSync, "*.log")
	synced := inBackground(func() error { return l.Commit(first, true) })
	reaches(t, "the sync", reached)
	var second int64
	appended := inBackground(func() error { second = l.Append(2, batch("b=1")); return nil })
	require.NoError(t, finished(t, "Append during a sync", appended))
	release()
	require.NoError(t, finished(t, "Commit", synced))
	require.NoError(t, l.Commit(second, false))
	same(t, "log 3", []string{"after nothing", "#1 a=1", "#2 b=1"}, d.records(t, 3))
}

// A batch may be written already when somebody wants it synced: another one's Commit wrote it along. That nothing is
// left to write does not mean that nothing is left to sync.
//
//lab:task 2 points=2
func TestCommit_SyncsWhatOthersHaveWritten(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	one := l.Append(1, batch("a=1"))
	put(t, l, 2, false, batch("b=1"))
	require.NoError(t, l.Commit(one, true))
	same(t, "log 3 when the power fails", []string{"after nothing", "#1 a=1", "#2 b=1"}, recordsIn(t, d.mem.Crash(vfs.LoseUnsynced), 3))
}

// One write takes along all that is pending, and one sync all that is written. Whoever comes to commit something that
// is written, or synced, already returns at once. That is the whole profit of several batches in one log, and with it,
// one day, of group commit.
//
//lab:task 2 points=2
func TestCommit_DoesNothingTwice(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	one, two, three := l.Append(1, batch("a=1")), l.Append(2, batch("b=1")), l.Append(3, batch("c=1"))
	cost := func() []int { return []int{d.Count(vfs.OpWrite, "*.log"), d.Count(vfs.OpSync, "*.log")} }
	for _, step := range []struct {
		what   string
		end    int64
		sync   bool
		writes int
		syncs  int
	}{
		{"the first batch", one, false, 1, 0}, {"the second", two, false, 1, 0}, {"the third, synced", three, true, 1, 1},
		{"the first, synced", one, true, 1, 1}, {"the third again", three, true, 1, 1},
	} {
		require.NoError(t, l.Commit(step.end, step.sync))
		same(t, "writes and syncs after "+step.what, []int{step.writes, step.syncs}, cost())
	}
}

// A sync covers what was written before it, not what was appended since. The batch that comes while nobody looks needs
// a write and a sync of its own.
//
//lab:task 2 points=2
func TestCommit_LaterBatchNeedsItsOwnSync(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	put(t, l, 1, true, batch("a=1"))
	two := l.Append(2, batch("b=1"))
	one := l.Append(3, batch("c=1"))
	require.NoError(t, l.Commit(two, false))
	require.NoError(t, l.Commit(one, true))
	same(t, "log 3 when the power fails", 4, len(recordsIn(t, d.mem.Crash(vfs.LoseUnsynced), 3)))
}

// The error of a full disk reaches the caller as what it is: whoever waits for the write wants to know that it was
// ENOSPC.
//
//lab:task 2 points=1
func TestCommit_ReportsTheDisksError(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpWrite, vfs.OpSync} {
		d := newDisk(t)
		l := begin(t, d, 3, wal.Options{})
		d.FailNext(op, "*.log", syscall.ENOSPC)
		err := l.Commit(l.Append(1, batch("a=1")), true)
		require.ErrorIs(t, err, syscall.ENOSPC, "commit, with a failing %s", op)
		require.ErrorContains(t, err, "000003.log")
	}
}

// One write takes along the batches of all who wait. If it fails, it fails for all of them: whoever comes next must not
// find that his batch was "written along". That goes for those who want no sync, too: nobody asks the disk again for
// them, so it is only the number of what is written that can tell.
//
//lab:task 2 points=2
func TestCommit_FailedWriteFailsForAll(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	one, two := l.Append(1, batch("a=1")), l.Append(2, batch("b=1"))
	d.FailNext(vfs.OpWrite, "*.log", errDisk)
	require.ErrorIs(t, l.Commit(one, false), errDisk, "commit of the first batch, whose write fails and had both batches in it")
	require.ErrorIs(t, l.Commit(two, false), errDisk, "commit of the second batch, which is in no file")
}

// After a sync that failed, the operating system may have thrown away what it could not write, and have forgotten that
// it did: the next sync succeeds, and the bytes are not on the disk. (That is what Linux did, and PostgreSQL found out
// in 2018.) So the first error stays: every later Commit returns it, and the disk is not asked again.
//
//lab:task 2 points=3
func TestCommit_FailedSyncIsNotTriedAgain(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	d.FailNext(vfs.OpSync, "*.log", errDisk)
	one := l.Append(1, batch("a=1"))
	require.ErrorIs(t, l.Commit(one, true), errDisk, "commit whose sync fails")
	require.ErrorIs(t, l.Commit(one, true), errDisk, "the same again")
	require.ErrorIs(t, l.Commit(l.Append(2, batch("b=1")), true), errDisk, "a later batch, synced")
	require.ErrorIs(t, l.Commit(l.Append(3, batch("c=1")), false), errDisk, "a later batch, not synced")
	same(t, "syncs", 1, d.Count(vfs.OpSync, "*.log"))
	same(t, "log 3", []string{"after nothing", "#1 a=1"}, d.records(t, 3))
}

// With LoseOnKill a small write stays in the process, and costs no system call. When there are 32 KiB of them, the one
// who filled the buffer writes all of it.
//
//lab:task 2 points=2
func TestCommit_LoseOnKillWritesFullBuffers(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{LoseOnKill: true})
	value := "key=" + string(make([]byte, 1000))
	next := put(t, l, 1, false, batch(value), batch(value))
	same(t, "bytes in the file after two batches of 1 KB", 0, len(d.contents(t, 3)))
	for next <= 40 {
		next = put(t, l, next, false, batch(value))
	}
	same(t, "writes for 40 batches of 1 KB", 1, d.Count(vfs.OpWrite, "*.log"))
	if kept := 40*1000 - len(d.contents(t, 3)); kept > 32<<10 {
		t.Errorf("%d bytes of 40 KB are still in the process; at most 32 KiB may be", kept)
	}
}

// The first write of a log goes to the file, and what the log before held goes with it. After that the log before is done
// with: the next small write has room in the buffer, and returns at once. Whoever does not let go of the log before pays
// for a system call at every write again.
//
//lab:task 2 points=1
func TestCommit_LoseOnKillLetsGoOfTheLogBefore(t *testing.T) {
	d := newDisk(t)
	logs := wal.New(walDir, wal.Options{FS: d, LoseOnKill: true})
	for number := range uint64(2) {
		l, err := logs.Create(number + 1)
		require.NoError(t, err)
		put(t, l, kv.Seq(3*number+1), false, batch("a=1"), batch("b=1"), batch("c=1"))
	}
	same(t, "files written to", []string{"000001.log", "000002.log"}, writesTo(d))
}

// A write that asks to be synced is synced, whatever the others can afford to lose.
//
//lab:task 2 points=1
func TestCommit_LoseOnKillStillSyncs(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{LoseOnKill: true})
	next := put(t, l, 1, false, batch("a=1"))
	put(t, l, next, true, batch("b=1"))
	same(t, "log 3 when the power fails", []string{"after nothing", "#1 a=1", "#2 b=1"}, recordsIn(t, d.mem.Crash(vfs.LoseUnsynced), 3))
}

// Whoever returns early, because the buffer has room, has not asked the disk. But if the log has failed before, nothing
// in that buffer will ever be written: to acknowledge it would be a lie.
//
//lab:task 2 points=2
func TestCommit_LoseOnKillKnowsOfTheError(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{LoseOnKill: true})
	d.FailNext(vfs.OpWrite, "*.log", errDisk)
	require.ErrorIs(t, l.Commit(l.Append(1, batch("a=1")), true), errDisk)
	require.ErrorIs(t, l.Commit(l.Append(2, batch("b=1")), false), errDisk, "a small write after the log has failed")
}

// Close writes what is still in the buffer and syncs it: a store that was closed loses nothing, whatever it was told
// that it may lose.
//
//lab:task 2 points=2
func TestClose_WritesAndSyncs(t *testing.T) {
	for _, o := range []wal.Options{{}, {LoseOnKill: true}} {
		d := newDisk(t)
		l := begin(t, d, 3, o)
		put(t, l, 1, false, batch("a=1"))
		require.NoError(t, l.Close())
		same(t, "log 3 when the power fails", []string{"after nothing", "#1 a=1"}, recordsIn(t, d.mem.Crash(vfs.LoseUnsynced), 3))
		same(t, "files closed", 1, d.Count(vfs.OpClose, "*.log"))
	}
}

// A log without a write, and one that is synced to its end, have nothing left to sync. Every log is closed, some
// thousand times a day, so it matters.
//
//lab:task 2 points=1
func TestClose_SyncsOnlyWhatIsNew(t *testing.T) {
	d := newDisk(t)
	require.NoError(t, begin(t, d, 3, wal.Options{}).Close())
	same(t, "syncs of a log without a write", 0, d.Count(vfs.OpSync, "000003.log"))
	l := begin(t, d, 4, wal.Options{})
	put(t, l, 1, true, batch("a=1"))
	require.NoError(t, l.Close())
	same(t, "syncs of a log whose last write was synced", 1, d.Count(vfs.OpSync, "000004.log"))
}

// What goes wrong while a log is closed is said, and the file is closed all the same: a handle is never left behind.
// And a log that has failed before says so once more, and writes nothing.
//
//lab:task 2 points=2
func TestClose_ReportsAndCloses(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpWrite, vfs.OpSync, vfs.OpClose} {
		d := newDisk(t)
		l := begin(t, d, 3, wal.Options{LoseOnKill: true})
		put(t, l, 1, false, batch("a=1"))
		d.FailNext(op, "*.log", errDisk)
		require.ErrorIs(t, l.Close(), errDisk, "Close, with a failing %s", op)
		same(t, "files closed, with a failing "+string(op), 1, d.Count(vfs.OpClose, "*.log"))
	}
	d := newDisk(t)
	l := begin(t, d, 3, wal.Options{})
	d.FailNext(vfs.OpWrite, "*.log", errDisk)
	require.Error(t, l.Commit(l.Append(1, batch("a=1")), false))
	require.ErrorIs(t, l.Close(), errDisk, "Close of a log that has failed before")
	same(t, "bytes in the file", 0, len(d.contents(t, 3)))
}

// Many goroutines commit at the same time, some of them synced. Each finds its own batch where it asked for when it
// comes back. With LoseOnKill most of them only look into the buffer, and that has to be done under its lock, too.
//
//lab:task 2 points=2 race
func TestCommit_ManyAtOnce(t *testing.T) {
	const writers, each = 4, 25
	for _, lose := range []bool{false, true} {
		d := newDisk(t)
		l := begin(t, d, 3, wal.Options{LoseOnKill: lose})
		var mu sync.Mutex // stands for the engine's
		next := kv.Seq(1)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for range each {
					mu.Lock()
					end := l.Append(next, batch("key=value"))
					next++
					mu.Unlock()
					if err := l.Commit(end, w == 0); err != nil {
						t.Errorf("commit: %v", err)
					}
				}
			})
		}
		wg.Wait()
		put(t, l, next, true, batch("last=1"))
		same(t, "records, LoseOnKill "+strconv.FormatBool(lose), 2+writers*each, len(d.records(t, 3)))
	}
}

// A random life of one log, in which a write or a sync may fail at any moment. Every batch that was acknowledged is in
// the file, those that were synced are on the disk, and after the first error nothing is acknowledged any more.
//
//lab:task 2 points=3 random
func TestCommit_AcknowledgedIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDisk(t)
		l := begin(t, d, 3, wal.Options{})
		var written, durable int
		failed := false
		next := kv.Seq(1)
		for _, step := range labtest.Ops(12).Draw(t, "batches") {
			switch rapid.IntRange(0, 9).Draw(t, "fault") {
			case 0:
				d.ShortWrite("*.log", rapid.IntRange(1, 50).Draw(t, "bytes"), errDisk)
			case 1:
				d.FailNext(vfs.OpSync, "*.log", errDisk)
			}
			var b kv.Batch
			step.AddTo(&b)
			sync := rapid.Bool().Draw(t, "sync")
			err := l.Commit(l.Append(next, &b), sync)
			next += kv.Seq(b.Len())
			if err == nil && failed {
				t.Fatalf("a commit was acknowledged after one had failed")
			}
			failed = failed || err != nil
			if err == nil {
				written++
			}
			if err == nil && sync {
				durable = written
			}
		}
		if got := max(len(d.records(t, 3))-1, 0); got < written {
			t.Errorf("%d batches were acknowledged, %d are in the file", written, got)
		}
		if got := max(len(recordsIn(t, d.mem.Crash(vfs.LoseUnsynced), 3))-1, 0); got < durable {
			t.Errorf("%d batches were acknowledged as synced, or before one that was; %d are on the disk", durable, got)
		}
	})
}
