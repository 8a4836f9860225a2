//lab:day 2.6

package wal

import "sync"

// #region seam

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

// #endregion

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
//
//lab:todo 2 write-ahead-log#commit
//lab:hint What is written already up to end need not be written again, nor synced what is synced.
//lab:hint A Write that failed has written nothing that counts: the next caller must not find its batch "written already".
//lab:hint How far is the log synced after a.log.Sync? Others may have appended since a.log.Write.
func (a *alone) Commit(end int64, sync bool) error {
	// #region commit
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.written < end {
		written, err := a.log.Write()
		if err != nil {
			return err
		}
		a.written = written
	}
	if sync && a.synced < end {
		if err := a.log.Sync(); err != nil {
			return err
		}
		a.synced = a.written
	}
	return nil
	// #endregion
}
