package wal_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/wal"
)

// raw is a log whose commits are the test's own affair: it writes when the test says so.
type raw struct {
	engine.Log
	wal.Flusher
}

// nobody is a Committer that is never asked.
type nobody struct{}

func (nobody) Commit(int64, bool) error { panic("nobody should have called Commit") }

// rawLogs makes logs on a disk, and keeps each one's Flusher.
type rawLogs struct {
	*wal.Logs
	last wal.Flusher
}

// newRawLogs returns logs that nobody commits.
func newRawLogs(fs vfs.FS) *rawLogs {
	r := &rawLogs{}
	r.Logs = wal.New(walDir, wal.Options{FS: fs, Committer: func(f wal.Flusher) wal.Committer {
		r.last = f
		return nobody{}
	}})
	return r
}

// begin creates a log.
func (r *rawLogs) begin(t labtest.TB, number uint64) raw {
	t.Helper()
	l, err := r.Create(number)
	require.NoError(t, err, "create log %d", number)
	return raw{Log: l, Flusher: r.last}
}

// write is Write, which must succeed.
func (r raw) write(t labtest.TB) int64 {
	t.Helper()
	end, err := r.Write()
	require.NoError(t, err, "write")
	return end
}

// The bytes of a log are a promise to every later version of your program, which will have to read the logs of this
// one. So they are fixed, byte by byte: the header, the opening, and for each batch a frame with number, count and
// writes.
//
//lab:task 1 points=3
func TestAppend_GoldenBytes(t *testing.T) {
	d := newDisk(t)
	l := newRawLogs(d).begin(t, 12)
	l.Append(300, batch("apple=red", "-fig"))
	l.Append(302, batch("member="))
	l.write(t)
	labtest.DiffBytes(t, "log 12", goldenLog(), d.contents(t, 12))
}

// A record ends where the next one begins, and its place in the file goes into its checksum. What was written long ago
// counts, though the buffer has been empty since. If offsets begin again with 0 after each write, the second record is
// one of another place: whoever replays the log takes it for rubbish.
//
//lab:task 1 points=2
func TestAppend_EndsCountWhatIsWritten(t *testing.T) {
	d := newDisk(t)
	l := newRawLogs(d).begin(t, 3)
	for i := range 4 {
		end := l.Append(kv.Seq(i+1), batch(fmt.Sprintf("k%d=v", i)))
		same(t, fmt.Sprintf("Append of batch %d ends, Write of it ends, the file ends", i+1),
			[]int64{end, end, end}, []int64{end, l.write(t), int64(len(d.contents(t, 3)))})
	}
	same(t, "log 3", []string{"after nothing", "#1 k0=v", "#2 k1=v", "#3 k2=v", "#4 k3=v"}, d.records(t, 3))
}

// Append is called under the engine's lock: everybody who writes waits for it. So it works in memory and does not touch
// the file, and what is not written yet is not in the file. A log that never got a batch has no bytes at all.
//
//lab:task 1 points=2
func TestAppend_DoesNoIO(t *testing.T) {
	d := newDisk(t)
	l := newRawLogs(d).begin(t, 3)
	l.write(t)
	before := d.mem.Ops()
	for i := range 1000 {
		l.Append(kv.Seq(i+1), batch("key=value"))
	}
	same(t, "operations of 1000 appends", 0, d.mem.Ops()-before)
	same(t, "bytes in the file", 0, len(d.contents(t, 3)))
	l.write(t)
	same(t, "records in the file after one Write", 1+1000, len(d.records(t, 3)))
	same(t, "writes for that", 1, d.Count(vfs.OpWrite, "000003.log"))
}

// Each log says in its opening which write came before its first: the log, and the sequence number of that log's last
// write. With a batch of three the last number is two more than the first. When a log is replayed, this is what shows
// whether something is missing between two logs.
//
//lab:task 1 points=2
func TestAppend_NextLogNamesTheLastWrite(t *testing.T) {
	d := newDisk(t)
	logs := newRawLogs(d)
	one := logs.begin(t, 1)
	logs.begin(t, 2) // never gets a write: it is no part of history
	three := logs.begin(t, 3)
	one.Append(1, batch("a=1"))
	one.Append(2, batch("b=1", "-c", "d="))
	three.Append(5, batch("a=2"))
	three.write(t)
	same(t, "log 3", []string{"after write 4 of log 1", "#5 a=2"}, d.records(t, 3))
}

// While one buffer is on its way to the disk, writers go on: Append takes the other buffer and does not wait. And it
// must not touch the bytes that are being written. Reuse that memory too early, and the file holds the second batch
// twice and the first one never.
//
//lab:task 1 points=3 race
func TestAppend_GoesOnDuringWrite(t *testing.T) {
	d := newDisk(t)
	l := newRawLogs(d).begin(t, 3)
	for round := range 3 { // three, so that each of two buffers has been used before
		first := kv.Seq(2*round + 1)
		ends := []int64{l.Append(first, batch(fmt.Sprintf("first=%d", round)))}
		reached, release := d.BlockAt(vfs.OpWrite, "*.log")
		written := make(chan int64, 1)
		wrote := inBackground(func() error { end, err := l.Write(); written <- end; return err })
		reaches(t, "the write", reached)
		appended := inBackground(func() error {
			ends = append(ends, l.Append(first+1, batch(fmt.Sprintf("other=%d", round))))
			return nil
		})
		require.NoError(t, finished(t, "Append during a write", appended))
		release()
		require.NoError(t, finished(t, "Write", wrote))
		same(t, "the write that began before the second append ends", ends[0], <-written)
		same(t, "the next write ends", ends[1], l.write(t))
	}
	want := []string{"after nothing"}
	for round := range 3 {
		want = append(want, fmt.Sprintf("#%d first=%d", 2*round+1, round), fmt.Sprintf("#%d other=%d", 2*round+2, round))
	}
	same(t, "log 3", want, d.records(t, 3))
}

// A write is one record of a busy store: 400,000 of them come each second. Two buffers that change places, and one for
// the body in the making, are all the memory that a log needs. A buffer made anew for each write, or for each record,
// feeds the garbage collector instead.
//
//lab:task 1 points=1
func TestAppend_AllocatesNothing(t *testing.T) {
	d := newDisk(t)
	l := newRawLogs(quiet{d}).begin(t, 3)
	b := batch("key=" + string(make([]byte, 100)))
	next := kv.Seq(1)
	step := func() {
		for range 100 {
			l.Append(next, b)
			next++
			l.write(t)
		}
	}
	for range 5 {
		step()
	}
	// Package record may take a few bytes for a checksum; a buffer that grows takes many times that.
	if got := testing.AllocsPerRun(20, step); got > 105 {
		t.Errorf("100 times an append and a write: %.0f allocations, want at most one small one for each", got)
	}
}

// quiet is a file system whose logs swallow what is written.
type quiet struct{ vfs.FS }

func (q quiet) Create(name string) (vfs.File, error) {
	f, err := q.FS.Create(name)
	return swallows{f}, err
}

// swallows is a file of quiet.
type swallows struct{ vfs.File }

func (swallows) Write(p []byte) (int, error) { return len(p), nil }

// A log's file is found after a crash only if its name is durable, and that is the directory's sync and not the file's.
// Create does it once, before the first write: a synced write in a file that nobody finds is lost.
//
//lab:task 1 points=2
func TestCreate_NameIsDurable(t *testing.T) {
	d := newDisk(t)
	newRawLogs(d).begin(t, 7)
	same(t, "files after a crash that forgets what is not synced", []string{"000007.log"},
		labtest.Files(t, d.mem.Crash(vfs.LoseUnsynced), walDir))
}

// If the directory cannot be synced, there is no log: Create returns the error, and leaves no file behind that a later
// start would have to think about, and no handle.
//
//lab:task 1 points=1
func TestCreate_FailureLeavesNothing(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpSyncDir} {
		d := newDisk(t)
		d.FailNext(op, "", errDisk)
		_, err := newRawLogs(d).Create(7)
		require.ErrorIs(t, err, errDisk, "Create, with a failing %s", op)
		labtest.NoStrayFiles(t, d.mem, walDir)
		if op == vfs.OpSyncDir {
			same(t, "files closed, with a failing "+string(op), 1, d.Count(vfs.OpClose, "*.log"))
		}
	}
}
