package txn_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/solution/week3/txn"
)

// Two batches with the same contents: one is that of a commit which has to be refused, the other a plain one. They
// are told apart by which batch it is, not by what is in it.
//
//lab:task 1 points=2
func TestOracle_KnowsABatchByItsPointer(t *testing.T) {
	c := newCourt()
	p := c.begin(txn.SnapshotIsolation)
	c.put(t, "x")
	b := writing("x")
	err := c.oracle.Commit(b, p.f, func() error {
		admitted(t, "a plain batch with the same contents, meanwhile", c.admit(writing("x")))
		return c.admit(b)
	})
	refused(t, "the commit", "x", err)
	p.end()
}

// When Commit has returned, the batch belongs to the caller, who may use it for a plain write next. A footprint that
// is left behind would refuse that write, and would never be given back.
//
//lab:task 1 points=2
func TestOracle_FootprintEndsWithCommit(t *testing.T) {
	c := newCourt()
	p, broken := c.begin(txn.SnapshotIsolation), errors.New("disk is full")
	b := writing("x")
	require.NoError(t, c.oracle.Commit(b, p.f, func() error { return c.admit(b) }), "the commit of x")
	admitted(t, "the same batch as a plain write, after a commit", c.admit(b))
	require.ErrorIs(t, c.oracle.Commit(b, p.f, func() error { return broken }), broken, "what write returns, Commit returns")
	admitted(t, "the same batch as a plain write, after a commit that failed", c.admit(b))
	require.Panics(t, func() { _ = c.oracle.Commit(b, p.f, func() error { panic("a bug in the log") }) })
	admitted(t, "the same batch as a plain write, after a commit that panicked", c.admit(b))
	p.end()
}

// The verdict belongs to the moment when the batch gets its number. Between the call of Commit and that moment others
// get theirs, and one of them may have written the same key. Who looks before, and not under the lock, has looked too
// early.
//
//lab:task 1 points=4
func TestOracle_DecidesWhenTheNumberIsGiven(t *testing.T) {
	c := newCourt()
	p := c.begin(txn.SnapshotIsolation)
	b := writing("x")
	err := c.oracle.Commit(b, p.f, func() error {
		c.put(t, "x") // after Commit was called, before the batch is admitted
		return c.admit(b)
	})
	refused(t, "a commit of x, which was put while the commit was on its way", "x", err)
	p.end()
}

// From the moment when a batch is admitted its writes count, even though it is not on the disk yet and nobody can see
// it. Of two commits of one key, whose syncs take a while, the second must not slip through while the first one's
// sync goes on.
//
//lab:task 1 points=4
func TestOracle_CountsFromAdmissionOn(t *testing.T) {
	c := newCourt()
	a, b := c.begin(txn.SnapshotIsolation), c.begin(txn.SnapshotIsolation)
	first, second := writing("x"), writing("x")
	err := c.oracle.Commit(first, a.f, func() error {
		if err := c.admit(first); err != nil {
			return err
		}
		// The first batch is being synced.
		done := returnsOrWaits(t, func() {
			err := c.oracle.Commit(second, b.f, func() error { return c.admit(second) })
			refused(t, "the second commit of x, while the first is being synced", "x", err)
		})
		select {
		case <-done:
			return nil
		default:
			return errors.New("the second commit waits until the first one's batch is written")
		}
	})
	admitted(t, "the first commit of x", err)
	a.end()
	b.end()
}

// A commit waits for the disk, and that takes long. Meanwhile everybody else must get on: plain writes, commits and
// beginnings. An oracle that holds its lock while the batch is being written makes one queue of all, and group commit
// is of no use.
//
//lab:task 1 points=3
func TestOracle_HoldsNoLockWhileWriting(t *testing.T) {
	c := newCourt()
	p := c.begin(txn.SnapshotIsolation)
	b := writing("x")
	err := c.oracle.Commit(b, p.f, func() error {
		if err := c.admit(b); err != nil {
			return err
		}
		done := returnsOrWaits(t, func() {
			c.put(t, "y")
			admitted(t, "another commit", c.begin(txn.SnapshotIsolation).commit("z"))
		})
		select {
		case <-done:
			return nil
		default:
			return errors.New("others wait until the commit's batch is written")
		}
	})
	admitted(t, "the commit", err)
	p.end()
}
