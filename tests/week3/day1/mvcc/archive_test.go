package mvcc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// archiveDir is the directory of every DB that a test opens.
const archiveDir = "db"

// archive is an open DB on a disk that fails, or waits, where a test wants it to.
type archive struct {
	*mvcc.DB
	disk *vfs.Fault
	mem  *vfs.Mem
	opts *mvcc.Options
}

// quiet returns options of a DB that merges only when it is asked to, and caches nothing, with a collector; nil: the
// default one.
func quiet(c mvcc.Collector) *mvcc.Options {
	o := &mvcc.Options{Collector: c}
	o.NoCompaction, o.CacheSize, o.MemtableSize = true, -1, 64<<10
	return o
}

// openArchive opens a DB on an empty disk.
func openArchive(t labtest.TB, o *mvcc.Options) *archive {
	t.Helper()
	return openArchiveOn(t, vfs.NewMem(), o)
}

// openArchiveOn opens a DB on a disk. It is closed at clean-up, if the test has not done it, and has left no stray
// file then.
func openArchiveOn(t labtest.TB, mem *vfs.Mem, o *mvcc.Options) *archive {
	t.Helper()
	a := &archive{disk: vfs.NewFault(mem), mem: mem, opts: o}
	full := *o
	full.FS = a.disk
	var err error
	a.DB, err = mvcc.Open(archiveDir, &full)
	require.NoError(t, err, "open")
	t.Cleanup(func() {
		a.disk.Clear()
		if err := a.Close(); err != nil {
			require.ErrorIs(t, err, kv.ErrClosed, "close, at the end")
		}
		labtest.NoStrayFiles(t, mem, archiveDir, "*.sst", "*.log", "MANIFEST*", "LOCK")
	})
	return a
}

// again closes the DB and opens it anew, with another collector.
func (a *archive) again(t labtest.TB, c mvcc.Collector) *archive {
	t.Helper()
	require.NoError(t, a.Close(), "close")
	o := *a.opts
	o.Collector = c
	return openArchiveOn(t, a.mem, &o)
}

// put stores a value and returns its version.
func (a *archive) put(t labtest.TB, key, value string) kv.Seq {
	t.Helper()
	v, err := a.Put([]byte(key), []byte(value))
	require.NoError(t, err, "put %q", key)
	return v
}

// remove deletes a key and returns the version in which it is gone.
func (a *archive) remove(t labtest.TB, key string) kv.Seq {
	t.Helper()
	v, err := a.Delete([]byte(key))
	require.NoError(t, err, "delete %q", key)
	return v
}

// flush writes memtables to tables.
func (a *archive) flush(t labtest.TB) {
	t.Helper()
	require.NoError(t, a.Flush(context.Background()), "flush")
}

// compact flushes, and merges all tables to one.
func (a *archive) compact(t labtest.TB) {
	t.Helper()
	require.NoError(t, a.Compact(context.Background()), "compact")
}

// getAt returns what GetAt says, in words.
func (a *archive) getAt(key string, v kv.Seq) string { return words(a.GetAt([]byte(key), v)) }

// history returns the history of a key, in words. The test fails if there is an error.
func (a *archive) history(t labtest.TB, key string) []string {
	t.Helper()
	versions, err := a.History([]byte(key))
	require.NoError(t, err, "history of %q", key)
	lines := []string{}
	for _, v := range versions {
		lines = append(lines, versionWords(v, nil))
	}
	return lines
}

// words puts the answer to a read into words.
func words(value []byte, err error) string {
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return "not found"
	case errors.Is(err, kv.ErrClosed):
		return "closed"
	case errors.Is(err, mvcc.ErrFuture):
		return "not written yet"
	case errors.Is(err, mvcc.ErrCollected):
		return "collected"
	case err != nil:
		return "error: " + err.Error()
	}
	return fmt.Sprintf("%q", value)
}

// versionWords puts a version into words.
func versionWords(v mvcc.Version, err error) string {
	switch {
	case err != nil:
		return words(nil, err)
	case v.Deleted && v.Value != nil:
		return fmt.Sprintf("%d deleted, with a value", v.Seq)
	case v.Deleted:
		return fmt.Sprintf("%d deleted", v.Seq)
	}
	return fmt.Sprintf("%d = %q", v.Seq, v.Value)
}

// seen returns everything that a snapshot shows from lower to upper, and finds the same with Get.
func seen(t labtest.TB, s *mvcc.Snapshot, lower, upper kv.Bound) []string {
	t.Helper()
	lines := []string{}
	scan := s.Scan(lower, upper)
	for key, value := range scan.All() {
		lines = append(lines, fmt.Sprintf("%s = %s", key, value))
		want := fmt.Sprintf("%q", value)
		require.Equal(t, want, words(s.Get(key)), "Get of %q at %d, which the scan has found", key, s.Seq())
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()), "scan at %d", s.Seq())
	return lines
}

// shows compares everything that a snapshot shows with what it should.
func shows(t labtest.TB, what string, s *mvcc.Snapshot, want ...string) {
	t.Helper()
	alike(t, what, append([]string{}, want...), seen(t, s, kv.Unbounded(), kv.Unbounded()))
}

// alike compares what was wanted with what came.
func alike(t labtest.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// batchOf returns a batch of "key=value" and "-key" items.
func batchOf(items ...string) *kv.Batch {
	b := &kv.Batch{}
	for _, item := range items {
		if key, deleted := strings.CutPrefix(item, "-"); deleted {
			b.Delete([]byte(key))
			continue
		}
		key, value, _ := strings.Cut(item, "=")
		b.Set([]byte(key), []byte(value))
	}
	return b
}

// later calls f in a goroutine of its own.
func later(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// longest ends a test that would wait for ever. It is spent in full only by a test that fails.
const longest = 5 * time.Second

// comes waits until something happens, and fails the test if it never does.
func comes[T any](t labtest.TB, what string, c <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-c:
	case <-time.After(longest):
		t.Fatalf("%s: it never comes", what)
	}
	return got
}
