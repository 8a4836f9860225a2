package manifest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week2/compaction"
	"lsmlab/solution/week2/manifest"
)

// store is an engine over a manifest: what is flushed lasts, what is only in memory does not. (The log of writes comes tomorrow.)
type store struct {
	*engine.Engine
	m *manifest.Manifest
}

// openStore opens the store in dir. Tables of level 0 are merged when somebody asks for it.
func openStore(fs vfs.FS) (*store, error) {
	lock, err := manifest.Lock(fs, dir)
	if err != nil {
		return nil, err
	}
	defer lock.Close() // nobody else is there
	m, rec, err := manifest.Open(dir, manifest.Options{FS: fs, MaxSize: 120})
	if err != nil {
		return nil, err
	}
	e, err := engine.Open(dir, &engine.Options{
		FS: fs, MemtableSize: 4 << 10, MaxMemtables: 100, CacheSize: -1, Manifest: m,
		Compactor: compaction.New(nil, compaction.Options{}),
		State:     &engine.State{Runs: rec.Runs, Next: rec.Next, Last: rec.Last},
	})
	if err != nil {
		closeRuns(rec.Runs)
		return nil, errors.Join(err, m.Close())
	}
	return &store{e, m}, nil
}

// close closes both.
func (s *store) close() error { return errors.Join(s.Close(), s.m.Close()) }

// scan returns all keys and values.
func (s *store) scan() (string, error) {
	var b strings.Builder
	it := s.Scan(kv.Unbounded(), kv.Unbounded())
	defer it.Close()
	for k, v := range it.All() {
		fmt.Fprintf(&b, "%s=%s ", k, v)
	}
	return b.String(), it.Err()
}

// live returns the names of what belongs in the directory.
func (s *store) live() []string {
	names := []string{"LOCK", "MANIFEST"}
	for _, run := range s.Stats().Runs {
		for _, t := range run.Tables {
			names = append(names, sstable.FileName(t.Number))
		}
	}
	return names
}

// step is one step of the script: writes, and then what makes them last.
type step struct {
	put, delete string // keys, "" for none
	compact     bool   // flush and merge everything, or only flush
	reopen      bool   // close the store and open it again, behind the flush
}

// script overwrites and deletes keys, so that the order of level 0 shows; merges, so that tables go; and opens the store again.
func script() []step {
	return []step{
		{put: "apple"}, {put: "banana"}, {put: "apple", delete: "banana"}, {put: "cherry", reopen: true},
		{put: "banana", compact: true}, {put: "apple"}, {delete: "apple"}, {put: "date", compact: true, reopen: true},
		{put: "apple"}, {delete: "cherry"}, {put: "banana", compact: true},
	}
}

// run runs the script, and returns what the store held after each step that was acknowledged. It stops at the first error.
func run(fs vfs.FS) (acked []string, err error) {
	s, err := openStore(fs)
	if err != nil {
		return []string{""}, err
	}
	defer func() { s.close() }()
	acked = []string{""}
	for i, st := range script() {
		if err := s.do(i, st); err != nil {
			return acked, err
		}
		now, err := s.scan()
		if err != nil {
			return acked, err
		}
		acked = append(acked, now)
		if st.reopen {
			if err := s.close(); err != nil {
				return acked, err
			}
			again, err := openStore(fs)
			if err != nil {
				return acked, err
			}
			s = again
		}
	}
	return acked, nil
}

// do makes one step.
func (s *store) do(i int, st step) error {
	var err error
	if st.put != "" {
		err = s.Put([]byte(st.put), fmt.Appendf(nil, "%d", i))
	}
	if err == nil && st.delete != "" {
		err = s.Delete([]byte(st.delete))
	}
	if err == nil {
		err = s.Flush(context.Background())
	}
	if err == nil && st.compact {
		err = s.Compact(context.Background())
	}
	return err
}

// check opens the store after an accident and looks at it: it holds what it held after the last acknowledged step, or after the next
// one. Then it goes on: one more write, and it is opened again, after another crash.
func check(t *testing.T, mem *vfs.Mem, want []string, acked int, how string) {
	t.Helper()
	s, err := openStore(mem)
	require.NoError(t, err, "%s: open", how)
	got, err := s.scan()
	require.NoError(t, err, "%s: scan", how)
	if got != want[acked] && (acked+1 == len(want) || got != want[acked+1]) {
		t.Errorf("%s: %d steps were acknowledged\nthe store holds %s\nit should hold %s\n", how, acked, got, want[acked])
	}
	labtest.NoStrayFiles(t, mem, dir, s.live()...)
	require.NoError(t, s.Put([]byte("zebra"), []byte("last")), how)
	require.NoError(t, s.Flush(context.Background()), "%s: the first flush afterwards", how)
	require.NoError(t, s.close(), how)
	s, err = openStore(mem.Crash(vfs.LoseUnsynced))
	require.NoError(t, err, "%s: open again", how)
	again, err := s.scan()
	require.NoError(t, err, how)
	require.Equal(t, got+"zebra=last ", again, "%s: opened again", how)
	require.NoError(t, s.close(), how)
}

// The whole of this day in one test. A script writes, overwrites, deletes, flushes, merges and opens again, over a file system that
// loses power at each of its operations in turn. Of what was not synced all is lost, or all kept, or a part. Every time the store
// opens; it holds every step that was acknowledged, in order; no file is left that nobody needs; and it goes on from there.
//
//lab:task 6 points=6
func TestCrash_AtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	probe := vfs.NewMem()
	want, err := run(probe)
	require.NoError(t, err)
	require.Len(t, want, len(script())+1)
	recoveries := 0
	for n := 1; n <= probe.Ops() && !t.Failed(); n++ {
		mem := vfs.NewMem()
		mem.CrashAt(n)
		acked, _ := run(mem)
		for i, p := range []vfs.Policy{vfs.LoseUnsynced, vfs.KeepUnsynced, vfs.Tear(uint64(n))} {
			check(t, mem.Crash(p), want, len(acked)-1, fmt.Sprintf("crash at operation %d, outcome %d", n, i))
			recoveries++
		}
	}
	t.Logf("%d crash points, %d recoveries, each opened twice", probe.Ops(), recoveries)
}

// The same with a disk that answers with an error instead of dying: at each operation in turn. What was
// acknowledged is there, whatever was not done for the one step that has failed.
//
//lab:task 6 points=4
func TestCrash_EveryOperationFails(t *testing.T) {
	labtest.NoLeaks(t)
	probe := vfs.NewFault(vfs.NewMem())
	want, err := run(probe)
	require.NoError(t, err)
	calls := probe.Log()
	for n := 0; n < len(calls) && !t.Failed(); n++ {
		if calls[n].Op == vfs.OpClose || calls[n].Op == vfs.OpLock {
			continue
		}
		mem, seen := vfs.NewMem(), 0
		fault := vfs.NewFault(mem)
		fault.FailAt(func(c vfs.Call) bool {
			if c.Op == vfs.OpRead || c.Op == vfs.OpSize {
				return false
			}
			seen++
			return seen == n+1
		}, nil)
		acked, _ := run(fault)
		how := fmt.Sprintf("operation %d, %s of %s, has failed", n+1, calls[n].Op, calls[n].Name)
		for i, p := range []vfs.Policy{vfs.LoseUnsynced, vfs.KeepUnsynced} {
			check(t, mem.Crash(p), want, len(acked)-1, fmt.Sprintf("%s, outcome %d", how, i))
		}
	}
}
