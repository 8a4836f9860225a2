package manifest_test

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	refsstable "lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/manifest"
	"lsmlab/solution/week2/record"
)

// dir is the directory of every store that a test opens.
const dir = "db"

// path returns the name of a file in dir.
func path(name string) string { return filepath.Join(dir, name) }

// at returns the entry of a table.
func at(level int, epoch, number uint64) manifest.Entry {
	return manifest.Entry{Place: shape.Place{Level: level, Epoch: epoch}, Number: number}
}

// body returns the bytes of a record as the chapter describes them; the manifest's own encoder has no part in it.
func body(r manifest.Record) []byte {
	var out []byte
	number := func(n uint64) { out = binary.AppendUvarint(out, n) }
	text := func(s string) { number(uint64(len(s))); out = append(out, s...) }
	number(r.MinLog)
	number(r.Next)
	number(uint64(r.Last))
	for _, list := range [][]manifest.Entry{r.Drop, r.Add} {
		number(uint64(len(list)))
		for _, e := range list {
			number(uint64(e.Level))
			number(e.Epoch)
			number(e.Number)
		}
	}
	number(uint64(len(r.Format)))
	names := []string{}
	for name := range r.Format {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text(name)
		text(r.Format[name])
	}
	if r.Snapshot {
		return append(out, 's')
	}
	return append(out, 'e')
}

// fileOf returns a manifest of these records, and where each frame ends; the first end is the header's.
func fileOf(number uint64, records ...manifest.Record) (data []byte, ends []int64) {
	data = record.AppendHeader(nil, number)
	ends = []int64{int64(len(data))}
	for _, r := range records {
		data = record.Append(data, number, int64(len(data)), body(r))
		ends = append(ends, int64(len(data)))
	}
	return data, ends
}

// newMem returns a file system with dir, durably, and these files in it, durably.
func newMem(t labtest.TB, files map[string][]byte) *vfs.Mem {
	t.Helper()
	mem := vfs.NewMem()
	require.NoError(t, mem.MkdirAll(dir))
	require.NoError(t, mem.SyncDir("."))
	for name, data := range files {
		require.NoError(t, vfs.WriteFile(mem, path(name), data))
	}
	require.NoError(t, mem.SyncDir(dir))
	return mem
}

// writeTable writes a table with these user keys to dir, durably.
func writeTable(t labtest.TB, fs vfs.FS, number uint64, users ...string) {
	t.Helper()
	f, err := fs.Create(path(refsstable.FileName(number)))
	require.NoError(t, err)
	w := refsstable.NewWriter(f, refsstable.Options{})
	for _, user := range users {
		require.NoError(t, w.Add(kv.MakeKey([]byte(user), kv.Seq(number), kv.KindSet), fmt.Appendf(nil, "from table %d", number)))
	}
	_, err = w.Finish()
	require.NoError(t, err)
	require.NoError(t, fs.SyncDir(dir))
}

// readState reads the manifest in dir, and returns what it says in lines.
func readState(t labtest.TB, fs vfs.FS) []string {
	t.Helper()
	f, err := manifest.Read(fs, path(manifest.FileName))
	require.NoError(t, err, "read the manifest")
	return stateLines(f.State)
}

// stateLines returns a state in lines: "L0@9 11", in the order of places, then numbers and options.
func stateLines(s manifest.State) []string {
	var list []manifest.Entry
	for number, place := range s.Tables {
		list = append(list, manifest.Entry{Place: place, Number: number})
	}
	slices.SortFunc(list, func(a, b manifest.Entry) int {
		return cmpOr(a.Compare(b.Place), int(a.Number)-int(b.Number))
	})
	lines := []string{}
	for _, e := range list {
		lines = append(lines, fmt.Sprintf("%v %d", e.Place, e.Number))
	}
	return append(lines, fmt.Sprintf("min log %d, next %d, last %d, options %v", s.MinLog, s.Next, s.Last, s.Format))
}

// cmpOr returns the first number that is not 0.
func cmpOr(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// runLines returns runs in lines: "L0@9 11[apple…cherry]", in the order of places.
func runLines(runs []*version.Run) []string {
	sorted := slices.Clone(runs)
	slices.SortFunc(sorted, func(a, b *version.Run) int {
		return shape.Place{Level: a.Level(), Epoch: a.Epoch()}.Compare(shape.Place{Level: b.Level(), Epoch: b.Epoch()})
	})
	lines := []string{}
	for _, r := range sorted {
		line := shape.Place{Level: r.Level(), Epoch: r.Epoch()}.String()
		for _, t := range r.Tables() {
			line += fmt.Sprintf(" %d[%s…%s]", t.Number(), t.First(), t.Last())
		}
		lines = append(lines, line)
	}
	return lines
}

// open opens the manifest in dir. It and its tables are closed at clean-up.
func open(t labtest.TB, fs vfs.FS, o manifest.Options) (*manifest.Manifest, *manifest.Recovered) {
	t.Helper()
	o.FS = fs
	m, rec, err := manifest.Open(dir, o)
	require.NoError(t, err, "open")
	t.Cleanup(func() {
		m.Close()
		closeRuns(rec.Runs)
	})
	return m, rec
}

// openFails opens the manifest in dir, which must fail, and returns the error.
func openFails(t labtest.TB, fs vfs.FS, o manifest.Options, why string) error {
	t.Helper()
	o.FS = fs
	m, rec, err := manifest.Open(dir, o)
	if err == nil {
		m.Close()
		closeRuns(rec.Runs)
		t.Fatalf("open: no error, though %s", why)
	}
	return err
}

// reopen opens and closes the manifest in dir, and returns its runs in lines.
func reopen(t labtest.TB, fs vfs.FS, o manifest.Options) (*manifest.Recovered, []string) {
	t.Helper()
	o.FS = fs
	m, rec, err := manifest.Open(dir, o)
	require.NoError(t, err, "open again")
	require.NoError(t, m.Close())
	lines := runLines(rec.Runs)
	closeRuns(rec.Runs)
	return rec, lines
}

// closeRuns closes the tables of runs.
func closeRuns(runs []*version.Run) {
	for _, r := range runs {
		for _, t := range r.Tables() {
			t.Close()
		}
	}
}

// same compares two things, in words.
func same(t labtest.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// handles returns how many files that match the pattern are open: those opened and created, less those closed.
func handles(fault *vfs.Fault, pattern string) int {
	opened := fault.Count(vfs.OpOpen, pattern) + fault.Count(vfs.OpCreate, pattern) + fault.Count(vfs.OpOpenAppend, pattern)
	return opened - fault.Count(vfs.OpClose, pattern)
}

// contents returns the names and bytes of all files in dir, but for the lock.
func contents(t labtest.TB, fs vfs.FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range labtest.Files(t, fs, dir) {
		data, err := vfs.ReadFile(fs, path(name))
		require.NoError(t, err)
		if name != "LOCK" {
			all[name] = string(data)
		}
	}
	return all
}
