package txn_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// lastPrint commits a transaction, with one write so that there is something to commit, and returns its footprint in words.
func lastPrint(t labtest.TB, j *judge, tx *txn.Txn) (keys, ranges []string) {
	t.Helper()
	puts(t, tx, "~", "the write")
	commit(t, tx)
	require.NotEmpty(t, j.prints, "commits that the Validator has been told of")
	print := j.prints[len(j.prints)-1]
	keys, ranges = lines(), lines()
	for _, key := range slices.Sorted(maps.Keys(print.Keys)) {
		keys = append(keys, fmt.Sprintf("%s %t", key, print.Keys[key]))
	}
	for _, r := range print.Ranges {
		ranges = append(ranges, fmt.Sprintf("%v to %v", r.Lower, r.Upper))
	}
	return keys, ranges
}

// A serializable transaction depends on every answer that the store has given to it. "There is no such key" is such an answer, which
// another's put can make wrong. What the transaction had written itself it did not ask the store for.
//
//lab:task 4 points=3
func TestFootprint_Keys(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "hit", "1", "own", "1", "empty", "", "unread", "1")
	_, err := db.Delete([]byte("unread"))
	require.NoError(t, err)
	tx := beginAt(t, db, txn.Serializable)
	plainPuts(t, db, "later", "1")
	puts(t, tx, "own", "2", "mine", "1")
	deletes(t, tx, "gone")
	found(tx, "hit", "miss", "own", "mine", "gone", "empty", "hit")
	puts(t, tx, "hit", "2")
	found(tx, "hit")
	keys, ranges := lastPrint(t, j, tx)
	expect(t, "keys asked for, and whether they were there", lines("empty true", "hit true", "miss false"), keys)
	expect(t, "ranges", lines(), ranges)
	require.Equal(t, kv.Seq(5), j.prints[0].At, "the snapshot's number")
	require.Equal(t, txn.Serializable, j.prints[0].Level)
}

// A scan that was walked to its end depends on its whole range, also on keys that are not in it: another's put between two of them
// would have been shown. The first key's gap and the last one's belong to it.
//
//lab:task 4 points=3
func TestFootprint_RangeWalkedToEnd(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "b", "1", "d", "1")
	tx := beginAt(t, db, txn.Serializable)
	drain(t, tx.Scan(at("a"), next("e")))
	drain(t, tx.Scan(kv.Unbounded(), kv.Unbounded()))
	drain(t, tx.Scan(at("x"), at("y")))
	puts(t, tx, "c", "own")
	drain(t, tx.Scan(next("b"), at("c")))
	keys, ranges := lastPrint(t, j, tx)
	expect(t, "keys", lines(), keys)
	expect(t, "ranges", lines(
		`included "a" to excluded "e"`, `unbounded to unbounded`, `included "x" to included "y"`, `excluded "b" to included "c"`,
	), ranges)
}

// Who looks for the first free seat stops when he has found it. What lies behind he has not seen, and it may change: he need not
// be sent back for that. So a range ends with the key on which the walk stopped.
//
//lab:task 4 points=3
func TestFootprint_RangeEndsWhereWalkStopped(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "a", "1", "b", "1", "c", "1", "d", "1")
	tx := beginAt(t, db, txn.Serializable)
	scan := tx.Scan(kv.Unbounded(), next("z"))
	for key := range scan.All() {
		if string(key) == "b" {
			break
		}
	}
	require.NoError(t, scan.Close())
	unmoved := tx.Scan(kv.Unbounded(), kv.Unbounded())
	require.NoError(t, unmoved.Close())
	_, ranges := lastPrint(t, j, tx)
	expect(t, "ranges of a scan that stopped at b, and of one that was never moved", lines(`unbounded to included "b"`), ranges)
}

// Each time that a scan is moved somewhere a walk begins there, and what lies before it was not looked at. But a walk never begins
// outside the bounds.
//
//lab:task 4 points=2
func TestFootprint_RangeBeginsWhereWalkBegan(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "seat2", "1", "seat4", "1", "seat6", "1")
	settle(t, db)
	tx := beginAt(t, db, txn.Serializable)
	scan := tx.Scan(next("seat2"), at("seat6"))
	target := []byte("seat3")
	scan.SeekGE(target)
	target[4] = '9' // the caller uses it again
	scan.SeekGE([]byte("seat1"))
	scan.Next()
	scan.SeekGE([]byte("seat5"))
	scan.Next()
	scan.First()
	require.NoError(t, scan.Close())
	_, ranges := lastPrint(t, j, tx)
	expect(t, "ranges", lines(
		`included "seat3" to included "seat4"`, `excluded "seat2" to included "seat6"`,
		`included "seat5" to included "seat6"`, `excluded "seat2" to included "seat4"`,
	), ranges)
}

// The footprint is looked at when the transaction commits. By then the caller has long used the slices of his keys and bounds for
// something else.
//
//lab:task 4 points=2
func TestFootprint_KeepsNoSlices(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "b", "1")
	tx := beginAt(t, db, txn.Serializable)
	key, lower, upper := []byte("key"), []byte("a"), []byte("c")
	_, _ = tx.Get(key)
	scan := tx.Scan(kv.Included(lower), kv.Included(upper))
	copy(lower, "x")
	drain(t, scan)
	copy(key, "xxx")
	copy(upper, "x")
	keys, ranges := lastPrint(t, j, tx)
	expect(t, "keys", lines("key false"), keys)
	expect(t, "ranges", lines(`included "a" to included "c"`), ranges)
}

// Under snapshot isolation nobody asks what was read, and it is not taken down: a transaction may read a whole store. The snapshot's
// number is wanted all the same.
//
//lab:task 4 points=1
func TestFootprint_OfSnapshotIsolation(t *testing.T) {
	db, j := judged(t)
	plainPuts(t, db, "a", "1")
	tx := begin(t, db)
	found(tx, "a", "b")
	all(t, tx)
	keys, ranges := lastPrint(t, j, tx)
	expect(t, "keys", lines(), keys)
	expect(t, "ranges", lines(), ranges)
	expect(t, "level and number", txn.Footprint{At: 1, Level: txn.SnapshotIsolation}, j.prints[0])

	writer := begin(t, db)
	require.NoError(t, writer.Rollback())
	commit(t, beginAt(t, db, txn.Serializable))
	require.Equal(t, 1, len(j.prints), "commits that the Validator has been told of: who writes nothing has nothing to be refused")
}

// A disk that cannot be read ends a scan before its end. What was not seen by then is counted as seen: nobody knows what the caller makes
// of the rest, and a range that is too large costs a retry, one that is too small an answer.
//
//lab:task 4 points=1
func TestFootprint_OfFailedScan(t *testing.T) {
	labtest.NoLeaks(t)
	fault, j, o := vfs.NewFault(vfs.NewMem()), &judge{}, smallBank()
	o.Validator = j
	db := openBank(t, fault, o)
	plainPuts(t, db, "a", "1", "b", "1")
	settle(t, db)
	tx := beginAt(t, db, txn.Serializable)
	fault.FailAlways(vfs.OpRead, "*.sst", nil)
	scan := tx.Scan(at("a"), at("b"))
	for range scan.All() {
	}
	require.ErrorIs(t, scan.Err(), vfs.ErrInjected)
	require.NoError(t, scan.Close())
	fault.Clear()
	_, ranges := lastPrint(t, j, tx)
	expect(t, "ranges", lines(`included "a" to included "b"`), ranges)
}

// The same for a key that could not be read: whoever goes on as if it were not there depends on that.
//
//lab:task 4 points=1
func TestFootprint_OfFailedGet(t *testing.T) {
	labtest.NoLeaks(t)
	fault, j, o := vfs.NewFault(vfs.NewMem()), &judge{}, smallBank()
	o.Validator = j
	db := openBank(t, fault, o)
	plainPuts(t, db, "a", "1")
	settle(t, db)
	tx := beginAt(t, db, txn.Serializable)
	fault.FailAlways(vfs.OpRead, "*.sst", nil)
	_, err := tx.Get([]byte("a"))
	require.ErrorIs(t, err, vfs.ErrInjected)
	fault.Clear()
	keys, _ := lastPrint(t, j, tx)
	expect(t, "keys asked for, and whether they were there", lines("a false"), keys)
}

// Random reads of a random transaction. For each key of a small world the footprint is asked whether the transaction depends on it, and so is a list
// of what the reads have touched.
//
//lab:task 4 points=3 random
func TestFootprint_CoversWhatWasRead(t *testing.T) {
	labtest.NoLeaks(t)
	name := func(i int) string { return fmt.Sprintf("k%02d", i) }
	rapid.Check(t, func(rt *rapid.T) {
		j, o := &judge{}, smallBank()
		o.Validator = j
		db := openBank(rt, vfs.NewMem(), o)
		var there, touched [20]bool
		for i := range there {
			if there[i] = rapid.Bool().Draw(rt, "there"); there[i] {
				plainPuts(rt, db, name(i), "1")
			}
		}
		tx := beginAt(rt, db, txn.Serializable)
		one := rapid.IntRange(0, 19)
		for range rapid.IntRange(0, 4).Draw(rt, "reads") {
			from, to, stop := one.Draw(rt, "from"), one.Draw(rt, "to"), one.Draw(rt, "stop")
			if rapid.Bool().Draw(rt, "get") {
				found(tx, name(from))
				touched[from] = true
				continue
			}
			scan := tx.Scan(at(name(from)), at(name(to)))
			scan.First()
			for i := from; i <= to; i++ {
				touched[i] = true
				if there[i] {
					if i >= stop {
						break
					}
					scan.Next()
				}
			}
			require.NoError(rt, scan.Close())
		}
		puts(rt, tx, "~", "the write")
		commit(rt, tx)
		var covered [20]bool
		for i := range covered {
			_, covered[i] = j.prints[0].Keys[name(i)]
			for _, r := range j.prints[0].Ranges {
				covered[i] = covered[i] || r.Holds([]byte(name(i)))
			}
		}
		expect(rt, "keys that the transaction depends on", touched, covered)
	})
}
