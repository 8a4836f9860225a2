package wal

import (
	"sync"

	"lsmlab/internal/todo"
)

// Flusher is a log as a Committer sees it. Of calls that overlap one waits for the other. After an error every later
// call fails with it too, and does nothing.
type Flusher interface {
	// Write hands everything that has been appended so far to the operating system. It returns where that ends.
	Write() (end int64, err error)
	// Sync makes durable what Write has handed over.
	Sync() error
}

// Committer decides, of all who wait for one log, who writes and who syncs.
type Committer interface {
	// Commit returns when the log is written up to end and, if sync is set, durable up to there. Any number of
	// goroutines may call it at once.
	Commit(end int64, sync bool) error
}

// alone is the Committer of those who wait for nobody: each writes and syncs for itself, one after the other. Whoever
// finds that another one's work included its own has nothing left to do.
type alone struct {
	log Flusher

	mu      sync.Mutex // guards all below; held through the I/O
	written int64      // up to here the operating system has the log
	synced  int64      // up to here the disk has it
}

// newAlone returns the default Committer of a log.
func newAlone(log Flusher) Committer { return &alone{log: log} }

// Commit writes and syncs what is missing.
func (a *alone) Commit(end int64, sync bool) error {
	// TODO(week 2, day 6, task 2): implement Commit. Chapter: book/week2/day6-write-ahead-log.md#commit
	//
	// Hint: What is written already up to end need not be written again, nor synced what is synced.
	// Hint: A Write that failed has written nothing that counts: the next caller must not find its batch "written already".
	// Hint: How far is the log synced after a.log.Sync? Others may have appended since a.log.Write.
	panic(todo.Reached("week 2 day 6 task 2", "alone.Commit"))
}
