package engine

import "errors"

// release waits for callers who were inside when the engine was closed, and closes logs and tables. The workers have
// ended. Tables that a compaction has dropped while somebody reads them are not closed here: they go with their last reader,
// when the collector finds their files unreachable.
func (e *Engine) release() error {
	e.flushMu.Lock() // a Flush that has begun ends first
	defer e.flushMu.Unlock()
	e.compactMu.Lock()
	defer e.compactMu.Unlock()

	var errs []error
	for _, j := range e.journalsAtEnd() {
		errs = append(errs, j.close())
	}
	for _, r := range e.current.Load().Runs {
		for _, t := range r.Tables() {
			errs = append(errs, t.Close())
		}
	}
	return errors.Join(errs...)
}

// journalsAtEnd waits until no freeze is under way and no writer is inside, and returns all logs.
func (e *Engine) journalsAtEnd() []*journal {
	e.mu.Lock()
	for e.rotating {
		e.changed.Wait()
	}
	journals := e.older
	if e.log != nil {
		journals = append(journals[:len(journals):len(journals)], e.log)
	}
	e.mu.Unlock()
	for _, t := range e.current.Load().Memtables.Tables() {
		t.WaitWriters()
	}
	return journals
}
