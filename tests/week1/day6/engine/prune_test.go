package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	refengine "lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/version"
)

// shelf opens a store with four tables, oldest first: [k100 … k200], [k250 … k400], [a01 … k100], [k300 … k900]. Each has a
// block of its own for each key, so that block reads can be counted.
func shelf(t labtest.TB) *rig {
	t.Helper()
	r := openRig(t, nil)
	for _, keys := range [][]string{
		{"k100", "k150", "k200"},
		{"k250", "k300", "k400"},
		{"a01", "k100"},
		{"k300", "k500", "k900"},
	} {
		for _, key := range keys {
			r.put(t, key, keys[0]+"–"+keys[len(keys)-1])
		}
		r.flush(t)
	}
	return r
}

// pruning returns the two functions that the engine has put into its versions.
func pruning(t labtest.TB, r *rig) *version.Prune {
	t.Helper()
	v, _ := r.View()
	require.NotNil(t, v.Prune, "Version.Prune")
	return v.Prune
}

// blockReads returns how many data blocks f reads from files.
func blockReads(r *rig, f func()) int64 {
	before := r.Stats().BlockReads
	f()
	return r.Stats().BlockReads - before
}

// A table from "k100" to "k200" may hold both of these, and everything between. Outside it can hold nothing. A key that is
// a prefix of the first one lies before it, and one that continues the last lies behind it.
//
//lab:task 3 points=3
func TestPrune_KeyWithinFirstAndLast(t *testing.T) {
	r := openRig(t, nil)
	r.flush(t)
	within := pruning(t, r).Key
	for key, want := range map[string]bool{
		"k100": true, "k150": true, "k200": true, "k1000": true, "k100\x00": true, "k1999": true,
		"k": false, "k10": false, "k099": false, "k0999": false, "k2000": false, "k200\x00": false, "k201": false, "z": false, "\x00": false, "\xff": false,
	} {
		if got := within([]byte("k100"), []byte("k200"), []byte(key)); got != want {
			t.Errorf("may a table from k100 to k200 hold %q? got %v, want %v", key, got, want)
		}
	}
	if !within([]byte("k"), []byte("k"), []byte("k")) || within([]byte("k"), []byte("k"), []byte("l")) {
		t.Error("a table of the one key k may hold k, and nothing else")
	}
}

// A run from "k100" to "k200", and ranges that end or begin where it does. An included bound at "k200" belongs to the range,
// so the run must be looked at; an excluded one does not, and nothing in the run is wanted.
//
//lab:task 3 points=4
func TestPrune_RangeOverlapsFirstAndLast(t *testing.T) {
	r := openRig(t, nil)
	r.flush(t)
	overlap := pruning(t, r).Range
	in, ex, all := func(k string) kv.Bound { return kv.Included([]byte(k)) }, func(k string) kv.Bound { return kv.Excluded([]byte(k)) }, kv.Unbounded()
	for _, c := range []struct {
		lower, upper kv.Bound
		want         bool
	}{
		{all, all, true},
		{in("k200"), in("k300"), true}, {ex("k200"), in("k300"), false}, {in("k200\x00"), all, false}, {in("k200"), all, true}, {ex("k200"), all, false}, {ex("k199"), all, true},
		{in("k000"), in("k100"), true}, {in("k000"), ex("k100"), false}, {all, in("k0999"), false}, {all, in("k100"), true}, {all, ex("k100"), false}, {all, ex("k100\x00"), true},
		{in("k120"), in("k130"), true}, {ex("k120"), in("k120\x00"), true},
		{in("a"), in("z"), true}, {in("k100"), in("k100"), true}, {in("k200"), in("k200"), true},
		{in("a"), in("b"), false}, {in("x"), in("z"), false},
	} {
		if got := overlap([]byte("k100"), []byte("k200"), c.lower, c.upper); got != c.want {
			t.Errorf("may a run from k100 to k200 hold a key from %v to %v? got %v, want %v", c.lower, c.upper, got, c.want)
		}
	}
}

// Four tables, and Get("k250") asks all of them, though only [k250 … k400] can know. Each question costs a block read. With
// pruning it costs one, and a key that no table can hold costs none.
//
//lab:task 3 points=2
func TestGet_ReadsOnlyWhereTheKeyCanBe(t *testing.T) {
	r := shelf(t)
	for _, c := range []struct {
		key, want string
		reads     int64
	}{
		{"k250", `"k250–k400"`, 1},
		{"k200", `"k100–k200"`, 1},
		{"k900", `"k300–k900"`, 1},
		{"a01", `"a01–k100"`, 1},
		{"k100", `"a01–k100"`, 1},  // the table above [k100 … k200] has it
		{"k300", `"k300–k900"`, 1}, // the newest table has it
		{"zebra", "not found", 0},
		{"a00", "not found", 0},
	} {
		reads := blockReads(r, func() { r.expect(t, "four tables", c.key, c.want) })
		require.Equal(t, c.reads, reads, "block reads of Get(%q)", c.key)
	}
}

// A scan from "k200" must still look at the table that ends with exactly "k200": the bound is included, so the key belongs to
// the answer. Leave the table out, and the newest value of one key silently disappears.
//
//lab:task 3 points=2
func TestScan_LooksAtTableEndingAtItsIncludedLowerBound(t *testing.T) {
	r := shelf(t)
	scan := r.Scan(kv.Included([]byte("k200")), kv.Excluded([]byte("k300")))
	scan.First()
	require.Equal(t, 2, scan.NumActive(), "active tables at the first key: [k100 … k200] and [k250 … k400]")
	same(t, "scan from k200, included, to k300, excluded", []string{"k200 = k100–k200", "k250 = k250–k400"}, scanned(t, scan))
}

// A scan up to "k100" must look at both tables that hold "k100": one begins with it, one ends with it. The newer value wins.
//
//lab:task 3 points=2
func TestScan_LooksAtTableBeginningAtItsIncludedUpperBound(t *testing.T) {
	r := shelf(t)
	scan := r.Scan(kv.Included([]byte("k100")), kv.Included([]byte("k100")))
	scan.First()
	require.Equal(t, 2, scan.NumActive(), "active tables at k100: [a01 … k100] and [k100 … k200]")
	same(t, "scan of k100 alone", []string{"k100 = a01–k100"}, scanned(t, scan))
	same(t, "scan to k100, included", []string{"a01 = a01–k100", "k100 = a01–k100"}, scanned(t, r.Scan(kv.Unbounded(), kv.Included([]byte("k100")))))
}

// The same places, and bounds that are excluded: a table that ends, or begins, exactly there has nothing for the scan. It is
// neither opened nor read, and NumActive shows it.
//
//lab:task 3 points=2
func TestScan_LeavesOutTablesAtExcludedBounds(t *testing.T) {
	r := shelf(t)
	var lines []string
	reads := blockReads(r, func() {
		scan := r.Scan(kv.Excluded([]byte("k200")), kv.Excluded([]byte("k300")))
		scan.First()
		require.Equal(t, 1, scan.NumActive(), "active tables: only [k250 … k400]")
		lines = scanned(t, scan)
	})
	same(t, "scan between k200 and k300, both excluded", []string{"k250 = k250–k400"}, lines)
	require.LessOrEqual(t, reads, int64(2), "block reads: one table of one block, positioned twice")

	reads = blockReads(r, func() { lines = scanned(t, r.Scan(kv.Excluded([]byte("k900")), kv.Unbounded())) })
	same(t, "scan behind k900", []string{}, lines)
	require.Equal(t, int64(0), reads, "block reads behind the last key")
}

// Memtables are looked at in any case: they are in memory, and their ends move. A scan over memtable and tables counts both,
// and a memtable that has nothing in the range is not active.
//
//lab:task 3 points=1
func TestScan_CountsMemtablesWithEntries(t *testing.T) {
	r := shelf(t)
	r.put(t, "k260", "new")
	scan := r.Scan(kv.Included([]byte("k250")), kv.Excluded([]byte("k300")))
	scan.First()
	require.Equal(t, 2, scan.NumActive(), "active sources at k250: the memtable and [k250 … k400]")
	same(t, "scan", []string{"k250 = k250–k400", "k260 = new"}, scanned(t, scan))
	scan = r.Scan(kv.Included([]byte("k500")), kv.Unbounded())
	defer scan.Close()
	scan.First()
	require.Equal(t, 1, scan.NumActive(), "active sources at k500: [k300 … k900]")
	for scan.Valid() {
		scan.Next()
	}
	require.Equal(t, 0, scan.NumActive(), "active sources after the end")
}

// A random history, flushed at random, in your engine and in the reference. Every get and every scan must give the
// same answer, with the same number of active sources, and your pruning must say yes and no where the reference's does.
//
//lab:task 3 points=4 random
func TestEngine_AnswersLikeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mine, theirs := twins(t)
		for _, step := range labtest.Ops(25).Draw(t, "ops") {
			mine.apply(t, step)
			theirs.apply(t, step)
			if rapid.IntRange(0, 5).Draw(t, "flush") == 0 {
				require.NoError(t, mine.flush())
				require.NoError(t, theirs.flush())
			}
			key := labtest.Keys().Draw(t, "key")
			same(t, "get of "+string(key), theirs.get(key), mine.get(key))
		}
		for range 4 {
			lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
			same(t, "scan from "+lower.String()+" to "+upper.String(), theirs.scan(t, lower, upper), mine.scan(t, lower, upper))
		}
		require.NoError(t, mine.close())
		require.NoError(t, theirs.close())
	})
}

// pruneLike compares the two pruning functions at one point.
func pruneLike(t labtest.TB, first, last, key []byte, lower, upper kv.Bound, mine, theirs func() (within, overlap bool)) {
	t.Helper()
	gotWithin, gotOverlap := mine()
	wantWithin, wantOverlap := theirs()
	require.Equal(t, wantWithin, gotWithin, "may a table from %q to %q hold %q?", first, last, key)
	require.Equal(t, wantOverlap, gotOverlap, "may a run from %q to %q hold a key from %v to %v?", first, last, lower, upper)
}

// Random tables, keys and bounds, with many that meet: yours must say yes and no exactly where the reference does. A yes too
// much costs a read. A no too much loses data.
//
//lab:task 3 points=2 random
func TestPrune_LikeReference(t *testing.T) {
	r := openRig(t, nil)
	r.flush(t)
	mine := pruning(t, r)
	ref, err := refengine.Open(rigDir, &refengine.Options{FS: vfs.NewMem()})
	require.NoError(t, err)
	defer ref.Close()
	v, _ := ref.View()
	theirs := v.Prune
	rapid.Check(t, func(t *rapid.T) {
		first, last := labtest.Keys().Draw(t, "first"), labtest.Keys().Draw(t, "last")
		if string(first) > string(last) {
			first, last = last, first
		}
		key := labtest.Keys().Draw(t, "key")
		lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
		pruneLike(t, first, last, key, lower, upper,
			func() (bool, bool) { return mine.Key(first, last, key), mine.Range(first, last, lower, upper) },
			func() (bool, bool) { return theirs.Key(first, last, key), theirs.Range(first, last, lower, upper) })
	})
}

// engineUnderTest is what the random test needs of an engine, be it the learner's or the reference.
type engineUnderTest struct {
	apply func(t labtest.TB, step labtest.Write)
	flush func() error
	get   func(key []byte) string
	scan  func(t labtest.TB, lower, upper kv.Bound) []string
	close func() error
}

// twins opens the learner's engine and the reference's. Their memtables are large: one is frozen only by a flush, at the same step in both.
func twins(t labtest.TB) (mine, theirs engineUnderTest) {
	t.Helper()
	e, err := engine.Open(rigDir, &engine.Options{FS: vfs.NewMem(), MemtableSize: 64 << 10, CacheSize: -1})
	require.NoError(t, err)
	ref, err := refengine.Open(rigDir, &refengine.Options{FS: vfs.NewMem(), MemtableSize: 64 << 10, CacheSize: -1})
	require.NoError(t, err)
	return wrapMine(e), wrapReference(ref)
}
