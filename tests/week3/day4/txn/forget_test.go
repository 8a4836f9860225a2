package txn_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/txn"
)

// Nobody reads, and ten thousand keys are written. Whoever begins now sees them all, so none of these writes can be
// in anybody's way. Nothing has to be remembered but what was admitted last, of which the oracle does not know yet
// that it is visible.
//
//lab:task 2 points=3
func TestOracle_ForgetsWhatEverybodySees(t *testing.T) {
	c := newCourt()
	c.puts(t, 10_000)
	c.remembers(t, "after 10,000 plain writes, with nobody reading: the last one", 1)
}

// Ten thousand transactions, one after the other. Each may forget what was written before it began. An oracle that
// keeps what was committed as long as it lives works fine in every test, and takes down the server after a week.
//
//lab:task 2 points=3
func TestOracle_IsFlatOverManyTransactions(t *testing.T) {
	c := newCourt()
	most := 0
	for i := range 10_000 {
		admitted(t, "a commit", c.begin(txn.Serializable).commit(fmt.Sprintf("key%d", i)))
		most = max(most, c.oracle.Stats().Records)
	}
	require.LessOrEqual(t, most, 2, "records, at most, in 10,000 transactions of one key each")
	require.Equal(t, 0, c.oracle.Stats().Snapshots, "snapshots that are held in the end")
}

// Four thousand keys of 8 KiB each are written, and forgotten. A record stands in the map and in the ring. Whoever
// takes it out of one of the two does not find it any more, and keeps it all the same: here 32 MiB of keys.
//
//lab:task 2 points=2
func TestOracle_WhatIsForgottenTakesNoMemory(t *testing.T) {
	c, before := newCourt(), inUse()
	long := strings.Repeat("k", 8<<10)
	for i := range 4000 {
		c.put(t, fmt.Sprint(i, long))
	}
	c.remembers(t, "after 4,000 plain writes, with nobody reading", 1)
	require.Less(t, inUse()-before, int64(8<<20), "bytes in use that were not before, after 4,000 writes of keys of 8 KiB")
	c.put(t, "and the oracle is still in use")
}

// inUse returns how many bytes are in use when all garbage is collected.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// One transaction stays open. What is written after its snapshot has to be remembered, all of it, since it may want
// to write any of these keys. When it ends, nobody asks any more; and since nobody may write for an hour, its end is
// the time to forget.
//
//lab:task 2 points=3
func TestOracle_KeepsWhatTheOldestMayAskAbout(t *testing.T) {
	c := newCourt()
	c.puts(t, 100)
	reader := c.begin(txn.SnapshotIsolation)
	c.puts(t, 1000)
	for range 100 {
		admitted(t, "a commit", c.begin(txn.SnapshotIsolation).commit(fmt.Sprintf("mine%d", c.last)))
	}
	c.remembers(t, "after 1,100 writes since the oldest snapshot", 1100)
	require.Equal(t, txn.OracleStats{Records: 1100, Snapshots: 1, Oldest: 100}, c.oracle.Stats())
	reader.end()
	c.remembers(t, "when the oldest has ended, without another write", 0)
	require.Equal(t, txn.OracleStats{}, c.oracle.Stats())
}

// Ten thousand transactions begin and end while one stays open. That one is all there is to know about who reads.
//
//lab:task 2 points=2
func TestOracle_CountsOutWhoHasEnded(t *testing.T) {
	c := newCourt()
	c.put(t, "x")
	reader := c.begin(txn.SnapshotIsolation)
	for range 10_000 {
		c.put(t, "x")
		c.begin(txn.SnapshotIsolation).end()
	}
	require.Equal(t, txn.OracleStats{Records: 1, Snapshots: 1, Oldest: 1}, c.oracle.Stats())
	reader.end()
}

// "x" was admitted, and waits for the disk. Nobody reads at this moment, and so it seems that nobody will ever ask
// about it. Then a transaction begins: its snapshot is before x, as x is not visible yet. It must not overwrite x. So
// "forget it if no transaction is open" is wrong; what counts is whether everybody sees it.
//
//lab:task 2 points=5
func TestOracle_RemembersWhatWasAdmittedBeforeBegin(t *testing.T) {
	for _, others := range []int{0, 1, 5} {
		c := newCourt()
		c.put(t, "x")
		require.NoError(t, c.admit(writing("x")))
		for i := range others { // more of them, behind x, that are not visible either
			require.NoError(t, c.admit(writing(fmt.Sprintf("other%d", i))))
		}
		p := c.begin(txn.SnapshotIsolation)
		require.Equal(t, kv.Seq(1), p.f.At, "the snapshot's number, while x is being written")
		c.publish()
		c.puts(t, others)
		refused(t, "a commit of x, admitted before Begin and visible after it", "x", p.commit("x"))
	}
}

// The same, and in between another transaction begins and ends: its end must not take along what the next one needs.
//
//lab:task 2 points=3
func TestOracle_EndForgetsNothingInvisible(t *testing.T) {
	c := newCourt()
	c.put(t, "x")
	require.NoError(t, c.admit(writing("x")))
	c.begin(txn.SnapshotIsolation).end()
	p := c.begin(txn.SnapshotIsolation)
	c.publish()
	refused(t, "a commit of x, admitted before Begin and visible after it", "x", p.commit("x"))
}

// Two read at the same number, and one of them ends. The other one is still there.
//
//lab:task 2 points=3
func TestOracle_CountsReadersOfOneNumber(t *testing.T) {
	c := newCourt()
	c.put(t, "x")
	a, b, d := c.begin(txn.SnapshotIsolation), c.begin(txn.SnapshotIsolation), c.begin(txn.SnapshotIsolation)
	c.put(t, "x")
	a.end()
	c.puts(t, 3)
	b.end()
	c.puts(t, 3)
	require.Equal(t, txn.OracleStats{Records: 7, Snapshots: 1, Oldest: 1}, c.oracle.Stats(), "with one of three left")
	refused(t, "its commit of x, written since", "x", d.commit("x"))
	c.remembers(t, "when the last one has ended", 0)
}

// "x" was written at 1, and again at 2. Who has read at 0 ends, and so the write at 1 interests nobody any more. The
// one at 2 does: to forget the key with its older write would forget both.
//
//lab:task 2 points=3
func TestOracle_ForgettingAnOldWriteKeepsTheNewOne(t *testing.T) {
	c := newCourt()
	first := c.begin(txn.SnapshotIsolation)
	c.put(t, "x")
	p := c.begin(txn.SnapshotIsolation)
	c.put(t, "x")
	first.end()
	c.puts(t, 1)
	c.remembers(t, "x, and one more that was written since the oldest snapshot", 2)
	refused(t, "a commit of x, written at 2, from the snapshot at 1", "x", p.commit("x"))
}

// Transactions end in any order. The oldest that is left decides, whether or not it was the first to begin.
//
//lab:task 2 points=2
func TestOracle_OldestThatIsLeftDecides(t *testing.T) {
	c := newCourt()
	var open []*party
	for range 4 {
		c.puts(t, 10)
		open = append(open, c.begin(txn.SnapshotIsolation)) // at 10, 20, 30, 40
	}
	c.puts(t, 10)
	for _, step := range []struct{ ends, records, oldest int }{{1, 40, 10}, {3, 40, 10}, {0, 20, 30}, {2, 0, 0}} {
		open[step.ends].end()
		require.Equal(t, step.records, c.oracle.Stats().Records, "records when the one at %d has ended", step.ends*10+10)
		require.Equal(t, kv.Seq(step.oldest), c.oracle.Stats().Oldest, "the oldest snapshot then")
	}
}

// A transaction begins: its snapshot is at 1. Before anybody has counted it in, write 2 becomes visible, and somebody
// writes 3, and forgets what everybody sees: 2. But the transaction does not see it. So the number is read and
// counted in under the lock under which others forget: they wait until both is done.
//
//lab:task 2 points=5
func TestOracle_BeginIsOneStep(t *testing.T) {
	c := newCourt()
	c.put(t, "x")
	require.NoError(t, c.admit(writing("x"))) // number 2, not visible
	var done <-chan struct{}
	at := c.oracle.Begin(func() kv.Seq {
		at := kv.Seq(c.visible.Load())
		done = returnsOrWaits(t, func() {
			c.publish()
			c.put(t, "y")
		})
		return at
	})
	comes(t, "the write of y, after Begin has returned", done)
	require.Equal(t, kv.Seq(1), at, "what Begin returns is what take has returned")
	p := &party{c, &txn.Footprint{At: at}}
	refused(t, "a commit of x, written at 2, from the snapshot at 1", "x", p.commit("x"))
}

// The store is being opened, and nobody can say yet how far writes are visible. Batches may come all the same. None
// is forgotten.
//
//lab:task 2 points=1
func TestOracle_ForgetsNothingBeforeOpened(t *testing.T) {
	c := &court{oracle: txn.NewOracle()}
	c.put(t, "x")
	c.put(t, "y")
	c.remembers(t, "before Opened", 2)
	c.oracle.Opened(func() kv.Seq { return kv.Seq(c.visible.Load()) })
	c.put(t, "z")
	c.remembers(t, "after Opened, and one more write", 1)
}

// Random histories, in which batches become visible late, and transactions begin and end in any order. Whatever is
// forgotten: each verdict is that of a list which forgets nothing. And whatever is remembered is above the oldest
// snapshot, or not visible.
//
//lab:task 2 points=4 random
func TestOracle_ForgettingChangesNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCourt()
		newest := map[string]kv.Seq{}
		key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
		var open []*party
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			name := key.Draw(t, "key")
			which := 0
			if len(open) > 0 {
				which = rapid.IntRange(0, len(open)-1).Draw(t, "which")
			}
			switch do := rapid.IntRange(0, 4).Draw(t, "do"); {
			case do == 0:
				open = append(open, c.begin(txn.SnapshotIsolation))
			case do == 1:
				c.visible.Store(rapid.Uint64Range(c.visible.Load(), uint64(c.last)).Draw(t, "visible"))
			case do == 2 || len(open) == 0:
				require.NoError(t, c.admit(writing(name)))
				newest[name] = c.last
			case do == 3:
				open[which].end()
				open = append(open[:which], open[which+1:]...)
			default:
				p, b := open[which], writing(name)
				err := c.oracle.Commit(b, p.f, func() error { return c.admit(b) })
				require.Equal(t, newest[name] > p.f.At, errors.Is(err, kv.ErrConflict), "conflict of a commit of %s: %v", name, err)
				if err == nil {
					newest[name] = c.last
				}
				p.end()
				open = append(open[:which], open[which+1:]...)
			}
		}
		for _, p := range open {
			p.end()
		}
		c.publish()
		c.puts(t, 1)
		c.remembers(t, "when all have ended, and one more write was made", 1)
	})
}
