package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// "apple" was written four times, and nobody reads the past. A flush keeps the newest version and saves the disk the rest.
// The tombstone of "fig" is the newest version of "fig": it stays.
//
//lab:task 1 points=2
func TestFlush_LeavesOutWhatNobodyCanRead(t *testing.T) {
	r := openRig(t, nil)
	for _, value := range []string{"green", "yellow", "red"} {
		r.put(t, "apple", value)
		r.put(t, "fig", value)
	}
	r.remove(t, "fig")
	r.flush(t)
	same(t, "runs", [][]string{{`"apple"#5,set = "red"`, `"fig"#7,delete`}}, r.contents(t))
}

// Snapshots will read the past, so it is not for the flush to say what may go. It asks a keeper about each version, in
// order, and tells how far writes were visible when it asked for the keeper. Here the keeper wants all versions at or
// above 3, and the newest one below.
//
//lab:task 1 points=2
func TestFlush_AsksKeeperAboutEveryVersion(t *testing.T) {
	var asked []string
	var visible []kv.Seq
	r := openRig(t, &engine.Options{Retention: fakeRetention(func(at kv.Seq) engine.Keeper {
		visible = append(visible, at)
		return fakeKeeper(func(key kv.Key, newer kv.Seq) bool {
			asked = append(asked, kv.MakeKey(key.User, newer, key.Kind()).String())
			return newer == 0 || newer > 3
		})
	})})
	for _, value := range []string{"1", "2", "3", "4", "5"} {
		r.put(t, "apple", value)
	}
	r.put(t, "banana", "6")
	r.flush(t)
	same(t, "visible numbers that the retention was told", []kv.Seq{6}, visible)
	same(t, "questions: each key with the number of its next newer version", []string{
		`"apple"#0,set`, `"apple"#5,set`, `"apple"#4,set`, `"apple"#3,set`, `"apple"#2,set`, `"banana"#0,set`,
	}, asked)
	same(t, "runs", [][]string{{
		`"apple"#5,set = "5"`, `"apple"#4,set = "4"`, `"apple"#3,set = "3"`, `"banana"#6,set = "6"`,
	}}, r.contents(t))
}

// A snapshot is taken while the flush asks for its keeper, and a write comes before both. The visible number must be the
// one from before the question: then whoever takes a snapshot from now on reads at that number or later.
//
//lab:task 1 points=1
func TestFlush_LoadsVisibleNumberBeforeItAsks(t *testing.T) {
	var r *rig
	var told, inside kv.Seq
	o := patient()
	o.Retention = fakeRetention(func(at kv.Seq) engine.Keeper {
		told, inside = at, r.Visible()
		r.put(t, "banana", "written meanwhile")
		return fakeKeeper(func(kv.Key, kv.Seq) bool { return true })
	})
	r = openRig(t, o)
	r.put(t, "apple", "red")
	r.flush(t)
	require.Equal(t, kv.Seq(1), inside)
	require.LessOrEqual(t, told, inside, "the number that the retention was told")
	require.Equal(t, kv.Seq(1), told)
}

// A keeper that keeps nothing at all leaves nothing to write. There is no table of no entries: the memtable just goes.
//
//lab:task 1 points=1
func TestFlush_OfVersionsThatNobodyWantsMakesNoTable(t *testing.T) {
	r := openRig(t, &engine.Options{Retention: fakeRetention(func(kv.Seq) engine.Keeper {
		return fakeKeeper(func(kv.Key, kv.Seq) bool { return false })
	})})
	r.put(t, "apple", "red")
	r.flush(t)
	require.Empty(t, labtest.Files(t, r.mem, rigDir), "files")
	same(t, "entries of the memtables", []int{0}, r.memtables())
	require.Empty(t, r.Stats().Runs)
}

// mergeAll is a compactor's work in its simplest form: all runs of the job's version become one, on level 1.
func mergeAll(job *engine.Job) (*version.Edit, error) {
	runs := job.Version.Runs
	if len(runs) < 2 {
		return nil, nil
	}
	out, err := job.NewOutput()
	if err != nil {
		return nil, err
	}
	tables := &version.Version{Runs: runs}
	it := tables.NewIterator(kv.Unbounded(), kv.Unbounded())
	defer it.Close()
	sieve := engine.NewSieve(job.Keeper)
	for it.First(); it.Valid(); it.Next() {
		if sieve.Keep(it.Key(), false) {
			if err := out.Add(it.Key(), it.Value()); err != nil {
				out.Abort()
				return nil, err
			}
		}
	}
	table, err := out.Finish()
	if err != nil {
		out.Abort()
		return nil, err
	}
	return &version.Edit{Drop: runs, Add: []*version.Run{version.NewRun(1, runs[0].Epoch(), []*sstable.Table{table})}}, nil
}

// After each flush the compactor may look at the tree and merge. Its edit is installed like a flush's; the files that it
// drops are removed, and those who still read the old version go on reading: they hold it.
//
//lab:task 2 points=2
func TestFlush_WakesCompactor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var visible []kv.Seq
		r := openRig(t, &engine.Options{Compactor: fakeCompactor(func(_ context.Context, job *engine.Job) (*version.Edit, error) {
			visible = append(visible, job.Visible)
			return mergeAll(job)
		})})
		synctest.Wait()
		r.put(t, "apple", "green")
		r.put(t, "fig", "violet")
		r.flush(t)
		synctest.Wait()
		r.put(t, "kiwi", "brown")
		scan := r.Scan(kv.Unbounded(), kv.Unbounded())
		scan.First()
		r.put(t, "apple", "red")
		r.flush(t)
		synctest.Wait()
		same(t, "runs", [][]string{{`"apple"#4,set = "red"`, `"fig"#2,set = "violet"`, `"kiwi"#3,set = "brown"`}}, r.contents(t))
		require.Equal(t, 1, r.Stats().Runs[0].Level)
		same(t, "visible numbers of the jobs", []kv.Seq{0, 2, 4, 4}, visible)
		labtest.NoStrayFiles(t, r.mem, rigDir, tableFiles(r)...)
		require.Len(t, labtest.Files(t, r.mem, rigDir), 1, "files: the merged tables are removed")
		same(t, "a scan that began before the merge", []string{"apple = green", "fig = violet", "kiwi = brown"}, scanned(t, scan))
	})
}

// The files of merged tables are removed by the engine, and not before the manifest has recorded that nobody needs them: with
// the power lost in between, the store would open with tables that are gone. If the manifest fails, nothing is removed.
//
//lab:task 1 points=1
func TestCompact_RemovesInputsAfterEditIsDurable(t *testing.T) {
	var r *rig
	broken := errors.New("manifest: input/output error")
	files := 0
	r = openRig(t, &engine.Options{
		Compactor: fakeCompactor(func(_ context.Context, job *engine.Job) (*version.Edit, error) {
			if !job.Full {
				return nil, nil
			}
			return mergeAll(job)
		}),
		Manifest: fakeManifest(func(edit *version.Edit, _ *version.Version) error {
			if len(edit.Drop) == 0 {
				return nil
			}
			files = len(labtest.Files(t, r.mem, rigDir))
			return broken
		}),
	})
	r.put(t, "apple", "green")
	r.flush(t)
	r.put(t, "apple", "red")
	require.ErrorIs(t, r.Compact(context.Background()), broken)
	require.Equal(t, 3, files, "files while the manifest writes: two inputs and one output")
	require.Len(t, labtest.Files(t, r.mem, rigDir), 3, "files after the manifest has failed: which ones count is in doubt")
	require.ErrorIs(t, r.Put([]byte("banana"), nil), kv.ErrReadOnly)
	r.expect(t, "read-only", "apple", `"red"`)
}

// Compact flushes, and has the compactor merge everything, with the filter that the options name. Without a compactor, which
// comes in week 2, it says so, after the flush.
//
//lab:task 1 points=1
func TestCompact_FlushesAndAsksForEverything(t *testing.T) {
	r := openRig(t, nil)
	r.put(t, "apple", "red")
	require.ErrorContains(t, r.Compact(context.Background()), "week 2")
	require.Len(t, r.Stats().Runs, 1, "runs: it has flushed")

	full := false
	filter := fakeFilter(func(kv.Key, []byte) bool { return false })
	with := openRig(t, &engine.Options{CompactionFilter: filter, Compactor: fakeCompactor(func(_ context.Context, job *engine.Job) (*version.Edit, error) {
		if !job.Full {
			return nil, nil
		}
		full = true
		require.NotNil(t, job.Filter, "the filter of the options")
		return mergeAll(job)
	})})
	with.put(t, "apple", "green")
	with.flush(t)
	with.put(t, "apple", "red")
	require.NoError(t, with.Compact(context.Background()))
	require.True(t, full, "a job with Full")
	same(t, "runs", [][]string{{`"apple"#2,set = "red"`}}, with.contents(t))
}

// fakeFilter is a compaction filter that does what the test says.
type fakeFilter func(key kv.Key, value []byte) bool

func (f fakeFilter) Discard(key kv.Key, value []byte) bool { return f(key, value) }

// A compactor that fails loses nothing: its inputs stay. Writes are refused with the reason, since tables would pile up,
// until a compaction succeeds.
//
//lab:task 1 points=1
func TestCompact_FailureRefusesWritesUntilItSucceeds(t *testing.T) {
	broken := errors.New("cannot merge")
	var fail atomic.Bool // read by the compactor's own goroutine too
	fail.Store(true)
	r := openRig(t, &engine.Options{Compactor: fakeCompactor(func(_ context.Context, job *engine.Job) (*version.Edit, error) {
		if fail.Load() && job.Full {
			return nil, broken
		}
		if !job.Full {
			return nil, nil
		}
		return mergeAll(job)
	})})
	r.put(t, "apple", "green")
	r.flush(t)
	r.put(t, "apple", "red")
	require.ErrorIs(t, r.Compact(context.Background()), broken)
	require.Len(t, r.Stats().Runs, 2, "runs after the failure")
	r.expect(t, "after the failure", "apple", `"red"`)
	require.ErrorIs(t, r.Put([]byte("banana"), nil), broken)
	fail.Store(false)
	require.NoError(t, r.Compact(context.Background()))
	r.put(t, "banana", "yellow")
	r.expect(t, "in the end", "apple", `"red"`, "banana", `"yellow"`)
}

// Every write and every read can be watched: the batch when it is visible, the key and what came of it.
//
//lab:task 1 points=1
func TestListener_HearsWritesAndReads(t *testing.T) {
	var events notebook
	var r *rig
	o := &engine.Options{Listener: engine.Listener{
		Applied: func(first kv.Seq, b *kv.Batch) {
			events.note("applied %d writes from %d, visible %d", b.Len(), first, r.Visible())
		},
		Got: func(key, value []byte, err error) { events.note("got %s: %s", key, answered(value, err)) },
	}}
	r = openRig(t, o)
	var b kv.Batch
	b.Set([]byte("apple"), []byte("red"))
	b.Delete([]byte("fig"))
	require.NoError(t, r.Apply(&b))
	r.flush(t)
	r.expect(t, "after the flush", "apple", `"red"`, "fig", "not found")
	same(t, "events", []string{
		"applied 2 writes from 1, visible 2", `got apple: "red"`, "got fig: not found",
	}, events.read())
}
