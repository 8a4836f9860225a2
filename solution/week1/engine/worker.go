//lab:day 1.6

package engine

import "lsmlab/internal/kv"

// overLimit reports whether there are more memtables than Options.MaxMemtables, so that the oldest must be flushed.
//
//lab:todo 2 write-path#trigger
//lab:hint The active memtable is one of them. MaxMemtables 2 means: one active, one frozen, and nothing to do yet.
//lab:stub return false
func (e *Engine) overLimit() bool {
	// #region over-limit
	return e.current.Load().Memtables.Len() > e.opts.MaxMemtables
	// #endregion
}

// wake tells the flush worker to look whether there is work. It never waits: it is called under mu, after each freeze.
//
//lab:todo 2 write-path#trigger
//lab:hint e.wakeup has room for one signal. If one is in there already, the worker will come and look anyway.
//lab:stub return
func (e *Engine) wake() {
	// #region wake
	select {
	case e.wakeup <- struct{}{}:
	default:
	}
	// #endregion
}

// work is the flush worker, a goroutine that Open starts and Close stops. Each time it is woken it flushes the oldest
// memtable until there are not too many any more. It ends when e.ctx is done. After an error it stops flushing and waits:
// whoever calls Flush tries again.
//
//lab:todo 2 write-path#worker
//lab:hint Two things can wake it: e.wakeup, and the end of e.ctx.
//lab:hint One signal may stand for several freezes: flush until overLimit says no.
//lab:hint flushOldest has remembered the error already. What would trying again at once do to a full disk?
//lab:stub return
func (e *Engine) work() {
	// #region work
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-e.wakeup:
		}
		for e.overLimit() && e.ctx.Err() == nil {
			if e.flushOldest() != nil {
				break
			}
		}
	}
	// #endregion
}

// Close stops the workers, waits for everybody who is inside, and closes the files. From the moment when it begins, every
// call returns kv.ErrClosed; scans that are open end with it. A second Close returns kv.ErrClosed too, at once.
//
// What is in memory is lost, and what is on disk will not be found again: the engine of Week 1 forgets.
//
//lab:todo 2 write-path#close
//lab:hint e.closed is set under mu, so that every writer has either got its numbers before, or is refused.
//lab:hint Who waits for e.changed must be woken, to find that the engine is closed.
//lab:hint e.stop ends e.ctx; e.workers counts the goroutines. Which lock must you not hold while you wait for them?
//lab:hint e.release waits for everybody else, and closes logs and tables.
//lab:stub return nil
func (e *Engine) Close() error {
	// #region close
	e.mu.Lock()
	if e.closed.Swap(true) {
		e.mu.Unlock()
		return kv.ErrClosed
	}
	e.changed.Broadcast()
	e.mu.Unlock()

	e.stop()
	e.workers.Wait()
	return e.release()
	// #endregion
}
