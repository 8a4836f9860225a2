package wal_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	refwal "lsmlab/solution/week2/wal"
)

// walDir is the directory of every log that a test writes.
const walDir = "db"

// disk is a file system in memory that fails, or waits, where the test wants it to.
type disk struct {
	*vfs.Fault
	mem *vfs.Mem
}

// newDisk returns a disk with an empty directory, whose name is durable.
func newDisk(t labtest.TB) *disk {
	t.Helper()
	return overMem(t, vfs.NewMem())
}

// overMem returns a disk over what a crash has left, for instance.
func overMem(t labtest.TB, mem *vfs.Mem) *disk {
	t.Helper()
	require.NoError(t, mem.MkdirAll(walDir))
	require.NoError(t, mem.SyncDir(""))
	return &disk{Fault: vfs.NewFault(mem), mem: mem}
}

// contents returns the bytes of a log's file.
func (d *disk) contents(t labtest.TB, number uint64) []byte {
	t.Helper()
	data, err := vfs.ReadFile(d.mem, walDir+"/"+refwal.FileName(number))
	require.NoError(t, err, "read of log %d", number)
	return data
}

// replace makes a log's file hold data, durably.
func (d *disk) replace(t labtest.TB, number uint64, data []byte) {
	t.Helper()
	require.NoError(t, vfs.WriteFile(d.mem, walDir+"/"+refwal.FileName(number), data))
	require.NoError(t, d.mem.SyncDir(walDir))
}

// records returns what the reference finds in a log: where it begins, and its writes in words.
func (d *disk) records(t labtest.TB, number uint64) []string {
	t.Helper()
	return recordsIn(t, d.mem, number)
}

// recordsIn is records, for any file system.
func recordsIn(t labtest.TB, fs vfs.FS, number uint64) []string {
	t.Helper()
	c, err := refwal.Read(fs, walDir, number)
	require.NoError(t, err, "log %d, as the reference reads it", number)
	lines := []string{}
	if len(c.Records) > 0 {
		lines = append(lines, opens(c.After, c.AfterLast))
	}
	for _, r := range c.Records {
		lines = append(lines, inWords(r.First, r.Batch))
	}
	return lines
}

// opens returns a log's opening in words.
func opens(after uint64, last kv.Seq) string {
	if after == 0 {
		return "after nothing"
	}
	return fmt.Sprintf("after write %d of log %d", last, after)
}

// inWords returns a batch and its numbers, as in "#3 apple=red -fig".
func inWords(first kv.Seq, b *kv.Batch) string {
	words := []string{fmt.Sprintf("#%d", first)}
	for op := range b.Ops() {
		if op.Kind == kv.KindDelete {
			words = append(words, fmt.Sprintf("-%s", op.Key))
			continue
		}
		words = append(words, fmt.Sprintf("%s=%s", op.Key, brief(op.Value)))
	}
	return strings.Join(words, " ")
}

// brief returns a value, or how long it is if it would fill the screen.
func brief(value []byte) string {
	if len(value) <= 40 {
		return string(value)
	}
	return fmt.Sprintf("%s…(%d bytes)", value[:8], len(value))
}

// batch returns a batch of writes in words: "apple=red" sets, "-fig" deletes.
func batch(writes ...string) *kv.Batch {
	b := &kv.Batch{}
	for _, w := range writes {
		if key, ok := strings.CutPrefix(w, "-"); ok {
			b.Delete([]byte(key))
			continue
		}
		key, value, _ := strings.Cut(w, "=")
		b.Set([]byte(key), []byte(value))
	}
	return b
}

// same compares two lists of lines, or anything else.
func same(t labtest.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// appender is a log of whatever package.
type appender interface {
	Append(first kv.Seq, b *kv.Batch) (end int64)
	Commit(end int64, sync bool) error
	Close() error
}

// put appends batches to a log, the first with sequence number first, and commits them. It returns the next number.
func put(t labtest.TB, l appender, first kv.Seq, sync bool, batches ...*kv.Batch) kv.Seq {
	t.Helper()
	for _, b := range batches {
		require.NoError(t, l.Commit(l.Append(first, b), sync), "commit of %s", inWords(first, b))
		first += kv.Seq(b.Len())
	}
	return first
}

// refHistory writes logs with the reference: the batches of each go to the log of that number, and numbers begin with
// 1. All is synced, but at the end: while it was written nobody knew whether the power would take some of it.
func refHistory(t labtest.TB, fs vfs.FS, logs ...refLog) {
	t.Helper()
	maker := refwal.New(walDir, refwal.Options{FS: fs})
	next := kv.Seq(1)
	for _, l := range logs {
		log, err := maker.Create(l.number)
		require.NoError(t, err, "create log %d", l.number)
		next = put(t, log, next, false, l.batches...)
		defer func() { require.NoError(t, log.Close(), "close log %d", l.number) }()
	}
}

// refLog is one log of refHistory.
type refLog struct {
	number  uint64
	batches []*kv.Batch
}

// logOf returns a log of batches.
func logOf(number uint64, batches ...*kv.Batch) refLog {
	return refLog{number: number, batches: batches}
}

// patience ends a test that would wait for ever. It is spent in full only by a test that fails.
const patience = 5 * time.Second

// finished waits for a goroutine of the test, and fails the test if it never ends.
func finished(t labtest.TB, what string, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		t.Fatalf("%s waits for ever", what)
		return nil
	}
}

// reaches waits until something is reached, and fails the test if it never is.
func reaches(t labtest.TB, what string, reached <-chan struct{}) {
	t.Helper()
	select {
	case <-reached:
	case <-time.After(patience):
		t.Fatalf("%s: never reached", what)
	}
}

// inBackground calls f in a goroutine of its own.
func inBackground(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// errDisk is what a broken disk says in these tests.
var errDisk = errors.New("the disk is on fire")
