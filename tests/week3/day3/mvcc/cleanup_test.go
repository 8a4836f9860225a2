package mvcc_test

import (
	"fmt"
	"strings"
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

// A key that has nothing too many needs no request, or the list of requests would only grow: here a thousand keys of
// one version each, and one that was never written.
//
//lab:task 4 points=1
func TestCleanup_RemembersOnlyKeysWithSomethingToDo(t *testing.T) {
	y := openYard(t, 5)
	y.clean("nobody", 1)
	for i := range 1000 {
		key := fmt.Sprintf("k%03d", i)
		y.do(key + "=1")
		y.clean(key, 1)
	}
	equal(t, "requests remembered", 0, y.collector.Cleanups())
	y.do("k000=2")
	y.clean("k000", 1)
	equal(t, "requests remembered, when one key has a version too many", 1, y.collector.Cleanups())
}

// A program cleans up one key after the other, day and night. What is done must be forgotten at some time: the list
// may be as long as what is still to be done, twice over, but not as long as everything that ever was.
//
//lab:task 4 points=2
func TestCleanup_ForgetsWhatIsDone(t *testing.T) {
	y := openYard(t, 2)
	most := 0
	for round := range 10 {
		var keys []string
		for i := range 100 {
			keys = append(keys, fmt.Sprintf("k%d", 100*round+i))
		}
		for range 2 {
			y.do(strings.Join(keys, "=x ") + "=x")
		}
		for _, key := range keys {
			y.clean(key, 1)
			most = max(most, y.collector.Cleanups())
		}
		y.do("compact")
		equal(t, "versions on the disk, one of each key", 100*(round+1), y.onDisk())
	}
	require.LessOrEqual(t, most, 300, "requests remembered, when never more than 100 were to be done")
}

// Requests that are still to be done are never forgotten, however many there are: 600 keys, and not a single merge
// before the last of them.
//
//lab:task 4 points=1
func TestCleanup_KeepsWhatIsNotDone(t *testing.T) {
	y := openYard(t, -1)
	for i := range 600 {
		key := fmt.Sprintf("k%03d", i)
		y.do(key + "=1 " + key + "=2")
		y.clean(key, 1)
	}
	equal(t, "requests remembered", 600, y.collector.Cleanups())
	y.do("compact")
	equal(t, "versions on the disk, one of each key", 600, y.onDisk())
}

// Each look at a key on the list is a read. Who looks through a long list at every request makes a thousand requests
// cost a million reads. If the list must double before the next look, each request pays for one or two.
//
//lab:task 4 points=1
func TestCleanup_LooksSeldom(t *testing.T) {
	w := mvcc.NewCollector(-1)
	looks := 0
	still := func([]byte, kv.Seq) bool {
		looks++
		return true
	}
	const requests = 2000
	for i := range requests {
		w.Cleanup(fmt.Appendf(nil, "k%d", i), 5, still)
	}
	equal(t, "requests remembered, none of them done", requests, w.Cleanups())
	require.LessOrEqual(t, looks, 4*requests, "reads to find out what is done, in 2,000 requests")
}

// To find out what is done means to read, perhaps from a slow disk. Whoever comes to read meanwhile, or to flush,
// must not wait for that. And a second request for a key may come in the middle of it: that is not done just because
// the first one is.
//
//lab:task 4 points=2
func TestCleanup_LooksWithoutTheLock(t *testing.T) {
	w := mvcc.NewCollector(-1)
	looked := map[string]int{}
	left := func(key []byte, upTo kv.Seq) bool {
		looked[string(key)]++
		free := make(chan struct{})
		go asksForKeeper(w, 900, free)
		endsOrWaits(t, "asksForKeeper", free)
		select {
		case <-free:
		default:
			t.Fatal("a flush waits while a cleanup reads from the disk")
		}
		if looked["k"] == 1 && string(key) == "k" {
			w.Cleanup([]byte("k"), 800, func([]byte, kv.Seq) bool { return true })
		}
		return false // all is done
	}
	w.Cleanup([]byte("k"), 5, left)
	for i := 0; len(looked) == 0 && i < 5000; i++ {
		w.Cleanup(fmt.Appendf(nil, "other%d", i), 5, left)
	}
	require.NotEmpty(t, looked, "nobody has looked what is done, with 5,000 keys on the list")
	equal(t, "requests that are left: the second one for k", 1, w.Cleanups())
	equal(t, "of k#900 k#800 k#799 stay", "k#900", sift(w.Keeper(900), false, "k#900 k#800 k#799"))
}

// Everything is kept, so a merge begins without a watermark, and a reader at 3 is let in while it runs. Then a cleanup
// is asked for. This merge must not follow it, or the reader misses what it was promised; the next one may.
//
//lab:task 4 points=1
func TestCleanup_IsNotForMergeThatKeepsEverything(t *testing.T) {
	w := mvcc.NewCollector(-1)
	keeper := w.Keeper(9)
	require.True(t, w.AcquireAt(3), "everything is kept: a reader at 3")
	w.Cleanup([]byte("k"), 5, func([]byte, kv.Seq) bool { return true })
	equal(t, "of k#9 k#5 k#3 k#2, in a merge that began before the cleanup, stay", "k#9 k#5 k#3 k#2",
		sift(keeper, false, "k#9 k#5 k#3 k#2"))
	equal(t, "in one that begins now, with a reader at 3, stay", "k#9 k#5 k#3", sift(w.Keeper(9), false, "k#9 k#5 k#3 k#2"))
}

// A merge takes its time, and cleanups are asked for meanwhile: the list is written by one goroutine and read by
// another. The merge may use what is added or not. The race detector watches.
//
//lab:task 4 points=1 race
func TestCleanup_ListGrowsDuringMerge(t *testing.T) {
	w := mvcc.NewCollector(-1)
	still := func([]byte, kv.Seq) bool { return true }
	w.Cleanup([]byte("k"), 5, still)
	keeper := w.Keeper(9)
	merged := make(chan string)
	go func() {
		kept := ""
		for range 200 {
			kept = sift(keeper, false, "k#9 k#7 k#5 k#3")
		}
		merged <- kept
	}()
	for i := range 200 {
		w.Cleanup(fmt.Appendf(nil, "m%d", i), 5, still)
	}
	equal(t, "of k#9 k#7 k#5 k#3, after a cleanup up to 5, stay", "k#9 k#7", <-merged)
}
