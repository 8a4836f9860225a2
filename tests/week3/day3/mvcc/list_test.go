package mvcc_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/mvcc"
)

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
	equal(t, "in one that begins now, with a reader at 3, stay", "k#9 k#5 k#3",
		sift(w.Keeper(9), false, "k#9 k#5 k#3 k#2"))
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
