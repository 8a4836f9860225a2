package iterator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/iterator"
	refiterator "lsmlab/solution/week1/iterator"
)

// viewAt returns the checked view that a reader at sequence number at has of entries.
func viewAt(t labtest.TB, at kv.Seq, entries ...labtest.Entry) kv.Iterator {
	return labtest.Check(t, iterator.NewVisible(labtest.Check(t, labtest.FromSlice(entries)), at))
}

// "apple" was green at 2, deleted at 4, red at 7. A reader at 7 or later sees red; one at 4, 5 or 6 sees no apple; one at 2 or
// 3 still sees green. The newest version with a number of at most the reader's decides, and its own number counts.
//
//lab:task 3 points=3
func TestVisible_ShowsNewestVersionAtReadersMoment(t *testing.T) {
	for at, want := range []string{"", "", "green", "green", "", "", "", "red", "red"} {
		view := viewAt(t, kv.Seq(at), labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("apple", 2, "green"))
		view.First()
		got := ""
		if view.Valid() {
			got = string(view.Value())
		}
		if got != want {
			t.Errorf("apple for a reader at %d: want %q, got %q", at, want, got)
		}
		require.NoError(t, view.Close())
	}
}

// However often "apple" was written, it comes once. The versions lie in two sources: after the newest was shown from the
// first source, the older ones of both must be passed by, not only those of the source that it came from.
//
//lab:task 3 points=2
func TestVisible_ShowsEachUserKeyOnce(t *testing.T) {
	merge := refiterator.NewMerging(mergeSources(t,
		[]labtest.Entry{labtest.E("apple", 9, "red"), labtest.E("apple", 5, "pink"), labtest.E("cherry", 8, "dark")},
		[]labtest.Entry{labtest.E("apple", 7, "green"), labtest.E("apple", 3, "white"), labtest.E("banana", 4, "yellow")},
	)...)
	got := mergeWalk(t, iterator.NewVisible(merge, kv.MaxSeq))
	want := []labtest.Entry{labtest.E("apple", 9, "red"), labtest.E("banana", 4, "yellow"), labtest.E("cherry", 8, "dark")}
	labtest.Diff(t, "the view", want, got)
}

// A tombstone hides every older version, not only the one right behind it. "apple" was written three times before it was deleted;
// if the third-last came back, a deleted customer would be a customer again.
//
//lab:task 3 points=2
func TestVisible_TombstoneHidesAllOlderVersions(t *testing.T) {
	view := viewAt(t, 9,
		labtest.D("apple", 8), labtest.E("apple", 6, "red"), labtest.E("apple", 4, "pink"), labtest.E("apple", 2, "green"),
		labtest.E("banana", 3, "yellow"), labtest.D("cherry", 7), labtest.D("cherry", 5), labtest.E("cherry", 1, "dark"))
	got, err := labtest.Collect(view)
	require.NoError(t, err)
	labtest.Diff(t, "the view", []labtest.Entry{labtest.E("banana", 3, "yellow")}, got)
}

// What is written after the reader's moment does not exist for the reader: not a new value, and not a tombstone either. A
// key that was deleted and written again is there, with the new value.
//
//lab:task 3 points=2
func TestVisible_LaterTombstoneHidesNothing(t *testing.T) {
	got, err := labtest.Collect(viewAt(t, 6,
		labtest.D("apple", 8), labtest.E("apple", 6, "red"),
		labtest.E("banana", 5, "new"), labtest.D("banana", 4), labtest.E("banana", 2, "old"),
		labtest.E("cherry", 7, "dark")))
	require.NoError(t, err)
	labtest.Diff(t, "the view at 6", []labtest.Entry{labtest.E("apple", 6, "red"), labtest.E("banana", 5, "new")}, got)
}

// A value of no bytes is a value: a set of flags is stored as keys alone. Only the kind says that a key is deleted.
//
//lab:task 3 points=1
func TestVisible_ShowsEmptyValue(t *testing.T) {
	got, err := labtest.Collect(viewAt(t, 9, labtest.E("apple", 7, ""), labtest.E("apple", 2, "green"), labtest.E("banana", 3, "")))
	require.NoError(t, err)
	labtest.Diff(t, "the view", []labtest.Entry{labtest.E("apple", 7, ""), labtest.E("banana", 3, "")}, got)
}

// "a", "a\x00" and "ab" are three keys, though each begins with the one before it. That "a" was decided says nothing about
// "ab"; whoever compares beginnings loses keys.
//
//lab:task 3 points=1
func TestVisible_ComparesWholeUserKeys(t *testing.T) {
	entries := []labtest.Entry{labtest.D("a", 5), labtest.E("a\x00", 4, "zero"), labtest.E("ab", 3, "b"), labtest.E("abc", 2, "c"), labtest.E("b", 1, "")}
	got, err := labtest.Collect(viewAt(t, 9, entries...))
	require.NoError(t, err)
	labtest.Diff(t, "the view", entries[1:], got)
}

// To pass by the older versions of "apple", the view must remember "apple" while the source moves on, and the source uses
// the memory of its key again for the next entry. A remembered slice would say something else by then: so the bytes are
// copied. The source here keeps one buffer for all of its keys, as a block with compressed keys does.
//
//lab:task 3 points=2
func TestVisible_CopiesUserKeyItRemembers(t *testing.T) {
	source := &viewOneBuffer{Iterator: labtest.FromSlice([]labtest.Entry{
		labtest.E("apple", 7, "red"), labtest.E("apple", 2, "green"), labtest.D("grape", 6), labtest.E("grape", 3, "blue"), labtest.E("lemon", 1, "yellow"),
	})}
	want := []labtest.Entry{labtest.E("apple", 7, "red"), labtest.E("lemon", 1, "yellow")}
	labtest.Diff(t, "the view", want, mergeWalk(t, iterator.NewVisible(source, 9)))
}

// viewOneBuffer is an iterator whose keys all lie in the same buffer, one after the other.
type viewOneBuffer struct {
	kv.Iterator
	buffer []byte
}

func (v *viewOneBuffer) First()               { v.Iterator.First(); v.load() }
func (v *viewOneBuffer) SeekGE(target kv.Key) { v.Iterator.SeekGE(target); v.load() }
func (v *viewOneBuffer) Next()                { v.Iterator.Next(); v.load() }
func (v *viewOneBuffer) load() {
	if v.Valid() {
		v.buffer = append(v.buffer[:0], v.Iterator.Key().User...)
	}
}
func (v *viewOneBuffer) Key() kv.Key {
	return kv.Key{User: v.buffer, Trailer: v.Iterator.Key().Trailer}
}

// A seek lands on the first user key at or after the target that the reader can see. "banana" is deleted and "cherry" is from
// the reader's future: seeking either leads to "date".
//
//lab:task 3 points=2
func TestVisibleSeek_LandsOnFirstVisibleUserKey(t *testing.T) {
	view := viewAt(t, 5,
		labtest.E("apple", 1, ""), labtest.D("banana", 4), labtest.E("banana", 2, "old"), labtest.E("cherry", 6, "later"),
		labtest.E("date", 8, "later"), labtest.E("date", 5, "brown"), labtest.E("date", 3, "old"))
	defer view.Close()
	got := map[string]string{}
	for _, target := range []string{"a", "apple", "apple\x00", "banana", "cherry", "date", "date\x00"} {
		view.SeekGE(kv.SeekKey([]byte(target), kv.MaxSeq))
		require.NoError(t, view.Err())
		got[target] = mergeState(view)
	}
	apple, date := `"apple"#1,set = ""`, `"date"#5,set = "brown"`
	want := map[string]string{"a": apple, "apple": apple, "apple\x00": date, "banana": date, "cherry": date, "date": date, "date\x00": "at the end"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("where each seek lands (-want +got)\n%s", diff)
	}
}

// For the reader there is one "apple", version 7. A seek to "apple" 5 is a seek behind it, so it goes on to "banana". To seek the
// source to the target and take what comes would show "apple" 4: a value that the reader must not see.
//
//lab:task 3 points=2
func TestVisibleSeek_NeverShowsOlderVersionInstead(t *testing.T) {
	view := viewAt(t, 9, labtest.E("apple", 7, "red"), labtest.E("apple", 4, "green"), labtest.D("banana", 6), labtest.E("banana", 2, "old"), labtest.E("cherry", 3, "dark"))
	defer view.Close()
	cherry := `"cherry"#3,set = "dark"`
	for _, c := range []struct {
		target kv.Key
		want   string
	}{
		{kv.MakeKey([]byte("apple"), 7, kv.KindSet), `"apple"#7,set = "red"`},
		{kv.SeekKey([]byte("apple"), 5), cherry},
		{kv.MakeKey([]byte("apple"), 4, kv.KindSet), cherry},
		{kv.MakeKey([]byte("banana"), 2, kv.KindSet), cherry},
		{kv.SeekKey([]byte("cherry"), 2), "at the end"},
	} {
		view.SeekGE(c.target)
		if got := mergeState(view); got != c.want {
			t.Errorf("seek to %v: want %s, got %s", c.target, c.want, got)
		}
	}
}

// The view stands on "apple", so "apple" is decided, and its other versions are passed by. Now somebody seeks to "apple" once more, or
// goes back to First: that is a new walk, and "apple" belongs to it.
//
//lab:task 3 points=2
func TestVisibleSeek_ForgetsWhatWasDecided(t *testing.T) {
	entries := []labtest.Entry{labtest.E("apple", 7, "red"), labtest.E("banana", 3, "yellow")}
	view := viewAt(t, 9, entries...)
	defer view.Close()
	view.First()
	view.SeekGE(kv.SeekKey([]byte("apple"), kv.MaxSeq))
	labtest.Diff(t, "from apple on, having stood on it", entries, mergeRest(view))
	view.SeekGE(kv.SeekKey([]byte("banana"), kv.MaxSeq))
	labtest.Diff(t, "from banana on, having been behind it", entries[1:], mergeRest(view))
	view.SeekGE(kv.SeekKey([]byte("apple"), kv.MaxSeq))
	view.First()
	labtest.Diff(t, "from the first on, having stood on it", entries, mergeRest(view))
}

// A counter has been raised a thousand times since this reader began. A seek must not walk over the thousand versions that
// the reader cannot see: one seek of the source, to the reader's own moment, steps over all of them at once.
//
//lab:task 3 points=1
func TestVisibleSeek_DoesNotWalkOverNewerVersions(t *testing.T) {
	var entries []labtest.Entry
	for seq := kv.Seq(1000); seq > 0; seq-- {
		entries = append(entries, labtest.E("counter", seq, "n"))
	}
	source := &mergeMeter{Iterator: &mergePlain{entries: entries}}
	view := labtest.Check(t, iterator.NewVisible(source, 3))
	defer view.Close()
	view.SeekGE(kv.SeekKey([]byte("counter"), kv.MaxSeq))
	require.True(t, view.Valid())
	require.Equal(t, kv.Seq(3), view.Key().Seq())
	require.LessOrEqual(t, source.seeks+source.nexts, 3, "moves of the source for one seek")
}

// The source fails among the older versions of "apple". The view was passing them by and had nothing to show from there; but behind
// them something may have been, so the error must come out. It stays, and the view stays ended, until it is positioned anew.
//
//lab:task 3 points=2
func TestVisible_SurfacesErrorMetWhilePassingBy(t *testing.T) {
	view := iterator.NewVisible(labtest.Failing([]labtest.Entry{
		labtest.E("apple", 7, "red"), labtest.E("apple", 4, "pink"), labtest.E("apple", 2, "green"), labtest.E("banana", 3, ""),
	}, 2, errBadBlock), 9)
	t.Cleanup(func() { view.Close() })
	view.First()
	require.True(t, view.Valid())
	require.NoError(t, view.Err())
	for range 3 {
		view.Next()
		require.False(t, view.Valid())
		require.ErrorIs(t, view.Err(), errBadBlock)
	}
	view.SeekGE(kv.SeekKey([]byte("apple"), kv.MaxSeq))
	require.NoError(t, view.Err(), "positioned anew")
	require.Equal(t, `"apple"#7,set = "red"`, mergeState(view))
}

// At the end the view has ended, whatever hidden versions it passed on the way, and Next does nothing more: the source is
// not moved again, which would be a broken call.
//
//lab:task 3 points=1
func TestVisible_StaysEnded(t *testing.T) {
	source := &mergeMeter{Iterator: labtest.FromSlice([]labtest.Entry{labtest.E("apple", 7, "red"), labtest.E("apple", 2, "green"), labtest.D("banana", 3)})}
	view := iterator.NewVisible(source, 9)
	t.Cleanup(func() { view.Close() })
	view.First()
	require.True(t, view.Valid())
	for range 3 {
		view.Next()
		require.False(t, view.Valid(), "a view that has ended is valid again")
		require.NoError(t, view.Err())
	}
	require.Equal(t, 3, source.nexts, "moves of the source")
}

// The copy of the user key is made into the same buffer each time. A new slice a step would be an allocation an entry, in
// every scan.
//
//lab:task 3 points=1
func TestVisible_StepsWithoutAllocating(t *testing.T) {
	view := iterator.NewVisible(&mergePlain{entries: mergeSpread(600, 1)[0]}, kv.MaxSeq)
	t.Cleanup(func() { view.Close() })
	if got := mergeAllocs(view); got >= 20 {
		t.Errorf("a walk over 600 versions made %.0f allocations, want none a step", got)
	}
}

// Any history, read at any moment: the view shows what a plain sorted list with a loop over it shows. And in any order of steps
// it stands where the reference stands.
//
//lab:task 3 points=3 random
func TestVisible_WalksLikeModelAndReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := mergeVersions(t, 24)
		at := kv.Seq(rapid.IntRange(0, 25).Draw(t, "reader's moment"))
		var model labtest.Model
		for _, e := range history {
			if e.Key.Kind() == kv.KindDelete {
				model.Delete(e.Key.Seq(), e.Key.User)
			} else {
				model.Put(e.Key.Seq(), e.Key.User, e.Value)
			}
		}
		got, err := labtest.Collect(viewAt(t, at, model.Entries()...))
		require.NoError(t, err)
		labtest.Diff(t, "the view", model.Scan(kv.Unbounded(), kv.Unbounded(), at), got)
		subject := iterator.NewVisible(labtest.Check(t, labtest.FromSlice(model.Entries())), at)
		mergeLockstep(t, history, subject, refiterator.NewVisible(labtest.FromSlice(model.Entries()), at))
	})
}
