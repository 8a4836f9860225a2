package compaction_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
)

// discards is a filter that discards these keys and notes what it was asked about.
func discards(asked *[]string, keys ...string) engine.CompactionFilter {
	return fakeFilter(func(key kv.Key, value []byte) bool {
		*asked = append(*asked, wordOf(key, value))
		for _, k := range keys {
			if k == string(key.User) {
				return true
			}
		}
		return false
	})
}

// A compaction filter discards "fig", because it is too old for instance. It becomes a tombstone and does not just
// vanish: an older "fig" lies in L2, and would come back. The filter is asked about the newest version of a key, and
// not about tombstones. Of the value nothing is left: a tombstone that still has it says that the merge has written the
// input's value, and not the one that it was given.
//
//lab:task 2 points=2
func TestFilter_DiscardedValueBecomesTombstone(t *testing.T) {
	var asked []string
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{CompactionFilter: discards(&asked, "fig")}},
		"L0@9: fig#9=new kiwi#8-", "L1: apple#4=red fig#3=old", "L2: apple#1=white fig#2=oldest kiwi#2=green")
	r.compact(t)
	same(t, "questions", []string{"apple#4=red", "fig#9=new"}, asked)
	same(t, "the tree", []string{"L1: apple#4=red fig#9- kiwi#8-", "L2: apple#1=white fig#2=oldest kiwi#2=green"}, r.tree(t))
	r.expect(t, "afterwards", "fig", "not found")
}

// A snapshot at 5 reads "fig" = violet, its newest version. As long as it does, the filter is not even asked. "kiwi" is
// newer than the snapshot, so it may go, and its older version, which the snapshot reads, stays.
//
//lab:task 2 points=2
func TestFilter_SnapshotKeepsWhatItReads(t *testing.T) {
	var asked []string
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{
		CompactionFilter: discards(&asked, "fig", "kiwi"), Retention: snapshotsAt(5, 9)}},
		"L0@9: kiwi#9=ripe", "L1: fig#4=violet kiwi#3=green", "L2: fig#1=x kiwi#1=x")
	r.compact(t)
	same(t, "questions", []string{"kiwi#9=ripe"}, asked)
	same(t, "the tree", []string{"L1: fig#4=violet kiwi#9- kiwi#3=green", "L2: fig#1=x kiwi#1=x"}, r.tree(t))
}

// Writes up to 5 were visible when the job began. "fig" was written after that: who will read it, and who will not,
// nobody could tell the job. It is left alone.
//
//lab:task 2 points=1
func TestFilter_LeavesWhatCameAfterJobBegan(t *testing.T) {
	var asked []string
	r := openRig(t, setup{full: "1 2 into L1", visible: 5, engine: engine.Options{CompactionFilter: discards(&asked, "apple", "fig")}},
		"L0@9: apple#5=a fig#6=violet", "L1: fig#4=green", "L2: aaa#1=x apple#1=x fig#1=x zoo#1=x")
	r.compact(t)
	same(t, "questions", []string{"apple#5=a"}, asked)
	same(t, "the tree", []string{"L1: apple#5- fig#6=violet fig#4=green", "L2: aaa#1=x apple#1=x fig#1=x zoo#1=x"}, r.tree(t))
}

// At the bottom a discarded value has nothing left to hide, and goes at once, with what was older. The filter comes
// before the sieve.
//
//lab:task 4 points=1
func TestFilter_DiscardedValueGoesAtTheBottom(t *testing.T) {
	var asked []string
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{CompactionFilter: discards(&asked, "fig")}},
		"L0@9: fig#9=new", "L1: apple#4=red fig#3=old")
	r.compact(t)
	same(t, "questions", []string{"apple#4=red", "fig#9=new"}, asked)
	same(t, "the tree", []string{"L1: apple#4=red"}, r.tree(t))
}

// A policy with a mistake in it asks for a merge that lets a new "fig" pass an older one, on its way down: readers
// would meet the old one first. Such a task is refused, with the reason, before anything is read or written.
//
//lab:task 2 points=1
func TestCompact_RefusesTaskThatWouldDamageTree(t *testing.T) {
	r := openRig(t, setup{full: "1 into L1"}, "L0@9: fig#9=new", "L0@7: fig#7=old", "L1: aaa#1=x")
	err := r.Compact(context.Background())
	require.ErrorContains(t, err, "table 2 of L0@7 would be passed by the newer table 1")
	require.Zero(t, r.fault.Count(vfs.OpCreate, "*.sst"), "tables created")
	r.policy.full = merging("1 2 into L1")
	r.compact(t)
	same(t, "the tree, after a task without the mistake", []string{"L1: aaa#1=x | fig#9=new"}, r.tree(t))
}

// Without a policy a full job merges everything into the place of the oldest run, which may be a tier of level 0. An
// empty tree has nothing to merge, and a compactor without a policy never begins by itself.
//
//lab:task 2 points=1
func TestCompact_WithoutPolicyMergesEverythingWhenAsked(t *testing.T) {
	empty := openRig(t, setup{})
	empty.compact(t)
	require.Empty(t, empty.tree(t))

	r := openRig(t, setup{}, "L0@9: fig#9=new", "L0@7: fig#7=old", "L0@5: aaa#1=x")
	r.put(t, "kiwi", "green")
	r.flush(t)
	require.Len(t, r.tree(t), 4, "runs before")
	r.compact(t)
	same(t, "the tree", []string{"L0@5: aaa#1=x fig#9=new kiwi#10=green"}, r.tree(t))
}

// A policy is asked with the tree's shape as it is: places, numbers, sizes and ends of all tables. It works in the
// background, after each flush, until it has nothing to do.
//
//lab:task 2 points=1
func TestCompact_AsksPolicyAfterEachFlush(t *testing.T) {
	merged := make(chan struct{}, 10)
	var seen []string
	policy := &script{pick: func(tree shape.Tree) (task shape.Task, ok bool) {
		if len(tree.Runs) == 0 {
			return task, false
		}
		if len(tree.Runs) == 1 {
			merged <- struct{}{}
			return task, false
		}
		seen = linesOf(tree.Runs[1:])
		for _, r := range tree.Runs {
			if r.Size() <= 0 {
				t.Errorf("size of run %v: %d", r.Place, r.Size())
			}
		}
		return shape.Task{Inputs: tree.Runs, Output: tree.Runs[len(tree.Runs)-1].Place, Reason: "more than one run"}, true
	}}
	r := openRig(t, setup{policy: policy}, "L1: aaa#1=x kiwi#2=y | lime#3=z zebra#4=z")
	reaches(t, "a look at the tree", merged)
	r.put(t, "kiwi", "green")
	r.put(t, "lime", "green")
	r.flush(t)
	reaches(t, "the end of the merge", merged)
	same(t, "what the policy was shown below the flushed run", []string{"L1: 1[aaa-kiwi] 2[lime-zebra]"}, seen)
	same(t, "the tree", []string{"L1: aaa#1=x kiwi#5=green lime#6=green zebra#4=z"}, r.tree(t))
}
