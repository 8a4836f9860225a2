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

// tape is a log as a committer sees it: what is appended is a length, and so is what is written and what is durable. It
// counts what it is asked, and does more where the test says so.
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

// commit commits what ends there, in a goroutine of its own. That it returns too early is an error of the test.
func (l *tape) commit(c wal.Committer, end int64, sync bool) <-chan error {
	return inBackground(func() error {
		err := c.Commit(end, sync)
		if err == nil {
			l.check(end, sync)
		}
		return err
	})
}

// check fails the test if the log is not where a commit that has returned wanted it.
func (l *tape) check(end int64, synced bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.written < end || synced && l.synced < end {
		l.errorf("Commit(%d, %t) has returned; written up to %d, durable up to %d", end, synced, l.written, l.synced)
	}
}

// waiting fails the test if one of these has returned.
func waiting(t labtest.TB, what string, commits ...<-chan error) {
	t.Helper()
	letOthersRun()
	for i, done := range commits {
		select {
		case err := <-done:
			t.Fatalf("%s: %d of %d has returned, %v", what, i+1, len(commits), err)
		default:
		}
	}
}

// all waits for these and returns what they said.
func all(t labtest.TB, commits ...<-chan error) error {
	t.Helper()
	var errs []error
	for i, done := range commits {
		errs = append(errs, finished(t, fmt.Sprintf("goroutine %d of %d", i+1, len(commits)), done))
	}
	return errors.Join(errs...)
}

// gate stops the at-th call until it is let go.
type gate struct {
	at            int
	reached, open chan struct{}
}

// newGate returns a gate for the at-th call. It is open in the end, whatever the test does.
func newGate(t *testing.T, at int) *gate {
	g := &gate{at, make(chan struct{}), make(chan struct{})}
	t.Cleanup(g.release)
	return g
}

// pass is an onWrite or onSync.
func (g *gate) pass(count int) error {
	if count == g.at {
		close(g.reached)
		<-g.open
	}
	return nil
}

// release lets the call go. A second time it does nothing.
func (g *gate) release() {
	select {
	case <-g.open:
	default:
		close(g.open)
	}
}

// Seven writers come while the first one's sync is under way. It cannot count for them, as they came later. But one
// more sync can serve all seven, and must: a disk that syncs a hundred times a second would otherwise let a hundred
// writers a second through, and not hundreds.
//
//lab:task 2 points=4
func TestGroup_OneSyncServesAllThatWait(t *testing.T) {
	log, first := newTape(t), newGate(t, 1)
	log.onSync = first.pass
	c := store.GroupCommit(log)
	commits := []<-chan error{log.commit(c, log.append(), true)}
	reaches(t, "the first sync", first.reached)
	for range 7 {
		commits = append(commits, log.commit(c, log.append(), true))
	}
	waiting(t, "while the first sync is under way", commits...)
	require.Equal(t, "1 writes, 1 syncs", log.asked(), "while the first sync is under way")
	first.release()
	require.NoError(t, all(t, commits...))
	require.Equal(t, "2 writes, 2 syncs", log.asked(), "in the end, for 8 commits")
}

// A sync promises something about what was written before it began. Whoever came while it was under way must wait for
// the next one, even though "a sync has just succeeded": his bytes were not among those.
//
//lab:task 2 points=4
func TestGroup_NobodyReturnsBeforeOwnSync(t *testing.T) {
	log, first, second := newTape(t), newGate(t, 1), newGate(t, 2)
	log.onSync = func(n int) error { return errors.Join(first.pass(n), second.pass(n)) }
	c := store.GroupCommit(log)
	leader := log.commit(c, log.append(), true)
	reaches(t, "the first sync", first.reached)
	late := []<-chan error{log.commit(c, log.append(), true), log.commit(c, log.append(), true)}
	waiting(t, "while the first sync is under way", append(late, leader)...)
	first.release()
	require.NoError(t, finished(t, "the first commit", leader))
	reaches(t, "the second sync", second.reached)
	waiting(t, "after the first sync, which began before they came", late...)
	second.release()
	require.NoError(t, all(t, late...))
	require.Equal(t, "2 writes, 2 syncs", log.asked())
}

// Whoever has nothing to wait for does not wait. While one writer's sync is under way, another asks about bytes that
// have been durable for long: it must have its answer at once. A committer that holds its lock while it syncs makes
// everybody wait for the disk, even those who only want to look.
//
//lab:task 2 points=2
func TestGroup_HoldsNoLockDuringSync(t *testing.T) {
	log, second := newTape(t), newGate(t, 2)
	log.onSync = second.pass
	c := store.GroupCommit(log)
	old := log.append()
	require.NoError(t, c.Commit(old, true))
	slow := log.commit(c, log.append(), true)
	reaches(t, "the second sync", second.reached)
	require.NoError(t, finished(t, "a commit of what is durable already, during another's sync,", log.commit(c, old, true)))
	waiting(t, "while the second sync is under way", slow)
	second.release()
	require.NoError(t, finished(t, "the commit that syncs", slow))
}

// Between the leader's write and its sync another writer appends. Its bytes are in nobody's hands yet. So the leader's
// sync stands for what the leader has written, and not for all that there is in the log by then.
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

// A write that need not be durable must not pay for a sync. And one that must be cannot rely on somebody who only
// wrote: that its bytes are written is not enough.
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

// Two wait for the same bytes, and only the second wants them to be durable. The first leads, writes and does not sync.
// The second finds its bytes written, and must not take that for more than it is.
//
//lab:task 2 points=2
func TestGroup_LeaderWithoutSyncDoesNotSpeakForOthers(t *testing.T) {
	log, first := newTape(t), newGate(t, 1)
	log.onWrite = first.pass
	c := store.GroupCommit(log)
	end := log.append()
	lead := log.commit(c, end, false)
	reaches(t, "the first write", first.reached)
	follow := log.commit(c, end, true)
	waiting(t, "while the first write is under way", lead, follow)
	first.release()
	require.NoError(t, all(t, lead, follow))
	require.Equal(t, end, log.synced, "what is durable when the commit with sync has returned")
}

// The sync fails, and with it everybody who waited for it, or waits behind it: nobody of them is durable. And it is not
// forgotten. A kernel may drop what it could not write, and report the error once; the next sync succeeds, and means
// nothing. So no second sync is tried, and whoever comes later gets the same error.
//
//lab:task 2 points=4
func TestGroup_FailedSyncIsEverybodysAndStays(t *testing.T) {
	log, first := newTape(t), newGate(t, 1)
	broken := errors.New("input/output error")
	log.onSync = func(n int) error {
		_ = first.pass(n)
		if n == 1 {
			return broken
		}
		return nil
	}
	c := store.GroupCommit(log)
	lead, along := log.append(), log.append() // the leader's write takes both
	commits := []<-chan error{log.commit(c, lead, true)}
	reaches(t, "the first sync", first.reached)
	commits = append(commits, log.commit(c, along, false)) // wants no sync, and its bytes are written; but in a log that is in doubt
	for range 3 {
		commits = append(commits, log.commit(c, log.append(), true))
	}
	commits = append(commits, log.commit(c, log.append(), false))
	waiting(t, "while the first sync is under way", commits...)
	first.release()
	for i, done := range commits {
		require.ErrorIs(t, finished(t, "a commit", done), broken, "commit %d of %d", i+1, len(commits))
	}
	for range 2 {
		require.ErrorIs(t, c.Commit(log.append(), true), broken, "a commit with sync, later")
		require.ErrorIs(t, c.Commit(log.append(), false), broken, "a commit without sync, later")
	}
	require.Equal(t, 1, log.syncs, "syncs: none is tried after one has failed")
}

// The write fails: a full disk. Nobody may believe that he is stored, and a sync of what is not written would be of no
// use.
//
//lab:task 2 points=2
func TestGroup_FailedWriteIsEverybodysAndStays(t *testing.T) {
	log, first := newTape(t), newGate(t, 1)
	full := errors.New("no space left on device")
	log.onWrite = func(n int) error {
		_ = first.pass(n)
		if n == 1 {
			return full
		}
		return nil
	}
	c := store.GroupCommit(log)
	commits := []<-chan error{log.commit(c, log.append(), true)}
	reaches(t, "the first write", first.reached)
	commits = append(commits, log.commit(c, log.append(), false), log.commit(c, log.append(), true))
	waiting(t, "while the first write is under way", commits...)
	first.release()
	for i, done := range commits {
		require.ErrorIs(t, finished(t, "a commit", done), full, "commit %d of %d", i+1, len(commits))
	}
	require.ErrorIs(t, c.Commit(log.append(), false), full, "a commit later")
	require.Equal(t, "1 writes, 0 syncs", log.asked())
}

// Sixteen goroutines append and commit as they like. Whenever a commit returns, its own bytes must be where it wanted
// them. No two of them write at the same time, nobody waits for ever, and nobody syncs for nothing.
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
						log.check(end, synced)
					}
				})
			}
			writers.Wait()
			require.LessOrEqual(t, log.syncs, 16*20, "syncs")
		})
	}
}
