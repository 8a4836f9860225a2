package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/crashlab"
	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
)

// rigDir is the directory of every store that a test opens, unless it says otherwise.
const rigDir = "db"

// disk is a file system in memory that fails, or waits, where the test wants it to.
type disk struct {
	*vfs.Fault
	mem *vfs.Mem
}

// newDisk returns an empty disk.
func newDisk() *disk { return diskOf(vfs.NewMem()) }

// diskOf returns a disk that holds what mem holds.
func diskOf(mem *vfs.Mem) *disk { return &disk{vfs.NewFault(mem), mem} }

// crashed returns what the disk holds after a power cut, or after the process was killed if kept is set.
func (d *disk) crashed(kept bool) *disk {
	policy := vfs.LoseUnsynced
	if kept {
		policy = vfs.KeepUnsynced
	}
	return diskOf(d.mem.Preview(policy))
}

// modes are all log modes, and modeNames what they are called.
var (
	modes     = []store.LogMode{store.LogWritten, store.LogSynced, store.LogLosesOnKill, store.LogOff}
	modeNames = []string{"LogWritten", "LogSynced", "LogLosesOnKill", "LogOff"}
)

// small returns options with memtables of 4 KiB and without compaction in the background, in a log mode.
func small(mode store.LogMode) *store.Options {
	return &store.Options{Log: mode, NoCompaction: true, Options: engine.Options{MemtableSize: 4 << 10, CacheSize: -1}}
}

// tryOpen opens a store on a disk. It is closed at clean-up, if the test has not done it.
func tryOpen(t labtest.TB, d *disk, dir string, o *store.Options) (*store.Store, error) {
	t.Helper()
	opts := *o
	opts.FS = d
	s, err := store.Open(dir, &opts)
	if err == nil {
		t.Cleanup(func() {
			d.Clear()
			select {
			case <-inBackground(s.Close): // most tests have closed it, or broken it
			case <-time.After(patience):
				t.Errorf("Close, at the end of the test, waits for ever")
			}
		})
	}
	return s, err
}

// open opens the store in rigDir, and fails the test if that fails.
func open(t labtest.TB, d *disk, o *store.Options) *store.Store {
	t.Helper()
	s, err := tryOpen(t, d, rigDir, o)
	require.NoError(t, err, "open")
	return s
}

// closeStore closes a store, and fails the test if that fails.
func closeStore(t labtest.TB, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Close(), "close")
}

// put stores small values: pairs of keys and values.
func put(t labtest.TB, s *store.Store, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(t, s.Put([]byte(pairs[i]), []byte(pairs[i+1])), "put %s", pairs[i])
	}
}

// batch returns a batch of "key=value" and "-key" items.
func batch(items ...string) *kv.Batch {
	b := &kv.Batch{}
	for _, step := range crashlab.Parse("batch:" + strings.Join(items, ",")) {
		step.Ops.AddTo(b)
	}
	return b
}

// flush flushes everything.
func flush(t labtest.TB, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Flush(context.Background()), "flush")
}

// compact merges everything.
func compact(t labtest.TB, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Compact(context.Background()), "compact")
}

// held returns what a store holds, in words.
func held(t labtest.TB, s *store.Store) []string {
	t.Helper()
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	lines := []string{}
	for key, value := range scan.All() {
		lines = append(lines, fmt.Sprintf("%s = %s", key, strings.TrimRight(string(value), ".")))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()), "scan")
	return lines
}

// holds compares what a store holds with what it should.
func holds(t labtest.TB, what string, s *store.Store, want ...string) {
	t.Helper()
	same(t, what+": all keys and values", append([]string{}, want...), held(t, s))
}

// same compares two lists of lines, or anything else.
func same(t labtest.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// bigValue fills more than half of a memtable of 4 KiB, so that the next one of its kind freezes the memtable.
func bigValue(tag string) string { return tag + strings.Repeat(".", 2000) }

// allClosed fails the test if a file of the disk that was opened is still open. Calls that failed have opened nothing.
func allClosed(t labtest.TB, d *disk, what string, failed ...vfs.Call) {
	t.Helper()
	open := map[string]int{}
	count := func(calls []vfs.Call, by int) {
		for _, call := range calls {
			switch call.Op {
			case vfs.OpCreate, vfs.OpOpen, vfs.OpOpenAppend:
				open[call.Name] += by
			case vfs.OpClose:
				open[call.Name] -= by
			}
		}
	}
	count(d.Log(), 1)
	count(failed, -1)
	names := []string{}
	for name, n := range open {
		if n > 0 {
			names = append(names, fmt.Sprintf("%s, %d times", name, n))
		}
	}
	slices.Sort(names)
	same(t, what+": files that are still open", []string{}, names)
}

// files returns the sorted names of a directory that match a pattern.
func files(t labtest.TB, d *disk, dir, pattern string) []string {
	t.Helper()
	names := []string{}
	for _, name := range labtest.Files(t, d.mem, dir) {
		if ok, _ := filepath.Match(pattern, name); ok {
			names = append(names, name)
		}
	}
	return names
}

// overwrite makes the named file hold data.
func overwrite(t labtest.TB, d *disk, name string, data []byte) {
	t.Helper()
	require.NoError(t, vfs.WriteFile(d.mem, name, data))
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

// crashable is a store as the crash lab sees it.
type crashable struct{ *store.Store }

// Dump returns all keys and values.
func (c crashable) Dump() (pairs []crashlab.Pair, err error) {
	scan := c.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		pairs = append(pairs, crashlab.Pair{Key: string(key), Value: string(value)})
	}
	return pairs, errors.Join(scan.Err(), scan.Close())
}

// lab returns a crash lab for stores with these options.
func lab(o *store.Options) crashlab.Lab {
	return crashlab.Lab{
		LosesOnKill: o.Log == store.LogLosesOnKill || o.Log == store.LogOff,
		Open: func(fs vfs.FS) (crashlab.Store, error) {
			opts := *o
			opts.FS = fs
			s, err := store.Open(rigDir, &opts)
			if err != nil {
				return nil, err
			}
			return crashable{s}, nil
		},
	}
}
