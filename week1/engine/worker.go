package engine

import "lsmlab/internal/todo"

// overLimit reports whether there are more memtables than Options.MaxMemtables, so that the oldest must be flushed.
func (e *Engine) overLimit() bool {
	// TODO(week 1, day 6, task 2): implement overLimit. Chapter: book/week1/day6-write-path.md#trigger
	//
	// Hint: The active memtable is one of them. MaxMemtables 2 means: one active, one frozen, and nothing to do yet.
	todo.Note("week 1 day 6 task 2", "Engine.overLimit")
	return false
}

// wake tells the flush worker to look whether there is work. It never waits: it is called under mu, after each freeze.
func (e *Engine) wake() {
	// TODO(week 1, day 6, task 2): implement wake. Chapter: book/week1/day6-write-path.md#trigger
	//
	// Hint: e.wakeup has room for one signal. If one is in there already, the worker will come and look anyway.
	todo.Note("week 1 day 6 task 2", "Engine.wake")
	return
}

// work is the flush worker, a goroutine that Open starts and Close stops. Each time it is woken it flushes the oldest
// memtable until there are not too many any more. It ends when e.ctx is done. After an error it stops flushing and waits:
// whoever calls Flush tries again.
func (e *Engine) work() {
	// TODO(week 1, day 6, task 2): implement work. Chapter: book/week1/day6-write-path.md#worker
	//
	// Hint: Two things can wake it: e.wakeup, and the end of e.ctx.
	// Hint: One signal may stand for several freezes: flush until overLimit says no.
	// Hint: flushOldest has remembered the error already. What would trying again at once do to a full disk?
	todo.Note("week 1 day 6 task 2", "Engine.work")
	return
}

// Close stops the workers, waits for everybody who is inside, and closes the files. From the moment when it begins, every
// call returns kv.ErrClosed; scans that are open end with it. A second Close returns kv.ErrClosed too, at once.
//
// What is in memory is lost, and what is on disk will not be found again: the engine of Week 1 forgets.
func (e *Engine) Close() error {
	// TODO(week 1, day 6, task 2): implement Close. Chapter: book/week1/day6-write-path.md#close
	//
	// Hint: e.closed is set under mu, so that every writer has either got its numbers before, or is refused.
	// Hint: Who waits for e.changed must be woken, to find that the engine is closed.
	// Hint: e.stop ends e.ctx; e.workers counts the goroutines. Which lock must you not hold while you wait for them?
	// Hint: e.release waits for everybody else, and closes logs and tables.
	todo.Note("week 1 day 6 task 2", "Engine.Close")
	return nil
}
