package mvcc_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week3/mvcc"
)

// A history is read from its beginning, so the oldest version comes first. Versions are numbers: 2 comes before 10. A
// store that builds them into its keys as text finds 10 between 1 and 2.
//
//lab:task 2 points=2
func TestHistory_IsInTheOrderOfNumbers(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	want := []string{}
	for i := range 120 {
		a.put(t, "k", fmt.Sprint("v", i+1))
		want = append(want, fmt.Sprintf(`%d = "v%d"`, i+1, i+1))
	}
	alike(t, "history of k, in a memtable", want, a.history(t, "k"))
	a.flush(t)
	alike(t, "history of k, in a table", want, a.history(t, "k"))
}

// That a key was deleted belongs to its history: without it, nobody knows that from 2 to 4 there was no apple. A
// delete has no value, which is something else than an empty one; and a delete of a key that was not there has
// happened, too.
//
//lab:task 2 points=3
func TestHistory_HoldsDeletes(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	a.put(t, "apple", "green") // 1
	a.remove(t, "apple")       // 2
	a.remove(t, "apple")       // 3
	a.put(t, "fig", "blue")    // 4
	a.put(t, "apple", "")      // 5
	a.remove(t, "apple")       // 6
	want := []string{`1 = "green"`, "2 deleted", "3 deleted", `5 = ""`, "6 deleted"}
	alike(t, "history of apple, in a memtable", want, a.history(t, "apple"))
	a.compact(t)
	alike(t, "history of apple, at the bottom, where tombstones have nothing left to hide", want, a.history(t, "apple"))
	a = a.again(t, nil)
	alike(t, "history of apple, after a restart", want, a.history(t, "apple"))
	v, err := a.GetVersion([]byte("apple"), 5)
	require.NoError(t, err)
	require.NotNil(t, v.Value, "the value of version 5, which is empty, but there")
}

// The versions of one key lie where they happened to be written to: in the active memtable, in one that is being
// flushed, in tables of level 0, in a merged one. The history is in all of them together.
//
//lab:task 2 points=3
func TestHistory_IsInMemtablesAndTables(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	a.put(t, "k", "merged")
	a.remove(t, "k")
	a.flush(t)
	a.put(t, "j", "a neighbour")
	a.compact(t)
	a.put(t, "k", "in level 0")
	a.flush(t)
	a.put(t, "k", "in level 0, too")
	a.flush(t)
	reached, release := a.disk.BlockAt(vfs.OpCreate, "*.sst")
	a.put(t, "k", "being flushed")
	done := later(func() error { return a.Flush(t.Context()) })
	comes(t, "the flush", reached)
	a.put(t, "k", "active")
	want := []string{
		`1 = "merged"`, "2 deleted", `4 = "in level 0"`, `5 = "in level 0, too"`, `6 = "being flushed"`, `7 = "active"`,
	}
	alike(t, "history of k", want, a.history(t, "k"))
	release()
	require.NoError(t, comes(t, "the end of the flush", done))
}

// A key is bytes, whichever. A store that writes versions as "key@7" mixes up the versions of "k" with those of a
// user's key "k@7"; one that looks for all that begins with the key finds those of its neighbours.
//
//lab:task 2 points=3
func TestHistory_OfKeysWithAnyBytes(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	keys := []string{
		"k", "k@", "k@1", "k@2", "k\x00", "k\x00\x00\x00\x00\x00\x00\x00\x01\x01", "k\xff", "k/1",
		"@", "\x00", "\xff", "\xff\xff", "K",
	}
	want := map[string][]string{}
	for round := range 3 {
		for _, key := range keys {
			v := a.put(t, key, fmt.Sprintf("%q, %d", key, round))
			want[key] = append(want[key], fmt.Sprintf("%d = %q", v, fmt.Sprintf("%q, %d", key, round)))
		}
		if round == 1 {
			a.flush(t)
		}
	}
	got := map[string][]string{}
	for _, key := range keys {
		got[key] = a.history(t, key)
	}
	alike(t, "histories", want, got)
	for _, key := range []string{"k@3", "k\x00\x00", "", "j", "k\x01", "\xff\xff\xff"} {
		require.Empty(t, a.history(t, key), "history of %q, which was never written", key)
	}
}

// A batch may write a key twice. Both writes have a version, though nobody could ever have read the first one.
//
//lab:task 2 points=1
func TestHistory_OfABatch(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	require.NoError(t, a.Apply(batchOf("apple=green", "fig=blue", "-apple", "apple=red")))
	alike(t, "history of apple", []string{`1 = "green"`, "3 deleted", `4 = "red"`}, a.history(t, "apple"))
	alike(t, "history of fig", []string{`2 = "blue"`}, a.history(t, "fig"))
	versions, err := a.History([]byte("none"))
	require.NoError(t, err, "history of a key that was never written")
	require.Empty(t, versions, "history of a key that was never written")
}

// Here the write with number 2 stands still while it is inserted into the memtable, and number 3 is there already.
// Nobody may see it: its Put has not returned, and a reader who saw 3 without 2 would see a history that never was.
//
//lab:task 2 points=4
func TestHistory_ShowsOnlyWhatIsVisible(t *testing.T) {
	labtest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		arrived, goOn := make(chan struct{}, 1), make(chan struct{})
		release := sync.OnceFunc(func() { close(goOn) })
		o := quiet(nil)
		o.NewTable = func(id uint64, capacity int) *memtable.Table {
			table := memtable.New(id, capacity)
			table.OnCompare(func([]byte) {
				select {
				case arrived <- struct{}{}: // the first to look for its place in the table, and only that one
					<-goOn
				default:
				}
			})
			return table
		}
		a := openArchive(t, o)
		t.Cleanup(release)
		a.put(t, "apple", "green") // finds an empty table, and compares with nothing
		second := later(func() error { _, err := a.Put([]byte("banana"), []byte("yellow")); return err })
		synctest.Wait()
		third := later(func() error { _, err := a.Put([]byte("fig"), []byte("blue")); return err })
		synctest.Wait()
		tree, visible := a.View()
		require.Equal(t, 2, tree.Memtables.Tables()[0].Len(), "writes that are inserted: 1 and 3")
		require.Equal(t, kv.Seq(1), visible, "the visible number")
		require.Empty(t, a.history(t, "fig"), "history of fig, while write 2 is under way")
		require.Equal(t, "not found", versionWords(a.Latest([]byte("fig"))), "the latest version of fig, meanwhile")
		require.Equal(t, "not found", versionWords(a.GetVersion([]byte("fig"), 3)), "version 3 of fig, meanwhile")
		release()
		require.NoError(t, errors.Join(<-second, <-third))
		alike(t, "history of fig, in the end", []string{`3 = "blue"`}, a.history(t, "fig"))
	})
}

// GetVersion is asked for one write and answers with that one, or not at all. A neighbour, be it another version of
// the key or this version of another key, is not an answer.
//
//lab:task 2 points=3
func TestGetVersion_ExactlyThat(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	a.put(t, "fig", "blue")    // 1
	a.put(t, "apple", "green") // 2
	a.put(t, "fig", "black")   // 3
	a.remove(t, "apple")       // 4
	a.put(t, "apple", "red")   // 5
	want := []string{"not found", "not found", `2 = "green"`, "not found", "4 deleted", `5 = "red"`, "not found"}
	look := func(when string) {
		got := []string{}
		for v := range kv.Seq(7) {
			got = append(got, versionWords(a.GetVersion([]byte("apple"), v)))
		}
		alike(t, "the versions 0 to 6 of apple, "+when, want, got)
	}
	look("in a memtable")
	a.flush(t)
	look("in a table")
	require.Equal(t, "not found", versionWords(a.GetVersion([]byte("apple"), kv.MaxSeq)), "the last version of all")
	require.Equal(t, "not found", versionWords(a.GetVersion([]byte("apple"), 5|1<<56)), "a number that no version can have")
}

// The latest version of a key is its newest one, with its number. If that is a delete the key is not there, whatever
// it was before.
//
//lab:task 2 points=2
func TestLatest_IsTheNewestOrNone(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	latest := func(key string) string { return versionWords(a.Latest([]byte(key))) }
	require.Equal(t, "not found", latest("apple"), "never written")
	a.put(t, "apple", "green")
	a.put(t, "apple", "red")
	a.put(t, "fig", "blue")
	require.Equal(t, `2 = "red"`, latest("apple"))
	a.flush(t)
	require.Equal(t, `2 = "red"`, latest("apple"), "in a table")
	a.remove(t, "apple")
	require.Equal(t, "not found", latest("apple"), "deleted, above a table with a value")
	a.put(t, "apple", "")
	require.Equal(t, `5 = ""`, latest("apple"), "empty is not deleted")
}

// What a history returns belongs to the caller. It was read from memtables and blocks that go on being used.
//
//lab:task 2 points=2
func TestHistory_SharesNoMemory(t *testing.T) {
	labtest.NoLeaks(t)
	o := quiet(nil)
	o.CacheSize = 1 << 20
	a := openArchive(t, o)
	for _, value := range []string{"green", "red", "brown"} {
		a.put(t, "apple", value)
	}
	want := []string{`1 = "green"`, `2 = "red"`, `3 = "brown"`}
	for _, where := range []string{"a memtable", "a table"} {
		alike(t, "history of apple, in "+where, want, a.history(t, "apple"))
		versions, err := a.History([]byte("apple"))
		require.NoError(t, err)
		for _, v := range versions {
			copy(v.Value, "xxxxx")
		}
		alike(t, "history of apple, in "+where+", after somebody has written into it", want, a.history(t, "apple"))
		a.flush(t)
	}
}

// If a table cannot be read, then what was found up to there is not the history, and "not found" is not the answer.
// Nobody may take a part for the whole.
//
//lab:task 2 points=2
func TestHistory_ThatCannotBeRead(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	a.put(t, "apple", "green")
	a.flush(t)
	a.put(t, "apple", "red")
	a.disk.FailAlways(vfs.OpRead, "*.sst", nil)
	versions, err := a.History([]byte("apple"))
	require.ErrorIs(t, err, vfs.ErrInjected, "History, while the table cannot be read")
	require.Empty(t, versions, "versions, beside the error")
	_, err = a.GetVersion([]byte("apple"), 1)
	require.ErrorIs(t, err, vfs.ErrInjected, "GetVersion, while the table cannot be read")
	_, err = a.Latest([]byte("apple"))
	require.ErrorIs(t, err, vfs.ErrInjected, "Latest, while the table cannot be read")
	_, err = a.GetAt([]byte("apple"), 1)
	require.ErrorIs(t, err, vfs.ErrInjected, "GetAt, while the table cannot be read")
	a.disk.Clear()
	alike(t, "history of apple, when the disk is well again", []string{`1 = "green"`, `2 = "red"`}, a.history(t, "apple"))
}

// A store that is closed tells nothing any more: neither from its tables, whose files are closed, nor from its memtables,
// which nobody closes and which would answer. The error says just that, also to who is reading at that moment: a file
// that was closed is not a damaged one.
//
//lab:task 2 points=2
func TestHistory_OfAClosedStore(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	a.put(t, "apple", "green")
	a.flush(t)
	a.put(t, "fig", "blue") // in a memtable, which nobody closes
	reached, release := a.disk.BlockAt(vfs.OpRead, "*.sst")
	late := later(func() error { _, err := a.History([]byte("apple")); return err })
	comes(t, "the read from the table", reached)
	require.NoError(t, a.Close())
	release()
	require.ErrorIs(t, comes(t, "the end of History", late), kv.ErrClosed, "History, during which the store was closed")
	for name, read := range map[string]func([]byte) (mvcc.Version, error){
		"Latest":     a.Latest,
		"GetVersion": func(key []byte) (mvcc.Version, error) { return a.GetVersion(key, 2) },
		"History":    func(key []byte) (mvcc.Version, error) { _, err := a.History(key); return mvcc.Version{}, err },
	} {
		require.Equal(t, "closed", versionWords(read([]byte("apple"))), "%s after Close, of a key in a table", name)
		require.Equal(t, "closed", versionWords(read([]byte("fig"))), "%s after Close, of a key in a memtable", name)
	}
}
