package version_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/version"
)

// threeTables returns a run of the tables 1 [b … d], 2 [f … h] and 3 [k … m].
func threeTables(s *shelf) *version.Run {
	return s.run(1, 1,
		entries(e("b", 1, "1b"), e("c", 2, "1c"), e("d", 3, "1d")),
		entries(e("f", 4, "2f"), e("h", 9, "2h new"), e("h", 5, "2h")),
		entries(e("k", 6, "3k"), d("l", 7), e("m", 8, "3m")),
	)
}

// found says in words what Run.Get returned.
func found(value []byte, kind kv.Kind, found bool, err error) string {
	switch {
	case err != nil:
		return "error: " + err.Error()
	case !found:
		return "nothing"
	case kind == kv.KindDelete:
		return "tombstone"
	}
	return fmt.Sprintf("%q", value)
}

// The tables are b–d, f–h, k–m. To find "h", look for the first table that does not end before "h". The table f–h ends
// exactly there, so it is the one; a search that wants a table ending behind "h" goes to k–m, and the last key of each table
// is lost.
//
//lab:task 1 points=2
func TestRunGet_FindsFirstAndLastKeyOfEachTable(t *testing.T) {
	r := threeTables(newShelf(t))
	for user, want := range map[string]string{
		"b": `"1b"`, "d": `"1d"`, "f": `"2f"`, "h": `"2h new"`, "k": `"3k"`, "m": `"3m"`, "c": `"1c"`, "l": "tombstone",
	} {
		if got := found(r.Get([]byte(user), kv.MaxSeq)); got != want {
			t.Errorf("Get(%q): got %s, want %s", user, got, want)
		}
	}
	if got, want := found(r.Get([]byte("h"), 8)), `"2h"`; got != want {
		t.Errorf("Get(%q) at 8: got %s, want %s", "h", got, want)
	}
}

// "e" lies between the tables b–d and f–h, "z" behind the last. The search stops at the next table, or behind all of them;
// neither is an answer, and the next greater key is not one either.
//
//lab:task 1 points=2
func TestRunGet_FindsNothingInGaps(t *testing.T) {
	r := threeTables(newShelf(t))
	for _, user := range []string{"a", "bb", "e", "g", "i", "ka", "n", "z", "\xff\xff"} {
		if got := found(r.Get([]byte(user), kv.MaxSeq)); got != "nothing" {
			t.Errorf("Get(%q): got %s, want nothing", user, got)
		}
	}
	if got := found(r.Get([]byte("f"), 3)); got != "nothing" {
		t.Errorf(`Get("f") at 3, before it was written as number 4: got %s, want nothing`, got)
	}
}

// Which table to ask is decided by the last keys, which every open table has in memory. So the decision reads nothing, and
// one table of the run is read at most, however many there are.
//
//lab:task 1 points=2
func TestRunTable_IsChosenWithoutReading(t *testing.T) {
	s := newShelf(t)
	r := threeTables(s)
	for user, want := range map[string]uint64{
		"a": 1, "b": 1, "d": 1, "d\x00": 2, "e": 2, "h": 2, "i": 3, "m": 3, "m\x00": 0, "z": 0,
	} {
		var got uint64
		if table := r.Table([]byte(user)); table != nil {
			got = table.Number()
		}
		if got != want {
			t.Errorf("the only table that may hold %q: got %d, want %d (0: none)", user, got, want)
		}
	}
	s.expectReads(t, "choosing tables")
	_, _, _, err := r.Get([]byte("g"), kv.MaxSeq)
	require.NoError(t, err)
	s.expectReads(t, `Get("g")`, 2)
}

// A table that cannot be read has no answer, and that is not the answer "no". Reported as "not found", a bad sector would
// look like a deleted key, and nobody would ever look for the backup.
//
//lab:task 1 points=1
func TestRunGet_ReturnsReadError(t *testing.T) {
	s := newShelf(t)
	r := threeTables(s)
	s.setBad(2, true)
	_, _, _, err := r.Get([]byte("f"), kv.MaxSeq)
	require.ErrorIs(t, err, errDisk)
	require.Equal(t, `"1d"`, found(r.Get([]byte("d"), kv.MaxSeq)), "a table beside it")
}

// Random versions, cut into tables wherever a user key ends: for every key and every moment the run must answer like the
// one sorted list that it was cut from, and like the reference's run over the same files.
//
//lab:task 1 points=3 random
func TestRunGet_AnswersLikeOneSortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, ref, model := drawRun(t)
		for range 10 {
			user := labtest.Keys().Draw(t, "key")
			at := kv.Seq(rapid.IntRange(0, len(model.Entries())+1).Draw(t, "at"))
			value, kind, known := model.Get(user, at)
			want := found(value, kind, known, nil)
			require.Equal(t, want, found(ref.Get(user, at)), "the reference and the model disagree: a mistake of the lab")
			if got := found(r.Get(user, at)); want != got {
				t.Fatalf("Get(%q) at %d: got %s, want %s", user, at, got, want)
			}
		}
	})
}
