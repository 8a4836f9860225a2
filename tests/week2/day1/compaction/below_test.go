package compaction_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/compaction"
	refcompaction "lsmlab/solution/week2/compaction"
)

// Level 0 is merged into L1. What may hold older versions of the merged keys is what stands below L1: L2 and L5. L1
// itself is merged, and what has been flushed since is newer.
//
//lab:task 4 points=2
func TestBelow_IsWhatStandsUnderTheOutput(t *testing.T) {
	tree := shapeOf("L0@15: 15[a-z]", "L0@9: 9[c-f]", "L1: 1[b-e] 2[k-m]", "L2: 3[a-d]", "L5: 4[a-z]")
	task := taskOf(t, tree, "9 1 into L1")
	same(t, "runs below", []string{"L2: 3[a-d]", "L5: 4[a-z]"}, linesOf(compaction.Below(tree, task)))
	task = taskOf(t, tree, "4 into L5")
	same(t, "runs below the last", []string{}, linesOf(compaction.Below(tree, task)))
	task = taskOf(t, tree, "4 into L6")
	same(t, "runs below a level that is not there yet", []string{}, linesOf(compaction.Below(tree, task)))
}

// Tiers are all on level 0, and the epoch says which is older. Two in the middle are merged, into the place of the
// older: epochs 4 and 2 stand below, 9 does not. A policy that caps how many tiers it merges at once leaves the oldest
// out, and is not at the bottom.
//
//lab:task 4 points=2
func TestBelow_OfTiersGoesByEpoch(t *testing.T) {
	tree := shapeOf("L0@9: 9[a-z]", "L0@8: 8[a-m]", "L0@6: 6[c-d]", "L0@4: 4[a-z]", "L0@2: 2[a-z]", "L3: 1[a-z]")
	same(t, "runs below", []string{"L0@4: 4[a-z]", "L0@2: 2[a-z]", "L3: 1[a-z]"}, linesOf(compaction.Below(tree, taskOf(t, tree, "8 6 into L0@6"))))
	same(t, "runs below the task that includes the oldest tier", []string{"L3: 1[a-z]"},
		linesOf(compaction.Below(tree, taskOf(t, tree, "9 8 6 4 2 into L0@2"))))
}

// A table goes down from L1 to L3, and L2, in between, has nothing there. Its other tables stay. They do not stand
// below: no key of the task is in them, or the task would be a broken one.
//
//lab:task 4 points=1
func TestBelow_LeavesOutWhatIsPassed(t *testing.T) {
	tree := shapeOf("L1: 1[a-c] 2[m-p]", "L2: 3[f-g]", "L3: 4[n-o]", "L4: 5[a-b]")
	same(t, "runs below", []string{"L4: 5[a-b]"}, linesOf(compaction.Below(tree, taskOf(t, tree, "2 4 into L3"))))
}

// Random trees and tasks: the runs below are the reference's, and the tree is not changed.
//
//lab:task 4 points=1 random
func TestBelow_LikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var next uint64
		tree := drawShape(t, &next)
		task, ok := drawTask(t, tree)
		if !ok {
			return
		}
		before := linesOf(tree.Runs)
		same(t, fmt.Sprintf("runs below %v of\n%v", task, tree), linesOf(refcompaction.Below(tree, task)), linesOf(compaction.Below(tree, task)))
		same(t, "the tree afterwards", before, linesOf(tree.Runs))
	})
}

// Everything is merged. Nothing lies below, so nothing is left for the tombstones to hide: they go, with all that they
// have hidden. This is how the space of deleted data comes back.
//
//lab:task 4 points=2
func TestBottom_TombstoneGoesWhenNothingLiesBelow(t *testing.T) {
	r := openRig(t, setup{full: "1 2 3 into L2"},
		"L0@9: apple#9- fig#8=new", "L1: apple#5=red kiwi#6-", "L2: apple#1=white fig#2=old kiwi#3=green lime#4=x")
	r.compact(t)
	same(t, "the tree", []string{"L2: fig#8=new lime#4=x"}, r.tree(t))
	r.expect(t, "afterwards", "apple", "not found", "kiwi", "not found", "lime", "x")
}

// Below lies one run with the tables [c … f], [h], [i] and [m … p]. Each tombstone is decided by its own key: it stays
// if the key lies within a table, both ends included, whether the key is really in it or not, for to know that one
// would have to read. In the gaps it goes.
//
//lab:task 4 points=3
func TestBottom_IsDecidedKeyByKey(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1"},
		"L0@9: a#20- b#20- c#20- d#20- f#20- g#20- k#20- m#20- n#20- p#20- q#20- z#20-",
		"L1: b#3=x z#3=x",
		"L2: c#1=x f#1=x | h#1=x | i#1=x | m#1=x p#1=x",
	)
	r.compact(t)
	same(t, "the tree", []string{"L1: c#20- d#20- f#20- m#20- n#20- p#20-", "L2: c#1=x f#1=x | h#1=x | i#1=x | m#1=x p#1=x"}, r.tree(t))
	r.expect(t, "afterwards", "b", "not found", "c", "not found", "f", "not found", "m", "not found", "p", "not found")
}

// Several runs lie below, and one of them is enough to keep a tombstone: here L3 has "d", L2 has not. A tombstone that
// only looks at the next level would go, and the "d" of L3 would come back from the dead.
//
//lab:task 4 points=2
func TestBottom_AsksEveryRunBelow(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1"},
		"L0@9: b#9- d#9- k#9- t#9-", "L1: a#3=x d#4=x z#3=x",
		"L2: b#2=x | t#2=x", "L3: d#1=x e#1=x", "L6: j#1=x l#1=x")
	r.compact(t)
	same(t, "the first run of the tree", "L1: a#3=x b#9- d#9- k#9- t#9- z#3=x", r.tree(t)[0])
	r.expect(t, "afterwards", "d", "not found", "b", "not found", "t", "not found")
}

// Nothing but tombstones, with nothing below. All go, and what comes of the merge is no table at all.
//
//lab:task 4 points=2
func TestBottom_NothingButTombstonesMakesNoTable(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1"}, "L0@9: apple#9- fig#8-", "L1: fig#1=blue | kiwi#2=green")
	r.compact(t)
	same(t, "the tree", []string{"L1: kiwi#2=green"}, r.tree(t))
	all := openRig(t, setup{}, "L0@9: apple#9- fig#8-")
	all.compact(t)
	require.Empty(t, all.tree(t))
	require.Empty(t, labtest.Files(t, all.mem, rigDir))
	require.Zero(t, all.fault.Count(vfs.OpCreate, "*.sst"), "tables created")
}

// Two tiers are merged, and the oldest is not among them: a policy that caps its merges does that. Below is the oldest
// tier, which holds what the tombstone hides.
//
//lab:task 4 points=1
func TestBottom_IsNotReachedWhileAnOlderTierStays(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L0@7"}, "L0@9: apple#9- zoo#9-", "L0@7: apple#7=red", "L0@5: apple#5=white kiwi#1=x")
	r.compact(t)
	same(t, "the tree", []string{"L0@7: apple#9-", "L0@5: apple#5=white kiwi#1=x"}, r.tree(t))
	r.expect(t, "afterwards", "apple", "not found", "zoo", "not found")
}

// The keeper decides, and it is told the truth about every version, values included, for it may want to know it for its
// own reasons: a tombstone that a snapshot does not see yet must stay even at the bottom.
//
//lab:task 4 points=2
func TestBottom_KeeperIsToldForEveryVersion(t *testing.T) {
	var told []string
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{Retention: fakeRetention(
		func(key kv.Key, newer kv.Seq, bottom bool) bool {
			told = append(told, fmt.Sprintf("%s bottom %v", wordOf(key, nil), bottom))
			return true
		})}},
		"L0@9: a#9- b#9- d#8=x", "L1: a#3=x c#3=x d#2=x e#2=x", "L2: b#1=x c#1=x | e#1=x")
	r.compact(t)
	same(t, "what the keeper was told", []string{
		"a#9- bottom true", "a#3= bottom true", "b#9- bottom false", "c#3= bottom false", "d#8= bottom true", "d#2= bottom true", "e#2= bottom false",
	}, told)
	require.True(t, strings.HasPrefix(r.tree(t)[0], "L1: a#9- a#3=x b#9-"), "the tree: %q", r.tree(t))
}

// Random trees with data, random tasks. Whatever is merged where: the answers stay the same, and every tombstone that
// is left either lies above a table that may hold its key, or was not merged.
//
//lab:task 4 points=3 random
func TestBottom_NothingComesBackAndNothingStaysForGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := drawRuns(t)
		policy := &script{}
		r := openRig(t, setup{policy: policy}, lines...)
		var task shape.Task
		var ok bool
		policy.full = func(tree shape.Tree) (shape.Task, bool) {
			task, ok = drawTask(t, tree)
			return task, ok
		}
		before, tree := r.scan(t), compaction.TreeOf(r.current())
		r.compact(t)
		if !ok {
			return
		}
		same(t, fmt.Sprintf("a scan before and after %v, in the tree\n%s\n", task, strings.Join(lines, "\n")), before, r.scan(t))
		for _, run := range r.current().Runs {
			if (shape.Place{Level: run.Level(), Epoch: run.Epoch()}) != task.Output {
				continue
			}
			for _, table := range run.Tables() {
				if table.Number() >= 20 { // made by the merge
					entries, err := labtest.Collect(table.NewIterator())
					require.NoError(t, err)
					requireHides(t, entries, refcompaction.Below(tree, task))
				}
			}
		}
		r.clean(t)
		require.NoError(t, r.Close())
	})
}

// requireHides fails the test if one of the tombstones has nothing to hide in the runs below.
func requireHides(t labtest.TB, entries []labtest.Entry, below []shape.Run) {
	t.Helper()
	for _, e := range entries {
		hides := e.Key.Kind() == kv.KindSet
		for _, r := range below {
			for _, table := range r.Tables {
				hides = hides || table.Overlaps(shape.Table{First: e.Key.User, Last: e.Key.User})
			}
		}
		if !hides {
			t.Errorf("%v was written again, and nothing below %v may hold that key", e, below)
		}
	}
}

// drawRuns returns a random tree with data: few keys, many tombstones, the newer the higher.
func drawRuns(t *rapid.T) (lines []string) {
	places := []string{"L0@9", "L0@7", "L0@4", "L1", "L2", "L5"}
	for i, place := range places {
		tables := []string{""}
		for key := 'a'; key <= 'l'; key++ {
			switch last := &tables[len(tables)-1]; rapid.IntRange(0, 7).Draw(t, fmt.Sprintf("%s, %c", place, key)) {
			case 0, 1:
				*last += fmt.Sprintf(" %c#%d=%s", key, 60-10*i, place)
			case 2:
				*last += fmt.Sprintf(" %c#%d-", key, 60-10*i)
			case 3:
				if *last != "" {
					tables = append(tables, "")
				}
			}
		}
		if tables[len(tables)-1] == "" {
			tables = tables[:len(tables)-1]
		}
		if len(tables) > 0 {
			lines = append(lines, place+":"+strings.Join(tables, " |"))
		}
	}
	return lines
}
