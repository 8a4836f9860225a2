package manifest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/manifest"
)

// churn appends n pairs of edits that leave the tree as it was: a flush, and a move of its table to the bottom, in the place of the
// one there.
func (r *rig) churn(n int) {
	r.t.Helper()
	for range n {
		e := r.flush("apple")
		r.append(e)
		drop := []*version.Run{e.Add[0]}
		for _, run := range r.v.Runs {
			if run.Level() == 6 {
				drop = append(drop, run)
			}
		}
		r.append(r.edit(drop, version.NewRun(6, 0, []*sstable.Table{r.table("apple")})))
	}
}

// A store that lives for a year records a million edits and has a thousand tables. At MaxSize the file is replaced by one that
// holds the present state, under a new number. Before and behind the switch, what the manifest says is what was recorded.
//
//lab:task 6 points=3
func TestSwitch_KeepsTheFileSmall(t *testing.T) {
	o := plain()
	o.MaxSize = 300
	r := newRig(t, o)
	first := r.number()
	for i := range 40 {
		r.churn(1)
		size, err := r.mem.Size(path(manifest.FileName))
		require.NoError(t, err)
		require.LessOrEqual(t, size, int64(300), "size of the manifest after %d edits", 2*i+2)
		same(t, fmt.Sprintf("what it says after %d edits", 2*i+2), r.lines(), readState(t, r.mem))
	}
	switches := r.number() - first
	require.Greater(t, switches, uint64(3), "how often the file was replaced in 80 edits")
	require.Less(t, switches, uint64(30), "how often the file was replaced in 80 edits")
	labtest.NoStrayFiles(t, r.mem, dir, "MANIFEST", "*.sst")
	require.Equal(t, 1, handles(r.fs, "MANIFEST*"), "manifests that are open")
}

// As long as it is not too large, the file is not replaced: a record costs one write and one sync.
//
//lab:task 6 points=1
func TestSwitch_NotBeforeItIsNeeded(t *testing.T) {
	r := newRig(t, manifest.Options{})
	first, creates, syncs := r.number(), r.fs.Count(vfs.OpCreate, "MANIFEST*"), r.fs.Count(vfs.OpSync, "MANIFEST*")
	r.churn(10)
	require.Equal(t, first, r.number(), "number of the manifest: it is the same file")
	require.Equal(t, creates, r.fs.Count(vfs.OpCreate, "MANIFEST*"))
	require.Equal(t, syncs+20, r.fs.Count(vfs.OpSync, "MANIFEST*"), "syncs of 20 edits")
}

// A tree of many tables may need more than MaxSize for its snapshot alone. If the file were replaced whenever it is larger, each
// edit would write the whole tree again. So a file may grow to twice its first length in any case, and what is written in all stays
// in proportion.
//
//lab:task 6 points=2
func TestSwitch_StateLargerThanMaxSize(t *testing.T) {
	r := newRig(t, manifest.Options{MaxSize: 1})
	first := r.number()
	for i := range 64 {
		r.append(r.flush(key(i)))
	}
	require.Less(t, r.number()-first, uint64(12), "how often a tree that grew to 64 tables was written anew")
	require.Greater(t, r.number()-first, uint64(3), "how often a tree that grew to 64 tables was written anew")
	same(t, "what it says", r.lines(), readState(t, r.mem))
	size, err := r.mem.Size(path(manifest.FileName))
	require.NoError(t, err)
	r.reopen(vfs.LoseUnsynced)
	fresh, err := r.mem.Size(path(manifest.FileName))
	require.NoError(t, err)
	require.LessOrEqual(t, size, 2*fresh+64, "the file's size, and that of a fresh one")
}

// The switch may be interrupted at any operation. Whatever is left, the manifest says what it said before the edit, or what it says
// after; when Append has returned, after. And the store goes on.
//
//lab:task 6 points=4
func TestSwitch_StoppedAnywhere(t *testing.T) {
	begin := func() *rig {
		r := newRig(t, manifest.Options{MaxSize: 200})
		r.churn(2)
		for i := range 100 {
			size, err := r.mem.Size(path(manifest.FileName))
			require.NoError(t, err)
			if size > 170 { // the next edit will not fit
				return r
			}
			r.append(r.flush(key(i)))
		}
		t.Fatal("the manifest does not grow")
		return nil
	}
	points := 0
	for n := 1; ; n++ {
		r := begin()
		renames, e := r.fs.Count(vfs.OpRename, ""), r.flush("last")
		before, after := runLines(r.v.Runs), r.v.Apply(e)
		r.mem.CrashAt(r.mem.Ops() + n)
		err := r.m.Append(e, after)
		if err == nil {
			require.Greater(t, r.fs.Count(vfs.OpRename, ""), renames, "the test wants a switch here")
			break
		}
		points++
		for i, p := range vfs.Policies(6) {
			_, got := reopen(t, r.mem.Crash(p), r.o)
			if len(got) == len(before) {
				same(t, fmt.Sprintf("runs after a stop at operation %d of the switch, outcome %d", n, i), before, got)
			} else {
				same(t, fmt.Sprintf("runs after a stop at operation %d of the switch, outcome %d", n, i), runLines(after.Runs), got)
			}
		}
	}
	require.GreaterOrEqual(t, points, 5, "operations of a switch")
}

// Each operation of a switch fails in turn, with or without effect. From then on nothing is appended: it is not known which file is in
// place. Opened again, everything is well.
//
//lab:task 6 points=3
func TestSwitch_FailureStays(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir} {
		for _, effect := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %v", op, effect), func(t *testing.T) {
				r := newRig(t, manifest.Options{MaxSize: 100})
				r.append(r.flush("apple"))
				size, err := r.mem.Size(path(manifest.FileName))
				require.NoError(t, err)
				for size < 75 {
					r.append(r.flush("banana"))
					size, err = r.mem.Size(path(manifest.FileName))
					require.NoError(t, err)
				}
				e := r.flush("cherry")
				after, before := r.v.Apply(e), len(r.v.Runs)
				pattern := "MANIFEST*"
				if op == vfs.OpSyncDir {
					pattern = dir
				}
				if effect {
					r.fs.FailAfter(op, pattern, errNoSpace)
				} else {
					r.fs.FailNext(op, pattern, errNoSpace)
				}
				require.ErrorIs(t, r.m.Append(e, after), errNoSpace, "the Append that switches")
				done := len(r.fs.Log())
				require.ErrorIs(t, r.m.Append(e, after), errNoSpace, "the next Append")
				require.Empty(t, r.fs.Log()[done:], "what the next Append did to the files")
				r.reopen(vfs.KeepUnsynced)
				require.Contains(t, []int{before, before + 1}, len(r.v.Runs), "runs after it was opened again")
				r.append(r.flush("date"))
				same(t, "the manifest goes on", r.lines(), readState(t, r.mem))
			})
		}
	}
}
