package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/version"
)

// rigDir is the directory of every store that a test opens.
const rigDir = "db"

// rig is an engine in a laboratory: over a file system in memory that fails, or waits, where the test wants it to.
type rig struct {
	*engine.Engine
	mem   *vfs.Mem
	fault *vfs.Fault
}

// openRig opens an engine whose memtables have 4 KiB, unless the options say otherwise. It is closed at clean-up.
func openRig(t labtest.TB, o *engine.Options) *rig {
	t.Helper()
	r := &rig{mem: vfs.NewMem()}
	r.fault = vfs.NewFault(r.mem)
	r.open(t, o)
	return r
}

// open opens the engine over the file system that r has.
func (r *rig) open(t labtest.TB, o *engine.Options) {
	t.Helper()
	if o == nil {
		o = &engine.Options{}
	}
	o.FS = r.fault
	if o.MemtableSize == 0 {
		o.MemtableSize = 4 << 10
	}
	o.CacheSize = -1
	e, err := engine.Open(rigDir, o)
	require.NoError(t, err, "open")
	r.Engine = e
	t.Cleanup(func() {
		r.fault.Clear()
		if err := e.Close(); err != nil && !errors.Is(err, kv.ErrClosed) {
			t.Errorf("close: %v", err)
		}
	})
}

// patient are options with which nothing is flushed unless the test says so.
func patient() *engine.Options { return &engine.Options{MaxMemtables: 100} }

// filler is what makes a value big: two of these do not fit into a memtable of 4 KiB together.
var filler = strings.Repeat(".", 2000)

// big returns a value that fills more than half of a memtable. So each big value gets a memtable of its own: the put of
// the next one freezes it.
func big(tag string) []byte { return []byte(tag + filler) }

// brief undoes big, for people.
func brief(value []byte) string { return string(bytes.TrimRight(value, ".")) }

// put stores a small value.
func (r *rig) put(t labtest.TB, key, value string) {
	t.Helper()
	require.NoError(t, r.Put([]byte(key), []byte(value)), "put %s", key)
}

// putBig stores a value that gets a memtable of its own.
func (r *rig) putBig(t labtest.TB, key, tag string) {
	t.Helper()
	require.NoError(t, r.Put([]byte(key), big(tag)), "put %s", key)
}

// remove deletes a key.
func (r *rig) remove(t labtest.TB, key string) {
	t.Helper()
	require.NoError(t, r.Delete([]byte(key)), "delete %s", key)
}

// flush flushes everything.
func (r *rig) flush(t labtest.TB) {
	t.Helper()
	require.NoError(t, r.Flush(context.Background()), "flush")
}

// look returns what Get says about a key, in words.
func (r *rig) look(key string) string {
	value, err := r.Get([]byte(key))
	return answered(value, err)
}

// answered returns the outcome of a Get in words.
func answered(value []byte, err error) string {
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return "not found"
	case err != nil:
		return "error: " + err.Error()
	}
	return fmt.Sprintf("%q", brief(value))
}

// expect compares what Get says with pairs of keys and answers in words.
func (r *rig) expect(t labtest.TB, what string, pairs ...string) {
	t.Helper()
	var want, got []string
	for i := 0; i < len(pairs); i += 2 {
		want = append(want, fmt.Sprintf("Get(%q): %s", pairs[i], pairs[i+1]))
		got = append(got, fmt.Sprintf("Get(%q): %s", pairs[i], r.look(pairs[i])))
	}
	same(t, what, want, got)
}

// same compares two lists of lines, or anything else.
func same(t labtest.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// scanned returns what a scan shows, in words, and the error that ended it.
func scanned(t labtest.TB, s *engine.Scan) []string {
	t.Helper()
	lines := []string{}
	for key, value := range s.All() {
		lines = append(lines, fmt.Sprintf("%s = %s", key, brief(value)))
	}
	require.NoError(t, s.Err(), "scan")
	require.NoError(t, s.Close(), "close of the scan")
	return lines
}

// contents returns the versions in every run of tables, newest run first, in words.
func (r *rig) contents(t labtest.TB) [][]string {
	t.Helper()
	v, _ := r.View()
	return contents(t, v)
}

// contents returns the versions in every run of a version, newest run first, in words.
func contents(t labtest.TB, v *version.Version) [][]string {
	t.Helper()
	all := [][]string{}
	for _, run := range v.Runs {
		entries, err := labtest.Collect(run.NewIterator())
		require.NoError(t, err, "read of a run")
		for i := range entries {
			entries[i].Value = []byte(brief(entries[i].Value))
		}
		all = append(all, labtest.Lines(entries))
	}
	return all
}

// memtables returns the number of entries in each memtable, the active one first.
func (r *rig) memtables() []int {
	entries := []int{}
	for _, m := range r.Stats().Memtables {
		entries = append(entries, m.Entries)
	}
	return entries
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

// letOthersRun gives every other goroutine many chances to go as far as it can.
func letOthersRun() {
	for range 1000 {
		runtime.Gosched()
	}
}

// notebook is a list of events, written by any number of goroutines.
type notebook struct {
	mu    sync.Mutex
	lines []string
}

// note adds an event.
func (n *notebook) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

// read returns the events so far.
func (n *notebook) read() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.lines...)
}

// fakeManifest is a manifest that does what the test says.
type fakeManifest func(e *version.Edit, after *version.Version) error

func (f fakeManifest) Append(e *version.Edit, after *version.Version) error { return f(e, after) }

// fakeRetention is a retention that does what the test says.
type fakeRetention func(visible kv.Seq) engine.Keeper

func (f fakeRetention) Keeper(visible kv.Seq) engine.Keeper { return f(visible) }

// fakeKeeper is a keeper that does what the test says.
type fakeKeeper func(key kv.Key, newer kv.Seq) bool

func (f fakeKeeper) Keep(key kv.Key, newer kv.Seq, _ bool) bool { return f(key, newer) }

// fakeGate is a gate that does what the test says.
type fakeGate func(first kv.Seq, b *kv.Batch) error

func (f fakeGate) Admit(first kv.Seq, b *kv.Batch) error { return f(first, b) }

// fakeCompactor is a compactor that does what the test says.
type fakeCompactor func(ctx context.Context, job *engine.Job) (*version.Edit, error)

func (f fakeCompactor) Compact(ctx context.Context, job *engine.Job) (*version.Edit, error) {
	return f(ctx, job)
}

// fakeLogs are logs that note what is asked of them, and do more where the test says so.
type fakeLogs struct {
	notebook
	create func(number uint64) error                       // nil: nothing more
	commit func(number uint64, end int64, sync bool) error // nil: nothing more
}

func (l *fakeLogs) Create(number uint64) (engine.Log, error) {
	l.note("create %d", number)
	if l.create != nil {
		if err := l.create(number); err != nil {
			return nil, err
		}
	}
	return &fakeLog{logs: l, number: number}, nil
}

func (l *fakeLogs) Remove(number uint64) error {
	l.note("remove %d", number)
	return nil
}

// fakeLog is a log of fakeLogs. An end is the number of batches so far.
type fakeLog struct {
	logs   *fakeLogs
	number uint64
	end    int64
}

func (l *fakeLog) Append(first kv.Seq, b *kv.Batch) int64 {
	l.logs.note("append to %d: %d writes from %d", l.number, b.Len(), first)
	l.end++
	return l.end
}

func (l *fakeLog) Commit(end int64, sync bool) error {
	l.logs.note("commit %d to %d, sync %v", l.number, end, sync)
	if l.logs.commit != nil {
		return l.logs.commit(l.number, end, sync)
	}
	return nil
}

func (l *fakeLog) Close() error {
	l.logs.note("close %d", l.number)
	return nil
}
