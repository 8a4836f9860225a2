package store

import (
	"sync"

	"lsmlab/internal/todo"
	"lsmlab/week2/wal"
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
func GroupCommit(log wal.Flusher) wal.Committer {
	// TODO(week 2, day 7, task 2): implement GroupCommit. Chapter: book/week2/day7-batches-and-crashes.md#group
	//
	// Hint: Who waits for g.changed must hold g.mu: that is g.changed.L.
	todo.Note("week 2 day 7 task 2", "GroupCommit")
	return nil
}

// Commit returns when the log is written up to end and, with sync, durable up to there; or with the error because of which
// it never will be. Any number of goroutines may be inside.
func (g *group) Commit(end int64, sync bool) error {
	// TODO(week 2, day 7, task 2): implement Commit. Chapter: book/week2/day7-batches-and-crashes.md#group
	//
	// Hint: Three cases, looked at again and again: my end is reached; somebody leads, so wait; nobody leads, so lead.
	// Hint: Another leader may have done your work while you waited, or only half of it, or it failed.
	panic(todo.Reached("week 2 day 7 task 2", "group.Commit"))
}

// leadLocked writes what was appended to the log, and with sync makes durable what it has written. It gives mu back meanwhile.
func (g *group) leadLocked(sync bool) {
	// TODO(week 2, day 7, task 2): implement leadLocked. Chapter: book/week2/day7-batches-and-crashes.md#group
	//
	// Hint: log.Write writes all that was appended when it was called, by whoever, and says how far that is.
	// Hint: Others append while you sync. Which end does your sync stand for?
	// Hint: Who waits must be woken, in any case.
	panic(todo.Reached("week 2 day 7 task 2", "group.leadLocked"))
}
