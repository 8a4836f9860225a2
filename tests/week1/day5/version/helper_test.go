package version_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/memtable"
	refmemtable "lsmlab/solution/week1/memtable"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	refversion "lsmlab/solution/week1/version"
)

// Short names, so that a test reads as what it says.
var (
	e = labtest.E
	d = labtest.D
)

// errDisk is what a table that a test has broken answers.
var errDisk = errors.New("disk: unreadable sector")

// shelf is a disk full of tables. It takes down which ones are read, and can make one unreadable.
type shelf struct {
	t    labtest.TB
	fs   *vfs.Mem
	o    sstable.Options
	last uint64 // number of the newest table

	mu    sync.Mutex
	reads []uint64        // numbers of the tables read since seen was called, in order
	bad   map[uint64]bool // tables that cannot be read
}

// newShelf returns an empty disk. Tables that it opens are closed when the test ends.
func newShelf(t labtest.TB) *shelf {
	return &shelf{t: t, fs: vfs.NewMem(), bad: map[uint64]bool{}}
}

// write writes a table with the entries, which are in order, and returns its number: 1, 2, 3 …
func (s *shelf) write(entries []labtest.Entry) uint64 {
	s.t.Helper()
	s.last++
	f, err := s.fs.Create(sstable.FileName(s.last))
	require.NoError(s.t, err)
	w := sstable.NewWriter(f, s.o)
	for _, entry := range entries {
		require.NoError(s.t, w.Add(entry.Key, entry.Value))
	}
	_, err = w.Finish()
	require.NoError(s.t, err)
	return s.last
}

// open opens a table.
func (s *shelf) open(number uint64) *sstable.Table {
	s.t.Helper()
	name := sstable.FileName(number)
	f, err := s.fs.Open(name)
	require.NoError(s.t, err)
	table, err := sstable.Open(watchedFile{File: f, shelf: s, number: number}, name, number, s.o)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { table.Close() })
	s.seen()
	return table
}

// openRef opens a table with the reference's code. These reads are not taken down.
func (s *shelf) openRef(number uint64) *refsstable.Table {
	s.t.Helper()
	name := refsstable.FileName(number)
	f, err := s.fs.Open(name)
	require.NoError(s.t, err)
	table, err := refsstable.Open(f, name, number, refsstable.Options{})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { table.Close() })
	return table
}

// table writes a table and opens it.
func (s *shelf) table(entries ...labtest.Entry) *sstable.Table {
	s.t.Helper()
	return s.open(s.write(entries))
}

// run returns a run of new tables.
func (s *shelf) run(level int, epoch uint64, tables ...[]labtest.Entry) *version.Run {
	s.t.Helper()
	var opened []*sstable.Table
	for _, entries := range tables {
		opened = append(opened, s.table(entries...))
	}
	return version.NewRun(level, epoch, opened)
}

// seen returns the numbers of the tables that were read since it was last called, each as often as it was read.
func (s *shelf) seen() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	reads := s.reads
	s.reads = nil
	return reads
}

// setBad makes a table unreadable, or readable again.
func (s *shelf) setBad(number uint64, bad bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad[number] = bad
}

// watchedFile is a table's file under the eyes of a shelf.
type watchedFile struct {
	vfs.File
	shelf  *shelf
	number uint64
}

// ReadAt takes the read down and fails if the table is bad.
func (f watchedFile) ReadAt(p []byte, off int64) (int, error) {
	f.shelf.mu.Lock()
	f.shelf.reads = append(f.shelf.reads, f.number)
	bad := f.shelf.bad[f.number]
	f.shelf.mu.Unlock()
	if bad {
		return 0, errDisk
	}
	return f.File.ReadAt(p, off)
}

// entries is one sorted table's worth of versions.
func entries(list ...labtest.Entry) []labtest.Entry { return list }

// stackOf returns a stack of memtables with the given contents, newest first. The tables have the numbers 1, 2 … from the
// oldest to the newest.
func stackOf(t labtest.TB, contents ...[]labtest.Entry) memtable.Stack {
	t.Helper()
	var s memtable.Stack
	for i, list := range slices.Backward(contents) {
		table := memtable.New(uint64(len(contents)-i), 1<<16)
		for _, entry := range list {
			require.NoError(t, write(table, entry))
		}
		if s.Len() == 0 {
			s = memtable.NewStack(table)
		} else {
			s = s.Freeze(table)
		}
	}
	return s
}

// write adds one version to a memtable.
func write(table interface {
	Put(seq kv.Seq, key, value []byte) error
	Delete(seq kv.Seq, key []byte) error
}, entry labtest.Entry) error {
	if entry.Key.Kind() == kv.KindDelete {
		return table.Delete(entry.Key.Seq(), entry.Key.User)
	}
	return table.Put(entry.Key.Seq(), entry.Key.User, entry.Value)
}

// answer says in words what Get returned: a value, "not found", or the error.
func answer(value []byte, err error) string {
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return "not found"
	case err != nil:
		return "error: " + err.Error()
	}
	return fmt.Sprintf("%q", value)
}

// expectGet compares what Get says with what is wanted: a quoted value or "not found".
func expectGet(t labtest.TB, v *version.Version, user string, at kv.Seq, want string) {
	t.Helper()
	if got := answer(v.Get([]byte(user), at)); got != want {
		t.Errorf("Get(%q)%s: got %s, want %s", user, moment(at), got, want)
	}
}

// moment says at which sequence number a read was made, unless it was made now.
func moment(at kv.Seq) string {
	if at == kv.MaxSeq {
		return ""
	}
	return fmt.Sprintf(" at %d", at)
}

// tree is a version in words, from which both the subject's and the reference's are made.
type tree struct {
	memtables [][]labtest.Entry // newest first, the active one at the top
	runs      []treeRun         // newest first
}

// treeRun is a run in words.
type treeRun struct {
	level  int
	epoch  uint64
	tables [][]labtest.Entry
}

// drawTree draws a history of writes and cuts it into memtables and runs: level 0 with one table a run, below it up to two
// levels of several tables. It returns everything that was written and the last sequence number, too.
func drawTree(t *rapid.T) (tr tree, model *labtest.Model, last kv.Seq) {
	model = labtest.NewModel()
	var layers [][]labtest.Entry // newest first
	for i := range rapid.IntRange(2, 7).Draw(t, "layers") {
		layer := labtest.NewModel()
		for _, step := range labtest.Ops(8).Draw(t, fmt.Sprintf("writes of layer %d, from the oldest", i)) {
			var b kv.Batch
			step.AddTo(&b)
			layer.Apply(last+1, &b)
			model.Apply(last+1, &b)
			last += kv.Seq(b.Len())
		}
		layers = append([][]labtest.Entry{layer.Entries()}, layers...)
	}
	memtables := rapid.IntRange(1, len(layers)).Draw(t, "memtables")
	tr.memtables = layers[:memtables]
	layers = layers[memtables:]
	deep := min(len(layers), rapid.IntRange(0, 2).Draw(t, "levels below 0"))
	for i, layer := range layers {
		if len(layer) == 0 {
			continue
		}
		r := treeRun{epoch: uint64(len(layers) - i), tables: [][]labtest.Entry{layer}}
		if below := i - (len(layers) - deep); below >= 0 {
			r.level, r.tables = 1+below, drawSplit(t, layer)
		}
		tr.runs = append(tr.runs, r)
	}
	return tr, model, last
}

// drawSplit cuts sorted entries into tables, never between two versions of one user key.
func drawSplit(t *rapid.T, list []labtest.Entry) (tables [][]labtest.Entry) {
	for i, entry := range list {
		same := i > 0 && string(entry.Key.User) == string(list[i-1].Key.User)
		if i == 0 || !same && rapid.IntRange(0, 1).Draw(t, "cut") == 1 {
			tables = append(tables, nil)
		}
		tables[len(tables)-1] = append(tables[len(tables)-1], entry)
	}
	return tables
}

// drawRun draws versions and cuts them into the tables of one run, which is opened by the subject and by the reference.
func drawRun(t *rapid.T) (*version.Run, *refversion.Run, *labtest.Model) {
	s := newShelf(t)
	s.o.BlockSize = rapid.SampledFrom([]int{1, 40, 4096}).Draw(t, "block size")
	model := labtest.NewModel()
	model.Put(1, []byte("k1"), []byte("there is always one"))
	var b kv.Batch
	for _, step := range labtest.Ops(25).Draw(t, "writes") {
		step.AddTo(&b)
	}
	model.Apply(2, &b)
	r := s.run(1, 1, drawSplit(t, model.Entries())...)
	var theirs []*refsstable.Table
	for _, table := range r.Tables() {
		theirs = append(theirs, s.openRef(table.Number()))
	}
	return r, refversion.NewRun(1, 1, theirs), model
}

// build makes the tree with the subject's code, and beside it with the reference's. Both read the same files, which the
// subject has written.
func (s *shelf) build(tr tree) (*version.Version, *refversion.Version) {
	s.t.Helper()
	v := &version.Version{Memtables: stackOf(s.t, tr.memtables...)}
	ref := &refversion.Version{}
	for i, list := range slices.Backward(tr.memtables) {
		table := refmemtable.New(uint64(len(tr.memtables)-i), 1<<16)
		for _, entry := range list {
			require.NoError(s.t, write(table, entry))
		}
		if ref.Memtables.Len() == 0 {
			ref.Memtables = refmemtable.NewStack(table)
		} else {
			ref.Memtables = ref.Memtables.Freeze(table)
		}
	}
	for _, r := range tr.runs {
		mine := s.run(r.level, r.epoch, r.tables...)
		var theirs []*refsstable.Table
		for _, table := range mine.Tables() {
			theirs = append(theirs, s.openRef(table.Number()))
		}
		v.Runs = append(v.Runs, mine)
		ref.Runs = append(ref.Runs, refversion.NewRun(r.level, r.epoch, theirs))
	}
	return v, ref
}

// expectEntries walks it from its first entry to its end and compares what it met with what is wanted.
func expectEntries(t labtest.TB, what string, it kv.Iterator, want ...labtest.Entry) {
	t.Helper()
	got, err := labtest.Collect(labtest.Check(t, it))
	require.NoError(t, err, what)
	labtest.Diff(t, what, want, got)
}

// shapeOf writes down the runs of a version, newest first: level, epoch and the numbers of the tables.
func shapeOf(v *version.Version) (shape []string) {
	for _, r := range v.Runs {
		var numbers []uint64
		for _, table := range r.Tables() {
			numbers = append(numbers, table.Number())
		}
		shape = append(shape, fmt.Sprintf("level %d epoch %d tables %d", r.Level(), r.Epoch(), numbers))
	}
	return shape
}

// expectShape compares a version's runs with those wanted.
func expectShape(t labtest.TB, what string, v *version.Version, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, shapeOf(v)); diff != "" {
		t.Errorf("%s: runs, newest first (-want +got)\n%s", what, diff)
	}
}

// expectReads compares the tables that were read with those wanted.
func (s *shelf) expectReads(t *testing.T, what string, want ...uint64) {
	t.Helper()
	if diff := cmp.Diff(want, s.seen()); diff != "" {
		t.Errorf("%s: numbers of the tables that were read (-want +got)\n%s", what, diff)
	}
}
