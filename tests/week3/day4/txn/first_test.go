package txn_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/txn"
)

// Two transactions read the same moment, and both write "x". The one that commits first wins. Were the second
// admitted too, it would overwrite what it has never seen: the first one's update would be lost.
//
//lab:task 1 points=3
func TestOracle_FirstCommitterWins(t *testing.T) {
	for _, level := range []txn.Isolation{txn.SnapshotIsolation, txn.Serializable} {
		c := newCourt()
		c.put(t, "x")
		a, b := c.begin(level), c.begin(level)
		admitted(t, level.String()+": the first commit of x", a.commit("x"))
		refused(t, level.String()+": the second commit of x, from the same snapshot", "x", b.commit("x"))
		admitted(t, level.String()+": once more, from a new snapshot", c.begin(level).commit("x"))
	}
}

// What was written at the snapshot's own number or before, the transaction has seen, and may overwrite. The first
// number that it has not seen is the one behind. To be wrong by one here either loses an update, or refuses everybody
// who writes the key that was written last.
//
//lab:task 1 points=3
func TestOracle_ComparesWithSnapshotNumber(t *testing.T) {
	for _, at := range []struct {
		key      string
		snapshot kv.Seq
		conflict bool
	}{{"old", 2, false}, {"last", 2, false}, {"last", 1, true}, {"new", 2, true}, {"new", 3, false}, {"never", 0, false}} {
		c := newCourt()
		first := c.begin(txn.SnapshotIsolation) // so that nothing is forgotten
		c.put(t, "old")                         // 1
		c.put(t, "last")                        // 2
		c.put(t, "new")                         // 3
		b := writing(at.key)
		err := c.oracle.Commit(b, &txn.Footprint{At: at.snapshot}, func() error { return c.admit(b) })
		what := fmt.Sprintf("a commit of %s, from the snapshot at %d", at.key, at.snapshot)
		if at.conflict {
			refused(t, what, at.key, err)
		} else {
			admitted(t, what, err)
		}
		first.end()
	}
}

// A put that belongs to no transaction changes the store all the same. A transaction that has begun before it must
// not overwrite it unseen, whoever wrote it.
//
//lab:task 1 points=3
func TestOracle_PlainWritesCount(t *testing.T) {
	c := newCourt()
	c.put(t, "x", "y")
	a, b, d := c.begin(txn.SnapshotIsolation), c.begin(txn.SnapshotIsolation), c.begin(txn.SnapshotIsolation)
	c.put(t, "x")
	c.put(t, "-y")
	refused(t, "a commit of x, which was put meanwhile", "x", a.commit("x"))
	refused(t, "a commit of y, which was deleted meanwhile", "y", b.commit("y"))
	admitted(t, "a commit of z, which nobody has touched", d.commit("z"))
}

// A plain put is never refused: it has no snapshot, and has read nothing that could be out of date.
//
//lab:task 1 points=1
func TestOracle_PlainWritesAreNotRefused(t *testing.T) {
	c := newCourt()
	a := c.begin(txn.Serializable)
	admitted(t, "a commit of x", a.commit("x"))
	c.put(t, "x")
	c.put(t, "x", "x", "-x")
}

// A batch has many writes, each with a number of its own, and each counts: the first, the last, those between, and
// deletes. What was read is between two batches, never within one.
//
//lab:task 1 points=2
func TestOracle_EveryWriteOfABatchCounts(t *testing.T) {
	for _, key := range []string{"first", "gone", "middle", "last"} {
		c := newCourt()
		a, b := c.begin(txn.SnapshotIsolation), c.begin(txn.SnapshotIsolation)
		admitted(t, "the commit of four keys", a.commit("first", "-gone", "middle", "last"))
		refused(t, "a commit of one of them, among others", key, b.commit("aaa", key, "zzz"))
		admitted(t, "a commit of all of them, after the first", c.begin(txn.SnapshotIsolation).commit("first", "gone", "-middle", "last"))
	}
}

// A transaction may write a key twice, read it, and delete it again. That is nobody's business but its own: only what
// others have committed can be in its way.
//
//lab:task 1 points=2
func TestOracle_OwnWritesDoNotConflict(t *testing.T) {
	c := newCourt()
	c.put(t, "x")
	p := c.begin(txn.Serializable).reads("x", "-y").walks(kv.Unbounded(), kv.Unbounded())
	admitted(t, "a commit that writes what it has read, and writes it twice", p.commit("x", "y", "-x", "x"))
}

// A batch that was refused has never happened. Its other keys were not written, its number goes to the next batch; so
// nobody must be refused because of it.
//
//lab:task 1 points=2
func TestOracle_RefusedBatchLeavesNothing(t *testing.T) {
	c := newCourt()
	a, b := c.begin(txn.SnapshotIsolation), c.begin(txn.SnapshotIsolation)
	c.put(t, "x")
	refused(t, "a commit of a, x and z", "x", a.commit("a", "x", "z"))
	c.remembers(t, "after the batch was refused: x alone was written", 1)
	admitted(t, "a commit of a and z, which nobody has written", b.commit("a", "z"))
}

// "x" was written before the snapshot, and after it. It is the newest write that decides.
//
//lab:task 1 points=2
func TestOracle_NewestWriteDecides(t *testing.T) {
	c := newCourt()
	old := c.begin(txn.SnapshotIsolation)
	c.put(t, "x")
	p := c.begin(txn.SnapshotIsolation)
	c.put(t, "y")
	c.put(t, "x")
	c.put(t, "z")
	refused(t, "a commit of x, written before the snapshot and after it", "x", p.commit("x"))
	refused(t, "a commit of x, written twice after the snapshot", "x", old.commit("x"))
}

// A counter is written ten thousand times while somebody reads. To answer "was it written since?" the newest of these
// writes is enough. An oracle that keeps them all fills the memory with one key.
//
//lab:task 1 points=2
func TestOracle_KeepsOneRecordAKey(t *testing.T) {
	c := newCourt()
	reader := c.begin(txn.SnapshotIsolation)
	c.put(t, "other")
	for range 10_000 {
		c.put(t, "counter")
	}
	c.remembers(t, "after 10,000 writes of one key, and one of another", 2)
	refused(t, "a commit of the other, from the beginning", "other", reader.commit("other"))
}

// The batch belongs to its owner, who uses its memory again as soon as the write has returned. What the oracle wants
// to remember, it has to copy.
//
//lab:task 1 points=1
func TestOracle_KeepsNoSliceOfABatch(t *testing.T) {
	c := newCourt()
	p := c.begin(txn.SnapshotIsolation)
	b := writing("apple")
	require.NoError(t, c.admit(b))
	b.Reset()
	b.Set([]byte("grape"), []byte("v"))
	refused(t, "a commit of apple, after the batch's memory was used again", "apple", p.commit("apple"))
}

// The rule, over random histories: a commit is refused exactly if one of its keys was written since its snapshot. The
// list of all writes, from the first on, knows.
//
//lab:task 1 points=3 random
func TestOracle_AgreesWithAListOfAllWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCourt()
		newest := map[string]kv.Seq{}
		keys := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 1, 3)
		var open []*party
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			written := keys.Draw(t, "keys")
			switch do := rapid.IntRange(0, 2).Draw(t, "do"); {
			case do == 0:
				open = append(open, c.begin(txn.SnapshotIsolation))
				continue
			case do == 1 || len(open) == 0:
				c.put(t, written...)
			default:
				i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
				conflict := false
				for _, key := range written {
					conflict = conflict || newest[key] > open[i].f.At
				}
				err := open[i].commit(written...)
				require.Equal(t, conflict, errors.Is(err, kv.ErrConflict), "conflict of a commit of %q: %v", written, err)
				open = append(open[:i], open[i+1:]...)
				if conflict {
					continue
				}
			}
			for i, key := range written {
				newest[key] = c.last - kv.Seq(len(written)-1-i)
			}
		}
	})
}
