package compaction_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/compaction"
)

// runInBackground opens a rig whose policy wants one task, and waits until it is done.
func runInBackground(t labtest.TB, task string, runs ...string) *rig {
	t.Helper()
	done := make(chan error, 1)
	// The policy waits for the test, so that what the test counts begins when it is ready.
	begin := make(chan struct{})
	pick, once := merging(task), false
	policy := &script{pick: func(tree shape.Tree) (shape.Task, bool) {
		<-begin
		if once {
			return shape.Task{}, false
		}
		once = true
		return pick(tree)
	}}
	r := openRig(t, setup{policy: policy, engine: engine.Options{Listener: engine.Listener{
		CompactionEnd: func(_ *version.Edit, err error) { done <- err },
	}}}, runs...)
	close(begin)
	require.NoError(t, reaches(t, "the end of the task", done))
	return r
}

// requireMoved fails the test if a table was read or written by a task.
func requireMoved(t labtest.TB, r *rig) {
	t.Helper()
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpOpen, vfs.OpRead, vfs.OpWrite, vfs.OpRemove} {
		if n := r.fault.Count(op, "*.sst"); n > 0 {
			t.Errorf("%d operations %q on tables; a move needs none", n, op)
		}
	}
}

// One table of L1 goes down to L2, and nothing there overlaps it. To merge it would be to copy it. Its file keeps its
// number and is neither read nor written; it only stands elsewhere in the tree, in the order of keys, and its keys are
// found there.
//
//lab:task 5 points=2
func TestMove_TableGoesDownWithoutIO(t *testing.T) {
	r := runInBackground(t, "2 into L2", "L1: apple#5=red | kiwi#6=green lime#7-", "L2: apple#1=x banana#2=x | zebra#3=x")
	requireMoved(t, r)
	same(t, "the tree", []string{"L1: apple#5=red", "L2: apple#1=x banana#2=x | kiwi#6=green lime#7- | zebra#3=x"}, r.tree(t))
	same(t, "files", []string{"000001.sst", "000003.sst", "000002.sst", "000004.sst"}, r.files())
	r.expect(t, "afterwards", "kiwi", "green", "lime", "not found", "zebra", "x")
	r.clean(t)
}

// Runs of level 0 that do not overlap, as after a fill in the order of keys: they become one run without a byte being
// written. It is the same if a table takes part that stands at the output's place already, since it lies between them; and
// if they stay on level 0, as tiers do: another epoch is another place.
//
//lab:task 5 points=2
func TestMove_RunsThatDoNotOverlap(t *testing.T) {
	r := runInBackground(t, "1 2 3 into L1", "L0@9: m#9=x p#9=x", "L0@7: a#7=x c#7=x", "L0@5: d#5=x", "L1: zebra#1=x")
	requireMoved(t, r)
	same(t, "the tree", []string{"L1: a#7=x c#7=x | d#5=x | m#9=x p#9=x | zebra#1=x"}, r.tree(t))
	r.clean(t)

	between := runInBackground(t, "1 2 3 into L1", "L0@9: a#9=x b#9=x", "L0@7: x#7=x", "L1: m#1=x")
	requireMoved(t, between)
	same(t, "the tree", []string{"L1: a#9=x b#9=x | m#1=x | x#7=x"}, between.tree(t))

	tiers := runInBackground(t, "1 into L0@6", "L0@9: x#9=x", "L0@4: a#1=x")
	requireMoved(t, tiers)
	same(t, "the tree", []string{"L0@6: x#9=x", "L0@4: a#1=x"}, tiers.tree(t))
}

// One table ends with "k", and the other begins with it: both hold versions of "k", so they overlap. Moved, they would
// be neighbours in one run, and a reader would find one of the two versions, which need not be the newer.
//
//lab:task 5 points=2
func TestMove_EqualEndsAreAnOverlap(t *testing.T) {
	r := runInBackground(t, "1 2 into L1", "L0@9: k#9=new m#9=x", "L0@7: a#7=x k#7=old")
	same(t, "the tree", []string{"L1: a#7=x k#9=new m#9=x"}, r.tree(t))
	r.expect(t, "afterwards", "k", "new")
}

// Only two of the three tables overlap, the first and the third in the order of the runs. One overlap is enough for a
// merge.
//
//lab:task 5 points=1
func TestMove_OneOverlapIsEnoughForAMerge(t *testing.T) {
	r := runInBackground(t, "1 2 3 into L1", "L0@9: b#9=x f#9=new", "L0@7: m#7=x", "L1: a#1=x f#1=old | zebra#1=x")
	same(t, "the tree", []string{"L1: a#1=x b#9=x f#9=new m#7=x | zebra#1=x"}, r.tree(t))
}

// A full compaction wants tombstones gone and values filtered: it writes everything anew, though nothing overlaps.
//
//lab:task 5 points=1
func TestMove_FullJobMergesAnyway(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1"}, "L0@9: apple#9-", "L1: kiwi#1=x")
	r.compact(t)
	same(t, "the tree", []string{"L1: kiwi#1=x"}, r.tree(t))
	require.NotContains(t, r.files(), "000002.sst", "the table of kiwi is a new one")
}

// A task whose tables stand at the output's place already: to move them there would change nothing, and a policy that
// wanted it would want it again, for ever. Whoever asks for that wants the table to be written anew, for instance to
// get rid of its tombstones.
//
//lab:task 5 points=1
func TestMove_ToTheSamePlaceIsAMerge(t *testing.T) {
	r := runInBackground(t, "1 into L1", "L1: apple#9- kiwi#1=x | zebra#1-")
	same(t, "the tree", []string{"L1: kiwi#1=x | zebra#1-"}, r.tree(t))
	r.clean(t)
}

// levelZero returns versions with 0 to n runs on level 0, over a level 1 that does not count.
func levelZero(t labtest.TB, n int) (versions []*version.Version) {
	t.Helper()
	mem := vfs.NewMem()
	s := buildState(t, mem, sstable.Options{}, []string{"L1: a#1=x", "L0@1: a#2=x"}, nil)
	t.Cleanup(func() {
		for _, r := range s.Runs {
			r.Tables()[0].Close()
		}
	})
	for i := range n + 1 {
		v := &version.Version{}
		for epoch := i; epoch > 0; epoch-- {
			v.Runs = append(v.Runs, version.NewRun(0, uint64(epoch), s.Runs[1].Tables()))
		}
		v.Runs = append(v.Runs, s.Runs[0])
		versions = append(versions, v)
	}
	return versions
}

// Writers are slowed down before they are stopped. With 8 and 12: seven runs of level 0 cost nothing; the eighth,
// ninth, tenth and eleventh cost a quarter of a millisecond each; from twelve on, nobody gets another memtable. Runs of
// other levels do not count.
//
//lab:task 5 points=2
func TestThrottle_RisesFromSlowToStop(t *testing.T) {
	throttle := compaction.Throttle(8, 12)
	type answer struct {
		Delay time.Duration
		Stop  bool
	}
	var got []answer
	for _, v := range levelZero(t, 14) {
		delay, stop := throttle(v)
		got = append(got, answer{delay, stop})
	}
	quarter := time.Millisecond / 4
	want := append(make([]answer, 8), answer{quarter, false}, answer{2 * quarter, false}, answer{3 * quarter, false}, answer{4 * quarter, false},
		answer{4 * quarter, true}, answer{4 * quarter, true}, answer{4 * quarter, true})
	same(t, "delay and stop with 0 to 14 runs", want, got)
}

// Whatever the two numbers are: below the first, writes are free; the more runs, the longer the delay, up to a
// millisecond; from the second number on, and not before, writers stop.
//
//lab:task 5 points=2 random
func TestThrottle_NeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slow := rapid.IntRange(1, 20).Draw(t, "slow")
		stop := slow + rapid.IntRange(1, 20).Draw(t, "more")
		throttle, last := compaction.Throttle(slow, stop), time.Duration(0)
		for n, v := range levelZero(t, stop+2) {
			delay, stopped := throttle(v)
			require.Equal(t, n >= slow, delay > 0, "Throttle(%d, %d) with %d runs: delay %v", slow, stop, n, delay)
			require.Equal(t, n >= stop, stopped, "Throttle(%d, %d) with %d runs", slow, stop, n)
			require.GreaterOrEqual(t, delay, last, "Throttle(%d, %d) with %d runs", slow, stop, n)
			require.LessOrEqual(t, delay, time.Millisecond, "Throttle(%d, %d) with %d runs", slow, stop, n)
			last = delay
		}
		require.Equal(t, time.Millisecond, last, "Throttle(%d, %d): the longest delay", slow, stop)
	})
}
