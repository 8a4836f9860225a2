package partition_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// odd is a router that sends key after key to another partition: a, d, g … to the first.
type odd struct{ partition.Router }

// Route looks at the last letter.
func (odd) Route(key []byte) int { return int(key[len(key)-1]) % 3 }

// letters returns a database of three partitions with the keys a to i, of which each partition has every third, and
// what it holds.
func letters(t *testing.T, d *disk) (*partition.DB, []string) {
	t.Helper()
	db := open(t, d, by(odd{partition.Hash(3)}))
	lines := []string{}
	for c := 'a'; c <= 'i'; c++ {
		put(t, db, string(c), string(c-'a'+'A'))
		lines = append(lines, fmt.Sprintf("%c = %c", c, c-'a'+'A'))
	}
	return db, lines
}

// scanned returns what a scan from lower to upper shows, in words.
func scanned(t labtest.TB, db *partition.DB, lower, upper kv.Bound) []string {
	t.Helper()
	lines := []string{}
	scan := db.Scan(lower, upper)
	for k, v := range scan.All() {
		lines = append(lines, fmt.Sprintf("%s = %s", k, v))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()), "scan")
	return lines
}

// Neighbours in order lie in different partitions: a in one, b in the next, c in the third. The scan of all must show
// them in order, each once; keys that were deleted are not shown, and of one that was overwritten the newest value,
// wherever it is.
//
//lab:task 4 points=3
func TestScan_MergesAllPartitionsInOrder(t *testing.T) {
	labtest.NoLeaks(t)
	db, lines := letters(t, newDisk())
	same(t, "all keys", lines, scanned(t, db, kv.Unbounded(), kv.Unbounded()))
	flush(t, db)
	put(t, db, "b", "new", "j", "J")
	require.NoError(t, db.Delete([]byte("c")))
	want := append([]string{lines[0], "b = new"}, append(lines[3:], "j = J")...)
	same(t, "all keys, in memtables and tables", want, scanned(t, db, kv.Unbounded(), kv.Unbounded()))
}

// The bounds hold for each partition. If one of them ignored its lower bound, the scan would begin with keys that
// nobody asked for; and an excluded bound is excluded in the one partition that has that key.
//
//lab:task 4 points=3
func TestScan_BoundsHoldInEachPartition(t *testing.T) {
	db, lines := letters(t, newDisk())
	for _, flushed := range []bool{false, true} {
		if flushed {
			flush(t, db)
		}
		for from := range lines {
			for to := from; to < len(lines); to++ {
				a, b := []byte(lines[from][:1]), []byte(lines[to][:1])
				what := fmt.Sprintf("from %s to %s, ", a, b)
				same(t, what+"both included", lines[from:to+1], scanned(t, db, kv.Included(a), kv.Included(b)))
				same(t, what+"both excluded", append([]string{}, lines[min(from+1, to):to]...), scanned(t, db, kv.Excluded(a), kv.Excluded(b)))
			}
			a := []byte(lines[from][:1])
			same(t, fmt.Sprintf("from %s", a), lines[from:], scanned(t, db, kv.Included(a), kv.Unbounded()))
			same(t, fmt.Sprintf("up to %s", a), lines[:from+1], scanned(t, db, kv.Unbounded(), kv.Included(a)))
		}
	}
}

// A scan can be put to any key: forward, back, between two keys, before the lower bound, and behind the end. All
// partitions must go there, not only the one that is in front.
//
//lab:task 4 points=2
func TestScan_SeekMovesAllPartitions(t *testing.T) {
	db, _ := letters(t, newDisk())
	scan := db.Scan(kv.Included([]byte("b")), kv.Excluded([]byte("i")))
	defer scan.Close()
	scan.First()
	for _, c := range []struct{ to, want string }{{"f", "fgh"}, {"c", "cdefgh"}, {"dd", "efgh"}, {"a", "bcdefgh"}, {"h", "h"}, {"i", ""}, {"g", "gh"}} {
		got := ""
		for scan.SeekGE([]byte(c.to)); scan.Valid(); scan.Next() {
			got += string(scan.Key())
		}
		require.NoError(t, scan.Err())
		require.Equal(t, c.want, got, "keys from %s on", c.to)
	}
}

// The table of one partition has a bad block. Had the scan gone on without that partition, it would show every third
// key less, and look complete. It ends, and the error says where it comes from.
//
//lab:task 4 points=2
func TestScan_EndsWithTheErrorOfAPartition(t *testing.T) {
	for broken := range 3 {
		d := newDisk()
		db, _ := letters(t, d)
		flush(t, db)
		d.FailAt(in(vfs.OpRead, broken, ".sst"), nil)
		scan := db.Scan(kv.Unbounded(), kv.Unbounded())
		for range scan.All() {
			t.Errorf("the scan shows a key, though partition %d cannot be read", broken)
			break
		}
		require.ErrorIs(t, scan.Err(), vfs.ErrInjected)
		require.ErrorContains(t, scan.Err(), fmt.Sprintf("partition %d", broken))
		require.NoError(t, scan.Close())
	}
}

// What is written when the scan has been made does not appear in it, in no partition: neither new keys nor new values,
// and what is deleted stays.
//
//lab:task 4 points=2
func TestScan_ShowsWhatWasThereWhenItWasMade(t *testing.T) {
	db, lines := letters(t, newDisk())
	scan := db.Scan(kv.Unbounded(), kv.Unbounded())
	defer scan.Close()
	require.NoError(t, db.Apply(batch("a=new", "bb=new", "-c", "zz=new", "x=new")))
	got := []string{}
	for k, v := range scan.All() {
		got = append(got, fmt.Sprintf("%s = %s", k, v))
	}
	same(t, "a scan that was made before", lines, got)
}

// NumActive tells how many partitions still have keys to show; at the end, and behind the bound, none.
//
//lab:task 4 points=1
func TestScan_CountsActivePartitions(t *testing.T) {
	db, _ := letters(t, newDisk())
	scan := db.Scan(kv.Included([]byte("b")), kv.Included([]byte("e"))) // b e, c, d
	defer scan.Close()
	active := ""
	for scan.First(); scan.Valid(); scan.Next() {
		active += fmt.Sprint(scan.NumActive())
	}
	require.Equal(t, "3321", active, "active partitions at b, c, d and e")
	require.Zero(t, scan.NumActive(), "at the end")
}

// When the database is closed, the files are gone from under the scan. It says so; what it can still close it closes,
// once.
//
//lab:task 4 points=1
func TestScan_EndsWhenTheDatabaseIsClosed(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	db, _ := letters(t, d)
	scan := db.Scan(kv.Unbounded(), kv.Unbounded())
	scan.First()
	closeDB(t, db)
	scan.Next()
	require.False(t, scan.Valid())
	require.ErrorIs(t, scan.Err(), kv.ErrClosed)
	require.NoError(t, scan.Close())
	require.ErrorIs(t, scan.Close(), kv.ErrClosed, "a second Close")
	late := db.Scan(kv.Unbounded(), kv.Unbounded())
	late.First()
	require.False(t, late.Valid())
	require.ErrorIs(t, late.Err(), kv.ErrClosed, "a scan of a closed database")
	_ = late.Close()
	allClosed(t, d, "in the end")
}

// Random writes, flushes, bounds and seeks, compared with a model that knows nothing of partitions.
//
//lab:task 4 points=3 random
func TestScan_LikeModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db := open(t, newDisk(), by(partition.Hash(rapid.IntRange(1, 5).Draw(t, "partitions"))))
		model, next := labtest.NewModel(), kv.Seq(1)
		for i, w := range labtest.Ops(30).Draw(t, "writes") {
			var b kv.Batch
			w.AddTo(&b)
			require.NoError(t, db.Apply(&b))
			model.Apply(next, &b)
			next += kv.Seq(b.Len())
			if i == 15 {
				flush(t, db)
			}
		}
		for range 4 {
			lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
			want := []string{}
			for _, e := range model.Scan(lower, upper, next) {
				want = append(want, fmt.Sprintf("%s = %s", e.Key.User, e.Value))
			}
			same(t, fmt.Sprintf("from %v to %v", lower, upper), want, scanned(t, db, lower, upper))
		}
		closeDB(t, db)
	})
}
