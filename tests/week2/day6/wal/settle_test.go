package wal_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/wal"
)

// A log is a link of the chain if it goes on where the one before it *now* ends. Log 1 was torn in an earlier crash;
// the run after it went on from what was left. Whatever still stands behind the end of log 1, this is no hole.
//
//lab:task 4 points=2
func TestOpen_TornTailOfAnEarlierCrash(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, three()[:2]...)
	data := d.contents(t, 1)
	d.replace(t, 1, append(data, data[len(data)-20:]...))
	_, found := reopen(t, d, 0)
	same(t, "open", []string{afterThree()[1], afterThree()[2], "last write: 3"}, summary(t, found))
	same(t, "bytes in log 1", len(data), len(d.contents(t, 1)))
}

// What is cut off is gone for good before anything new is written: the numbers of its writes come again. Here writes 3
// to 5 are cut off, the store goes on with another write 3, and the power fails at the worst moment. If a log with the
// old write 3 came back, there would be two of them.
//
//lab:task 4 points=3
func TestOpen_WhatIsCutStaysCut(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, three()...)
	data := d.contents(t, 4)
	d.replace(t, 4, data[:len(data)-1])
	logs, found := reopen(t, d, 0)
	l, err := logs.Create(found.Next)
	require.NoError(t, err)
	put(t, l, found.Last+1, true, batch("a=another"))
	for _, policy := range vfs.Policies(5) {
		after := overMem(t, d.mem.Crash(policy))
		_, found := reopen(t, after, 0)
		same(t, "open after the next crash", []string{`memtable 7: ["a"#3,set = "another"]`, afterThree()[2], "last write: 3"}, summary(t, found))
		same(t, "lost in it", []string{}, lost(found))
	}
}

// A process was killed; its machine goes on. The log is complete, but only in the machine's memory. The store opens,
// replays it, and goes on in a new log, with synced writes. If the power fails now, these must not be all that is left:
// what is replayed is synced first.
//
//lab:task 4 points=3
func TestOpen_SyncsWhatItReplays(t *testing.T) {
	d := newDisk(t)
	l := begin(t, d, 1, wal.Options{})
	put(t, l, 1, false, batch("a=1"), batch("b=1"))
	logs, found := reopen(t, d, 0)
	next, err := logs.Create(found.Next)
	require.NoError(t, err)
	put(t, next, found.Last+1, true, batch("a=2"))
	_, found = reopen(t, overMem(t, d.mem.Crash(vfs.LoseUnsynced)), 0)
	same(t, "open after the power has failed", []string{`memtable 2: ["a"#3,set = "2"]`, afterThree()[2], "last write: 3"}, summary(t, found))
}

// The first log of a new run must name the write before its first, in a log of the run before: otherwise the next start
// takes it for the beginning of a history, or for what follows a hole. Numbers may have been left out between the two.
//
//lab:task 4 points=2
func TestOpen_NextLogGoesOn(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, three()...)
	logs, _ := reopen(t, d, 0)
	l, err := logs.Create(9)
	require.NoError(t, err)
	put(t, l, 11, false, batch("d=1"))
	same(t, "log 9", []string{"after write 5 of log 6", "#11 d=1"}, d.records(t, 9))
	_, found := reopen(t, d, 0)
	same(t, "open", append([]string{`memtable 9: ["d"#11,set = "1"]`}, afterThree()[:3]...), summary(t, found)[:4])
}

// Damage in the middle of a log is an error with its name. The files stay as they are, all of them, so that somebody
// can look: an Open that has already cut a torn tail elsewhere, or removed a log, would have destroyed what could have
// been mended.
//
//lab:task 4 points=2
func TestOpen_DamageChangesNothing(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, append([]refLog{logOf(1, batch("z=1"))}, logOf(2, batch("a=1"), batch("b=1")), logOf(3, batch("c=1"), batch("d=1")))...)
	data := d.contents(t, 3)
	data = slices.Clone(data)
	data[mustRead(t, 3, data).Records[0].Offset+14] ^= 1
	d.replace(t, 3, data)
	d.replace(t, 2, append(slices.Clone(d.contents(t, 2)), "torn"...))
	before := filesOf(t, d.mem)
	_, _, err := wal.Open(walDir, wal.Options{FS: d}, 2)
	require.ErrorIs(t, err, kv.ErrCorrupt)
	require.ErrorContains(t, err, "000003.log")
	same(t, "files", before, filesOf(t, d.mem))
}

// filesOf returns the contents of all files in the directory.
func filesOf(t labtest.TB, fs vfs.FS) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range labtest.Files(t, fs, walDir) {
		data, err := vfs.ReadFile(fs, walDir+"/"+name)
		require.NoError(t, err)
		files[name] = string(data)
	}
	return files
}

// Recovery itself may crash, at any of its operations, and fail at any of them. The next start finds the same history:
// nothing of what is kept was touched, and nothing of what is cut has come back.
//
//lab:task 4 points=3
func TestOpen_CrashesDuringRecovery(t *testing.T) {
	start := newDisk(t)
	refHistory(t, start, three()...)
	data := start.contents(t, 4)
	start.replace(t, 4, append(slices.Clone(data), "torn"...))
	start.replace(t, 6, nil)
	start.replace(t, 7, behindAHole())
	start.replace(t, 8, []byte{1})
	want := []string{afterThree()[1], afterThree()[2], "last write: 3"}
	for at := 1; ; at++ {
		d := overMem(t, start.mem.Clone())
		d.mem.CrashAt(d.mem.Ops() + at)
		_, _, err := wal.Open(walDir, wal.Options{FS: d}, 0)
		if !d.mem.Crashed() {
			require.NoError(t, err)
			require.Greater(t, at, 10, "operations of a recovery")
			return
		}
		require.ErrorIs(t, err, vfs.ErrCrashed, "open that crashes at operation %d", at)
		for _, policy := range vfs.Policies(3) {
			after := overMem(t, d.mem.Crash(policy))
			_, found := reopen(t, after, 0)
			same(t, fmt.Sprintf("open after a crash at operation %d of the one before", at), want, summary(t, found))
			same(t, "logs", []string{"000001.log", "000004.log"}, slices.Sorted(maps.Keys(filesOf(t, after.mem))))
		}
	}
}

// behindAHole returns the bytes of log 7, whose first write follows on write 8 of log 5.
func behindAHole() []byte { return forge([]byte{5, 8}, body(9, 1, batch("x=1").Encoded())) }

// Open brings the files into the state that it has replayed, and promises that they are in it. If one step of that fails, say a log
// behind a hole that cannot be removed, the promise is broken: the log would come back one day, with numbers that belong
// to other writes by then. So each failure is Open's. And no file stays open.
//
//lab:task 4 points=2
func TestOpen_SaysWhatItCouldNotDo(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpOpenAppend, vfs.OpTruncate, vfs.OpSync, vfs.OpRemove, vfs.OpSyncDir} {
		d := newDisk(t)
		refHistory(t, d, logOf(1, batch("a=1"), batch("b=1")), logOf(4, batch("a=2")))
		data := d.contents(t, 1)
		d.replace(t, 1, data[:len(data)-1])
		broken := overMem(t, d.mem)
		broken.FailNext(op, "", errDisk)
		_, _, err := wal.Open(walDir, wal.Options{FS: broken}, 0)
		require.ErrorIs(t, err, errDisk, "Open of a history with a hole, with a failing %s", op)
		opened := broken.Count(vfs.OpOpen, "*.log") + broken.Count(vfs.OpOpenAppend, "*.log")
		if op == vfs.OpOpenAppend {
			opened-- // that one failed
		}
		same(t, "files closed, with a failing "+string(op), opened, broken.Count(vfs.OpClose, "*.log"))
	}
}
