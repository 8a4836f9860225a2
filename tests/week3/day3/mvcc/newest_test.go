package mvcc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
)

// Nobody reads the past, but the newest three versions of each key were asked for. They stay, whatever the watermark
// is.
//
//lab:task 3 points=1
func TestNewest_StayOfEachKey(t *testing.T) {
	rule{3, 20}.keeps(t, "k#9 k#7 k#5 k#3 k#1 m#8 m#2", false, "k#9 k#7 k#5 m#8 m#2")
	rule{3, 20}.keeps(t, "k#9 k#7 k#5 k#3 k#1 m#8 m#2", true, "k#9 k#7 k#5 m#8 m#2")
}

// A delete is a version like any other: it is one of the newest two, and takes one of the two places. Whoever does
// not count it keeps a version too many; whoever counts and drops it tells a history that has not happened.
//
//lab:task 3 points=2
func TestNewest_CountsDeletes(t *testing.T) {
	for _, bottom := range []bool{false, true} {
		rule{2, 20}.keeps(t, "k#5 k#4- k#3 k#2-", bottom, "k#5 k#4-")
		rule{2, 20}.keeps(t, "k#5- k#4 k#3", bottom, "k#5- k#4")
		rule{2, 20}.keeps(t, "k#5-", bottom, "k#5-")
	}
}

// To keep the newest one means to keep what whoever comes next will read. A tombstone at the bottom shows him
// nothing, so it goes: a store that keeps one version of each key must not keep one of each key that was ever
// deleted.
//
//lab:task 3 points=1
func TestNewest_OneMeansWhatReadersNeed(t *testing.T) {
	for _, keep := range []int{0, 1} {
		rule{keep, 20}.keeps(t, "k#5- k#4 m#3 m#2", true, "m#3")
		rule{keep, 20}.keeps(t, "k#5- k#4 m#3 m#2", false, "k#5- m#3")
	}
}

// A reader at 4 needs #9, #7 and #4. They count all the same: of the newest two, none is left to be kept for its own
// sake. And where the newest two go further down than the reader, they stay too.
//
//lab:task 3 points=2
func TestNewest_CountsWhatReadersNeedToo(t *testing.T) {
	rule{2, 4}.keeps(t, "k#9 k#7 k#4 k#2 k#1", false, "k#9 k#7 k#4")
	rule{4, 8}.keeps(t, "k#9 k#7 k#4 k#2 k#1", false, "k#9 k#7 k#4 k#2")
	rule{3, 4}.keeps(t, "k#9 k#7 k#4 k#2 k#1", true, "k#9 k#7 k#4")
}

// A tombstone that is not among the newest two, and that everybody sees, goes at the bottom with everything below it.
// One that readers see in different ways stays.
//
//lab:task 3 points=1
func TestNewest_TombstoneBehindThemGoesAtTheBottom(t *testing.T) {
	rule{2, 20}.keeps(t, "k#9 k#7 k#4- k#2", true, "k#9 k#7")
	rule{2, 5}.keeps(t, "k#9 k#7 k#4- k#2", true, "k#9 k#7")
	rule{2, 5}.keeps(t, "k#9 k#7 k#4- k#2", false, "k#9 k#7 k#4-")
	rule{2, 3}.keeps(t, "k#9 k#7 k#4- k#2", true, "k#9 k#7 k#4- k#2")
}

// Who keeps all versions keeps tombstones at the bottom as well, and the watermark does not matter.
//
//lab:task 3 points=1
func TestNewest_AllOfThem(t *testing.T) {
	rule{-1, 20}.keeps(t, "k#9- k#7 k#4- k#2 m#3-", true, "k#9- k#7 k#4- k#2 m#3-")
	y := openYard(t, -1)
	y.do("k=a k=b flush k- k=c flush compact")
	y.holds("after flushes and merges", "k#4=c k#3- k#2=b k#1=a")
	got, err := y.GetAt([]byte("k"), 1)
	require.NoError(t, err, "a read at 1, where all is kept")
	equal(t, "k at 1", "a", string(got))
}

// Ten versions of one key, flushed in between. Each flush and each merge sees only a part of them and does not know
// what else there is. In no part it can drop one of the newest three. When everything is merged, exactly three are
// left, and reads of exactly these versions find them.
//
//lab:task 3 points=2
func TestNewest_StayThroughFlushesAndMerges(t *testing.T) {
	y := openYard(t, 3)
	y.do("k=1 k=2 k=3 k=4 flush")
	equal(t, "versions on the disk after a flush of four", 3, y.onDisk())
	y.do("k=5 flush k=6 k- k=8 k=9 flush k=10 m=1 flush")
	equal(t, "versions on the disk after flushes of one, four and two more", 3+1+3+2, y.onDisk())
	y.do("compact")
	y.holds("after a merge of everything", "k#10=10 k#9=9 k#8=8 m#11=1")
	for v := kv.Seq(1); v <= 10; v++ {
		_, err := y.GetVersion([]byte("k"), v)
		if v >= 8 {
			require.NoError(t, err, "version %d of k", v)
		} else {
			require.ErrorIs(t, err, kv.ErrNotFound, "version %d of k", v)
		}
	}
}

// The history of a key that was deleted and came back, with the newest four kept: the delete is in it. It is the same
// after a restart with the same collector, and shorter after one that keeps less.
//
//lab:task 3 points=1
func TestNewest_HistoryShowsThem(t *testing.T) {
	mem := vfs.NewMem()
	for _, c := range []struct {
		keep int
		want string
	}{{4, "k#6=f k#5=e k#4- k#3=c"}, {4, "k#6=f k#5=e k#4- k#3=c"}, {2, "k#6=f k#5=e"}} {
		y := yardOn(t, mem, c.keep, nil)
		if y.Visible() == 0 {
			y.do("k=a k=b k=c k- k=e k=f")
		}
		y.do("flush compact")
		y.holds("with the newest ones kept", c.want)
		history, err := y.History([]byte("k"))
		require.NoError(t, err)
		require.Len(t, history, c.keep, "versions in the history")
		require.NoError(t, y.Close())
	}
}
