package version_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// The tables of a run do not overlap and stand in order. So walking the run is walking its tables, one behind the other, and
// no version may be lost or doubled where one ends and the next begins.
//
//lab:task 2 points=2
func TestRunIterator_WalksOneTableAfterTheOther(t *testing.T) {
	s := newShelf(t)
	expectEntries(t, "three tables", threeTables(s).NewIterator(),
		e("b", 1, "1b"), e("c", 2, "1c"), e("d", 3, "1d"),
		e("f", 4, "2f"), e("h", 9, "2h new"), e("h", 5, "2h"),
		e("k", 6, "3k"), d("l", 7), e("m", 8, "3m"))
	expectEntries(t, "the same for a merge", threeTables(s).NewScanner(),
		e("b", 1, "1b"), e("c", 2, "1c"), e("d", 3, "1d"),
		e("f", 4, "2f"), e("h", 9, "2h new"), e("h", 5, "2h"),
		e("k", 6, "3k"), d("l", 7), e("m", 8, "3m"))
}

// A seek lands on the first version at or after its target. For "e" that is "f", at the beginning of the next table. For
// "h" at 4 it is "k": the table f–h is the right one by its last key, but its two versions of "h" are newer than 4, so
// there the seek comes to the table's end and must go on to the next.
//
//lab:task 2 points=3
func TestRunIterator_SeeksAcrossTables(t *testing.T) {
	it := labtest.Check(t, threeTables(newShelf(t)).NewIterator())
	defer it.Close()
	for _, c := range []struct {
		user string
		at   kv.Seq
		want string
	}{
		{"a", kv.MaxSeq, `"b"#1,set = "1b"`},
		{"c", kv.MaxSeq, `"c"#2,set = "1c"`},
		{"d", kv.MaxSeq, `"d"#3,set = "1d"`},
		{"d", 2, `"f"#4,set = "2f"`},
		{"e", kv.MaxSeq, `"f"#4,set = "2f"`},
		{"h", 8, `"h"#5,set = "2h"`},
		{"h", 4, `"k"#6,set = "3k"`},
		{"i", 1, `"k"#6,set = "3k"`},
		{"l", kv.MaxSeq, `"l"#7,delete`},
		{"m", 7, "the end"},
		{"z", kv.MaxSeq, "the end"},
		{"b", 1, `"b"#1,set = "1b"`},
	} {
		it.SeekGE(kv.SeekKey([]byte(c.user), c.at))
		got := "the end"
		if it.Valid() {
			got = labtest.Entry{Key: it.Key(), Value: it.Value()}.String()
		}
		if got != c.want {
			t.Errorf("seek to %q at %d: stands on %s, want %s", c.user, c.at, got, c.want)
		}
		require.NoError(t, it.Err())
	}
}

// A run may have a thousand tables. An iterator that opens them all to read three keys is slow before it has begun. So a
// table is read when the walk gets there: First reads table 1, a seek to "f" table 2, and table 3 is not touched before the
// walk has come to the end of table 2.
//
//lab:task 2 points=3
func TestRunIterator_ReadsATableWhenItGetsThere(t *testing.T) {
	s := newShelf(t)
	it := labtest.Check(t, threeTables(s).NewIterator())
	defer it.Close()
	s.expectReads(t, "a new iterator")
	it.First()
	s.expectReads(t, "First", 1)
	it.SeekGE(kv.SeekKey([]byte("f"), kv.MaxSeq))
	s.expectReads(t, `a seek to "f"`, 2)
	it.Next()
	it.Next()
	s.expectReads(t, "two steps within table 2")
	it.SeekGE(kv.SeekKey([]byte("h"), kv.MaxSeq))
	s.expectReads(t, "a seek within table 2")
	it.Next()
	it.Next()
	s.expectReads(t, "a step from table 2 to table 3", 3)
	it.SeekGE(kv.SeekKey([]byte("z"), kv.MaxSeq))
	s.expectReads(t, "a seek behind the last table")
}

// Table 2 cannot be read. The walk gives what table 1 holds, then ends, and Err says why. To pass over table 2 as if it
// were empty would give a list that looks complete. When the disk has recovered, the iterator can be positioned anew.
//
//lab:task 2 points=3
func TestRunIterator_EndsAtAnUnreadableTable(t *testing.T) {
	s := newShelf(t)
	it := labtest.Check(t, threeTables(s).NewIterator())
	defer it.Close()
	s.setBad(2, true)
	var met []labtest.Entry
	for it.First(); it.Valid(); it.Next() {
		met = append(met, labtest.Entry{Key: it.Key().Clone(), Value: append([]byte{}, it.Value()...)})
	}
	labtest.Diff(t, "before the bad table", entries(e("b", 1, "1b"), e("c", 2, "1c"), e("d", 3, "1d")), met)
	require.ErrorIs(t, it.Err(), errDisk)

	it.SeekGE(kv.SeekKey([]byte("g"), kv.MaxSeq))
	require.False(t, it.Valid(), "a seek into the bad table")
	require.ErrorIs(t, it.Err(), errDisk)

	s.setBad(2, false)
	it.SeekGE(kv.SeekKey([]byte("g"), kv.MaxSeq))
	require.True(t, it.Valid(), "a seek when the disk has recovered")
	require.NoError(t, it.Err())
	require.Equal(t, `"h"#9,set`, it.Key().String())
}

// Behind the last table there is nothing, and it stays so however often one asks, with no error: this is the normal end.
// An iterator at its end can be positioned anew, also in the table in which it was last.
//
//lab:task 2 points=2
func TestRunIterator_StaysEnded(t *testing.T) {
	it := labtest.Check(t, threeTables(newShelf(t)).NewIterator())
	defer it.Close()
	for _, again := range []string{"first", "second"} {
		it.SeekGE(kv.SeekKey([]byte("m"), kv.MaxSeq))
		require.True(t, it.Valid(), "the last key, %s time", again)
		it.Next()
		require.False(t, it.Valid(), "behind the last key")
		require.False(t, it.Valid(), "asked once more")
		require.NoError(t, it.Err())
	}
	it.First()
	require.True(t, it.Valid(), "First after the end")
	require.Equal(t, `"b"#1,set`, it.Key().String())
}

// Random versions, cut into tables wherever a user key ends: walks from the beginning and from random places
// must meet what the one sorted list holds from there on, and what the reference's run over the same files shows.
//
//lab:task 2 points=4 random
func TestRunIterator_WalksLikeTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, ref, model := drawRun(t)
		expectEntries(t, "a walk from the beginning", r.NewIterator(), model.Entries()...)
		it := labtest.Check(t, r.NewIterator())
		defer it.Close()
		for range 8 {
			target := kv.SeekKey(labtest.Keys().Draw(t, "key"), kv.Seq(rapid.IntRange(0, len(model.Entries())+1).Draw(t, "at")))
			their := ref.NewIterator()
			their.SeekGE(target)
			it.SeekGE(target)
			for steps := 0; steps < 8 && (it.Valid() || their.Valid()); steps++ {
				require.Equal(t, their.Valid(), it.Valid(), "valid, %d steps from %v", steps, target)
				require.Equal(t, their.Key().String(), it.Key().String(), "%d steps from %v", steps, target)
				require.Equal(t, string(their.Value()), string(it.Value()))
				it.Next()
				their.Next()
			}
			require.NoError(t, their.Close())
		}
	})
}
