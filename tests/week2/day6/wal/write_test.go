package wal_test

import (
	"path"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
)

// A write that fails may have written a part. What is in the file now, nobody knows; whatever is written behind it
// stands in the wrong place. So the first error is the last thing that happens to a log: every later Write returns it
// and writes nothing, also when the disk works again.
//
//lab:task 1 points=2
func TestWrite_FirstErrorStays(t *testing.T) {
	d := newDisk(t)
	l := newRawLogs(d).begin(t, 3)
	l.Append(1, batch("a=1"))
	l.write(t)
	l.Append(2, batch("b=1"))
	d.ShortWrite("*.log", 5, errDisk)
	_, err := l.Write()
	require.ErrorIs(t, err, errDisk, "Write that could only write 5 bytes")
	size := len(d.contents(t, 3))
	l.Append(3, batch("c=1"))
	_, err = l.Write()
	require.ErrorIs(t, err, errDisk, "Write after it")
	_, err = l.Write()
	require.ErrorIs(t, err, errDisk, "Write after that, with nothing to write")
	same(t, "bytes in the file, before and after", size, len(d.contents(t, 3)))
	same(t, "log 3", []string{"after nothing", "#1 a=1"}, d.records(t, 3))
}

// io.Writer promises an error if it writes less than it was given. A database does not bet on that: if fewer bytes were
// written and no error came, it is io.ErrShortWrite. Otherwise the batch is acknowledged, and half of it is in the
// file.
//
//lab:task 1 points=2
func TestWrite_NoticesShortWrite(t *testing.T) {
	d := newDisk(t)
	l := newRawLogs(shortens{d}).begin(t, 3)
	l.Append(1, batch("a=1"))
	_, err := l.Write()
	require.ErrorContains(t, err, "short write", "Write, of which the file took all but one byte")
}

// shortens is a file system whose logs write one byte less than they were given, and say nothing.
type shortens struct{ vfs.FS }

func (s shortens) Create(name string) (vfs.File, error) {
	f, err := s.FS.Create(name)
	return &shortFile{f}, err
}

// shortFile is a file of shortens.
type shortFile struct{ vfs.File }

func (f *shortFile) Write(p []byte) (int, error) { return f.File.Write(p[:len(p)-1]) }

// Two logs are one history. If write 2, in a new log, is in the file while write 1, in the log before it, is still in a
// buffer, a killed process leaves a history with a hole. So whoever writes a log writes what is pending in the one
// before it, first.
//
//lab:task 1 points=3
func TestWrite_LogBeforeComesFirst(t *testing.T) {
	d := newDisk(t)
	logs := newRawLogs(d)
	one, two, four := logs.begin(t, 1), logs.begin(t, 2), logs.begin(t, 4)
	one.Append(1, batch("a=1"))
	two.Append(2, batch("a=2"))
	four.Append(3, batch("a=3"))
	four.write(t)
	same(t, "files written, in order", []string{"000001.log", "000002.log", "000004.log"}, writesTo(d))
	same(t, "log 1", []string{"after nothing", "#1 a=1"}, d.records(t, 1))
	four.Append(4, batch("a=4"))
	four.write(t)
	same(t, "files written in all", 4, len(writesTo(d)))

	six, eight := logs.begin(t, 6), logs.begin(t, 8)
	six.Append(5, batch("a=5"))
	eight.Append(6, batch("a=6"))
	reached, release := d.BlockAt(vfs.OpWrite, "000006.log")
	wrote := inBackground(func() error { _, err := eight.Write(); return err })
	reaches(t, "the write of log 6, for log 8", reached)
	appended := inBackground(func() error { eight.Append(7, batch("a=7")); return nil })
	require.NoError(t, finished(t, "Append to log 8 while log 6, before it, is being written", appended))
	release()
	require.NoError(t, finished(t, "Write", wrote))
}

// writesTo returns the files that were written to, in order.
func writesTo(d *disk) []string {
	var names []string
	for _, c := range d.Log() {
		if c.Op == vfs.OpWrite {
			names = append(names, path.Base(c.Name))
		}
	}
	return names
}

// The log before may be on its way at this very moment, in somebody else's hands: its buffer is empty then, and its bytes are not in
// the file. Whoever takes the empty buffer for "all written" writes a later log first, and a process that is killed now
// leaves a hole.
//
//lab:task 1 points=2
func TestWrite_WaitsForTheLogBeforeOnItsWay(t *testing.T) {
	d := newDisk(t)
	logs := newRawLogs(d)
	one, four := logs.begin(t, 1), logs.begin(t, 4)
	one.Append(1, batch("a=1"))
	four.Append(2, batch("a=2"))
	reached, release := d.BlockAt(vfs.OpWrite, "000001.log")
	first := inBackground(func() error { _, err := one.Write(); return err })
	reaches(t, "the write of log 1", reached)
	second := inBackground(func() error { _, err := four.Write(); return err })
	for range 1000 {
		runtime.Gosched() // so that the second can go as far as it dares
	}
	same(t, "logs whose write has begun, while that of log 1 is under way", []string{"000001.log"}, writesTo(d))
	release()
	require.NoError(t, finished(t, "Write of log 1", first))
	require.NoError(t, finished(t, "Write of log 4", second))
	same(t, "logs written, in order", []string{"000001.log", "000004.log"}, writesTo(d))
}

// If the log before cannot be written, this one must not be either: its write would outlive an earlier one. The error
// is this log's too, for good.
//
//lab:task 1 points=2
func TestWrite_FailureOfTheLogBefore(t *testing.T) {
	d := newDisk(t)
	logs := newRawLogs(d)
	one, two := logs.begin(t, 1), logs.begin(t, 2)
	one.Append(1, batch("a=1"))
	two.Append(2, batch("a=2"))
	d.FailNext(vfs.OpWrite, "000001.log", errDisk)
	for range 2 {
		_, err := two.Write()
		require.ErrorIs(t, err, errDisk, "Write of log 2")
	}
	same(t, "bytes of log 2", 0, len(d.contents(t, 2)))
}

// Random batches, and a Write now and then: what the reference reads is what was appended, in order, with its numbers.
//
//lab:task 1 points=2 random
func TestAppend_ReferenceReadsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDisk(t)
		logs := newRawLogs(d)
		l := logs.begin(t, 9)
		next := kv.Seq(rapid.Uint64Range(1, 1<<50).Draw(t, "first"))
		want := []string{}
		for _, step := range labtest.Ops(20).Draw(t, "batches") {
			var b kv.Batch
			step.AddTo(&b)
			l.Append(next, &b)
			want = append(want, inWords(next, &b))
			next += kv.Seq(b.Len())
			if rapid.Bool().Draw(t, "write") {
				l.write(t)
			}
		}
		l.write(t)
		if len(want) > 0 {
			want = slices.Insert(want, 0, "after nothing")
		}
		same(t, "log 9", want, d.records(t, 9))
	})
}

// Appends come from one goroutine at a time, but writes go on beside them. With the race detector this shows what is
// shared without a lock; without it, what gets lost.
//
//lab:task 1 points=2 race
func TestAppend_BesideWrites(t *testing.T) {
	const writers, each = 4, 50
	d := newDisk(t)
	l := newRawLogs(d).begin(t, 3)
	var mu sync.Mutex // stands for the engine's
	next := kv.Seq(1)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				mu.Lock()
				end := l.Append(next, batch("key=value"))
				next++
				mu.Unlock()
				if written, err := l.Write(); err != nil || written < end {
					t.Errorf("Write ended at %d, %v; it was called after an append that ended at %d", written, err, end)
				}
			}
		})
	}
	wg.Wait()
	same(t, "records", 1+writers*each, len(d.records(t, 3)))
}
