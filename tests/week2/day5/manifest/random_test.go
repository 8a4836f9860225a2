package manifest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/manifest"
)

// drawTree draws a tree of up to ten tables, which hold one key each: on some places, a few tables in each.
func drawTree(t *rapid.T) []manifest.Entry {
	var tree []manifest.Entry
	numbers := rapid.SliceOfNDistinct(rapid.Uint64Range(1, 30), 0, 10, rapid.ID[uint64]).Draw(t, "tables")
	for _, n := range numbers {
		level := rapid.IntRange(0, 2).Draw(t, "level")
		epoch := uint64(0)
		if level == 0 {
			epoch = rapid.Uint64Range(1, 3).Draw(t, "epoch")
		}
		tree = append(tree, at(level, epoch, n))
	}
	slices.SortFunc(tree, func(a, b manifest.Entry) int { return cmpOr(a.Compare(b.Place), int(a.Number)-int(b.Number)) })
	return tree
}

// treeLines returns the runs of a tree that drawTree has drawn, as runLines does.
func treeLines(tree []manifest.Entry) []string {
	lines := []string{}
	for i, e := range tree {
		if i == 0 || tree[i-1].Place != e.Place {
			lines = append(lines, e.Place.String())
		}
		k := key(int(e.Number))
		lines[len(lines)-1] += fmt.Sprintf(" %d[%s…%s]", e.Number, k, k)
	}
	return lines
}

// drawOutcome draws what a crash leaves.
func drawOutcome(t *rapid.T) vfs.Policy {
	return vfs.Policies(4)[rapid.IntRange(0, 5).Draw(t, "outcome")]
}

// Any tree, any numbers, any options: what Create has written is read again, whatever a crash leaves of what it did not sync.
//
//lab:task 4 points=2 random
func TestCreate_RandomVersions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mem := newMem(rt, nil)
		tree := drawTree(rt)
		v := &version.Version{}
		var tables []*sstable.Table
		for i, e := range tree {
			tables = append(tables, openTableOnce(rt, mem, e.Number, key(int(e.Number))))
			if i+1 == len(tree) || tree[i+1].Place != e.Place {
				v.Runs = append(v.Runs, version.NewRun(e.Level, e.Epoch, tables))
				tables = nil
			}
		}
		defer closeRuns(v.Runs)
		next, last := rapid.Uint64().Draw(rt, "next"), kv.Seq(rapid.Uint64Range(0, uint64(kv.MaxSeq)).Draw(rt, "last"))
		format := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(rt, "options")
		require.NoError(rt, manifest.Create(mem, dir, format, v, next, last))
		f, err := manifest.Read(mem.Crash(drawOutcome(rt)), path(manifest.FileName))
		require.NoError(rt, err)
		require.Len(rt, f.Records, 1)
		got := f.Records[0]
		require.Equal(rt, []any{true, uint64(0), next, last}, []any{got.Snapshot, got.MinLog, got.Next, got.Last}, "snapshot, min log, next, last")
		same(rt, "tables", append([]manifest.Entry{}, tree...), append([]manifest.Entry{}, got.Add...))
		require.Len(rt, got.Format, len(format))
		for name, value := range format {
			require.Equal(rt, value, got.Format[name], "option %q", name)
		}
	})
}

// openTableOnce is openTable without a clean-up.
func openTableOnce(t labtest.TB, fs vfs.FS, number uint64, users ...string) *sstable.Table {
	t.Helper()
	writeTable(t, fs, number, users...)
	f, err := fs.Open(path(sstable.FileName(number)))
	require.NoError(t, err)
	table, err := sstable.Open(f, sstable.FileName(number), number, sstable.Options{})
	require.NoError(t, err)
	return table
}

// Any directory: a tree, and besides it orphans, logs, and a manifest that ends in the middle of its last record. It is opened,
// crashes, and is opened again: the tree is there, in its places, the orphans are gone, the logs are not, and the next number is
// above all of them.
//
//lab:task 5 points=3 random
func TestOpen_RandomDirectories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tree := drawTree(rt)
		data, ends := fileOf(3, manifest.Record{Snapshot: true, Next: 31}, manifest.Record{Next: 31, Add: tree}, manifest.Record{MinLog: 9, Next: 90})
		mem := newMem(rt, map[string][]byte{manifest.FileName: data[:rapid.Int64Range(ends[2], ends[3]-1).Draw(rt, "cut at")]})
		files := []string{"MANIFEST"}
		highest := uint64(30)
		for _, e := range tree {
			writeTable(rt, mem, e.Number, key(int(e.Number)))
			files = append(files, sstable.FileName(e.Number))
		}
		for _, n := range rapid.SliceOfN(rapid.Uint64Range(31, 60), 0, 4).Draw(rt, "orphans") {
			writeTable(rt, mem, n, "orphan")
			highest = max(highest, n)
		}
		for _, n := range rapid.SliceOfNDistinct(rapid.Uint64Range(31, 60), 0, 4, rapid.ID[uint64]).Draw(rt, "logs") {
			require.NoError(rt, vfs.WriteFile(mem, path(fmt.Sprintf("%06d.log", n)), nil))
			files = append(files, fmt.Sprintf("%06d.log", n))
			highest = max(highest, n)
		}
		require.NoError(rt, mem.SyncDir(dir))
		slices.Sort(files)
		for i := range 3 {
			rec, runs := reopen(rt, mem, manifest.Options{})
			same(rt, fmt.Sprintf("runs at opening %d", i+1), treeLines(tree), runs)
			same(rt, fmt.Sprintf("files after opening %d", i+1), files, labtest.Files(rt, mem, dir))
			require.Equal(rt, highest+1, rec.Next, "next at opening %d", i+1)
			require.Equal(rt, uint64(0), rec.MinLog, "min log: the record that says 9 is torn")
			mem = mem.Crash(drawOutcome(rt))
		}
	})
}
