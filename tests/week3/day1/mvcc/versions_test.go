package mvcc_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
)

// Every write has a version, a delete as well, and Put and Delete say which. They are the numbers that the store
// gives to all of its writes: a batch of three takes three of them, whoever has written it.
//
//lab:task 1 points=2
func TestPut_ReturnsItsVersion(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	require.Equal(t, kv.Seq(1), a.put(t, "apple", "green"), "version of the first put")
	require.Equal(t, kv.Seq(2), a.put(t, "fig", "blue"), "version of a put of another key")
	require.Equal(t, kv.Seq(3), a.remove(t, "apple"), "version of a delete")
	require.NoError(t, a.Apply(batchOf("a=1", "b=2", "-fig")))
	require.Equal(t, kv.Seq(7), a.put(t, "apple", "red"), "version of a put after a batch of three")
	require.Equal(t, kv.Seq(8), a.remove(t, "none"), "version of a delete of nothing")
	require.Equal(t, kv.Seq(8), a.Visible(), "the visible number")
	require.Equal(t, "not found", words(a.Get([]byte("fig"))), "fig, which the batch has deleted")
	_, err := a.Put(nil, []byte("value"))
	require.ErrorIs(t, err, kv.ErrEmptyKey, "put of an empty key")
}

// Between a write and its return somebody else may write. Here it happens each time, when the write is visible and Put has
// not returned: the listener puts a fig. Who looks up the highest number when his write is done finds the fig's.
//
//lab:task 1 points=2
func TestPut_IsNotTakenInByWhoComesAfter(t *testing.T) {
	labtest.NoLeaks(t)
	o := quiet(nil)
	var a *archive
	figs := 0
	o.Listener.Applied = func(_ kv.Seq, b *kv.Batch) {
		for op := range b.Ops() {
			if string(op.Key) != "fig" {
				figs++
				require.NoError(t, a.Apply(batchOf("fig=blue")))
			}
		}
	}
	a = openArchive(t, o)
	require.Equal(t, kv.Seq(1), a.put(t, "apple", "green"), "version of a put, after which 2 was written")
	require.Equal(t, kv.Seq(3), a.remove(t, "apple"), "version of a delete, after which 4 was written")
	require.Equal(t, 2, figs, "writes in between")
	require.Equal(t, `"green"`, a.getAt("apple", 2), "apple at version 2")
}

// A version is the name of a moment, and a name must not be given twice. Whatever happens in between, a restart, a
// power cut, a store in which everything was flushed and no log is left: the numbers go on where they were, and the
// old ones still mean what they meant.
//
//lab:task 1 points=3
func TestPut_VersionsGoOnAfterRestart(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	a.put(t, "apple", "green")
	a = a.again(t, nil)
	require.Equal(t, kv.Seq(2), a.put(t, "apple", "red"), "version of the first put after a restart")
	a.compact(t)
	a = a.again(t, nil)
	require.Equal(t, kv.Seq(3), a.remove(t, "apple"), "version of the first delete after everything was flushed")
	require.NoError(t, a.Sync())
	cut := openArchiveOn(t, a.mem.Preview(vfs.LoseUnsynced), quiet(nil))
	require.Equal(t, kv.Seq(4), cut.put(t, "apple", "brown"), "version of the first put after a power cut")
	got := []string{}
	for v := range kv.Seq(5) {
		got = append(got, cut.getAt("apple", v))
	}
	want := []string{"not found", `"green"`, `"red"`, "not found", `"brown"`}
	alike(t, "apple at the versions 0 to 4, after all that", want, got)
}

// At a version a key has the value that was written last before it, or by it. Between two writes nothing changes,
// before the first one there was nothing, and what happens to other keys does not matter. An empty value is a value;
// a deleted key has none, and does not get an older one back.
//
//lab:task 1 points=3
func TestGetAt_NewestAtOrBefore(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	a.put(t, "fig", "blue")    // 1
	a.put(t, "apple", "green") // 2
	a.put(t, "fig", "black")   // 3
	a.put(t, "apple", "")      // 4
	a.remove(t, "apple")       // 5
	a.put(t, "apple", "red")   // 6
	a.put(t, "fig", "white")   // 7
	want := map[string][]string{
		"apple": {"not found", "not found", `"green"`, `"green"`, `""`, "not found", `"red"`, `"red"`},
		"fig":   {"not found", `"blue"`, `"blue"`, `"black"`, `"black"`, `"black"`, `"black"`, `"white"`},
		"none":  {"not found", "not found", "not found", "not found", "not found", "not found", "not found", "not found"},
	}
	look := func(when string) {
		got := map[string][]string{}
		for key := range want {
			for v := range kv.Seq(8) {
				got[key] = append(got[key], a.getAt(key, v))
			}
		}
		alike(t, "at the versions 0 to 7, "+when, want, got)
	}
	look("in a memtable")
	a.flush(t)
	look("in a table")
	a.compact(t)
	look("in a table that came of a merge")
	a = a.again(t, nil)
	look("after a restart")
}

// Without a collector of one's own, every version is kept for ever. It may be in the memtable, in any table, or be
// merged: a read of the past finds it.
//
//lab:task 1 points=2
func TestGetAt_FindsWhatFlushesAndMergesHaveMoved(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	for i := range 12 {
		require.Equal(t, kv.Seq(i+1), a.put(t, "k", fmt.Sprint("value ", i+1)))
		switch i % 4 {
		case 1:
			a.flush(t)
		case 3:
			a.compact(t)
		}
	}
	a.put(t, "k", "value 13")
	for v := kv.Seq(1); v <= 13; v++ {
		require.Equal(t, fmt.Sprintf("%q", fmt.Sprint("value ", v)), a.getAt("k", v), "k at version %d", v)
	}
}

// Of a version that does not exist yet nobody can say what it will be. To answer with what there is now would be a
// promise that the next write breaks. Nor is a version there while its write is still under way.
//
//lab:task 1 points=3
func TestGetAt_RefusesTheFuture(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	require.Equal(t, "not written yet", a.getAt("apple", 1), "version 1 of an empty store")
	require.Equal(t, "not found", a.getAt("apple", 0), "version 0, in which there was nothing")
	a.put(t, "apple", "green")
	require.Equal(t, `"green"`, a.getAt("apple", 1), "the newest version")
	require.Equal(t, "not written yet", a.getAt("apple", 2), "the next version")
	require.Equal(t, "not written yet", a.getAt("apple", kv.MaxSeq), "the last version of all")

	reached, release := a.disk.BlockAt(vfs.OpWrite, "*.log")
	done := later(func() error { _, err := a.Put([]byte("apple"), []byte("red")); return err })
	comes(t, "the write to the log", reached)
	require.Equal(t, "not written yet", a.getAt("apple", 2), "a version that is being written")
	release()
	require.NoError(t, comes(t, "the end of the put", done))
	require.Equal(t, `"red"`, a.getAt("apple", 2), "that version, when it is written")
}

// A collector drops versions that nobody needs, and says up to where: below the floor something may be missing. There
// an answer could be wrong, an older value than the right one or none at all, so there is no answer. At the floor
// itself there is.
//
//lab:task 1 points=2
func TestGetAt_RefusesWhatMayBeGone(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	a.put(t, "apple", "green")
	a.put(t, "apple", "red")
	a.put(t, "fig", "blue")
	require.Equal(t, `"green"`, a.getAt("apple", 1), "version 1, before anything was dropped")
	a.flush(t) // drops version 1, for nobody reads there
	a.put(t, "apple", "brown")
	got := []string{}
	for v := range kv.Seq(6) {
		got = append(got, a.getAt("apple", v))
	}
	alike(t, "apple at the versions 0 to 5, of which 3 is the floor",
		[]string{"collected", "collected", "collected", `"red"`, `"brown"`, "not written yet"}, got)
	alike(t, "who is counted in, after reads that were answered and reads that were refused", map[kv.Seq]int{}, d.inside())
}

// Nobody holds still while GetAt works. Here a flush comes at the worst moment, right after the floor was asked for:
// it drops version 1, for which GetAt has just been told that all is well. Whoever has loaded the tree before that
// still has it; whoever loads the tree now finds that apple was never written. Green is right, and so is a refusal.
//
//lab:task 1 points=4
func TestGetAt_AsksForTheFloorWhenItHasTheTree(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	a.put(t, "apple", "green")
	a.put(t, "apple", "red")
	d.floored = func() {
		d.floored = nil
		a.flush(t)
	}
	got := a.getAt("apple", 1)
	require.Contains(t, []string{`"green"`, "collected"}, got, "apple at version 1, while a flush drops it")
	a.flush(t) // if GetAt has not asked for the floor, but was counted in
	require.Equal(t, "collected", a.getAt("apple", 1), "apple at version 1, after that")
}

// And here a write comes while GetAt is asking: the memtable is flushed, and version 2 goes into the next one. A tree that
// was loaded before has only version 1. So whoever looks at the tree first, and asks afterwards whether 2 is visible,
// hears yes and reads green. Not written yet is right, since it was not when GetAt was called; red is right as well.
//
//lab:task 1 points=2
func TestGetAt_LooksForTheTreeWhenTheVersionIsVisible(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	a.put(t, "apple", "green")
	d.floored = func() {
		d.floored = nil
		a.flush(t)
		a.put(t, "apple", "red")
	}
	got := a.getAt("apple", 2)
	require.Contains(t, []string{"not written yet", `"red"`}, got, "apple at version 2, which somebody else is just writing")
}

// What is given and what is returned belongs to the caller, who may do with it what he likes.
//
//lab:task 1 points=1
func TestGetAt_SharesNoMemory(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(nil))
	key, value := []byte("apple"), []byte("green")
	_, err := a.Put(key, value)
	require.NoError(t, err)
	copy(key, "xxxxx")
	copy(value, "xxxxx")
	got, err := a.GetAt([]byte("apple"), 1)
	require.NoError(t, err)
	copy(got, "xxxxx")
	require.Equal(t, `"green"`, a.getAt("apple", 1), "apple, after its put's and its get's slices were overwritten")
}

// A read of the past is a read: the listener is told of it as of any other, of misses too. After Close there is no
// answer, neither from memory nor from the disk.
//
//lab:task 1 points=2
func TestGetAt_IsToldToTheListener(t *testing.T) {
	labtest.NoLeaks(t)
	var told []string
	o := quiet(nil)
	o.Listener.Got = func(key, value []byte, err error) {
		told = append(told, fmt.Sprintf("%s: %s", key, words(value, err)))
	}
	a := openArchive(t, o)
	a.put(t, "apple", "green")
	a.put(t, "apple", "red")
	a.getAt("apple", 1)
	a.getAt("fig", 2)
	alike(t, "what the listener was told", []string{`apple: "green"`, "fig: not found"}, told)
	require.NoError(t, a.Close())
	require.Equal(t, "closed", a.getAt("apple", 1), "after Close")
	_, err := a.Put([]byte("apple"), nil)
	require.ErrorIs(t, err, kv.ErrClosed, "put after Close")
	require.ErrorIs(t, a.Close(), kv.ErrClosed, "a second Close")
}

// The collector is told once where the store stands when it is opened; and what it keeps is what flushes and merges
// keep.
//
//lab:task 1 points=1
func TestOpen_AsksItsCollector(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	alike(t, "an empty store: calls of the collector", []string{"opened 0"}, d.calls())
	a.put(t, "apple", "green")
	a.put(t, "apple", "red")
	d = newDesk()
	a.again(t, d)
	alike(t, "opened again: calls of the collector", []string{"opened 2"}, d.calls())
}
