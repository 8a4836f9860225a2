package compaction_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/compaction"
)

// rigDir is the directory of every store that a test opens.
const rigDir = "db"

// rig is an engine with the learner's compactor, over a tree of the test's choice and a file system in memory that
// fails, or waits, where the test wants it to. Memtables are flushed, and tables merged, when the test says so.
type rig struct {
	*engine.Engine
	mem    *vfs.Mem
	fault  *vfs.Fault
	policy *script
}

// setup says how a rig differs from the plainest one.
type setup struct {
	full    string             // the task of a full job, see merging; empty: there is no policy
	target  int64              // Options.TargetSize
	engine  engine.Options     // a memtable of 4 KiB unless it says otherwise
	visible kv.Seq             // 0: the highest sequence number of the tree
	damage  func(table []byte) // spoils the bytes of each table before the engine opens
	policy  *script            // nil: made of full
}

// openRig opens an engine over a tree, given in the words of parseRuns. It is closed at clean-up.
func openRig(t labtest.TB, s setup, runs ...string) *rig {
	t.Helper()
	r := &rig{mem: vfs.NewMem(), policy: s.policy}
	if r.policy == nil && s.full != "" {
		r.policy = &script{full: merging(s.full)}
	}
	r.fault = vfs.NewFault(r.mem)
	o := s.engine
	o.FS = r.fault
	if o.MemtableSize == 0 {
		o.MemtableSize = 4 << 10
	}
	o.MaxMemtables = 1000
	o.CacheSize = -1 // none but Options.Cache
	o.Metrics = &sstable.Metrics{}
	o.State = buildState(t, r.mem, o.Tables(), runs, s.damage)
	if s.visible > 0 {
		o.State.Last = s.visible
	}
	var policy shape.Policy
	if r.policy != nil {
		policy = r.policy
	}
	o.Compactor = compaction.New(policy, compaction.Options{TargetSize: s.target})
	e, err := engine.Open(rigDir, &o)
	require.NoError(t, err, "open")
	r.Engine = e
	t.Cleanup(func() {
		r.fault.Clear()
		if err := e.Close(); err != nil && !errors.Is(err, kv.ErrClosed) {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

// buildState writes the tables of runs and opens them.
func buildState(t labtest.TB, mem *vfs.Mem, o sstable.Options, runs []string, damage func([]byte)) *engine.State {
	t.Helper()
	require.NoError(t, mem.MkdirAll(rigDir))
	s := &engine.State{Next: 1}
	for _, text := range runs {
		place, tables := parseRun(t, text)
		var open []*sstable.Table
		for _, entries := range tables {
			for _, e := range entries {
				s.Last = max(s.Last, e.Key.Seq())
			}
			open = append(open, buildTable(t, mem, o, s.Next, entries, damage))
			s.Next++
		}
		s.Runs = append(s.Runs, version.NewRun(place.Level, place.Epoch, open))
	}
	require.NoError(t, mem.SyncDir(rigDir))
	require.NoError(t, mem.SyncDir("."))
	s.Next = max(s.Next, 20) // new files, and runs of new memtables, count from here
	return s
}

// buildTable writes a table and opens it.
func buildTable(t labtest.TB, mem *vfs.Mem, o sstable.Options, number uint64, entries []labtest.Entry, damage func([]byte)) *sstable.Table {
	t.Helper()
	name := filepath.Join(rigDir, sstable.FileName(number))
	f, err := mem.Create(name)
	require.NoError(t, err)
	w := sstable.NewWriter(f, o)
	for _, e := range entries {
		require.NoError(t, w.Add(e.Key, e.Value), "the test's own table")
	}
	_, err = w.Finish()
	require.NoError(t, err)
	if damage != nil {
		data, err := vfs.ReadFile(mem, name)
		require.NoError(t, err)
		damage(data)
		require.NoError(t, vfs.WriteFile(mem, name, data))
	}
	in, err := mem.Open(name)
	require.NoError(t, err)
	table, err := sstable.Open(in, sstable.FileName(number), number, o)
	require.NoError(t, err, "the test's own table")
	return table
}

// script is a policy that does what the test says. A function that is nil has nothing to do.
type script struct {
	pick, full func(shape.Tree) (shape.Task, bool)
}

func (s *script) Pick(t shape.Tree) (shape.Task, bool) {
	if s.pick == nil {
		return shape.Task{}, false
	}
	return s.pick(t)
}

func (s *script) Full(t shape.Tree) (shape.Task, bool) {
	if s.full == nil {
		return shape.Task{}, false
	}
	return s.full(t)
}

// merging returns what a policy does that wants, for "1 2 4 into L1", tables 1, 2 and 4 to be merged into L1, and that
// has nothing to do as soon as one of them is not there.
func merging(text string) func(shape.Tree) (shape.Task, bool) {
	return func(tree shape.Tree) (shape.Task, bool) {
		numbers, into, _ := strings.Cut(text, " into ")
		task := shape.Task{Output: parsePlace(into), Reason: "the test wants it"}
		wanted := strings.Fields(numbers)
		found := 0
		for _, r := range tree.Runs {
			in := shape.Run{Place: r.Place}
			for _, table := range r.Tables {
				for _, number := range wanted {
					if number == fmt.Sprint(table.Number) {
						in.Tables = append(in.Tables, table)
						found++
					}
				}
			}
			if len(in.Tables) > 0 {
				task.Inputs = append(task.Inputs, in)
			}
		}
		return task, found == len(wanted)
	}
}

// compact has everything merged that a full job merges.
func (r *rig) compact(t labtest.TB) {
	t.Helper()
	require.NoError(t, r.Compact(context.Background()), "compact")
}

// put stores a value.
func (r *rig) put(t labtest.TB, key, value string) {
	t.Helper()
	require.NoError(t, r.Put([]byte(key), []byte(value)), "put %s", key)
}

// flush flushes everything.
func (r *rig) flush(t labtest.TB) {
	t.Helper()
	require.NoError(t, r.Flush(context.Background()), "flush")
}

// look returns what Get says about a key, in words.
func (r *rig) look(key string) string {
	value, err := r.Get([]byte(key))
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return "not found"
	case err != nil:
		return "error: " + err.Error()
	}
	return string(value)
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

// scan returns what a scan of everything shows, "key=value" each.
func (r *rig) scan(t labtest.TB) []string {
	t.Helper()
	return scanned(t, r.Scan(kv.Unbounded(), kv.Unbounded()))
}

// scanned returns what is left of a scan, and closes it.
func scanned(t labtest.TB, s *engine.Scan) []string {
	t.Helper()
	lines := []string{}
	for key, value := range s.All() {
		lines = append(lines, fmt.Sprintf("%s=%s", key, value))
	}
	require.NoError(t, s.Err(), "scan")
	require.NoError(t, s.Close(), "close of the scan")
	return lines
}

// current returns the current version.
func (r *rig) current() *version.Version {
	v, _ := r.View()
	return v
}

// tree returns all versions in all runs, in the words of parseRuns.
func (r *rig) tree(t labtest.TB) []string {
	t.Helper()
	lines := []string{}
	for _, run := range r.current().Runs {
		var tables []string
		for _, table := range run.Tables() {
			entries, err := labtest.Collect(table.NewIterator())
			require.NoError(t, err, "read of a table")
			tables = append(tables, wordsOf(entries))
		}
		lines = append(lines, fmt.Sprintf("%s: %s", shape.Place{Level: run.Level(), Epoch: run.Epoch()}, strings.Join(tables, " | ")))
	}
	return lines
}

// files returns the names that the directory should hold: those of the tables in the current version.
func (r *rig) files() []string {
	names := []string{}
	for _, run := range r.current().Runs {
		for _, table := range run.Tables() {
			names = append(names, sstable.FileName(table.Number()))
		}
	}
	return names
}

// clean fails the test if the directory holds other files than those of the current version.
func (r *rig) clean(t labtest.TB) {
	t.Helper()
	same(t, "files in the directory", slices.Sorted(slices.Values(r.files())), labtest.Files(t, r.mem, rigDir))
}
