package mvcc_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// clean asks for a cleanup.
func (y *yard) clean(key string, keep int) {
	y.t.Helper()
	lent := []byte(key)
	require.NoError(y.t, y.Cleanup(lent, keep), "cleanup of %s, keep %d", key, keep)
	clear(lent) // the slice belongs to the caller
}

// Everything is kept, and k has got long. Cleanup(k, 2): the next merge leaves two versions of k, wherever the others
// lay, and does not touch m.
//
//lab:task 4 points=2
func TestCleanup_LeavesNewestVersionsOfKey(t *testing.T) {
	y := openYard(t, -1)
	y.do("k=1 k=2 m=3 flush k=4 k=5 m=6 compact k=7 flush k=8 m=9")
	y.clean("k", 2)
	equal(t, "versions in tables before the next merge", 7, y.onDisk())
	y.do("compact")
	y.holds("after a merge", "k#8=8 k#7=7 m#9=9 m#6=6 m#3=3")
}

// Cleanup speaks about what was written so far. What is written later is kept as always, and does not push the two
// versions out that were to stay.
//
//lab:task 4 points=2
func TestCleanup_DoesNotMeanWhatIsWrittenLater(t *testing.T) {
	y := openYard(t, -1)
	y.do("k=1 k=2 k=3 k=4")
	y.clean("k", 2)
	y.do("k=5 k=6 k=7 compact")
	y.holds("after three more writes, and a merge", "k#7=7 k#6=6 k#5=5 k#4=4 k#3=3")
	y.do("k=8 compact")
	y.holds("after one more", "k#8=8 k#7=7 k#6=6 k#5=5 k#4=4 k#3=3")
}

// A snapshot at 2 reads k = 2, and nobody may take that away. When it is closed, the request is still remembered: the
// next merge does the rest.
//
//lab:task 4 points=2
func TestCleanup_LeavesWhatSnapshotReads(t *testing.T) {
	y := openYard(t, -1)
	y.do("k=1 k=2")
	s := y.Snapshot()
	y.do("k=3 k=4")
	y.clean("k", 1)
	y.do("compact")
	y.sees("the snapshot at 2", s, "k=2")
	y.holds("with a snapshot at 2", "k#4=4 k#3=3 k#2=2")
	require.NoError(t, s.Close())
	y.do("compact")
	y.holds("when it is closed", "k#4=4")
}

// With everything kept, a read at 1 finds k = 1. After a cleanup of k it would find nothing, and "not found" would be
// a lie: k had a value then. So from the merge on such reads are refused, for all keys, as nobody remembers which
// ones were cleaned.
//
//lab:task 4 points=2
func TestCleanup_RaisesTheWatermark(t *testing.T) {
	y := openYard(t, -1)
	y.do("k=1 m=2 k=3 compact")
	got, err := y.GetAt([]byte("k"), 1)
	require.NoError(t, err)
	equal(t, "k at 1, before the cleanup", "1", string(got))
	y.clean("k", 1)
	y.do("compact")
	for _, key := range []string{"k", "m"} {
		_, err = y.GetAt([]byte(key), 2)
		require.ErrorIs(t, err, mvcc.ErrCollected, "%s at 2, after the cleanup of k", key)
	}
	got, err = y.GetAt([]byte("m"), 3)
	require.NoError(t, err)
	equal(t, "m at 3, after the cleanup of k", "2", string(got))
}

// A merge knows its own tables only. If it meets two old versions of k and not the newer ones, which lie elsewhere,
// the newer of the two may be what somebody reads: it stays, and the older one goes. It does not need to count for
// that: which versions are too many was settled when the cleanup was asked for.
//
//lab:task 4 points=2
func TestCleanup_WorksInMergeOfSomeTables(t *testing.T) {
	y := openYard(t, -1)
	y.do("k=1 k=2 k=3 k=4 k=5 k=6")
	y.clean("k", 3)
	keeper := y.collector.Keeper(6)
	equal(t, "of k#3 k#2 k#1 alone stay", "k#3", sift(keeper, false, "k#3 k#2 k#1"))
	equal(t, "of k#5 k#4 k#3 k#2 alone stay", "k#5 k#4", sift(keeper, false, "k#5 k#4 k#3 k#2"))
	equal(t, "of m#3 m#2 m#1 stay", "m#3 m#2 m#1", sift(keeper, false, "m#3 m#2 m#1"))
	equal(t, "of k#6 k#1 stay", "k#6", sift(keeper, true, "k#6 k#1"))
}

// A key was deleted, and its history is kept: k#3- k#2 k#1. Cleanup(k, 1) leaves what NewCollector(1) would leave of
// it: at the bottom, nothing. That is how a store that keeps histories gets rid of a key. With keep 2 the delete is
// one of two.
//
//lab:task 4 points=1
func TestCleanup_OfDeletedKeyRemovesIt(t *testing.T) {
	y := openYard(t, 3)
	y.do("k=1 k=2 k- m=4 m- n=6 compact")
	y.holds("before", "k#3- k#2=2 k#1=1 m#5- m#4=4 n#6=6")
	y.clean("k", 1)
	y.clean("m", 2)
	y.clean("n", 1)
	y.do("compact")
	y.holds("after cleanups of k with 1, m with 2, n with 1", "m#5- m#4=4 n#6=6")
	y.clean("m", 1)
	y.do("m=7 compact")
	y.holds("m was cleaned with 1, and written again", "m#7=7 n#6=6")
}

// Two cleanups of one key before a merge comes: keep 1, then keep 3. The first one has let go of all but the newest,
// and the second does not call them back.
//
//lab:task 4 points=1
func TestCleanup_StrongerRequestCounts(t *testing.T) {
	for _, order := range [][]int{{1, 3}, {3, 1}, {3, 1, 2}} {
		y := openYard(t, -1)
		y.do("k=1 k=2 k=3 k=4 k=5")
		for _, keep := range order {
			y.clean("k", keep)
		}
		y.do("compact")
		y.holds(fmt.Sprintf("after cleanups with keep %v", order), "k#5=5")
	}
}

// The newest version always stays, so keep is at least 1. A store that was opened without a collector keeps
// everything, and says so instead of doing nothing. A closed one says that it is closed.
//
//lab:task 4 points=1
func TestCleanup_Refuses(t *testing.T) {
	y := openYard(t, 2)
	y.do("k=1 k=2 k=3")
	for _, keep := range []int{0, -1} {
		require.Error(t, y.Cleanup([]byte("k"), keep), "a cleanup with keep %d", keep)
	}
	y.do("compact")
	y.holds("after requests that were refused", "k#3=3 k#2=2")
	require.NoError(t, y.Close())
	require.ErrorIs(t, y.Cleanup([]byte("k"), 1), kv.ErrClosed)

	o := &mvcc.Options{}
	o.FS, o.NoCompaction = vfs.NewMem(), true
	db, err := mvcc.Open("db", o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Put([]byte("k"), []byte("1"))
	require.NoError(t, err)
	_, err = db.Put([]byte("k"), []byte("2"))
	require.NoError(t, err)
	require.Error(t, db.Cleanup([]byte("k"), 1), "a cleanup in a store without a collector")
}
