package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week2/wal"
)

// tape is a log as a committer sees it: what is appended is a length, and so is what is written and what is durable. It counts
// what it is asked, and does more where the test says so.
type tape struct {
	mu       sync.Mutex
	appended int64
	written  int64
	synced   int64
	writes   int
	syncs    int
	busy     atomic.Int32                  // calls inside
	onWrite  func(writes int) error        // before a write has taken effect; nil: nothing more
	onSync   func(syncs int) error         // before a sync has; what it returns, the sync does
	errorf   func(format string, a ...any) // t.Errorf
}

// newTape returns an empty log.
func newTape(t *testing.T) *tape { return &tape{errorf: t.Errorf} }

// append adds a batch and returns where it ends.
func (l *tape) append() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.appended++
	return l.appended
}

// enter notes that a call begins. Calls of a Flusher must not overlap.
func (l *tape) enter() func() {
	if l.busy.Add(1) > 1 {
		l.errorf("two goroutines write or sync one log at the same time")
	}
	return func() { l.busy.Add(-1) }
}

// Write takes what was appended when it was called.
func (l *tape) Write() (int64, error) {
	defer l.enter()()
	l.mu.Lock()
	end := l.appended
	l.writes++
	writes := l.writes
	l.mu.Unlock()
	if l.onWrite != nil {
		if err := l.onWrite(writes); err != nil {
			return end, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written = end
	return end, nil
}

// Sync makes durable what was written when it was called.
func (l *tape) Sync() error {
	defer l.enter()()
	l.mu.Lock()
	end := l.written
	l.syncs++
	syncs := l.syncs
	l.mu.Unlock()
	if l.onSync != nil {
		if err := l.onSync(syncs); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.synced = end
	return nil
}

// asked returns how often the log was written and synced, in words.
func (l *tape) asked() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d writes, %d syncs", l.writes, l.syncs)
}

// commit appends a batch and commits it, in a goroutine of its own.
func (l *tape) commit(c wal.Committer, sync bool) <-chan error {
	end := l.append()
	return inBackground(func() error { return c.Commit(end, sync) })
}

// waiting fails the test if one of these has returned.
func waiting(t labtest.TB, what string, commits ...<-chan error) {
	t.Helper()
	for i, done := range commits {
		select {
		case err := <-done:
			t.Fatalf("%s: commit %d of %d has returned, %v", what, i+1, len(commits), err)
		default:
		}
	}
}

// all waits for these and returns what they said.
func all(commits ...<-chan error) error {
	var errs []error
	for _, done := range commits {
		errs = append(errs, <-done)
	}
	return errors.Join(errs...)
}

// gate stops a call at a certain count, until it is opened.
type gate struct {
	at   int
	open chan struct{}
}

// newGate returns a gate for the at-th call.
func newGate(at int) *gate { return &gate{at, make(chan struct{})} }

// pass is an onWrite or onSync.
func (g *gate) pass(count int) error {
	if count == g.at {
		<-g.open
	}
	return nil
}

// Seven writers come while the first one's sync is under way. It cannot count for them, as they came later. But one more sync can
// serve all seven, and must: a disk that syncs a hundred times a second would otherwise let a hundred writers a second through,
// and not hundreds.
//
//lab:task 2 points=4
func TestGroup_OneSyncServesAllThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, first := newTape(t), newGate(1)
		log.onSync = first.pass
		c := store.GroupCommit(log)
		leader := log.commit(c, true)
		synctest.Wait()
		var others []<-chan error
		for range 7 {
			others = append(others, log.commit(c, true))
		}
		synctest.Wait()
		waiting(t, "while the first sync is under way", append(others, leader)...)
		require.Equal(t, "1 writes, 1 syncs", log.asked(), "while the first sync is under way")
		close(first.open)
		require.NoError(t, all(append(others, leader)...))
		require.Equal(t, "2 writes, 2 syncs", log.asked(), "in the end, for 8 commits")
	})
}

// A sync promises something about what was written before it began. Whoever came while it was under way must wait for the next one,
// even though "a sync has just succeeded": his bytes may not have been among those.
//
//lab:task 2 points=4
func TestGroup_NobodyReturnsBeforeOwnSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, first, second := newTape(t), newGate(1), newGate(2)
		log.onSync = func(n int) error { return errors.Join(first.pass(n), second.pass(n)) }
		c := store.GroupCommit(log)
		leader := log.commit(c, true)
		synctest.Wait()
		late := []<-chan error{log.commit(c, true), log.commit(c, true)}
		synctest.Wait()
		close(first.open)
		synctest.Wait()
		require.NoError(t, finished(t, "the first commit", leader))
		waiting(t, "after the first sync, which began before they came", late...)
		close(second.open)
		require.NoError(t, all(late...))
		require.Equal(t, "2 writes, 2 syncs", log.asked())
	})
}

// Between the leader's write and its sync another writer appends. Its bytes are in nobody's hands yet. So the leader's sync stands for
// what the leader has written, and not for all that there is in the log by then.
//
//lab:task 2 points=2
func TestGroup_SyncStandsForWhatWasWritten(t *testing.T) {
	log := newTape(t)
	c := store.GroupCommit(log)
	var late int64
	log.onSync = func(n int) error {
		if n == 1 {
			late = log.append()
		}
		return nil
	}
	require.NoError(t, c.Commit(log.append(), true))
	require.Equal(t, "1 writes, 1 syncs", log.asked())
	require.NoError(t, c.Commit(late, true), "the batch that was appended during the first sync")
	require.Equal(t, "2 writes, 2 syncs", log.asked(), "after the second commit")
	require.Equal(t, late, log.synced, "what is durable")
}

// A write that need not be durable must not pay for a sync. And one that must be cannot rely on somebody who only wrote: that its
// bytes are written is not enough.
//
//lab:task 2 points=3
func TestGroup_SyncsOnlyForWhoAsks(t *testing.T) {
	log := newTape(t)
	c := store.GroupCommit(log)
	one := log.append()
	require.NoError(t, c.Commit(one, false))
	require.Equal(t, "1 writes, 0 syncs", log.asked(), "after a commit without sync")
	require.NoError(t, c.Commit(one, false))
	require.Equal(t, "1 writes, 0 syncs", log.asked(), "after the same once more: there is nothing left to do")
	require.NoError(t, c.Commit(one, true))
	require.Equal(t, one, log.synced, "what is durable after a commit with sync, of what was written before")
	syncs := log.syncs
	require.NoError(t, c.Commit(one, true))
	require.Equal(t, syncs, log.syncs, "syncs after the same once more")
}

// Two wait for the same bytes, and only the second wants them to be durable. The first leads, writes and does not sync. The
// second finds its bytes written, and must not take that for more than it is.
//
//lab:task 2 points=2
func TestGroup_LeaderWithoutSyncDoesNotSpeakForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, first := newTape(t), newGate(1)
		log.onWrite = first.pass
		c := store.GroupCommit(log)
		var synced []int64
		end := log.append()
		lead := inBackground(func() error { return c.Commit(end, false) })
		synctest.Wait()
		follow := inBackground(func() error {
			err := c.Commit(end, true)
			synced = append(synced, log.synced)
			return err
		})
		synctest.Wait()
		close(first.open)
		require.NoError(t, all(lead, follow))
		require.Equal(t, []int64{1}, synced, "what was durable when the commit with sync returned")
	})
}

// The sync fails, and with it everybody who waited for it, or waits behind it: nobody of them is durable. And it is not forgotten. A
// kernel may drop what it could not write, and report the error once; the next sync succeeds, and means nothing. So no second sync is
// tried, and whoever comes later gets the same error.
//
//lab:task 2 points=4
func TestGroup_FailedSyncIsEverybodysAndStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, first := newTape(t), newGate(1)
		broken := errors.New("input/output error")
		log.onSync = func(n int) error {
			_ = first.pass(n)
			if n == 1 {
				return broken
			}
			return nil
		}
		c := store.GroupCommit(log)
		commits := []<-chan error{log.commit(c, true)}
		synctest.Wait()
		for range 3 {
			commits = append(commits, log.commit(c, true))
		}
		commits = append(commits, log.commit(c, false))
		synctest.Wait()
		close(first.open)
		for i, done := range commits {
			require.ErrorIs(t, <-done, broken, "commit %d of %d", i+1, len(commits))
		}
		for range 2 {
			require.ErrorIs(t, c.Commit(log.append(), true), broken, "a commit with sync, later")
			require.ErrorIs(t, c.Commit(log.append(), false), broken, "a commit without sync, later")
		}
		require.Equal(t, 1, log.syncs, "syncs: none is tried after one has failed")
	})
}

// The write fails: a full disk. Nobody may believe that he is stored, and a sync of what is not written would be of no use.
//
//lab:task 2 points=2
func TestGroup_FailedWriteIsEverybodysAndStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, first := newTape(t), newGate(1)
		full := errors.New("no space left on device")
		log.onWrite = func(n int) error {
			_ = first.pass(n)
			if n == 1 {
				return full
			}
			return nil
		}
		c := store.GroupCommit(log)
		commits := []<-chan error{log.commit(c, true)}
		synctest.Wait()
		commits = append(commits, log.commit(c, false), log.commit(c, true))
		synctest.Wait()
		close(first.open)
		for i, done := range commits {
			require.ErrorIs(t, <-done, full, "commit %d of %d", i+1, len(commits))
		}
		require.ErrorIs(t, c.Commit(log.append(), false), full, "a commit later")
		require.Equal(t, "1 writes, 0 syncs", log.asked())
	})
}

// Sixteen goroutines append and commit as they like. Whenever a commit returns, its own bytes must be where it wanted them. No two of
// them write at the same time, nobody waits for ever, and nobody syncs for nothing.
//
//lab:task 2 points=4 random race
func TestGroup_EveryCommitGetsWhatItAskedFor(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			log := newTape(t)
			log.onSync = func(int) error { letOthersRun(); return nil }
			c := store.GroupCommit(log)
			var writers sync.WaitGroup
			for w := range uint64(16) {
				writers.Go(func() {
					dice := rand.New(rand.NewPCG(seed, w))
					for range 20 {
						synced := dice.IntN(2) == 0
						end := log.append()
						if err := c.Commit(end, synced); err != nil {
							t.Errorf("commit: %v", err)
						}
						log.check(seed, end, synced)
					}
				})
			}
			writers.Wait()
			require.LessOrEqual(t, log.syncs, 16*20, "syncs")
		})
	}
}

// check fails the test if the log is not where a commit that has returned wanted it.
func (l *tape) check(seed uint64, end int64, synced bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.written < end || synced && l.synced < end {
		l.errorf("seed %d: Commit(%d, %t) has returned; written is %d, durable %d", seed, end, synced, l.written, l.synced)
	}
}
