package engine

import (
	"fmt"
	"slices"
	"sync"
)

// journal is the log of one memtable, as the engine holds it. Without Options.Logs there is none.
//
// A synced write syncs the logs before its own first: a crash must not keep a later write and lose an earlier one.
//
//  1. Writes are appended in the order of their numbers, so all earlier ones are in this log or in older ones.
//  2. When a memtable is frozen its log has got its last append; end does not change any more.
//  3. A log is closed when its memtable is in a durable table; whoever still wants to sync it then has nothing to do.
type journal struct {
	number uint64
	log    Log   // nil if the memtable was replayed: its log is closed, and was synced
	end    int64 // of the last append; guarded by Engine.mu

	mu   sync.Mutex // guards done; held while the log is synced for a younger one, and while it is closed
	done bool       // the log is synced to its end, or closed
}

// settle makes a frozen log durable.
func (j *journal) settle() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.done || j.log == nil {
		return nil
	}
	if err := j.log.Commit(j.end, true); err != nil {
		return err
	}
	j.done = true
	return nil
}

// close closes the log. Nobody settles it afterwards.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done = true
	if j.log == nil {
		return nil
	}
	return j.log.Close()
}

// commit writes a batch to its log before it is inserted. If it must be durable, so must all before it.
func (e *Engine) commit(w write) error {
	if w.log == nil {
		return nil
	}
	if w.sync {
		for _, j := range w.older {
			if err := j.settle(); err != nil {
				return err
			}
		}
	}
	return w.log.log.Commit(w.end, w.sync)
}

// Sync makes every write durable that has returned. Without logs it does nothing: only Flush could.
func (e *Engine) Sync() error {
	e.mu.Lock()
	if err := e.deadLocked(); err != nil || e.log == nil {
		e.mu.Unlock()
		return err
	}
	w := write{table: e.active, log: e.log, end: e.log.end, older: e.older, sync: true}
	e.active.Reserve(0, 0) // counts in: the log is not closed meanwhile
	e.mu.Unlock()
	defer w.table.Done()
	if err := e.commit(w); err != nil {
		return e.giveUp(fmt.Errorf("sync log: %w", err))
	}
	return nil
}

// newJournal begins the log of a memtable.
func (e *Engine) newJournal(number uint64) (*journal, error) {
	if e.opts.Logs == nil {
		return nil, nil
	}
	log, err := e.opts.Logs.Create(number)
	if err != nil {
		return nil, fmt.Errorf("create log %d: %w", number, err)
	}
	return &journal{number: number, log: log}, nil
}

// dropJournal closes and removes the log of a memtable whose contents are durable elsewhere. That it fails harms nobody
// but the disk's free space, so it is only reported.
func (e *Engine) dropJournal(number uint64) {
	e.mu.Lock()
	i := slices.IndexFunc(e.older, func(j *journal) bool { return j.number == number })
	if i < 0 {
		e.mu.Unlock()
		return
	}
	j := e.older[i]
	e.older = slices.Concat(e.older[:i], e.older[i+1:])
	e.mu.Unlock()

	e.discardJournal(j)
}

// discardJournal closes and removes a log that nobody needs.
func (e *Engine) discardJournal(j *journal) {
	if j == nil {
		return
	}
	err := j.close()
	if err == nil {
		err = e.opts.Logs.Remove(j.number)
	}
	if err != nil {
		e.report(fmt.Errorf("remove log %d: %w", j.number, err))
	}
}
