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

// reopen opens the logs of a disk.
func reopen(t labtest.TB, fs vfs.FS, minLog uint64) (*wal.Logs, *wal.Recovered) {
	t.Helper()
	logs, found, err := wal.Open(walDir, wal.Options{FS: fs}, minLog)
	require.NoError(t, err, "open")
	return logs, found
}

// summary returns what was found, in words: each memtable with its ID and versions, newest first, and the last number.
func summary(t labtest.TB, found *wal.Recovered) []string {
	t.Helper()
	lines := []string{}
	for _, table := range found.Memtables {
		entries, err := labtest.Collect(table.NewIterator())
		require.NoError(t, err)
		lines = append(lines, fmt.Sprintf("memtable %d: %v", table.ID(), labtest.Lines(entries)))
	}
	return append(lines, fmt.Sprintf("last write: %d", found.Last))
}

// lost returns the names of the logs of which something was cut off, and where.
func lost(found *wal.Recovered) []string {
	lines := []string{}
	for _, l := range found.Lost {
		lines = append(lines, fmt.Sprintf("%s from %d on", l.File, l.Offset))
	}
	return lines
}

// three is a history in three logs: writes 1 and 2 in log 1, 3 in log 4, 4 and 5 in log 6.
func three() []refLog {
	return []refLog{
		logOf(1, batch("a=1"), batch("b=1")), logOf(4, batch("a=2")), logOf(6, batch("-b"), batch("c=1")),
	}
}

// afterThree is what a replay of three finds.
func afterThree() []string {
	return []string{
		`memtable 6: ["b"#4,delete "c"#5,set = "1"]`, `memtable 4: ["a"#3,set = "2"]`,
		`memtable 1: ["a"#1,set = "1" "b"#2,set = "1"]`, "last write: 5",
	}
}

// Each log becomes a memtable again, the newest first, since that is where readers begin. Last is the number after
// which new writes go on, Next one that no log has. And the logs stay where they are: their memtables are in memory
// only. Removing them is the engine's affair, when it has made tables of them.
//
//lab:task 4 points=3
func TestOpen_ReplaysAllLogs(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, three()...)
	for round := range 2 {
		_, found := reopen(t, d, 0)
		what := fmt.Sprintf("open number %d", round+1)
		same(t, what, afterThree(), summary(t, found))
		same(t, what+": next number", uint64(7), found.Next)
		same(t, what+": lost", []string{}, lost(found))
		same(t, "logs after "+what, []string{"000001.log", "000004.log", "000006.log"}, labtest.Files(t, d.mem, walDir))
	}
}

// Logs are replayed in the order of their numbers. Names with more digits come first in the alphabet, and last in
// history.
//
//lab:task 4 points=1
func TestOpen_OrdersByNumber(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, logOf(999_998, batch("a=1")), logOf(999_999, batch("a=2")), logOf(1_000_000, batch("a=3")))
	_, found := reopen(t, d, 0)
	same(t, "open", []string{
		`memtable 1000000: ["a"#3,set = "3"]`, `memtable 999999: ["a"#2,set = "2"]`, `memtable 999998: ["a"#1,set = "1"]`, "last write: 3",
	}, summary(t, found))
}

// The manifest says from which log on something is not in a table yet. Older logs are not replayed, not even read, and
// removed: whoever removed them last time may have been interrupted. The first that is left follows on something that
// is in a table, and that is fine.
//
//lab:task 4 points=2
func TestOpen_RemovesFlushedLogs(t *testing.T) {
	for minLog, want := range map[uint64][]string{
		4: {"000004.log", "000006.log"}, 5: {"000006.log"}, 6: {"000006.log"}, 7: {},
	} {
		d := newDisk(t)
		refHistory(t, d, three()...)
		d.replace(t, 1, []byte("not even a log"))
		_, found := reopen(t, d, minLog)
		what := fmt.Sprintf("open with minLog %d", minLog)
		same(t, what+": memtables", len(want), len(found.Memtables))
		same(t, what+": next number", uint64(7), found.Next)
		same(t, what+": files", append([]string{}, want...), append([]string{}, labtest.Files(t, d.mem, walDir)...))
	}
}

// An empty directory, and other files in it, are nobody's logs.
//
//lab:task 4 points=1
func TestOpen_NothingThere(t *testing.T) {
	d := newDisk(t)
	for _, name := range []string{"MANIFEST", "000007.sst", "7.log", "x.log"} {
		require.NoError(t, vfs.WriteFile(d.mem, walDir+"/"+name, []byte("?")))
	}
	_, found := reopen(t, d, 0)
	same(t, "open", []string{"last write: 0"}, summary(t, found))
	same(t, "files", []string{"000007.sst", "7.log", "MANIFEST", "x.log"}, labtest.Files(t, d.mem, walDir))
}

// A crash may come between the creation of a log and its first write: the file has no bytes then, or half a header, or
// zeros. Such a log holds nothing, and must not keep the store from opening. It is removed, but its number is not given
// again at once.
//
//lab:task 4 points=2
func TestOpen_LogThatWasNeverWritten(t *testing.T) {
	for _, data := range [][]byte{{}, refBytes(t, 7, 1, batch("a=1"))[:11], make([]byte, 24), refBytes(t, 7, 1, batch("a=1"))[:30]} {
		d := newDisk(t)
		refHistory(t, d, three()...)
		d.replace(t, 7, data)
		_, found := reopen(t, d, 0)
		same(t, "open", afterThree(), summary(t, found))
		same(t, "next number", uint64(8), found.Next)
		same(t, "logs", []string{"000001.log", "000004.log", "000006.log"}, labtest.Files(t, d.mem, walDir))
	}
}

// The last log ends in the middle of a record: that write was never acknowledged as durable. The records before it are
// replayed, the rest is cut off the file and reported.
//
//lab:task 4 points=2
func TestOpen_CutsTornTail(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, three()...)
	data := d.contents(t, 6)
	d.replace(t, 6, data[:len(data)-1])
	_, found := reopen(t, d, 0)
	want := afterThree()
	want[0], want[3] = `memtable 6: ["b"#4,delete]`, "last write: 4"
	same(t, "open", want, summary(t, found))
	end := mustRead(t, 6, data).Records[1].Offset
	same(t, "lost", []string{fmt.Sprintf("000006.log from %d on", end)}, lost(found))
	same(t, "bytes in log 6 after the power has failed", end, int64(len(overMem(t, d.mem.Crash(vfs.LoseUnsynced)).contents(t, 6))))
}

// The rule of the hole. Log 1 has lost its last write; log 4, which came later, is whole. To replay it would make a
// history that never was: write 3 without write 2. So at the first hole all that follows is cut, whole logs too, and
// said.
//
//lab:task 4 points=3
func TestOpen_NothingBehindAHole(t *testing.T) {
	d := newDisk(t)
	refHistory(t, d, three()...)
	data := d.contents(t, 1)
	d.replace(t, 1, data[:len(data)-1])
	_, found := reopen(t, d, 0)
	same(t, "open", []string{`memtable 1: ["a"#1,set = "1"]`, "last write: 1"}, summary(t, found))
	same(t, "next number", uint64(7), found.Next)
	same(t, "lost", []string{
		fmt.Sprintf("000001.log from %d on", mustRead(t, 1, data).Records[1].Offset), "000004.log from 0 on", "000006.log from 0 on",
	}, lost(found))
	same(t, "logs", []string{"000001.log"}, labtest.Files(t, d.mem, walDir))
	same(t, "what a crash could still undo", 0, len(d.mem.Unsynced()))
}

// A log that is missing altogether is a hole too, and so is one that lost all its records. What lies before it is a
// history; what lies behind it is not.
//
//lab:task 4 points=3
func TestOpen_MissingLogIsAHole(t *testing.T) {
	firstTwo := []string{afterThree()[2], "last write: 2"}
	nothing := []string{"last write: 0"}
	for _, c := range []struct {
		what   string
		number uint64
		minLog uint64
		empty  bool
		want   []string
	}{
		{"log 4 is missing", 4, 0, false, firstTwo}, {"log 4 is empty", 4, 0, true, firstTwo},
		{"log 1, the first, is missing", 1, 1, false, nothing}, {"log 1, the first, is empty", 1, 1, true, nothing},
		{"log 4 is missing and the first that is needed", 4, 4, false, nothing},
	} {
		d := newDisk(t)
		refHistory(t, d, three()...)
		d.replace(t, c.number, nil)
		if !c.empty {
			require.NoError(t, d.mem.Remove(walDir+"/"+fmt.Sprintf("%06d.log", c.number)))
		}
		_, found := reopen(t, d, c.minLog)
		same(t, c.what, c.want, summary(t, found))
		same(t, c.what+": logs", len(c.want)-1, len(labtest.Files(t, d.mem, walDir)))
	}
}

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
