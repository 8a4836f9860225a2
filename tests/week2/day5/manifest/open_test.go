package manifest_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/manifest"
)

// newStore returns a directory with the manifest of history and its tables.
func newStore(t labtest.TB) *vfs.Mem {
	t.Helper()
	data, _ := fileOf(7, history()...)
	mem := newMem(t, map[string][]byte{manifest.FileName: data})
	writeTable(t, mem, 4, "plum", "quince")
	writeTable(t, mem, 13, "grape", "lemon")
	writeTable(t, mem, 14, "apple", "fig")
	return mem
}

// storeRuns are the runs of newStore. Within a run tables stand in the order of their keys, which is not that of their numbers.
func storeRuns() []string { return []string{"L1 14[apple…fig] 13[grape…lemon] 4[plum…quince]"} }

// plain are the options of newStore.
func plain() manifest.Options { return manifest.Options{Format: map[string]string{"codec": "plain"}} }

// On a new machine there is nothing. Open makes the directory and an empty manifest, says that it was made, and gives out file
// numbers from 1. The second time it is there, and every time after.
//
//lab:task 5 points=2
func TestOpen_CreatesWhatIsMissing(t *testing.T) {
	mem := vfs.NewMem()
	rec, runs := reopen(t, mem, manifest.Options{})
	require.True(t, rec.Created, "Created in a new directory")
	require.Empty(t, runs, "runs")
	require.Equal(t, uint64(1), rec.Next, "Next")
	labtest.NoStrayFiles(t, mem, dir, manifest.FileName)
	for range 3 {
		rec, runs = reopen(t, mem, manifest.Options{})
		require.False(t, rec.Created, "Created when it is opened again")
		require.Empty(t, runs, "runs when it is opened again")
		require.Equal(t, uint64(1), rec.Next, "Next when it is opened again")
	}
}

// What Open has made stays if the power goes at once: the manifest, its name, and the name of the directory, also where somebody
// made that before and died.
//
//lab:task 5 points=2
func TestOpen_NewDirectoryIsDurable(t *testing.T) {
	for _, made := range []bool{false, true} {
		mem := vfs.NewMem()
		if made {
			require.NoError(t, mem.MkdirAll(dir))
		}
		m, _, err := manifest.Open(dir, manifest.Options{FS: mem})
		require.NoError(t, err)
		require.NoError(t, m.Close())
		same(t, fmt.Sprintf("after a crash; the directory was there before: %v", made),
			[]string{"min log 0, next 1, last 0, options map[]"}, readState(t, mem.Crash(vfs.LoseUnsynced)))
	}
}

// The tables that the manifest names are opened, and stand where it says. Numbers go on where they were.
//
//lab:task 5 points=3
func TestOpen_RecoversTheTree(t *testing.T) {
	mem := newStore(t)
	writeTable(t, mem, 16, "kiwi")
	writeTable(t, mem, 18, "kiwi")
	data, _ := fileOf(7, append(history(), manifest.Record{
		MinLog: 17, Next: 19, Last: 80, Add: []manifest.Entry{at(0, 15, 16), at(0, 17, 18)},
	})...)
	require.NoError(t, vfs.WriteFile(mem, path(manifest.FileName), data))
	_, rec := open(t, mem, plain())
	same(t, "runs", append([]string{"L0@17 18[kiwi…kiwi]", "L0@15 16[kiwi…kiwi]"}, storeRuns()...), runLines(rec.Runs))
	require.Equal(t, uint64(17), rec.MinLog, "MinLog")
	require.Equal(t, uint64(19), rec.Next, "Next")
	require.Equal(t, kv.Seq(80), rec.Last, "Last")
	require.False(t, rec.Created, "Created")
	require.False(t, rec.Torn, "Torn")
	require.Empty(t, rec.Orphans, "Orphans")
}

// Opening is done more often than writing. However often a store is opened and closed, it is the same store.
//
//lab:task 5 points=2
func TestOpen_AgainAndAgain(t *testing.T) {
	mem := newStore(t)
	for i := range 5 {
		rec, runs := reopen(t, mem, plain())
		same(t, fmt.Sprintf("runs at opening %d", i+1), storeRuns(), runs)
		require.Equal(t, []any{uint64(11), uint64(15), kv.Seq(71)}, []any{rec.MinLog, rec.Next, rec.Last}, "min log, next, last")
		mem = mem.Crash(vfs.LoseUnsynced)
	}
}

// A number names one file for ever. Tables and logs share the numbers, and the directory may hold files with numbers that the
// manifest never heard of: a log that was created, a table that a crash left behind. Next is above all of them, and stays so when they
// are gone.
//
//lab:task 5 points=3
func TestOpen_NextIsAboveEveryFile(t *testing.T) {
	for _, c := range []struct {
		what string
		file string
		want uint64
	}{
		{"a log", "000020.log", 21},
		{"a log with the next number", "000015.log", 16},
		{"a table that no record names", "000031.sst", 32},
		{"a log that is older", "000002.log", 15},
		{"a number of many digits", "12345678.log", 12345679},
		{"some other file", "000099.txt", 15},
	} {
		mem := newStore(t)
		require.NoError(t, vfs.WriteFile(mem, path(c.file), nil))
		rec, _ := reopen(t, mem, plain())
		require.Equal(t, c.want, rec.Next, "Next beside %s, %s", c.what, c.file)
		if c.file != "000031.sst" {
			require.NoError(t, mem.Remove(path(c.file)))
		}
		rec, _ = reopen(t, mem, plain())
		require.Equal(t, c.want, rec.Next, "Next when %s, %s, is gone", c.what, c.file)
	}
}

// A flush that was interrupted has left a table, and no record names it. Nobody will ever read it: it goes. What the manifest
// names stays, and so does whatever is not a table.
//
//lab:task 5 points=3
func TestOpen_RemovesOrphans(t *testing.T) {
	mem := newStore(t)
	for _, number := range []uint64{9, 12, 16} { // two inputs of the merge, whose removal was interrupted, and a flush
		writeTable(t, mem, number, "kiwi")
	}
	for _, name := range []string{"000002.log", "000016.log", "LOCK", "notes.txt", "9.sst", "000009.sst.old"} {
		require.NoError(t, vfs.WriteFile(mem, path(name), []byte("other")))
	}
	rec, runs := reopen(t, mem, plain())
	same(t, "runs", storeRuns(), runs)
	same(t, "orphans", []string{"000009.sst", "000012.sst", "000016.sst"}, rec.Orphans)
	require.NoError(t, rec.Left)
	same(t, "files", []string{"000002.log", "000004.sst", "000009.sst.old", "000013.sst", "000014.sst", "000016.log", "9.sst", "LOCK", "MANIFEST", "notes.txt"},
		labtest.Files(t, mem, dir))
}

// That an orphan cannot be removed is no reason to refuse the store: all data is there. Open goes on, tells it, and the next Open
// tries again.
//
//lab:task 5 points=1
func TestOpen_OrphanThatStays(t *testing.T) {
	mem := newStore(t)
	writeTable(t, mem, 9, "kiwi")
	writeTable(t, mem, 12, "kiwi")
	fault := vfs.NewFault(mem)
	fault.FailNext(vfs.OpRemove, "000009.sst", nil)
	rec, runs := reopen(t, fault, plain())
	same(t, "runs", storeRuns(), runs)
	require.ErrorIs(t, rec.Left, vfs.ErrInjected, "Left, where table 9 could not be removed")
	require.Equal(t, []string{"000012.sst"}, rec.Orphans, "orphans that could be removed")
	rec, _ = reopen(t, fault, plain())
	require.NoError(t, rec.Left)
	require.Equal(t, []string{"000009.sst"}, rec.Orphans, "at the next Open")
}

// A manifest that was not finished is what a crash has left of a switch. The old one is still in its place, and what is
// under the other name counts for nothing, even where it is whole.
//
//lab:task 5 points=1
func TestOpen_UnfinishedManifestIsIgnored(t *testing.T) {
	mem := newStore(t)
	other, _ := fileOf(8, manifest.Record{Snapshot: true, Next: 99})
	require.NoError(t, vfs.WriteFile(mem, path("MANIFEST.tmp"), other))
	_, runs := reopen(t, mem, plain())
	same(t, "runs", storeRuns(), runs)
	labtest.NoStrayFiles(t, mem, dir, "MANIFEST", "*.sst")

	fresh := newMem(t, map[string][]byte{"MANIFEST.tmp": other[:20]})
	rec, _ := reopen(t, fresh, manifest.Options{})
	require.True(t, rec.Created, "a directory in which only the creation was interrupted is new")
	labtest.NoStrayFiles(t, fresh, dir, "MANIFEST")
}

// A directory with tables and without a manifest is last week's, or one that has lost its manifest. Opened as an empty store, all of
// its tables would be orphans. So it is refused; the error names a file, and says what to do; and nothing is touched.
//
//lab:task 5 points=2
func TestOpen_RefusesTablesWithoutManifest(t *testing.T) {
	for _, name := range []string{"000007.sst", "000008.log"} {
		mem := newMem(t, map[string][]byte{name: []byte("data"), "MANIFEST.tmp": []byte("begun")})
		before := contents(t, mem)
		err := openFails(t, mem, manifest.Options{}, "the directory holds "+name+" and no MANIFEST")
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "MANIFEST")
		require.ErrorContains(t, err, "empty directory")
		same(t, "files afterwards", before, contents(t, mem))
	}
	_, runs := reopen(t, newStore(t), plain())
	same(t, "with its manifest it is a store", storeRuns(), runs)
}

// Some options decide what the bytes mean. A store that was made with one codec and is opened with another would return garbage, or
// look empty. So the options are stored when the directory is made, and compared at every Open. The error names the option, what
// it was and what it is; nothing is changed, so that the right one still opens.
//
//lab:task 5 points=3
func TestOpen_ChecksTheFormat(t *testing.T) {
	for what, c := range map[string]struct {
		given map[string]string
		words []string
	}{
		"another value":       {map[string]string{"codec": "prefix"}, []string{"codec", "plain", "prefix"}},
		"none":                {nil, []string{"codec", "plain"}},
		"one more":            {map[string]string{"codec": "plain", "hash": "fnv"}, []string{"hash", "fnv"}},
		"one more, first":     {map[string]string{"bits": "10", "codec": "plain"}, []string{"bits", "10"}},
		"one more, empty":     {map[string]string{"codec": "plain", "hash": ""}, []string{"hash"}},
		"the names exchanged": {map[string]string{"plain": "codec"}, []string{"codec"}},
	} {
		mem := newStore(t)
		writeTable(t, mem, 9, "orphan")
		before := contents(t, mem)
		err := openFails(t, mem, manifest.Options{Format: c.given}, "the format is "+what)
		for _, word := range c.words {
			require.ErrorContains(t, err, word, "the format is %s", what)
		}
		same(t, "files afterwards", before, contents(t, mem))
	}
}

// The options are stored when the directory is made. They are still there after it was opened many times.
//
//lab:task 5 points=2
func TestOpen_StoresTheFormat(t *testing.T) {
	mem := vfs.NewMem()
	for range 4 {
		reopen(t, mem, plain())
	}
	err := openFails(t, mem, manifest.Options{Format: map[string]string{"codec": "prefix"}}, "the format is another one")
	require.ErrorContains(t, err, "plain")
}

// The path is not part of the store: a directory that was moved is the same store, and a deeper one works as well.
//
//lab:task 5 points=1
func TestOpen_DeepDirectory(t *testing.T) {
	mem := vfs.NewMem()
	deep := filepath.Join("data", "stores", "one")
	for i := range 2 {
		m, rec, err := manifest.Open(deep, manifest.Options{FS: mem})
		require.NoError(t, err)
		require.Equal(t, i == 0, rec.Created, "Created at opening %d", i+1)
		require.NoError(t, m.Close())
		mem = mem.Crash(vfs.LoseUnsynced)
	}
}
