package version_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	refversion "lsmlab/solution/week1/version"
)

// A run's place follows from its level and epoch, not from when it came: level 0 before level 1, and on level 0 the table
// that was flushed last on top. Here runs come in disorder. Each in the wrong place would hide newer values behind older ones.
//
//lab:task 5 points=3
func TestApply_SortsRunsIntoPlace(t *testing.T) {
	s := newShelf(t)
	run := func(level int, epoch uint64) *version.Run { return s.run(level, epoch, entries(e("apple", 1, "x"))) }
	v := &version.Version{Memtables: stackOf(t, nil)}
	v = v.Apply(&version.Edit{Add: []*version.Run{run(0, 5)}})
	v = v.Apply(&version.Edit{Add: []*version.Run{run(0, 7)}})
	expectShape(t, "after two flushes", v, "level 0 epoch 7 tables [2]", "level 0 epoch 5 tables [1]")
	v = v.Apply(&version.Edit{Add: []*version.Run{run(2, 1), run(0, 6), run(1, 3)}})
	expectShape(t, "after an edit with three runs", v,
		"level 0 epoch 7 tables [2]", "level 0 epoch 6 tables [4]", "level 0 epoch 5 tables [1]",
		"level 1 epoch 3 tables [5]", "level 2 epoch 1 tables [3]")
	v = v.Apply(&version.Edit{Add: []*version.Run{run(0, 10)}})
	v = v.Apply(&version.Edit{Add: []*version.Run{run(1, 4)}})
	expectShape(t, "after two more", v,
		"level 0 epoch 10 tables [6]", "level 0 epoch 7 tables [2]", "level 0 epoch 6 tables [4]", "level 0 epoch 5 tables [1]",
		"level 1 epoch 4 tables [7]", "level 1 epoch 3 tables [5]", "level 2 epoch 1 tables [3]")
}

// A flush puts a table on the tree and takes its memtable off, in one step: there is no version in which the data is
// missing, and none in which it is there twice. In the version before, readers find it in the memtable; after, in the table.
//
//lab:task 5 points=3
func TestApply_SwapsMemtableForTable(t *testing.T) {
	s := newShelf(t)
	before := &version.Version{
		Memtables: stackOf(t, entries(e("fig", 4, "green")), entries(e("fig", 3, "violet")), entries(e("apple", 2, "red"))),
		Runs:      []*version.Run{s.run(0, 1, entries(e("apple", 1, "green")))},
	}
	oldest := before.Memtables.Oldest()
	after := before.Apply(&version.Edit{Add: []*version.Run{s.run(0, 2, entries(e("apple", 2, "red")))}, Flushed: oldest})
	expectShape(t, "after the flush", after, "level 0 epoch 2 tables [2]", "level 0 epoch 1 tables [1]")
	require.Equal(t, []uint64{3, 2}, memtableIDs(after), "memtables after the flush")
	require.Equal(t, []uint64{3, 2, 1}, memtableIDs(before), "memtables of the version before")
	for _, v := range []*version.Version{before, after} {
		expectGet(t, v, "apple", kv.MaxSeq, `"red"`)
		expectGet(t, v, "fig", 3, `"violet"`)
		expectGet(t, v, "fig", kv.MaxSeq, `"green"`)
	}
	gone := after.Apply(&version.Edit{Flushed: after.Memtables.Oldest()})
	require.Equal(t, []uint64{3}, memtableIDs(gone), "memtables after a flush that had nothing to write")
}

// memtableIDs returns the numbers of a version's memtables, newest first.
func memtableIDs(v *version.Version) (ids []uint64) {
	for _, table := range v.Memtables.Tables() {
		ids = append(ids, table.ID())
	}
	return ids
}

// A merge has read tables 1 and 2 and written tables 5 and 6. Its edit drops the two and adds a run of the new ones. Tables 3
// and 4, which it has not read, stay: above all table 4, which was flushed while the merge was busy.
//
//lab:task 5 points=3
func TestApply_ReplacesWhatAMergeHasRead(t *testing.T) {
	s := newShelf(t)
	one := s.run(0, 1, entries(e("apple", 1, "green")))
	two := s.run(0, 2, entries(e("fig", 2, "violet")))
	three := s.run(1, 0, entries(e("kiwi", 0, "brown")))
	v := &version.Version{Memtables: stackOf(t, nil), Runs: []*version.Run{two, one, three}}
	meanwhile := v.Apply(&version.Edit{Add: []*version.Run{s.run(0, 3, entries(e("apple", 3, "red")))}})
	merge := &version.Edit{
		Add:  []*version.Run{s.run(2, 2, entries(e("apple", 1, "green")), entries(e("fig", 2, "violet")))},
		Drop: []*version.Run{one, two},
	}
	after := meanwhile.Apply(merge)
	expectShape(t, "after the merge", after, "level 0 epoch 3 tables [4]", "level 1 epoch 0 tables [3]", "level 2 epoch 2 tables [5 6]")
	expectGet(t, after, "apple", kv.MaxSeq, `"red"`)
	expectGet(t, after, "fig", kv.MaxSeq, `"violet"`)
	expectShape(t, "an edit that only drops", after.Apply(&version.Edit{Drop: []*version.Run{three}}),
		"level 0 epoch 3 tables [4]", "level 2 epoch 2 tables [5 6]")
}

// A merge may write its result to the level and under the epoch of a run that it replaces. So a run is known by itself, and
// not by level and epoch: the old one goes, the new one, which looks the same from outside, stays.
//
//lab:task 5 points=2
func TestApply_KnowsRunsByIdentity(t *testing.T) {
	s := newShelf(t)
	old := s.run(1, 4, entries(e("apple", 1, "green")))
	v := &version.Version{Memtables: stackOf(t, nil), Runs: []*version.Run{old}}
	fresh := s.run(1, 4, entries(e("apple", 2, "red")))
	v = v.Apply(&version.Edit{Add: []*version.Run{fresh}, Drop: []*version.Run{old}})
	expectShape(t, "after the replacement", v, "level 1 epoch 4 tables [2]")
	expectGet(t, v, "apple", kv.MaxSeq, `"red"`)
}

// A reader holds a version and takes no lock. Whatever is applied to it, and however many successors it gets, the reader's
// own lists stay as they are. The slice of runs has room behind its end here, so that an append in place would be seen.
//
//lab:task 5 points=3
func TestApply_LeavesTheOldVersionAlone(t *testing.T) {
	s := newShelf(t)
	runs := make([]*version.Run, 0, 8)
	for epoch := uint64(3); epoch > 0; epoch-- {
		runs = append(runs, s.run(0, epoch, entries(e(fmt.Sprint("apple", epoch), 1, "x"))))
	}
	held := &version.Version{Memtables: stackOf(t, nil, entries(e("fig", 2, "violet"))), Runs: runs}
	left := held.Apply(&version.Edit{Add: []*version.Run{s.run(1, 1, entries(e("left", 1, "x")))}})
	right := held.Apply(&version.Edit{Add: []*version.Run{s.run(2, 1, entries(e("right", 1, "x")))}})
	flushed := held.Apply(&version.Edit{Add: []*version.Run{s.run(0, 4, entries(e("fig", 2, "violet")))}, Flushed: held.Memtables.Oldest()})
	dropped := held.Apply(&version.Edit{Drop: []*version.Run{runs[0]}})
	three := []string{"level 0 epoch 3 tables [1]", "level 0 epoch 2 tables [2]", "level 0 epoch 1 tables [3]"}
	expectShape(t, "the version that the reader holds", held, three...)
	expectShape(t, "one successor", left, append(slices.Clone(three), "level 1 epoch 1 tables [4]")...)
	expectShape(t, "another successor", right, append(slices.Clone(three), "level 2 epoch 1 tables [5]")...)
	expectShape(t, "a flush", flushed, append([]string{"level 0 epoch 4 tables [6]"}, three...)...)
	expectShape(t, "a run dropped", dropped, three[1:]...)
	require.Equal(t, []uint64{2, 1}, memtableIDs(held), "memtables of the version that the reader holds")
}

// An edit speaks of runs and of one memtable. All else stays: an edit that is no flush leaves every memtable, and whoever told
// the version what may be pruned has told its successors as well.
//
//lab:task 5 points=2
func TestApply_KeepsWhatTheEditDoesNotMention(t *testing.T) {
	s := newShelf(t)
	prune := &version.Prune{}
	v := &version.Version{Memtables: stackOf(t, entries(e("fig", 3, "x")), entries(e("fig", 2, "x"))), Prune: prune}
	next := v.Apply(&version.Edit{Add: []*version.Run{s.run(1, 1, entries(e("apple", 1, "x")))}, MinLog: 7, Next: 8, Last: 9})
	require.Equal(t, []uint64{2, 1}, memtableIDs(next), "memtables after an edit that is no flush")
	if next.Prune != prune {
		t.Errorf("Prune of the next version: got %p, want %p, which the version before has", next.Prune, prune)
	}
	require.Same(t, v.Memtables.Active(), next.Memtables.Active(), "the active memtable")
	expectShape(t, "the runs", next.Apply(&version.Edit{}), "level 1 epoch 1 tables [1]")
}

// To drop a run that is not in the version means that two merges have read the same table, and both think that they replace
// it. That is a mistake in the engine. Passed over in silence it would end as doubled or lost data; so it stops at once.
//
//lab:task 5 points=1
func TestApply_RefusesToDropAnUnknownRun(t *testing.T) {
	s := newShelf(t)
	one, two := s.run(0, 1, entries(e("apple", 1, "x"))), s.run(0, 2, entries(e("fig", 2, "x")))
	v := (&version.Version{Memtables: stackOf(t, nil)}).Apply(&version.Edit{Add: []*version.Run{one, two}})
	v = v.Apply(&version.Edit{Drop: []*version.Run{one}})
	require.Panics(t, func() { v.Apply(&version.Edit{Drop: []*version.Run{one}}) }, "to drop a run twice")
	expectShape(t, "the version afterwards", v, "level 0 epoch 2 tables [2]")
}

// Readers walk over a version while edit after edit is applied to it and to its successors, on another goroutine. Nobody
// waits for anybody, and the race detector has nothing to say, because nothing that a reader can see is ever written.
//
//lab:task 5 points=2 race
func TestApply_NeedsNoLockAgainstReaders(t *testing.T) {
	labtest.NoLeaks(t)
	s := newShelf(t)
	v := orchard(s)
	v.Runs = append(make([]*version.Run, 0, 16), v.Runs...)
	extra := s.run(1, 9, entries(e("zucchini", 1, "x")))
	v.Apply(&version.Edit{Add: []*version.Run{extra}})
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for range 30 {
				expectGet(t, v, "grape", kv.MaxSeq, `"blue"`)
				got, err := labtest.Collect(v.Scan(everything, everything, 11))
				if err != nil || len(got) != 6 {
					t.Errorf("scan: %d entries, error %v; want 6 entries", len(got), err)
				}
			}
		})
	}
	for range 30 {
		next := v.Apply(&version.Edit{Add: []*version.Run{extra}, Flushed: v.Memtables.Oldest()})
		next = next.Apply(&version.Edit{Drop: v.Runs[:1]})
		next.Apply(&version.Edit{Drop: []*version.Run{extra}})
	}
	wait.Wait()
}

// Random edits, one after the other, applied to the subject's version and to the reference's: runs and memtables must be the
// same after each, and every version that was ever made must still look as it did when it was new.
//
//lab:task 5 points=4 random
func TestApply_FollowsTheReference(t *testing.T) {
	s := newShelf(t)
	mine := s.table(e("apple", 1, "x"))
	theirs := s.openRef(mine.Number())
	rapid.Check(t, func(t *rapid.T) {
		v := &version.Version{Memtables: stackOf(t, nil, nil, nil, nil)}
		ref := &refversion.Version{}
		twin := map[*version.Run]*refversion.Run{}
		var all []*version.Version
		var shapes [][]string
		for step := range rapid.IntRange(1, 8).Draw(t, "edits") {
			edit, refEdit := &version.Edit{}, &refversion.Edit{}
			for range rapid.IntRange(0, 3).Draw(t, "runs to add") {
				level, epoch := rapid.IntRange(0, 2).Draw(t, "level"), uint64(step*4+len(edit.Add))
				if level > 0 {
					epoch = rapid.Uint64Range(0, 3).Draw(t, "epoch")*100 + epoch
				}
				r := version.NewRun(level, epoch, []*sstable.Table{mine})
				twin[r] = refversion.NewRun(level, epoch, []*refsstable.Table{theirs})
				edit.Add, refEdit.Add = append(edit.Add, r), append(refEdit.Add, twin[r])
			}
			for _, r := range v.Runs {
				if rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
					edit.Drop, refEdit.Drop = append(edit.Drop, r), append(refEdit.Drop, twin[r])
				}
			}
			if rapid.Bool().Draw(t, "flush") {
				edit.Flushed = v.Memtables.Oldest()
			}
			want := memtableIDs(v)
			if edit.Flushed != nil {
				want = want[:len(want)-1]
			}
			v, ref = v.Apply(edit), ref.Apply(refEdit)
			expectShape(t, "the version after the edit", v, refShapeOf(ref)...)
			require.Equal(t, want, memtableIDs(v), "memtables after the edit")
			all, shapes = append(all, v), append(shapes, shapeOf(v))
		}
		for i, old := range all {
			if diff := cmp.Diff(shapes[i], shapeOf(old)); diff != "" {
				t.Fatalf("version %d has changed since it was made (-when new +now)\n%s", i+1, diff)
			}
		}
	})
}

// refShapeOf is shapeOf for a version of the reference.
func refShapeOf(v *refversion.Version) (shape []string) {
	for _, r := range v.Runs {
		var numbers []uint64
		for _, table := range r.Tables() {
			numbers = append(numbers, table.Number())
		}
		shape = append(shape, fmt.Sprintf("level %d epoch %d tables %d", r.Level(), r.Epoch(), numbers))
	}
	return shape
}
