package compaction_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
)

// Three runs become one. Of each key the newest version is left: nobody reads the past here, so the others are only in
// the way. An empty value is a value.
//
//lab:task 2 points=3
func TestMerge_LeavesNewestVersionOfEachKey(t *testing.T) {
	labtest.NoLeaks(t)
	r := openRig(t, setup{full: "1 2 3 into L1"},
		"L0@9: apple#9=red kiwi#8=",
		"L0@7: apple#5=green fig#6=violet",
		"L1: apple#1=white banana#2=yellow kiwi#3=brown",
	)
	before := r.scan(t)
	r.compact(t)
	same(t, "the tree", []string{"L1: apple#9=red banana#2=yellow fig#6=violet kiwi#8="}, r.tree(t))
	same(t, "a scan, before and after", before, r.scan(t))
	r.clean(t)
}

// Two of the four runs are merged, and one table of a third. What is not in the task is neither read nor changed.
//
//lab:task 2 points=2
func TestMerge_TakesWhatTaskNames(t *testing.T) {
	r := openRig(t, setup{full: "2 3 5 into L1"},
		"L0@9: fig#9=new",
		"L0@7: banana#7=x",
		"L0@5: apple#5=y",
		"L1: aaa#1=stays | apple#2=old banana#3=old | fig#4=old",
	)
	r.compact(t)
	same(t, "the tree", []string{
		"L0@9: fig#9=new",
		"L1: aaa#1=stays | apple#5=y banana#7=x | fig#4=old",
	}, r.tree(t))
	r.expect(t, "afterwards", "fig", "new", "apple", "y", "banana", "x", "aaa", "stays")
}

// A tombstone is the newest version of "fig", and an older "fig" lies in L2, which is not merged. The tombstone must
// stay to hide it, and takes with it the "fig" that lies in L1.
//
//lab:task 2 points=2
func TestMerge_TombstoneHidesWhatLiesBelow(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1"},
		"L0@9: fig#9-",
		"L1: fig#5=violet kiwi#3=green",
		"L2: apple#1=white fig#2=blue zebra#1=black",
	)
	r.compact(t)
	same(t, "the tree", []string{"L1: fig#9- kiwi#3=green", "L2: apple#1=white fig#2=blue zebra#1=black"}, r.tree(t))
	r.expect(t, "afterwards", "fig", "not found", "kiwi", "green")
}

// What may go is not for the merge to say: snapshots come in week 3. The keeper is asked about every version, user keys
// ascending, the newest version of each first, and is told the number of the next newer one, dropped or not.
//
//lab:task 2 points=2
func TestMerge_AsksKeeperAboutEveryVersion(t *testing.T) {
	var asked []string
	retention := snapshotsAt(4, 9)
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{Retention: fakeRetention(
		func(key kv.Key, newer kv.Seq, bottom bool) bool {
			asked = append(asked, fmt.Sprintf("%s, newer %d", wordOf(key, nil), newer))
			return retention(key, newer, bottom)
		})}},
		"L0@9: apple#9=9 apple#7=7 fig#8-",
		"L1: apple#4=4 apple#2=2 apple#1=1 fig#3=3 kiwi#5=5",
	)
	r.compact(t)
	same(t, "questions", []string{
		"apple#9=, newer 0", "apple#7=, newer 9", "apple#4=, newer 7", "apple#2=, newer 4", "apple#1=, newer 2",
		"fig#8-, newer 0", "fig#3=, newer 8", "kiwi#5=, newer 0",
	}, asked)
	entries, err := labtest.Collect(r.current().Runs[0].NewIterator())
	require.NoError(t, err)
	labtest.Diff(t, "what a snapshot at 4 and readers from 9 on need", []labtest.Entry{
		labtest.E("apple", 9, "9"), labtest.E("apple", 4, "4"), labtest.D("fig", 8), labtest.E("fig", 3, "3"), labtest.E("kiwi", 5, "5"),
	}, entries)
}

// Two runs hold the same key with the same number: it should never happen, and it happens, when somebody has copied a
// file into the wrong place. Readers ask the newer run first, and see "new". A merge that takes its inputs in another
// order would change what they see.
//
//lab:task 2 points=2
func TestMerge_NewerRunWinsTie(t *testing.T) {
	r := openRig(t, setup{full: "1 2 3 into L1"}, "L0@9: apple#5=new", "L0@7: apple#5=old", "L1: apple#5=oldest")
	r.expect(t, "before", "apple", "new")
	r.compact(t)
	same(t, "the tree", []string{"L1: apple#5=new"}, r.tree(t))
}

// The keeper wants nothing at all. There is no table of no entries: no file is created, not even for a moment, and the
// edit only drops.
//
//lab:task 2 points=2
func TestMerge_OfNothingThatStaysMakesNoTable(t *testing.T) {
	r := openRig(t, setup{full: "1 2 into L1", engine: engine.Options{Retention: fakeRetention(
		func(kv.Key, kv.Seq, bool) bool { return false })}},
		"L0@9: apple#9=red", "L1: apple#1=white | fig#2=blue")
	r.compact(t)
	same(t, "the tree", []string{"L1: fig#2=blue"}, r.tree(t))
	require.Zero(t, r.fault.Count(vfs.OpCreate, "*.sst"), "tables created")
	r.clean(t)
}

// The table's second block is damaged. A merge that took this for the end would write a good-looking table, install it
// and remove the damaged one, and with it every key behind the damage. It must fail, name the file, and leave the tree
// as it is.
//
//lab:task 2 points=2
func TestMerge_ReadErrorIsNotTheEnd(t *testing.T) {
	r := openRig(t, setup{
		full:   "1 2 into L1",
		engine: engine.Options{BlockSize: 256},
		damage: func(table []byte) { table[400] ^= 1 },
	}, many("L0@9", 50, "red"), many("L1", 50, "white"))
	err := r.Compact(context.Background())
	require.ErrorIs(t, err, kv.ErrCorrupt)
	require.ErrorContains(t, err, ".sst")
	same(t, "files of the current version", []string{"000001.sst", "000002.sst"}, r.files())
	r.expect(t, "a key of the first block", "k00001", "red")
}

// Somebody closes the store, or has waited long enough. A merge of gigabytes must not go on to its end: it looks every
// few hundred versions whether it is still wanted, those included that it drops. Nothing has changed then.
//
//lab:task 2 points=2
func TestMerge_EndsWithItsContext(t *testing.T) {
	for _, keeps := range []bool{true, false} {
		t.Run(fmt.Sprintf("versions are kept: %v", keeps), func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			asked := 0
			r := openRig(t, setup{full: "1 into L1", engine: engine.Options{Retention: fakeRetention(func(kv.Key, kv.Seq, bool) bool {
				if asked++; asked == 700 {
					cancel()
				}
				return keeps
			})}}, many("L0@9", 4000, "red"))
			require.ErrorIs(t, r.Compact(ctx), context.Canceled)
			require.Less(t, asked, 700+1000, "versions looked at, of 4000, when the context ended at the 700th")
			same(t, "files of the current version", []string{"000001.sst"}, r.files())
			require.NoError(t, r.Put([]byte("k"), nil), "a write afterwards: nothing is wrong with the store")
		})
	}
}

// A random life: writes, deletes, flushes, and now and then everything is merged, with outputs of a random size. After
// each step the store answers like the simplest store there is, a sorted list. Nobody who only reads can tell what was
// merged when.
//
//lab:task 2 points=3 random
func TestMerge_NobodyCanTell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := openRig(t, setup{target: rapid.Int64Range(1, 2000).Draw(t, "target"), engine: engine.Options{BlockSize: 128}})
		model := labtest.NewModel()
		for _, step := range labtest.Ops(30).Draw(t, "ops") {
			var b kv.Batch
			step.AddTo(&b)
			model.Apply(r.Visible()+1, &b)
			require.NoError(t, r.Apply(&b))
			switch rapid.IntRange(0, 9).Draw(t, "then") {
			case 0, 1:
				r.flush(t)
			case 2:
				r.compact(t)
			}
		}
		r.compact(t)
		want := []string{}
		for _, e := range model.Scan(kv.Unbounded(), kv.Unbounded(), kv.MaxSeq) {
			want = append(want, fmt.Sprintf("%s=%s", e.Key.User, e.Value))
		}
		same(t, "a scan of everything", want, r.scan(t))
		key := labtest.Keys().Draw(t, "key")
		value, kind, found := model.Get(key, kv.MaxSeq)
		got, err := r.Get(key)
		require.Equal(t, found && kind == kv.KindSet, err == nil, "Get(%q): %v", key, err)
		require.Equal(t, string(value), string(got), "Get(%q)", key)
		require.LessOrEqual(t, len(r.current().Runs), 1, "runs after a full compaction")
		r.clean(t)
		require.NoError(t, r.Close())
	})
}
