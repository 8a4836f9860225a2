package mvcc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// A snapshot's scan keeps to its bounds, and to the moment. It holds the tree that it walks through: who closes the
// snapshot while a scan is under way, and then merges everything away, does not disturb it. Only what begins after
// the Close is refused.
//
//lab:task 3 points=3
func TestSnapshot_Scan(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(newDesk()))
	require.NoError(t, a.Apply(batchOf("a=1", "b=1", "c=1", "d=1", "e=1")))
	a.flush(t)
	s := a.Snapshot()
	require.NoError(t, a.Apply(batchOf("a=2", "-b", "bb=2", "c=2", "-d")))
	b, d := []byte("b"), []byte("d")
	alike(t, "from b to d", []string{"b = 1", "c = 1", "d = 1"}, seen(t, s, kv.Included(b), kv.Included(d)))
	alike(t, "behind b, before d", []string{"c = 1"}, seen(t, s, kv.Excluded(b), kv.Excluded(d)))
	alike(t, "from d on", []string{"d = 1", "e = 1"}, seen(t, s, kv.Included(d), kv.Unbounded()))
	entries, err := labtest.Collect(labtest.Check(t, s.Iterator(kv.Included(b), kv.Excluded(d))))
	require.NoError(t, err)
	want := []labtest.Entry{labtest.E("b", 2, "1"), labtest.E("c", 3, "1")}
	labtest.Diff(t, "the iterator from b to before d", want, entries)

	scan, it := s.Scan(kv.Unbounded(), kv.Unbounded()), s.Iterator(kv.Unbounded(), kv.Unbounded())
	scan.First()
	require.NoError(t, s.Close())
	a.compact(t)
	lines := []string{}
	for ; scan.Valid(); scan.Next() {
		lines = append(lines, fmt.Sprintf("%s = %s", scan.Key(), scan.Value()))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()))
	alike(t, "a scan that began before Close", []string{"a = 1", "b = 1", "c = 1", "d = 1", "e = 1"}, lines)
	entries, err = labtest.Collect(it)
	require.NoError(t, err)
	require.Len(t, entries, 5, "an iterator that was made before Close")
	_, err = labtest.Collect(s.Iterator(kv.Unbounded(), kv.Unbounded()))
	require.ErrorIs(t, err, kv.ErrClosed, "an iterator that was made after Close")
	late := s.Scan(kv.Unbounded(), kv.Unbounded())
	late.First()
	require.False(t, late.Valid(), "a scan that was made after Close")
	require.ErrorIs(t, late.Err(), kv.ErrClosed, "a scan that was made after Close")
	require.NoError(t, late.Close())
}

// What a snapshot returns belongs to the caller, and GetTo appends it to what the caller gives. Reads through a
// snapshot are told to the listener.
//
//lab:task 3 points=2
func TestSnapshot_GetAndGetTo(t *testing.T) {
	labtest.NoLeaks(t)
	var told []string
	o := quiet(nil)
	o.Listener.Got = func(key, value []byte, err error) {
		told = append(told, fmt.Sprintf("%s: %s", key, words(value, err)))
	}
	a := openArchive(t, o)
	a.put(t, "apple", "green")
	s := a.Snapshot()
	got, err := s.Get([]byte("apple"))
	require.NoError(t, err)
	copy(got, "xxxxx")
	got, err = s.GetTo([]byte("it is "), []byte("apple"))
	require.NoError(t, err)
	require.Equal(t, "it is green", string(got), "GetTo, after somebody has overwritten what Get returned")
	got, err = s.GetTo([]byte("it is "), []byte("fig"))
	require.ErrorIs(t, err, kv.ErrNotFound)
	require.Equal(t, "it is ", string(got), "GetTo of a key that is not there")
	alike(t, "what the listener was told", []string{`apple: "green"`, `apple: "green"`, "fig: not found"}, told)
	require.NoError(t, s.Close())
	got, err = s.GetTo([]byte("it is "), []byte("apple"))
	require.ErrorIs(t, err, kv.ErrClosed, "GetTo of a closed snapshot")
	require.Equal(t, "it is ", string(got), "GetTo of a closed snapshot")
}

// When the store is closed, its snapshots read nothing any more, also not what is still in memory. They can be closed
// as usual, and one that is taken now does no harm.
//
//lab:task 3 points=2
func TestSnapshot_OfAClosedStore(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(newDesk()))
	a.put(t, "apple", "green")
	a.flush(t)
	a.put(t, "fig", "blue")
	s := a.Snapshot()
	reached, release := a.disk.BlockAt(vfs.OpRead, "*.sst")
	late := later(func() error { _, err := s.Get([]byte("apple")); return err })
	comes(t, "the read from the table", reached)
	require.NoError(t, a.Close(), "Close of the store")
	release()
	require.ErrorIs(t, comes(t, "the end of Get", late), kv.ErrClosed, "a Get during which the store was closed")
	for _, s := range []*mvcc.Snapshot{s, a.Snapshot()} {
		require.Equal(t, "closed", words(s.Get([]byte("apple"))), "Get from a table")
		require.Equal(t, "closed", words(s.Get([]byte("fig"))), "Get from a memtable")
		_, err := labtest.Collect(s.Iterator(kv.Unbounded(), kv.Unbounded()))
		require.ErrorIs(t, err, kv.ErrClosed, "the iterator")
		_, err = labtest.Collect(s.Iterator(kv.Included([]byte("fig")), kv.Unbounded()))
		require.ErrorIs(t, err, kv.ErrClosed, "the iterator over what is in a memtable")
		require.NoError(t, s.Close(), "Close of the snapshot")
	}
}

// A snapshot that holds on to its first tree would hold on to that tree's files too, though they were merged away and
// their space is wanted. It need not: the tree of now has kept all that the snapshot's number sees. Here the tables of
// the first day cannot be read any more. Nobody should notice.
//
//lab:task 3 points=2
func TestSnapshot_ReadsFromTheTreeOfNow(t *testing.T) {
	labtest.NoLeaks(t)
	a := openArchive(t, quiet(newDesk()))
	a.put(t, "apple", "green")
	a.flush(t)
	s := a.Snapshot()
	shows(t, "the snapshot", s, "apple = green")
	names, err := a.mem.List(archiveDir)
	require.NoError(t, err)
	a.put(t, "apple", "red")
	a.compact(t)
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") {
			a.disk.FailAlways(vfs.OpRead, name, nil)
		}
	}
	require.Equal(t, `"green"`, words(s.Get([]byte("apple"))), "apple in the snapshot, without the tables of its first day")
	shows(t, "the snapshot, without the tables of its first day", s, "apple = green")
	require.NoError(t, s.Close())
}
