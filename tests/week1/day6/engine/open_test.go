package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
)

// A store begins in a directory that nobody has made yet. Open makes it, with the directories above it, so that the first
// flush, minutes later, does not fail because there is no place to write to.
//
//lab:task 1 points=1
func TestOpen_CreatesMissingDirectory(t *testing.T) {
	mem := vfs.NewMem()
	e, err := engine.Open("data/stores/db", &engine.Options{FS: mem})
	require.NoError(t, err)
	defer e.Close()
	_, err = mem.List("data/stores/db")
	require.NoError(t, err, "the directory after Open")
	again, err := engine.Open("data/stores/db", &engine.Options{FS: mem})
	require.NoError(t, err, "Open where the directory exists already")
	require.NoError(t, again.Close())
}

// This engine forgets what its tables mean when it is closed. A directory with "000007.sst" in it belongs to an earlier run:
// opened as an empty store, it would look as if all data were lost, and new tables would be mixed with old ones. So
// Open refuses, names the file, and says what to do.
//
//lab:task 1 points=2
func TestOpen_RefusesTablesOfAnEarlierRun(t *testing.T) {
	mem := vfs.NewMem()
	require.NoError(t, mem.MkdirAll(rigDir))
	require.NoError(t, vfs.WriteFile(mem, rigDir+"/000007.sst", []byte("an earlier run's data")))
	e, err := engine.Open(rigDir, &engine.Options{FS: mem})
	if err == nil {
		e.Close()
		t.Fatal("Open of a directory that holds 000007.sst: no error")
	}
	require.ErrorContains(t, err, "000007.sst")
	same(t, "files afterwards", []string{"000007.sst"}, labtest.Files(t, mem, rigDir))
}

// A directory that cannot be made, or whose names cannot be read, is not an empty one. Taken for that, it would be opened over
// whatever is in it.
//
//lab:task 1 points=1
func TestOpen_SaysThatItCannotLook(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpMkdirAll, vfs.OpList} {
		fault := vfs.NewFault(vfs.NewMem())
		fault.FailNext(op, "", nil)
		e, err := engine.Open(rigDir, &engine.Options{FS: fault})
		if err == nil {
			e.Close()
		}
		require.ErrorIs(t, err, vfs.ErrInjected, "Open, when %s fails", op)
	}
}

// What Open objects to is a table that this store cannot know. Other files are none of its business; and a store that
// begins with a State knows all tables whose numbers are below State.Next.
//
//lab:task 1 points=1
func TestOpen_RefusesNothingElse(t *testing.T) {
	mem := vfs.NewMem()
	require.NoError(t, mem.MkdirAll(rigDir))
	for _, name := range []string{"notes.txt", "7.sst", "000007.sst.old", "LOCK"} {
		require.NoError(t, vfs.WriteFile(mem, rigDir+"/"+name, nil))
	}
	r := &rig{mem: mem, fault: vfs.NewFault(mem)}
	r.open(t, nil)
	r.flush(t)
	require.NoError(t, vfs.WriteFile(mem, rigDir+"/000007.sst", nil))
	known, err := engine.Open(rigDir, &engine.Options{FS: mem, State: &engine.State{Next: 8}})
	require.NoError(t, err, "a table with a number below Next")
	require.NoError(t, known.Close())
	unknown, err := engine.Open(rigDir, &engine.Options{FS: mem, State: &engine.State{Next: 7}})
	if err == nil {
		unknown.Close()
		t.Error("a table with number Next: no error, though the next file would overwrite it")
	}
}

// Options are checked when the store is opened, by name and with figures: a limit that makes no sense would otherwise show
// hours later, as a store that stands still.
//
//lab:task 1 points=1
func TestOpen_SaysWhichOptionIsWrong(t *testing.T) {
	openRig(t, nil).flush(t)
	for name, o := range map[string]engine.Options{
		"MemtableSize":   {MemtableSize: -1},
		"MaxMemtables":   {MaxMemtables: -1},
		"StallMemtables": {MaxMemtables: 4, StallMemtables: 4},
		"MaxValueSize":   {MaxValueSize: 1 << 30},
		"BlockSize":      {BlockSize: -4096},
		"Sync":           {Sync: true},
	} {
		o.FS = vfs.NewMem()
		e, err := engine.Open(rigDir, &o)
		if err == nil {
			e.Close()
			t.Errorf("no error for a wrong %s", name)
			continue
		}
		require.ErrorContains(t, err, name)
	}
}

// A store may begin with what an earlier run left: tables, and memtables that were filled from logs. New writes get numbers
// above Last, new files numbers from Next on, and the memtables are flushed like any others, oldest first.
//
//lab:task 1 points=2
func TestOpen_BeginsWithState(t *testing.T) {
	first := openRig(t, nil)
	first.put(t, "apple", "from a table")
	first.put(t, "plum", "from a table")
	first.flush(t)
	v, last := first.View()

	older, newer := newMemtable(t, 11, last+1, "apple", "from log 11"), newMemtable(t, 12, last+2, "fig", "from log 12")
	logs := &fakeLogs{}
	second := &rig{mem: first.mem, fault: first.fault}
	second.open(t, &engine.Options{MaxMemtables: 100, Logs: logs, State: &engine.State{
		Runs: v.Runs, Memtables: memtablesNewestFirst(newer, older), Next: 20, Last: last + 2,
	}})
	require.Equal(t, last+2, second.Visible(), "the visible number after Open")
	second.put(t, "fig", "new")
	want := []string{"apple", `"from log 11"`, "fig", `"new"`, "plum", `"from a table"`}
	second.expect(t, "before the flush", want...)
	second.flush(t)
	second.expect(t, "after the flush", want...)
	same(t, "runs, newest first", [][]string{
		{`"fig"#5,set = "new"`}, {`"fig"#4,set = "from log 12"`}, {`"apple"#3,set = "from log 11"`},
		{`"apple"#1,set = "from a table"`, `"plum"#2,set = "from a table"`},
	}, second.contents(t))
	for _, run := range second.Stats().Runs[:3] {
		require.GreaterOrEqual(t, run.Tables[0].Number, uint64(20), "number of a new table")
	}
	require.Subset(t, logs.read(), []string{"remove 11", "remove 12"}, "logs whose memtables are on disk")
	require.Equal(t, last+3, second.Visible())
	require.NotEqual(t, kv.Seq(0), last)
}
