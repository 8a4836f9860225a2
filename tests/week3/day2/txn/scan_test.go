package txn_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// at returns a bound at a key, included.
func at(key string) kv.Bound { return kv.Included([]byte(key)) }

// next returns a bound at a key, excluded.
func next(key string) kv.Bound { return kv.Excluded([]byte(key)) }

// A scan shows one sorted sequence: what the store has and what the transaction has written, each in its place. Where both have a key,
// the transaction's value is the newer one.
//
//lab:task 2 points=2
func TestScan_MergesOwnWrites(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "b", "store", "d", "store", "f", "store")
	tx := begin(t, db)
	puts(t, tx, "a", "own", "d", "own", "e", "own", "d", "own again", "g", "")
	expect(t, "scan", lines("a = own", "b = store", "d = own again", "e = own", "f = store", "g = "), all(t, tx))
}

// What the transaction has deleted is not shown, wherever it was: in a memtable, in a table, or only in the transaction itself. The
// scan goes on behind it, and a key that was put again after its delete is back.
//
//lab:task 2 points=2
func TestScan_HidesOwnDeletes(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "1", "b", "1", "c", "1", "d", "1")
	settle(t, db)
	plainPuts(t, db, "b", "2")
	tx := begin(t, db)
	puts(t, tx, "e", "own")
	deletes(t, tx, "a", "b", "d", "e", "nothing")
	puts(t, tx, "d", "back")
	expect(t, "scan", lines("c = 1", "d = back"), all(t, tx))
}

// Bounds hold for the transaction's own writes as well. The store keeps to them by itself; a workspace is small, and one easily takes
// all that is in it.
//
//lab:task 2 points=2
func TestScan_OwnWritesKeepToBounds(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "store", "c", "store", "e", "store")
	tx := begin(t, db)
	puts(t, tx, "a", "own", "b", "own", "d", "own", "e", "own", "f", "own")
	expect(t, "scan from b to d, of a transaction without writes", lines("c = store"), drain(t, begin(t, db).Scan(at("b"), at("d"))))
	for _, c := range []struct {
		name         string
		lower, upper kv.Bound
		want         []string
	}{
		{"from b to d", at("b"), at("d"), lines("b = own", "c = store", "d = own")},
		{"from behind a to before e", next("a"), next("e"), lines("b = own", "c = store", "d = own")},
		{"from behind b to before d", next("b"), next("d"), lines("c = store")},
		{"from e on", at("e"), kv.Unbounded(), lines("e = own", "f = own")},
		{"up to a", kv.Unbounded(), at("a"), lines("a = own")},
		{"from g to z", at("g"), at("z"), lines()},
		{"from d to b", at("d"), at("b"), lines()},
	} {
		expect(t, "scan "+c.name, c.want, drain(t, tx.Scan(c.lower, c.upper)))
	}
}

// A scan shows one moment: that of the call to Scan. Who walks over his keys and writes as he goes must not meet his own writes, or he
// might never come to the end. So what the transaction puts, replaces and deletes later does not appear, however much it is.
//
//lab:task 2 points=3
func TestScan_DoesNotSeeLaterOwnWrites(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "store", "b", "store")
	tx := begin(t, db)
	puts(t, tx, "c", "own", "d", "own")
	scan := tx.Scan(kv.Unbounded(), kv.Unbounded())
	puts(t, tx, "a", "late", "c", "late", "aa", "late")
	deletes(t, tx, "b", "d")
	for i := range 500 {
		puts(t, tx, fmt.Sprintf("c%d", i), "late")
	}
	expect(t, "a scan made before", lines("a = store", "b = store", "c = own", "d = own"), drain(t, scan))
	fresh := drain(t, tx.Scan(kv.Unbounded(), next("c0")))
	expect(t, "a scan made after", lines("a = late", "aa = late", "c = late"), fresh)
}

// The same for a transaction that had written nothing when the scan was made.
//
//lab:task 2 points=1
func TestScan_DoesNotSeeFirstOwnWrite(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "store", "b", "store")
	tx := begin(t, db)
	scan := tx.Scan(kv.Unbounded(), kv.Unbounded())
	puts(t, tx, "a", "late", "c", "late")
	expect(t, "a scan made before", lines("a = store", "b = store"), drain(t, scan))
}

// What others write while the transaction is under way does not appear, though it be in the very range. It reads at its snapshot, with
// Get and with Scan.
//
//lab:task 2 points=2
func TestScan_ReadsAtSnapshot(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "store", "b", "store")
	tx := begin(t, db)
	puts(t, tx, "c", "own")
	plainPuts(t, db, "a", "other", "aa", "other", "c", "other")
	_, err := db.Delete([]byte("b"))
	require.NoError(t, err)
	settle(t, db)
	want := lines("a = store", "b = store", "c = own")
	expect(t, "scan", want, all(t, tx))
	expect(t, "get", want, found(tx, "a", "b", "c"))
	expect(t, "a transaction without writes", lines("a = other", "aa = other", "c = other"), all(t, begin(t, db)))
}

// A scan can be moved to any key. It stands then on the first one that the transaction sees at or after it, its own or the store's.
//
//lab:task 2 points=2
func TestScan_Seeks(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "store", "c", "store", "e", "store", "g", "store")
	tx := begin(t, db)
	puts(t, tx, "b", "own", "e", "own", "f", "own")
	deletes(t, tx, "c")
	scan := tx.Scan(at("b"), next("g"))
	defer scan.Close()
	for _, c := range []struct{ target, want string }{
		{"c", "e = own"}, {"a", "b = own"}, {"e", "e = own"}, {"ee", "f = own"}, {"g", "the end"}, {"b", "b = own"},
	} {
		got := "the end"
		if scan.SeekGE([]byte(c.target)); scan.Valid() {
			got = fmt.Sprintf("%s = %s", scan.Key(), scan.Value())
		}
		expect(t, "SeekGE "+c.target, c.want, got)
	}
	require.NoError(t, scan.Err())
}

// The bounds' slices are the caller's: it may use them again as soon as Scan has returned.
//
//lab:task 2 points=1
func TestScan_CopiesBounds(t *testing.T) {
	db := newBank(t)
	plainPuts(t, db, "a", "1", "b", "1", "c", "1", "d", "1")
	tx := begin(t, db)
	puts(t, tx, "bb", "own")
	lower, upper := []byte("b"), []byte("c")
	scan := tx.Scan(kv.Included(lower), kv.Included(upper))
	copy(lower, "a")
	copy(upper, "z")
	expect(t, "scan from b to c", lines("b = 1", "bb = own", "c = 1"), drain(t, scan))
}

// A disk that cannot be read ends the scan with an error. Without it the scan would just seem to be short, and the caller would take
// what is missing for gone.
//
//lab:task 2 points=1
func TestScan_PassesReadErrors(t *testing.T) {
	labtest.NoLeaks(t)
	fault := vfs.NewFault(vfs.NewMem())
	db := openBank(t, fault, smallBank())
	plainPuts(t, db, "a", "1", "b", "1")
	settle(t, db)
	tx := begin(t, db)
	puts(t, tx, "c", "own")
	fault.FailAlways(vfs.OpRead, "*.sst", nil)
	scan := tx.Scan(kv.Unbounded(), kv.Unbounded())
	for range scan.All() {
	}
	require.ErrorIs(t, errors.Join(scan.Err(), scan.Close()), vfs.ErrInjected)
}

// Random scans, some of them walked long after they were made, compared with a map.
//
//lab:task 2 points=3 random
func TestScan_MatchesModel(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(rt *rapid.T) { playRandom(rt, "scan") })
}

var _ scanner = (*txn.Txn)(nil)
