//lab:day 2.7

package store

import (
	"sync"

	"lsmlab/solution/week2/wal"
)

// group is the group committer of one log. Many writers want their batches written and synced at the same time, and the
// disk does one sync at a time, which costs the same for one batch and for a hundred. So one of those who wait, the leader,
// writes and syncs for all, and whoever comes meanwhile forms the next group.
//
//	A  leads: write A ─ sync ─┐ returns
//	B     waits               └ leads: write B, C, D ─ sync ─┐ returns
//	C         waits                                          ├ returns
//	D             waits                                      └ returns
//
// Why nobody is promised too much, or waits too long:
//
//  1. One goroutine at a time leads. It holds no lock while it does I/O; so others can come, and wait.
//  2. A sync makes durable what was written before it began, and says nothing about what came later. So synced rises to where
//     the leader's own write had ended, and no further.
//  3. Nobody returns nil before its own end is written and, if it asked for that, synced.
//  4. The first error is everybody's, of those who wait and of all who come later. After a sync that failed nobody knows what
//     the disk has, and a second one that succeeds proves nothing about the bytes of the first.
type group struct {
	log wal.Flusher

	mu      sync.Mutex // guards all below
	changed sync.Cond  // on mu: a leader has ended
	leading bool       // somebody does I/O
	written int64      // up to here the log was handed on
	synced  int64      // up to here it is durable
	err     error      // the first; it stays
}

// GroupCommit returns a committer for a log that lets one of those who wait write and sync for all.
//
//lab:todo 2 batches-and-crashes#group
//lab:hint Who waits for g.changed must hold g.mu: that is g.changed.L.
//lab:stub return nil
func GroupCommit(log wal.Flusher) wal.Committer {
	// #region new
	g := &group{log: log}
	g.changed.L = &g.mu
	return g
	// #endregion
}

// Commit returns when the log is written up to end and, with sync, durable up to there; or with the error because of which
// it never will be. Any number of goroutines may be inside.
//
//lab:todo 2 batches-and-crashes#group
//lab:hint Three cases, looked at again and again: my end is reached; somebody leads, so wait; nobody leads, so lead.
//lab:hint Another leader may have done your work while you waited, or only half of it, or it failed.
func (g *group) Commit(end int64, sync bool) error {
	// #region commit
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.err == nil && (g.written < end || sync && g.synced < end) {
		if g.leading {
			g.changed.Wait()
		} else {
			g.leadLocked(sync)
		}
	}
	return g.err
	// #endregion
}

// leadLocked writes what was appended to the log, and with sync makes durable what it has written. It gives mu back meanwhile.
//
//lab:todo 2 batches-and-crashes#group
//lab:hint log.Write writes all that was appended when it was called, by whoever, and says how far that is.
//lab:hint Others append while you sync. Which end does your sync stand for?
//lab:hint Who waits must be woken, in any case.
func (g *group) leadLocked(sync bool) {
	// #region lead
	g.leading = true
	g.mu.Unlock()
	written, err := g.log.Write()
	if err == nil && sync {
		err = g.log.Sync()
	}
	g.mu.Lock()
	g.leading = false
	g.changed.Broadcast()
	if g.err = err; err != nil {
		return
	}
	g.written = max(g.written, written)
	if sync {
		g.synced = max(g.synced, written)
	}
	// #endregion
}
