package version_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/version"
)

// everything is both bounds of a scan of everything.
var everything = kv.Unbounded()

// orchard returns a version with a run of every sort:
//
//	active memtable  fig#10, kiwi#11
//	frozen memtable  date#9 deleted
//	table 3, level 0 apple#8, cherry#7
//	table 4, level 0 date#6, apple#5
//	tables 1 and 2, level 1  apple#1, banana#2 | date#3, grape#4
func orchard(s *shelf) *version.Version {
	level := s.run(1, 1,
		entries(e("apple", 1, "green"), e("banana", 2, "yellow")),
		entries(e("date", 3, "brown"), e("grape", 4, "blue")))
	upper := s.run(0, 3, entries(e("apple", 8, "red"), e("cherry", 7, "dark")))
	lower := s.run(0, 2, entries(e("apple", 5, "yellow"), e("date", 6, "black")))
	return &version.Version{
		Memtables: stackOf(s.t, entries(e("fig", 10, "violet"), e("kiwi", 11, "hairy")), entries(d("date", 9))),
		Runs:      []*version.Run{upper, lower, level},
	}
}

// A scan looks like a walk through one sorted map, wherever the keys lie: in the active memtable, in a frozen one, on level 0
// or below. Leave one run out, and its keys vanish from every scan, though Get still finds them.
//
//lab:task 4 points=3
func TestScan_MergesEveryRun(t *testing.T) {
	s := newShelf(t)
	v := &version.Version{
		Memtables: stackOf(t, entries(e("c", 5, "active")), entries(e("f", 4, "frozen")), entries(e("a", 3, "frozen, older"))),
		Runs: []*version.Run{
			s.run(0, 8, entries(e("e", 2, "level 0"))),
			s.run(0, 7, entries(e("b", 2, "level 0, older"))),
			s.run(1, 6, entries(e("d", 1, "level 1")), entries(e("g", 1, "level 1"))),
			s.run(2, 5, entries(e("h", 1, "level 2"))),
		},
	}
	expectEntries(t, "a scan of everything", v.Scan(everything, everything, kv.MaxSeq),
		e("a", 3, "frozen, older"), e("b", 2, "level 0, older"), e("c", 5, "active"), e("d", 1, "level 1"),
		e("e", 2, "level 0"), e("f", 4, "frozen"), e("g", 1, "level 1"), e("h", 1, "level 2"))
}

// A store that was opened a moment ago has an active memtable with nothing in it, and no table. A scan of it is empty, and no
// error: a merge of no children has ended before it begins.
//
//lab:task 4 points=1
func TestScan_OfAnEmptyTreeIsEmpty(t *testing.T) {
	for what, v := range map[string]*version.Version{
		"an empty memtable, no run":   {Memtables: stackOf(t, nil)},
		"two empty memtables, no run": {Memtables: stackOf(t, nil, nil)},
	} {
		expectEntries(t, "a scan of "+what, v.Scan(everything, everything, kv.MaxSeq))
		expectEntries(t, "every version of "+what, v.NewIterator(everything, everything))
		expectGet(t, v, "apple", kv.MaxSeq, "not found")
	}
}

// Each key comes once, with its newest value, and a deleted one not at all: the tombstone of "date" in a memtable hides the
// two older values in tables. This is the same rule by which Get stops at its first answer.
//
//lab:task 4 points=3
func TestScan_ShowsNewestVersionOfEachKey(t *testing.T) {
	v := orchard(newShelf(t))
	expectEntries(t, "the orchard now", v.Scan(everything, everything, kv.MaxSeq),
		e("apple", 8, "red"), e("banana", 2, "yellow"), e("cherry", 7, "dark"),
		e("fig", 10, "violet"), e("grape", 4, "blue"), e("kiwi", 11, "hairy"))
	expectEntries(t, "the orchard at 6", v.Scan(everything, everything, 6),
		e("apple", 5, "yellow"), e("banana", 2, "yellow"), e("date", 6, "black"), e("grape", 4, "blue"))
}

// An included bound belongs to the scan, an excluded one does not. The first key needs care as well: from "bb" to "c" there
// is no key at all, and the first one behind "bb" is "cherry", which the scan must not show.
//
//lab:task 4 points=3
func TestScan_KeepsToItsBounds(t *testing.T) {
	v := orchard(newShelf(t))
	in := func(key string) kv.Bound { return kv.Included([]byte(key)) }
	ex := func(key string) kv.Bound { return kv.Excluded([]byte(key)) }
	for _, c := range []struct {
		lower, upper kv.Bound
		want         []string
	}{
		{in("banana"), in("fig"), []string{"banana", "cherry", "fig"}},
		{ex("banana"), in("fig"), []string{"cherry", "fig"}},
		{in("banana"), ex("fig"), []string{"banana", "cherry"}},
		{ex("banana"), ex("fig"), []string{"cherry"}},
		{kv.Unbounded(), ex("banana"), []string{"apple"}},
		{in("d"), kv.Unbounded(), []string{"fig", "grape", "kiwi"}},
		{in("cherry"), in("cherry"), []string{"cherry"}},
		{in("bb"), in("c"), nil},
		{in("date"), in("date"), nil}, // deleted
		{ex("fig"), in("fig"), nil},
		{in("z"), kv.Unbounded(), nil},
		{in("grape"), in("banana"), nil}, // the wrong way round
	} {
		got, err := labtest.Collect(labtest.Check(t, v.Scan(c.lower, c.upper, kv.MaxSeq)))
		require.NoError(t, err)
		var users []string
		for _, entry := range got {
			users = append(users, string(entry.Key.User))
		}
		if diff := cmp.Diff(c.want, users); diff != "" {
			t.Errorf("scan from %v to %v (-want +got)\n%s", c.lower, c.upper, diff)
		}
	}
}

// A scan began when number 11 was the newest. Then "apple" is deleted, "coconut" is written, and "fig" is overwritten, all
// in the memtable that the scan is walking over. It shows the orchard of 11 to its end. Otherwise it would show a mixture that
// never existed: a transfer's debit without its credit.
//
//lab:task 4 points=3
func TestScan_SeesOneMoment(t *testing.T) {
	v := orchard(newShelf(t))
	it := labtest.Check(t, v.Scan(everything, everything, 11))
	defer it.Close()
	active := v.Memtables.Active()
	require.NoError(t, active.Delete(12, []byte("apple")))
	it.First()
	require.True(t, it.Valid(), "the first entry")
	require.Equal(t, `"apple"#8,set`, it.Key().String(), "apple was deleted when the scan had begun")
	require.NoError(t, active.Put(13, []byte("coconut"), []byte("hard")))
	require.NoError(t, active.Put(14, []byte("fig"), []byte("green")))
	require.NoError(t, active.Delete(15, []byte("kiwi")))
	var users []string
	for it.Next(); it.Valid(); it.Next() {
		users = append(users, it.Key().String()+" "+string(it.Value()))
	}
	require.NoError(t, it.Err())
	want := []string{`"banana"#2,set yellow`, `"cherry"#7,set dark`, `"fig"#10,set violet`, `"grape"#4,set blue`, `"kiwi"#11,set hairy`}
	if diff := cmp.Diff(want, users); diff != "" {
		t.Errorf("the rest of the scan at 11 (-want +got)\n%s", diff)
	}
	expectEntries(t, "a new scan from b to d", v.Scan(kv.Included([]byte("b")), kv.Included([]byte("d")), kv.MaxSeq),
		e("banana", 2, "yellow"), e("cherry", 7, "dark"), e("coconut", 13, "hard"))
}

// Table 4 cannot be read. What it holds might be newer than what the others show, so the scan ends and says why, instead of
// showing a list that only looks complete.
//
//lab:task 4 points=2
func TestScan_EndsAtAnUnreadableTable(t *testing.T) {
	s := newShelf(t)
	v := orchard(s)
	s.setBad(4, true)
	it := labtest.Check(t, v.Scan(everything, everything, kv.MaxSeq))
	defer it.Close()
	it.First()
	require.False(t, it.Valid(), "a scan that cannot read table 4")
	require.ErrorIs(t, it.Err(), errDisk)
	s.setBad(4, false)
	it.First()
	require.True(t, it.Valid(), "the disk has recovered")
	require.NoError(t, it.Err())
}

// A scan from "d" to "f" goes to its beginning with a seek. On level 1 that is table 2; table 1, which ends at "banana",
// is not read. A scan that walks from the first key and throws away what it does not want reads the whole tree for one row.
//
//lab:task 4 points=2
func TestScan_BeginsWithASeek(t *testing.T) {
	s := newShelf(t)
	v := orchard(s)
	v.Memtables, v.Runs = stackOf(t, nil), v.Runs[2:]
	expectEntries(t, "a scan from d to f", v.Scan(kv.Included([]byte("d")), kv.Included([]byte("f")), kv.MaxSeq), e("date", 3, "brown"))
	s.expectReads(t, "a scan from d to f", 2)
	expectEntries(t, "a scan up to b", v.Scan(everything, kv.Included([]byte("b")), kv.MaxSeq), e("apple", 1, "green"))
	s.expectReads(t, "a scan up to b", 1)
}

// Which runs cannot hold a key of the range is tomorrow's task. Today's scan asks, with each run's first and last key and
// with its own two bounds, and leaves out what is ruled out: that run is not read.
//
//lab:task 4 points=2
func TestScan_LeavesOutPrunedRuns(t *testing.T) {
	s := newShelf(t)
	v := orchard(s)
	var asked []string
	v.Prune = &version.Prune{Range: func(first, last []byte, lower, upper kv.Bound) bool {
		asked = append(asked, string(first)+"-"+string(last)+" from "+lower.String()+" to "+upper.String())
		return string(last) != "date"
	}}
	expectEntries(t, "without apple-date", v.Scan(kv.Included([]byte("a")), kv.Excluded([]byte("c")), 4),
		e("apple", 1, "green"), e("banana", 2, "yellow"))
	range_ := ` from included "a" to excluded "c"`
	if diff := cmp.Diff([]string{"apple-cherry" + range_, "apple-date" + range_, "apple-grape" + range_}, asked); diff != "" {
		t.Errorf("questions to Prune.Range (-want +got)\n%s", diff)
	}
	require.NotContains(t, s.seen(), uint64(4), "tables read: table 4 was ruled out")
}

// A merge of tables must see what a reader need not: old versions and tombstones too. NewIterator shows all of them, user
// keys ascending, the newest version of each first, whatever run it lies in.
//
//lab:task 4 points=2
func TestNewIterator_ShowsEveryVersion(t *testing.T) {
	expectEntries(t, "every version in the orchard", orchard(newShelf(t)).NewIterator(everything, everything),
		e("apple", 8, "red"), e("apple", 5, "yellow"), e("apple", 1, "green"), e("banana", 2, "yellow"), e("cherry", 7, "dark"),
		d("date", 9), e("date", 6, "black"), e("date", 3, "brown"),
		e("fig", 10, "violet"), e("grape", 4, "blue"), e("kiwi", 11, "hairy"))
}

// A random history in a random tree: a scan between random bounds at a random moment must show what a simple sorted list
// shows, and what the reference shows over the same files; from its beginning, and from any place to which it seeks.
//
//lab:task 4 points=4 random
func TestScan_ShowsWhatTheReferenceShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, model, last := drawTree(t)
		v, ref := newShelf(t).build(tr)
		for range 4 {
			lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
			at := kv.Seq(rapid.IntRange(0, int(last)+1).Draw(t, "at"))
			want, err := labtest.Collect(ref.Scan(lower, upper, at))
			require.NoError(t, err)
			labtest.Diff(t, "the reference and the model disagree: a mistake of the lab", model.Scan(lower, upper, at), want)
			expectEntries(t, "scan from "+lower.String()+" to "+upper.String(), v.Scan(lower, upper, at), want...)

			target := kv.SeekKey(labtest.Keys().Draw(t, "target"), kv.MaxSeq)
			want, err = labtest.CollectFrom(ref.Scan(lower, upper, at), target)
			require.NoError(t, err)
			got, err := labtest.CollectFrom(labtest.Check(t, v.Scan(lower, upper, at)), target)
			require.NoError(t, err)
			labtest.Diff(t, "scan from "+lower.String()+" to "+upper.String()+", from "+target.String()+" on", want, got)
		}
		expectEntries(t, "every version", v.NewIterator(everything, everything), model.Entries()...)
	})
}
