package manifest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/manifest"
)

// When Append has returned, readers will see the edit, its inputs will be removed, its log will go. So at that moment the record is on
// the disk, not on its way there: the power may fail at once.
//
//lab:task 6 points=3
func TestAppend_DurableWhenItReturns(t *testing.T) {
	r := newRig(t, plain())
	for i := range 4 {
		r.append(r.flush(key(i)))
		for _, p := range vfs.Policies(3) {
			same(t, fmt.Sprintf("the manifest after a crash behind append %d", i+1), r.lines(), readState(t, r.mem.Preview(p)))
		}
	}
}

// A record is appended at the end of what is there, and nothing before it is touched: the same bytes, and more of them.
//
//lab:task 6 points=2
func TestAppend_OnlyAppends(t *testing.T) {
	r := newRig(t, manifest.Options{})
	want, _ := vfs.ReadFile(r.mem, path(manifest.FileName))
	for i := range 3 {
		e := r.flush(key(i))
		r.append(e)
		number := e.Add[0].Tables()[0].Number()
		edit := manifest.Record{MinLog: e.MinLog, Next: e.Next, Last: e.Last, Add: []manifest.Entry{at(0, e.MinLog, number)}}
		wantRecords := append(mustRead(t, want), edit)
		want, _ = fileOf(r.number(), wantRecords...)
		got, err := vfs.ReadFile(r.mem, path(manifest.FileName))
		require.NoError(t, err)
		same(t, fmt.Sprintf("bytes of the manifest after append %d", i+1), fmt.Sprintf("% x", want), fmt.Sprintf("% x", got))
	}
}

// mustRead returns the records of a manifest's bytes.
func mustRead(t *testing.T, data []byte) []manifest.Record {
	t.Helper()
	f, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data}), path(manifest.FileName))
	require.NoError(t, err)
	return f.Records
}

// A level of a hundred tables is one run, and a merge that replaces one of them makes another run. To record the whole level each time
// would make the manifest the largest file of the store. The record names what goes and what comes: one table each.
//
//lab:task 6 points=3
func TestAppend_RecordsOnlyWhatChanges(t *testing.T) {
	r := newRig(t, manifest.Options{})
	var level []*sstable.Table
	for i := range 20 {
		level = append(level, r.table(key(i)))
	}
	r.append(r.edit(nil, version.NewRun(1, 0, level)))
	old := level[7].Number()
	changed := append([]*sstable.Table(nil), level...)
	changed[7] = r.table(key(7))
	r.append(r.edit([]*version.Run{r.run(1, 0)}, version.NewRun(1, 0, changed)))
	same(t, "the record of a merge in a level of 20 tables", manifest.Record{
		MinLog: r.log, Next: r.next, Last: r.last,
		Drop: []manifest.Entry{at(1, 0, old)}, Add: []manifest.Entry{at(1, 0, changed[7].Number())},
	}, r.lastRecord())
	same(t, "state", r.lines(), readState(t, r.mem))
}

// Tables that are moved to another place keep their numbers. The record must say so: to leave them out, because they go and come,
// would leave them where they were.
//
//lab:task 6 points=2
func TestAppend_TableMoves(t *testing.T) {
	r := newRig(t, manifest.Options{})
	r.append(r.flush("apple"))
	epoch := r.log
	number := r.run(0, epoch).Tables()[0].Number()
	r.append(r.edit([]*version.Run{r.run(0, epoch)}, version.NewRun(1, 0, r.run(0, epoch).Tables())))
	same(t, "the record of a move", manifest.Record{
		MinLog: r.log, Next: r.next, Last: r.last,
		Drop: []manifest.Entry{at(0, epoch, number)}, Add: []manifest.Entry{at(1, 0, number)},
	}, r.lastRecord())
	r.reopen(vfs.LoseUnsynced)
	same(t, "runs", []string{fmt.Sprintf("L1 %d[apple…apple]", number)}, runLines(r.v.Runs))
}

// Two tables of level 0 hold versions of one key. Which is newer is only known by their places. After the store was opened again, and
// again, the places are the same, and what is flushed then stands above them.
//
//lab:task 6 points=3
func TestAppend_OrderOfLevelZeroSurvives(t *testing.T) {
	r := newRig(t, manifest.Options{})
	var want []string
	for i := range 5 {
		e := r.flush("apple", key(i))
		r.append(e)
		want = append([]string{fmt.Sprintf("L0@%d %d[apple…%s]", r.log, e.Add[0].Tables()[0].Number(), key(i))}, want...)
		same(t, "runs, newest first", want, runLines(r.v.Runs))
		r.reopen(vfs.LoseUnsynced)
		same(t, fmt.Sprintf("runs, newest first, after opening %d", i+2), want, runLines(r.v.Runs))
		got := []string{}
		for _, run := range r.v.Runs {
			got = append(got, runLines([]*version.Run{run})...)
		}
		same(t, "runs in the version's own order", want, got)
	}
}

// A record that could not be written or synced may be on the disk, or half of it may be: nobody knows. To try again might write it twice,
// or behind a torn one, where it can never be read. So the first error is the last word: every later Append fails with it, and
// touches nothing. Opened again, the manifest holds the edit or it does not, and either is right.
//
//lab:task 6 points=4
func TestAppend_FailureStays(t *testing.T) {
	for what, fail := range map[string]func(f *vfs.Fault){
		"the write fails":                  func(f *vfs.Fault) { f.FailNext(vfs.OpWrite, "MANIFEST*", nil) },
		"the write is cut short":           func(f *vfs.Fault) { f.ShortWrite("MANIFEST*", 9, vfs.ErrInjected) },
		"the write is done, and fails":     func(f *vfs.Fault) { f.FailAfter(vfs.OpWrite, "MANIFEST*", nil) },
		"the sync fails":                   func(f *vfs.Fault) { f.FailNext(vfs.OpSync, "MANIFEST*", nil) },
		"the sync is done, and then fails": func(f *vfs.Fault) { f.FailAfter(vfs.OpSync, "MANIFEST*", nil) },
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t, manifest.Options{})
			r.append(r.flush("apple"))
			before := runLines(r.v.Runs)
			e := r.flush("banana")
			after := r.v.Apply(e)
			fail(r.fs)
			require.ErrorIs(t, r.m.Append(e, after), vfs.ErrInjected, "the Append that fails")
			log := len(r.fs.Log())
			require.ErrorIs(t, r.m.Append(e, after), vfs.ErrInjected, "the same edit again")
			third := r.flush("cherry")
			tried := len(r.fs.Log())
			require.ErrorIs(t, r.m.Append(third, after.Apply(third)), vfs.ErrInjected, "another edit")
			require.Empty(t, r.fs.Log()[tried:], "what was done to the files by an Append after one that failed")
			require.Greater(t, tried, log, "the table of the third edit was written by the test")
			r.reopen(vfs.KeepUnsynced)
			got := runLines(r.v.Runs)
			if len(got) != 1 {
				before = runLines(after.Runs)
			}
			same(t, "runs after the manifest was opened again: those before the edit, or after it", before, got)
			r.append(r.flush("date"))
			same(t, "the manifest goes on", r.lines(), readState(t, r.mem))
		})
	}
}

// Close gives the file back. Nothing is left to write; a second Close does nothing; and there is no Append any more.
//
//lab:task 6 points=1
func TestClose_GivesTheFileBack(t *testing.T) {
	for _, fails := range []bool{false, true} {
		r := newRig(t, manifest.Options{MaxSize: 150})
		for i := range 6 {
			r.append(r.flush(key(i)))
		}
		if fails {
			e := r.flush("last")
			r.fs.FailNext(vfs.OpSync, "MANIFEST*", nil)
			require.Error(t, r.m.Append(e, r.v.Apply(e)))
		}
		require.NoError(t, r.m.Close())
		require.NoError(t, r.m.Close(), "the second Close")
		e := r.flush("late")
		if err := r.m.Append(e, r.v.Apply(e)); !fails {
			require.ErrorIs(t, err, kv.ErrClosed, "Append after Close")
		} else {
			require.Error(t, err, "Append after one that failed, and Close: either reason is right")
		}
		require.Zero(t, handles(r.fs, "MANIFEST*"), "manifests that are still open; the last Append failed: %v", fails)
	}
}

// Random edits, with a crash now and then after which the manifest is opened again: it always says what was recorded.
//
//lab:task 6 points=3 random
func TestAppend_RandomEdits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mem := newMem(rt, nil)
		o := manifest.Options{MaxSize: int64(rapid.IntRange(60, 400).Draw(rt, "max size"))}
		r := &rig{t: rt, mem: mem, o: o}
		closing := func() {
			closeRuns(r.v.Runs)
			require.NoError(rt, r.m.Close())
		}
		r.open()
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch step := rapid.IntRange(0, 5).Draw(rt, "step"); {
			case step == 0:
				closing()
				r.mem = r.mem.Crash(vfs.Policies(2)[rapid.IntRange(0, 3).Draw(rt, "outcome")])
				r.open()
			case step < 4 || len(r.v.Runs) < 2:
				r.append(r.flush(key(rapid.IntRange(0, 9).Draw(rt, "key"))))
			default: // everything becomes one table at the bottom
				r.append(r.edit(r.v.Runs, version.NewRun(3, 0, []*sstable.Table{r.table("a", "z")})))
			}
			same(rt, "the manifest", r.lines(), readState(rt, r.mem))
		}
		closing()
	})
}

// open opens the manifest without a clean-up of its own.
func (r *rig) open() {
	r.fs = vfs.NewFault(r.mem)
	o := r.o
	o.FS = r.fs
	m, rec, err := manifest.Open(dir, o)
	require.NoError(r.t, err)
	r.m, r.next, r.last, r.log = m, rec.Next, rec.Last, rec.MinLog
	r.v = (&version.Version{}).Apply(&version.Edit{Add: rec.Runs})
}

// errNoSpace is what a full disk says.
var errNoSpace = errors.New("no space left on device")
