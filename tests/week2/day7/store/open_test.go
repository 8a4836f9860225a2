package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/leveled"
	"lsmlab/solution/week2/simple"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week2/tiered"
)

// This is what the two weeks were for. A store is opened in a directory that is not there yet, with no options at all,
// on a real disk. It is written, closed and opened again, and everything is there. Twice, since the second reopening
// meets what the first has left.
//
//lab:task 1 points=3
func TestOpen_SurvivesRestart(t *testing.T) {
	labtest.NoLeaks(t)
	dir := t.TempDir() + "/data/db"
	want := []string{}
	for _, fruit := range []string{"apple", "banana", "cherry"} {
		s, err := store.Open(dir, nil)
		require.NoError(t, err, "open")
		t.Cleanup(func() { _ = s.Close() })
		holds(t, "before "+fruit, s, want...)
		put(t, s, fruit, "ripe")
		closeStore(t, s)
		want = append(want, fruit+" = ripe")
	}
}

// A store has its keys in five places: the active memtable, a frozen one, tables of level 0, deeper tables, and, as a
// tombstone, where an older value must stay hidden. After a restart each of them must be found again, in the same
// order.
//
//lab:task 1 points=3
func TestOpen_FindsMemtablesTablesAndTombstones(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	o := small(store.LogWritten)
	o.MaxMemtables = 4
	s := open(t, d, o)
	put(t, s, "deep", "1", "hidden", "1", "old", "1")
	compact(t, s)
	put(t, s, "level0", "2", "old", "2")
	require.NoError(t, s.Delete([]byte("hidden")))
	flush(t, s)
	put(t, s, "frozen", bigValue("3"), "old", "3")
	put(t, s, "active", bigValue("4"))
	want := []string{"active = 4", "deep = 1", "frozen = 3", "level0 = 2", "old = 3"}
	holds(t, "before the restart", s, want...)
	closeStore(t, s)

	s = open(t, d, o)
	holds(t, "after the restart", s, want...)
	put(t, s, "hidden", "5", "old", "5")
	flush(t, s)
	want = []string{"active = 4", "deep = 1", "frozen = 3", "hidden = 5", "level0 = 2", "old = 5"}
	closeStore(t, s)
	s = open(t, d, o)
	holds(t, "after the second restart", s, want...)
	require.NoError(t, s.Verify(context.Background()))
}

// Two processes over one directory would each remove what the other has just made. So the lock comes before everything
// else: the second opener learns that the directory is taken, and has not created, cut or removed anything until then.
//
//lab:task 1 points=2
func TestOpen_LocksBeforeItTouchesAnything(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogWritten))
	put(t, s, "apple", "red")
	before := len(d.Log())
	_, err := tryOpen(t, d, rigDir, small(store.LogWritten))
	require.ErrorIs(t, err, vfs.ErrLocked, "the second opener")
	require.ErrorContains(t, err, rigDir, "the error names the directory")
	for _, call := range d.Log()[before:] {
		require.Contains(t, []vfs.Op{vfs.OpMkdirAll, vfs.OpList, vfs.OpLock}, call.Op, "the second opener's call of %s %s", call.Op, call.Name)
	}
	put(t, s, "banana", "yellow")
	closeStore(t, s)
	holds(t, "opened when the first has closed", open(t, d, small(store.LogWritten)), "apple = red", "banana = yellow")
}

// A sequence number belongs to one write for ever, and a file number to one file. Were a number given away twice, then
// of two versions of a key nobody could tell which is newer, and a cached block could be another file's. It must hold
// whether the last numbers are found in a log, or only in the manifest because everything was flushed.
//
//lab:task 1 points=3
func TestOpen_NumbersGoOn(t *testing.T) {
	for _, flushed := range []bool{false, true} {
		t.Run(fmt.Sprintf("flushed=%t", flushed), func(t *testing.T) {
			d := newDisk()
			var next kv.Seq = 1
			for range 3 {
				s := open(t, d, small(store.LogWritten))
				for range 2 {
					first, err := s.Write(batch("a=1", "b=2"), false)
					require.NoError(t, err)
					require.Equal(t, next, first, "number of the batch's first write")
					next += 2
				}
				if flushed {
					flush(t, s)
					flush(t, s)
				}
				closeStore(t, s)
			}
			created := map[string]bool{}
			for _, call := range d.Log() {
				if call.Op == vfs.OpCreate && call.Name != rigDir+"/MANIFEST.tmp" {
					require.False(t, created[call.Name], "%s is created a second time", call.Name)
					created[call.Name] = true
				}
			}
		})
	}
}

// A log whose memtable is in a table by now is not needed any more, and the engine removes it. Say that fails, or a
// crash undoes it. The log comes back, with old writes in it. The manifest knows from which number on logs count: what
// is older must not be replayed. Here it would bring a key back that was deleted long ago, tombstone and all.
//
//lab:task 1 points=3
func TestOpen_IgnoresLogsThatAreInTables(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogWritten))
	d.FailAlways(vfs.OpRemove, "*.log", nil)
	put(t, s, "ghost", "boo", "apple", "red")
	flush(t, s)
	require.NoError(t, s.Delete([]byte("ghost")))
	compact(t, s)
	require.GreaterOrEqual(t, len(files(t, d, rigDir, "*.log")), 2, "logs that could not be removed")
	closeStore(t, s)
	d.Clear()
	s = open(t, d, small(store.LogWritten))
	holds(t, "after the restart", s, "apple = red")
	require.Len(t, files(t, d, rigDir, "*.log"), 1, "logs: only that of the new memtable")
}

// Week 1's engine wrote tables and forgot how they belong together. Nobody can know it now. To open such a directory as
// an empty store would be a lie, and the next flush might overwrite a table. The error names the file, and nothing is
// changed.
//
//lab:task 1 points=2
func TestOpen_RefusesDirectoryOfWeek1(t *testing.T) {
	d := newDisk()
	e, err := engine.Open(rigDir, &engine.Options{FS: d})
	require.NoError(t, err)
	require.NoError(t, e.Put([]byte("apple"), []byte("red")))
	require.NoError(t, e.Flush(context.Background()))
	require.NoError(t, e.Close())
	tables := files(t, d, rigDir, "*.sst")
	_, err = tryOpen(t, d, rigDir, small(store.LogWritten))
	require.Error(t, err)
	require.ErrorContains(t, err, tables[0])
	require.ErrorContains(t, err, "MANIFEST")
	same(t, "tables afterwards", tables, files(t, d, rigDir, "*.sst"))
	allClosed(t, d, "after the refusal")
}

// A policy is a way to work, and no property of the data: today's may be another than yesterday's. So may the way in
// which keys are written in blocks. Whatever tree it finds, the store opens and goes on, and every key stays what it
// is.
//
//lab:task 1 points=3 random
func TestOpen_WithAnotherPolicy(t *testing.T) {
	policies := map[string]shape.Policy{
		"leveled": leveled.Policy{Runs: 2, BaseSize: 8 << 10, Multiplier: 2},
		"simple":  simple.Policy{Runs: 2, Ratio: 2},
		"tiered":  tiered.Policy{Runs: 3},
	}
	rapid.Check(t, func(t *rapid.T) {
		d, model, next := newDisk(), labtest.NewModel(), kv.Seq(1)
		for session := range rapid.IntRange(2, 4).Draw(t, "sessions") {
			o := small(store.LogWritten)
			o.NoCompaction = false
			o.Policy = policies[rapid.SampledFrom([]string{"leveled", "simple", "tiered"}).Draw(t, "policy")]
			if session%2 == 1 {
				o.Codec = block.Prefix()
			}
			s, err := tryOpen(t, d, rigDir, o)
			require.NoError(t, err, "open, session %d", session)
			for _, w := range labtest.Ops(20).Draw(t, "writes") {
				var b kv.Batch
				w.AddTo(&b)
				_, err := s.Write(&b, false)
				require.NoError(t, err)
				model.Apply(next, &b)
				next += kv.Seq(b.Len())
				if b.Len() > 1 {
					flush(t, s)
				}
			}
			compareWithModel(t, s, model, next)
			require.NoError(t, s.Verify(context.Background()))
			require.NoError(t, s.Close())
		}
	})
}

// compareWithModel compares all that a store holds with all that it should.
func compareWithModel(t labtest.TB, s *store.Store, model *labtest.Model, at kv.Seq) {
	t.Helper()
	var want []string
	for _, e := range model.Scan(kv.Unbounded(), kv.Unbounded(), at) {
		want = append(want, fmt.Sprintf("%q = %q", e.Key.User, e.Value))
	}
	var got []string
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		got = append(got, fmt.Sprintf("%q = %q", key, value))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()))
	same(t, "all keys and values", want, got)
}

// The log mode is a way to work, too. A directory that was written without a log is opened with one, and the other way
// round; after each restart everything is there, as every session ended with Close.
//
//lab:task 3 points=2
func TestOpen_WithAnotherLogMode(t *testing.T) {
	for _, first := range modes {
		for _, second := range modes {
			d := newDisk()
			for i, mode := range []store.LogMode{first, second, first, second} {
				s := open(t, d, small(mode))
				put(t, s, fmt.Sprintf("k%d", i), "v")
				var want []string
				for j := range i + 1 {
					want = append(want, fmt.Sprintf("k%d = v", j))
				}
				holds(t, fmt.Sprintf("%s and %s in turns, session %d", modeNames[first], modeNames[second], i+1), s, want...)
				closeStore(t, s)
				if t.Failed() {
					return // one example is enough
				}
			}
		}
	}
}

// Some facts about a store decide what its bytes mean, for instance into how many partitions keys were divided. Whoever
// opens it names them again; if they differ, the answer is an error that tells both, and not a store in which keys are
// missing.
//
//lab:task 1 points=1
func TestOpen_ComparesFormat(t *testing.T) {
	d := newDisk()
	o := small(store.LogWritten)
	o.Format = map[string]string{"partitions": "4"}
	closeStore(t, open(t, d, o))
	o.Format = map[string]string{"partitions": "8"}
	_, err := tryOpen(t, d, rigDir, o)
	require.Error(t, err, "open with another number of partitions")
	for _, word := range []string{"partitions", "4", "8"} {
		require.ErrorContains(t, err, word)
	}
	o.Format = map[string]string{"partitions": "4"}
	closeStore(t, open(t, d, o))
}
