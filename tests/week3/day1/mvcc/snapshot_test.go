package mvcc_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// A snapshot shows one moment, whatever is written, flushed and merged after it. It does not need its own copy for
// that: it needs its number, and a collector that knows of it. The collector here drops everything that nobody has
// asked it to keep.
//
//lab:task 3 points=4
func TestSnapshot_StaysTheSame(t *testing.T) {
	labtest.NoLeaks(t)
	o := quiet(newDesk())
	o.CacheSize = 1 << 20
	a := openArchive(t, o)
	shows(t, "a snapshot of nothing", a.Snapshot())
	require.NoError(t, a.Apply(batchOf("apple=green", "banana=yellow", "cherry=", "fig=blue", "-fig")))
	s := a.Snapshot()
	require.Equal(t, kv.Seq(5), s.Seq(), "the snapshot's version")
	want := []string{"apple = green", "banana = yellow", "cherry = "}
	look := func(when string) {
		t.Helper()
		shows(t, "the snapshot, "+when, s, want...)
		require.Equal(t, "not found", words(s.Get([]byte("fig"))), "fig, which was deleted before, "+when)
		require.Equal(t, "not found", words(s.Get([]byte("date"))), "date, which was written after it, "+when)
	}
	look("at once")
	require.NoError(t, a.Apply(batchOf("apple=red", "-banana", "cherry=black", "date=brown", "fig=white")))
	require.Equal(t, `"red"`, words(a.Get([]byte("apple"))), "apple now")
	look("after writes")
	a.flush(t)
	require.Equal(t, `"red"`, words(a.Get([]byte("apple"))), "apple now, whose block is in the cache from here on")
	look("after a flush")
	a.remove(t, "apple")
	a.compact(t)
	look("after a merge")
	now := a.Snapshot()
	shows(t, "a new snapshot", now, "cherry = black", "date = brown", "fig = white")
	require.NoError(t, errors.Join(s.Close(), now.Close()))
}

// A hundred times: overwrite, delete, flush, merge everything. Each time there is a new tree, and the files of the first
// one are long gone. The snapshot of the first day still shows the first day, and what lies between it and now is gone.
//
//lab:task 3 points=4
func TestSnapshot_StaysTheSameThroughAHundredMerges(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(newDesk()))
	require.NoError(t, a.Apply(batchOf("a=0", "b=0", "c=0", "d=0")))
	s := a.Snapshot()
	for i := range 100 {
		require.NoError(t, a.Apply(batchOf(fmt.Sprintf("%c=%d", 'a'+i%4, i), fmt.Sprintf("-%c", 'a'+(i+1)%4))))
		a.compact(t) // which flushes first
		require.Equal(t, `"0"`, words(s.Get([]byte{'a' + byte(i%4)})), "after %d flushes and merges", i+1)
	}
	stats := a.Stats()
	require.Equal(t, []int64{100, 100}, []int64{stats.Flushes, stats.Compactions}, "flushes and merges")
	shows(t, "the snapshot, after a hundred flushes and merges", s, "a = 0", "b = 0", "c = 0", "d = 0")
	require.NoError(t, s.Close())
	a.put(t, "a", "last")
	a.compact(t)
	alike(t, "history of a, when the snapshot is closed", []string{`205 = "last"`}, a.history(t, "a"))
}

// The collector must know of every reader, and of none that is gone. A snapshot that is closed twice counts down
// once: the second time would be somebody else's, who reads at the same number and would lose what he reads.
//
//lab:task 3 points=4
func TestSnapshot_IsCountedInAndOutOnce(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	a.put(t, "apple", "green")
	d.calls()
	one, two := a.Snapshot(), a.Snapshot()
	alike(t, "two snapshots: calls of the collector", []string{"acquire 1", "acquire 1"}, d.calls())
	require.NoError(t, one.Close())
	require.ErrorIs(t, one.Close(), kv.ErrClosed, "a second Close")
	alike(t, "one of them closed, twice: calls of the collector", []string{"release 1"}, d.calls())
	a.put(t, "apple", "red")
	a.compact(t)
	shows(t, "the other one, after a merge", two, "apple = green")
	require.NoError(t, two.Close())
	a.compact(t)
	alike(t, "history of apple, when both are closed, after a merge", []string{`2 = "red"`}, a.history(t, "apple"))
	require.Equal(t, "closed", words(one.Get([]byte("apple"))), "a closed snapshot")
}

// Between asking for the number and being counted in, a flush may come. Here it comes when the collector has been
// called and has not looked yet: version 1 of apple goes, as nobody is known to read there. A snapshot with the
// number of before would find no apple at all.
//
//lab:task 3 points=4
func TestSnapshot_TakesItsNumberWhenItIsCountedIn(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	a.put(t, "apple", "green")
	d.asked = func() {
		d.asked = nil
		a.put(t, "apple", "red")
		a.compact(t)
	}
	s := a.Snapshot()
	require.Equal(t, kv.Seq(2), s.Seq(), "the snapshot's version")
	shows(t, "the snapshot", s, "apple = red")
	require.NoError(t, s.Close())
}

// A write gets its number first and is inserted after that. Here one has the number 2, and waits for its log. A
// snapshot that is taken now must not be at 2: it would show one thing now and another one when the write is done.
//
//lab:task 3 points=4
func TestSnapshot_LeavesOutWhatIsUnderWay(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(newDesk()))
	a.put(t, "apple", "green")
	reached, release := a.disk.BlockAt(vfs.OpWrite, "*.log")
	done := later(func() error { return a.Apply(batchOf("apple=red", "fig=blue")) })
	comes(t, "the write to the log", reached)
	s := a.Snapshot()
	require.Equal(t, kv.Seq(1), s.Seq(), "the version of a snapshot, while the write with number 2 is under way")
	shows(t, "the snapshot, meanwhile", s, "apple = green")
	release()
	require.NoError(t, comes(t, "the end of the write", done))
	shows(t, "the snapshot, afterwards", s, "apple = green")
	a.compact(t)
	shows(t, "the snapshot, after a merge", s, "apple = green")
	require.NoError(t, s.Close())
}

// A snapshot may be taken of a version that is past. It is counted in at that number. It is refused if the version
// has not been written yet, or if the collector cannot answer for it any more; then nobody is counted in.
//
//lab:task 3 points=3
func TestSnapshotAt_OfAPastVersion(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	a := openArchive(t, quiet(d))
	a.put(t, "apple", "green")  // 1
	a.put(t, "apple", "yellow") // 2
	a.put(t, "fig", "blue")     // 3
	a.put(t, "apple", "red")    // 4
	s, err := a.SnapshotAt(3)
	require.NoError(t, err)
	require.Equal(t, kv.Seq(3), s.Seq(), "the snapshot's version")
	a.compact(t) // drops version 1
	alike(t, "who is counted in, and how often", map[kv.Seq]int{3: 1}, d.inside())
	shows(t, "the snapshot at 3, after a merge", s, "apple = yellow", "fig = blue")
	_, err = a.SnapshotAt(1)
	require.ErrorIs(t, err, mvcc.ErrCollected, "a snapshot at 1, which nobody has kept")
	_, err = a.SnapshotAt(5)
	require.ErrorIs(t, err, mvcc.ErrFuture, "a snapshot at 5, which is not written yet")
	now, err := a.SnapshotAt(4)
	require.NoError(t, err)
	alike(t, "who is counted in, after two that were refused", map[kv.Seq]int{3: 1, 4: 1}, d.inside())
	shows(t, "a snapshot at 4", now, "apple = red", "fig = blue")
	require.NoError(t, errors.Join(s.Close(), now.Close()))
	alike(t, "who is counted in, when both are closed", map[kv.Seq]int{}, d.inside())
}
