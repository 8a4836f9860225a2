package wal_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

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
