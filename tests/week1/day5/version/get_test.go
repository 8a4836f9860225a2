package version_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// "apple" was written seven times, and each version lies in a run of its own: memtables, level 0, levels 1 and 2. The
// answer is in the highest run that has one. Begin at the other end anywhere, and an overwritten value is back.
//
//lab:task 3 points=3
func TestGet_AsksNewestRunFirst(t *testing.T) {
	s := newShelf(t)
	memtables := [][]labtest.Entry{entries(e("apple", 7, "active")), entries(e("apple", 6, "frozen")), entries(e("apple", 5, "frozen, older"))}
	runs := []*version.Run{
		s.run(0, 12, entries(e("apple", 4, "level 0"))),
		s.run(0, 11, entries(e("apple", 3, "level 0, older"))),
		s.run(1, 9, entries(e("aa", 1, "")), entries(e("apple", 2, "level 1"), e("fig", 1, ""))),
		s.run(2, 5, entries(e("apple", 1, "level 2"))),
	}
	v := &version.Version{Memtables: stackOf(t, memtables...), Runs: runs}
	for at, want := range []string{"", "level 2", "level 1", "level 0, older", "level 0", "frozen, older", "frozen", "active"} {
		if at > 0 {
			expectGet(t, v, "apple", kv.Seq(at), `"`+want+`"`)
		}
	}
	expectGet(t, v, "apple", kv.MaxSeq, `"active"`)
	expectGet(t, &version.Version{Memtables: stackOf(t, nil), Runs: runs}, "apple", kv.MaxSeq, `"level 0"`)
	expectGet(t, &version.Version{Memtables: stackOf(t, nil), Runs: runs[1:]}, "apple", kv.MaxSeq, `"level 0, older"`)
	expectGet(t, &version.Version{Memtables: stackOf(t, nil), Runs: runs[2:]}, "apple", kv.MaxSeq, `"level 1"`)
	expectGet(t, &version.Version{Memtables: stackOf(t, nil), Runs: runs[3:]}, "apple", kv.MaxSeq, `"level 2"`)
}

// "apple" was deleted: its tombstone lies above its old value, which is still on disk. The tombstone is the answer. Whoever
// takes it for "nothing here" and looks further down brings the dead key back to life.
//
//lab:task 3 points=3
func TestGet_StopsAtTombstone(t *testing.T) {
	s := newShelf(t)
	old := s.run(1, 1, entries(e("apple", 1, "old"), e("fig", 2, "ripe")))
	for where, v := range map[string]*version.Version{
		"active memtable": {Memtables: stackOf(t, entries(d("apple", 3))), Runs: []*version.Run{old}},
		"frozen memtable": {Memtables: stackOf(t, nil, entries(d("apple", 3))), Runs: []*version.Run{old}},
		"level 0":         {Memtables: stackOf(t, nil), Runs: []*version.Run{s.run(0, 2, entries(d("apple", 3))), old}},
	} {
		t.Run(where, func(t *testing.T) {
			expectGet(t, v, "apple", kv.MaxSeq, "not found")
			expectGet(t, v, "apple", 2, `"old"`)
			expectGet(t, v, "fig", kv.MaxSeq, `"ripe"`)
		})
	}
}

// A value of no bytes is a value. "apple" holds one, in the memtable or in a table, above an older value: Get returns it,
// with no error. A store that cannot tell it from a deleted key loses every set of flags that happens to be empty.
//
//lab:task 3 points=2
func TestGet_EmptyValueIsAValue(t *testing.T) {
	s := newShelf(t)
	old := s.run(1, 1, entries(e("apple", 1, "old")))
	expectGet(t, &version.Version{Memtables: stackOf(t, entries(e("apple", 2, ""))), Runs: []*version.Run{old}}, "apple", 9, `""`)
	top := s.run(0, 2, entries(e("apple", 2, "")))
	expectGet(t, &version.Version{Memtables: stackOf(t, nil), Runs: []*version.Run{top, old}}, "apple", 9, `""`)
}

// Three tables hold "apple". The newest has the answer, so the two below are not even read, nor is any table if a memtable
// knows. On a tree of many runs this is the difference between one read and all of them.
//
//lab:task 3 points=2
func TestGet_ReadsNothingBelowTheAnswer(t *testing.T) {
	s := newShelf(t)
	one := s.run(1, 1, entries(e("apple", 1, "green"), e("fig", 2, "blue")))
	two := s.run(0, 2, entries(e("apple", 3, "yellow"), e("zucchini", 4, "no fruit")))
	three := s.run(0, 3, entries(e("apple", 5, "red"), e("lime", 6, "green"), d("melon", 7)))
	v := &version.Version{Memtables: stackOf(t, entries(e("kiwi", 8, "brown"))), Runs: []*version.Run{three, two, one}}
	expectGet(t, v, "apple", kv.MaxSeq, `"red"`)
	s.expectReads(t, `Get("apple")`, 3)
	expectGet(t, v, "apple", 4, `"yellow"`)
	s.expectReads(t, `Get("apple") at 4`, 3, 2)
	expectGet(t, v, "kiwi", kv.MaxSeq, `"brown"`)
	s.expectReads(t, `Get("kiwi")`)
	expectGet(t, v, "lime", kv.MaxSeq, `"green"`)
	s.expectReads(t, `Get("lime")`, 3)
	expectGet(t, v, "melon", kv.MaxSeq, "not found")
	s.expectReads(t, `Get("melon"), which is deleted`, 3)
}

// The newest table cannot be read; an older one holds "apple" = old. The newest might hold a newer value, or a tombstone, so
// nobody knows what "apple" is. To answer "not found" is a lie, and to answer "old" is a worse one, because it looks right.
//
//lab:task 3 points=3
func TestGet_ReadErrorIsNoAnswer(t *testing.T) {
	s := newShelf(t)
	v := &version.Version{Memtables: stackOf(t, entries(e("kiwi", 9, "brown"))), Runs: []*version.Run{
		s.run(0, 3, entries(e("lime", 5, "green"), e("plum", 6, "blue"))),
		s.run(0, 2, entries(e("apple", 3, "new"), e("plum", 4, "green"))),
		s.run(1, 1, entries(e("apple", 1, "old"), e("fig", 2, "ripe"))),
	}}
	s.setBad(2, true)
	for _, user := range []string{"apple", "fig", "grape"} {
		value, err := v.Get([]byte(user), kv.MaxSeq)
		require.ErrorIs(t, err, errDisk, "Get(%q) = %q", user, value)
		require.NotErrorIs(t, err, kv.ErrNotFound, "Get(%q)", user)
		require.Nil(t, value, "Get(%q): a value beside an error", user)
	}
	expectGet(t, v, "plum", kv.MaxSeq, `"blue"`) // answered above the bad table
	expectGet(t, v, "kiwi", kv.MaxSeq, `"brown"`)
	s.setBad(2, false)
	expectGet(t, v, "apple", kv.MaxSeq, `"new"`) // the error was the disk's, not the version's
}

// A reader at 4 asks for "apple". The newest run knows "apple" only from 6 on: for this reader it holds no version at all, so
// the search goes on, and the answer is what lay below at 4, be it a value, a tombstone, or nothing.
//
//lab:task 3 points=2
func TestGet_GoesOnBelowVersionsOfTheFuture(t *testing.T) {
	s := newShelf(t)
	v := &version.Version{Memtables: stackOf(t, entries(e("apple", 8, "active"))), Runs: []*version.Run{
		s.run(0, 3, entries(e("apple", 6, "new"), d("fig", 7))),
		s.run(0, 2, entries(d("apple", 5), e("fig", 3, "ripe"))),
		s.run(1, 1, entries(e("apple", 2, "old"))),
	}}
	for at, want := range map[kv.Seq]string{9: `"active"`, 7: `"new"`, 6: `"new"`, 5: "not found", 4: `"old"`, 2: `"old"`, 1: "not found"} {
		expectGet(t, v, "apple", at, want)
	}
	expectGet(t, v, "fig", 6, `"ripe"`)
	expectGet(t, v, "fig", 7, "not found")
}

// Nobody ever wrote "apple". A search for it lands beside "apples" in one run, before "banana" in another, and behind "appl"
// in a third. Landing somewhere is not finding: the user key must be the same, byte for byte.
//
//lab:task 3 points=2
func TestGet_NeighbourIsNoAnswer(t *testing.T) {
	s := newShelf(t)
	v := &version.Version{Memtables: stackOf(t, entries(e("apples", 6, "x")), entries(e("appl", 5, "x"))), Runs: []*version.Run{
		s.run(0, 3, entries(e("banana", 4, "x"))),
		s.run(0, 2, entries(e("appl", 3, "x"))),
		s.run(1, 1, entries(e("a", 1, "x")), entries(e("apple\x00", 1, "x"), e("z", 2, "x"))),
	}}
	for _, user := range []string{"apple", "app", "apple\x01", "zz"} {
		expectGet(t, v, user, kv.MaxSeq, "not found")
	}
	expectGet(t, &version.Version{Memtables: stackOf(t, nil)}, "apple", kv.MaxSeq, "not found")
}

// Tomorrow's task knows from a table's first and last key that it cannot hold a key. Today's Get only has to ask: with the
// table's own two keys and the key it looks for, before it reads, and to pass by if the answer is no.
//
//lab:task 3 points=2
func TestGet_AsksPruneBeforeItReads(t *testing.T) {
	s := newShelf(t)
	v := &version.Version{Memtables: stackOf(t, nil), Runs: []*version.Run{
		s.run(0, 3, entries(e("a", 3, "3a"), e("p", 3, "3p"))),
		s.run(0, 2, entries(e("b", 2, "2b"), e("q", 2, "2q"))),
		s.run(1, 1, entries(e("c", 1, "1c"), e("f", 1, "1f")), entries(e("k", 1, "1k"), e("r", 1, "1r"))),
	}}
	var asked []string
	v.Prune = &version.Prune{Key: func(first, last, key []byte) bool {
		asked = append(asked, string(first)+"-"+string(last)+" for "+string(key))
		return string(first) != "b"
	}}
	expectGet(t, v, "k", kv.MaxSeq, `"1k"`)
	if diff := cmp.Diff([]string{"a-p for k", "b-q for k", "k-r for k"}, asked); diff != "" {
		t.Errorf("questions to Prune.Key (-want +got)\n%s", diff)
	}
	s.expectReads(t, `Get("k") with table 2 ruled out`, 1, 4)
	v.Prune = &version.Prune{} // a question nobody can answer leaves nothing out
	expectGet(t, v, "q", kv.MaxSeq, `"2q"`)
}

// A get is the commonest thing a store does, and the garbage collector pays for each object that it leaves. Memtable and
// block lend their bytes, so there is nothing to allocate, be the key found or not.
//
//lab:task 3 points=2
func TestGet_AllocatesNothing(t *testing.T) {
	s := newShelf(t)
	s.o.Cache = sstable.NewCache(1 << 20)
	v := &version.Version{Memtables: stackOf(t, entries(e("kiwi", 9, "brown")), nil), Runs: []*version.Run{
		s.run(0, 2, entries(e("apple", 3, "new"), d("plum", 4))),
		s.run(1, 1, entries(e("apple", 1, "old")), entries(e("fig", 2, "ripe"), e("zz", 1, ""))),
	}}
	for _, user := range []string{"kiwi", "apple", "fig", "plum", "grape"} {
		key := []byte(user)
		if n := testing.AllocsPerRun(20, func() { v.Get(key, kv.MaxSeq) }); n != 0 {
			t.Errorf("Get(%q) allocates %v objects, want none", user, n)
		}
	}
}

// Readers take no lock, and a version is all they have. While one goroutine writes new versions of "apple" into the active
// memtable, the others read at 5, and must find what was there at 5, every time.
//
//lab:task 3 points=2 race
func TestGet_HoldsStillWhileWritesGoOn(t *testing.T) {
	labtest.NoLeaks(t)
	s := newShelf(t)
	v := &version.Version{Memtables: stackOf(t, entries(e("apple", 4, "four"))), Runs: []*version.Run{
		s.run(0, 2, entries(e("apple", 2, "two"), e("fig", 3, "ripe"))),
		s.run(1, 1, entries(e("apple", 1, "one")), entries(e("melon", 1, "sweet"))),
	}}
	expectGet(t, v, "apple", 5, `"four"`)
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for range 100 {
				expectGet(t, v, "apple", 5, `"four"`)
				expectGet(t, v, "apple", 3, `"two"`)
				expectGet(t, v, "melon", 5, `"sweet"`)
				expectGet(t, v, "fig", 5, `"ripe"`)
			}
		})
	}
	for seq := kv.Seq(6); seq < 106; seq++ {
		if err := v.Memtables.Active().Put(seq, []byte("apple"), []byte("later")); err != nil {
			t.Errorf("put: %v", err)
		}
		if err := v.Memtables.Active().Delete(seq, []byte("fig")); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	wait.Wait()
}

// A random history, cut into memtables, tables and levels in a random way: for every key and every moment Get must give what
// a simple sorted list of all versions gives, and what the reference gives, which reads the same files.
//
//lab:task 3 points=4 random
func TestGet_AnswersLikeTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, model, last := drawTree(t)
		v, ref := newShelf(t).build(tr)
		for range 12 {
			user := labtest.Keys().Draw(t, "key")
			at := kv.Seq(rapid.IntRange(0, int(last)+1).Draw(t, "at"))
			want := "not found"
			if value, kind, found := model.Get(user, at); found && kind == kv.KindSet {
				want = answer(value, nil)
			}
			require.Equal(t, want, answer(ref.Get(user, at)), "the reference and the model disagree: a mistake of the lab")
			expectGet(t, v, string(user), at, want)
		}
	})
}
