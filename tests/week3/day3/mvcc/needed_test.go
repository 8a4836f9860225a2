package mvcc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// The watermark is 9. Somebody may read at 9, and gets what was the newest by then; and at each number above, so what
// was written since must stay. What is older than the newest at or below 9 is read by nobody any more.
//
//lab:task 2 points=2
func TestKeeper_KeepsNewestAtOrBelowTheWatermark(t *testing.T) {
	for _, c := range []struct {
		watermark kv.Seq
		want      string
	}{
		{20, "k#12"}, {12, "k#12"}, {11, "k#12 k#9"}, {9, "k#12 k#9"}, {8, "k#12 k#9 k#7"}, {4, "k#12 k#9 k#7 k#4"}, {3, "k#12 k#9 k#7 k#4 k#2"},
	} {
		for _, bottom := range []bool{false, true} {
			rule{0, c.watermark}.keeps(t, "k#12 k#9 k#7 k#4 k#2", bottom, c.want)
		}
	}
}

// A tombstone hides older versions. Where there may be some below what is being written, it must stay; at the bottom,
// everybody at the watermark or above it finds nothing with it or without it. It goes, and what it hid goes with it.
//
//lab:task 2 points=2
func TestKeeper_DropsTombstoneOnlyAtTheBottom(t *testing.T) {
	rule{0, 9}.keeps(t, "k#7- k#4", false, "k#7-")
	rule{0, 9}.keeps(t, "k#7- k#4", true, "")
	rule{0, 7}.keeps(t, "k#7- k#4", true, "")
	rule{0, 8}.keeps(t, "k#9 k#7- k#4", true, "k#9")
}

// A tombstone above the watermark is not the end of the story: a reader at 6 still sees k = #4. Drop the tombstone
// alone, and readers at 7 see it too. It stays, at the bottom as well.
//
//lab:task 2 points=2
func TestKeeper_KeepsTombstoneAboveTheWatermark(t *testing.T) {
	rule{0, 6}.keeps(t, "k#7- k#4", true, "k#7- k#4")
	rule{0, 8}.keeps(t, "k#9- k#8- k#4", true, "k#9-")
	rule{0, 7}.keeps(t, "k#9- k#8-", true, "k#9- k#8-")
}

// Each key has versions of its own: what is dropped of one says nothing about the next.
//
//lab:task 2 points=1
func TestKeeper_LooksAtEachKeyForItself(t *testing.T) {
	rule{0, 5}.keeps(t, "a#9 a#5 a#3 b#4 c#6- c#1 d#2", false, "a#9 a#5 b#4 c#6- c#1 d#2")
	rule{0, 5}.keeps(t, "a#9 a#5- a#3 b#4 c#6- c#1 d#2- e#1", true, "a#9 b#4 c#6- c#1 e#1")
}

// A hundred versions of a key in one memtable: the flush writes one of them. A merge of what several flushes have
// left does the same. Versions are counted on the disk, where they cost something.
//
//lab:task 2 points=1
func TestCollector_FlushAndMergeDropWhatNobodyReads(t *testing.T) {
	y := openYard(t, 0)
	for i := range 100 {
		y.do(fmt.Sprintf("k=%d", i))
	}
	y.do("m=1 flush")
	equal(t, "versions on the disk after a flush of 100 versions of k and one of m", 2, y.onDisk())
	y.do("k=x flush k=y m- flush")
	equal(t, "versions on the disk after two more flushes", 2+1+2, y.onDisk())
	y.do("compact")
	y.holds("after a merge of everything", "k#103=y")
}

// A snapshot at 3 is open, while k is written a hundred times more. It sees what it has always seen, through every
// flush and merge; the versions above 3 are kept as well. When it is closed, one version is left of all that.
//
//lab:task 2 points=2
func TestCollector_SnapshotHoldsVersionsUntilItIsClosed(t *testing.T) {
	y := openYard(t, 0)
	y.do("k=a k=b k=c")
	s := y.Snapshot()
	for i := range 100 {
		y.do(fmt.Sprintf("k=%d", i))
		if i%10 == 0 {
			y.do("flush")
		}
	}
	y.do("compact")
	y.sees("the snapshot at 3", s, "k=c")
	equal(t, "versions on the disk, one at 3 and 100 above it", 101, y.onDisk())
	require.NoError(t, s.Close())
	y.do("compact")
	y.holds("after the snapshot is closed, and a merge", "k#103=99")
}

// Two snapshots at the same number. One is closed, and everything is merged. The other still reads.
//
//lab:task 2 points=1
func TestCollector_SecondSnapshotAtTheSameNumberStillReads(t *testing.T) {
	y := openYard(t, 0)
	y.do("k=a m=a")
	first, second := y.Snapshot(), y.Snapshot()
	y.do("k=b m- flush")
	require.NoError(t, first.Close())
	y.do("compact")
	y.sees("the second snapshot at 2", second, "k=a m=a")
	require.NoError(t, second.Close())
	y.do("compact")
	y.holds("when both are closed", "k#3=b")
}

// A merge stands still in the middle of its work: it has begun when 2 was visible. Now a snapshot comes. It reads at
// 2, and what the merge leaves is enough for it. Then k is written, and merged once more: now the snapshot is known.
//
//lab:task 2 points=2
func TestCollector_SnapshotTakenDuringMerge(t *testing.T) {
	labtest.NoLeaks(t)
	y := openYard(t, 0)
	y.do("k=a flush k=b flush")
	reached, release := y.fault.BlockAt(vfs.OpSync, "*.sst")
	merged := make(chan error, 1)
	go func() { merged <- y.Compact(context.Background()) }()
	<-reached
	s := y.Snapshot()
	_, err := y.SnapshotAt(1)
	require.ErrorIs(t, err, mvcc.ErrCollected, "a snapshot at 1, whose version of k is being dropped at this moment")
	y.do("k=c")
	release()
	require.NoError(t, <-merged)
	y.sees("the snapshot taken during the merge", s, "k=b")
	y.do("k- compact")
	y.sees("the snapshot, after another merge", s, "k=b")
	y.holds("with a snapshot at 2", "k#4- k#3=c k#2=b")
	require.NoError(t, s.Close())
}

// Below the watermark nobody knows what is missing. So a read there is refused, rather than answered with "not found"
// or with an older value. At the watermark, and above it, it is answered.
//
//lab:task 2 points=2
func TestCollector_RefusesReadsBelowTheWatermark(t *testing.T) {
	y := openYard(t, 0)
	y.do("k=a")
	s := y.Snapshot()
	y.do("k=b flush")
	for v, want := range map[kv.Seq]string{1: "a", 2: "b"} {
		got, err := y.GetAt([]byte("k"), v)
		require.NoError(t, err, "a read at %d, while somebody reads at 1", v)
		equal(t, fmt.Sprintf("k at %d", v), want, string(got))
	}
	require.NoError(t, s.Close())
	y.do("m=c flush compact")
	for v := kv.Seq(0); v < 3; v++ {
		_, err := y.GetAt([]byte("k"), v)
		require.ErrorIs(t, err, mvcc.ErrCollected, "a read at %d, when all up to 3 was merged", v)
		_, err = y.SnapshotAt(v)
		require.ErrorIs(t, err, mvcc.ErrCollected, "a snapshot at %d, when all up to 3 was merged", v)
	}
	got, err := y.GetAt([]byte("k"), 3)
	require.NoError(t, err, "a read at the watermark")
	equal(t, "k at 3", "b", string(got))
}

// What an earlier run has dropped, nobody has written down. After a restart only what is visible then can be read,
// and later.
//
//lab:task 2 points=1
func TestCollector_RestartForgetsThePast(t *testing.T) {
	mem := vfs.NewMem()
	y := yardOn(t, mem, 0, nil)
	y.do("k=a k=b k=c flush")
	require.NoError(t, y.Close())
	y = yardOn(t, mem, 0, nil)
	_, err := y.GetAt([]byte("k"), 2)
	require.ErrorIs(t, err, mvcc.ErrCollected, "a read at 2: k = b was dropped by the first run")
	got, err := y.GetAt([]byte("k"), 3)
	require.NoError(t, err, "a read at the last number of the first run")
	equal(t, "k at 3", "c", string(got))
	y.do("k=d compact")
	y.holds("after a merge by the second run", "k#4=d")
}

// A program forgets to close a snapshot. Nothing is wrong with what it reads; the store just grows, and nobody sees
// why. So the store says who: since when, at which number, in which line. And when it is closed at last, everything
// goes.
//
//lab:task 2 points=1
func TestCollector_ForgottenSnapshotIsFound(t *testing.T) {
	y := openYard(t, 0)
	y.do("k=0")
	s := y.Snapshot() // the line that is found
	sizes := []int{}
	for round := 1; round <= 3; round++ {
		y.do(strings.Repeat("k=x ", 10) + "compact")
		sizes = append(sizes, y.onDisk())
	}
	equal(t, "versions on the disk, every ten writes", "[11 21 31]", fmt.Sprint(sizes))
	stats := y.Snapshots()
	equal(t, "open snapshots", 1, stats.Open)
	equal(t, "number of the oldest", kv.Seq(1), stats.Oldest)
	require.Contains(t, stats.List[0].Where, "needed_test.go:", "where it was made")
	require.NoError(t, s.Close())
	require.Zero(t, y.Snapshots().Open)
	y.do("compact")
	equal(t, "versions on the disk when it was closed", 1, y.onDisk())
}

// Snapshots come and go, each for a moment, while a key is written again and again, and flushed, and merged. What is
// on the disk does not grow with the rounds: it is what one snapshot holds.
//
//lab:task 2 points=1
func TestCollector_StaysFlatWhenSnapshotsAreClosed(t *testing.T) {
	y := openYard(t, 0)
	most := 0
	for round := range 60 {
		s := y.Snapshot()
		y.do(fmt.Sprintf("k=%d k=%d flush m=%d compact", round, round, round))
		most = max(most, y.onDisk())
		require.NoError(t, s.Close())
	}
	require.LessOrEqual(t, most, 5, "versions of two keys on the disk: two visible, two that the snapshot reads, one between")
	y.do("compact")
	equal(t, "versions on the disk at the end", 2, y.onDisk())
}

// One snapshot, and 500 flushes and 500 merges of what comes after it: at the end it still shows the day on which it
// was made.
//
//lab:task 2 points=1
func TestCollector_SnapshotSurvivesThousandFlushesAndMerges(t *testing.T) {
	y := openYard(t, 0)
	y.do("a=1 b=1,c=1 b-")
	s := y.Snapshot()
	for round := range 500 {
		y.do(fmt.Sprintf("a=%d b=%d flush b- c- compact", round, round))
		if round%50 == 0 {
			y.sees(fmt.Sprintf("the snapshot, after %d rounds", round+1), s, "a=1 c=1")
		}
	}
	stats := y.Stats()
	require.GreaterOrEqual(t, stats.Flushes+stats.Compactions, int64(1000))
	y.sees("the snapshot, at the end", s, "a=1 c=1")
	y.sees("everybody else", y, "a=499")
	require.NoError(t, s.Close())
}
