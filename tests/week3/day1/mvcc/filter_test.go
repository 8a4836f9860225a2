package mvcc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// shredder is a compaction filter that discards whatever it is shown.
type shredder struct{}

// Discard discards.
func (shredder) Discard(kv.Key, []byte) bool { return true }

// A compaction filter discards values that nobody wants any more: the newest version of a key, if it was visible when
// the merge began. It cannot know that a snapshot reads at exactly that number. So, with a filter, a snapshot holds
// on to the tree in which it was made, and no merge reaches that.
//
//lab:task 3 points=4
func TestSnapshot_KeepsWhatAFilterDiscards(t *testing.T) {
	labtest.NoLeaks(t)
	o := quiet(newDesk())
	o.CompactionFilter = shredder{}
	a := openArchive(t, o)
	a.put(t, "apple", "green")
	a.flush(t)
	a.put(t, "fig", "blue")
	s := a.Snapshot()
	at, err := a.SnapshotAt(2)
	require.NoError(t, err)
	a.compact(t)
	require.Equal(t, "not found", words(a.Get([]byte("apple"))), "apple now, which the filter has discarded")
	require.Equal(t, "not found", a.getAt("apple", 2), "apple at version 2, which no snapshot answers for")
	shows(t, "the snapshot", s, "apple = green", "fig = blue")
	shows(t, "a snapshot that was asked for by its number", at, "apple = green", "fig = blue")
	now := a.Snapshot()
	shows(t, "a new snapshot", now)
	require.NoError(t, s.Close())
	require.NoError(t, at.Close())
	require.NoError(t, now.Close())
	require.Equal(t, "closed", words(s.Get([]byte("apple"))), "the snapshot, closed")
}

// The number comes first and the tree second. Here somebody writes, flushes and writes again while the collector is
// being asked for the number: it is 3. The tree of before ends with version 1, and has no memtable in which version 3
// could ever be.
//
//lab:task 3 points=4
func TestSnapshot_HoldsATreeThatHasItsNumber(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDesk()
	o := quiet(d)
	o.CompactionFilter = shredder{}
	a := openArchive(t, o)
	a.put(t, "apple", "green")
	d.asked = func() {
		d.asked = nil
		a.put(t, "apple", "red")
		a.flush(t)
		a.put(t, "fig", "blue")
	}
	s := a.Snapshot()
	require.Equal(t, kv.Seq(3), s.Seq(), "the snapshot's version")
	shows(t, "the snapshot", s, "apple = red", "fig = blue")
	require.NoError(t, s.Close())
}
