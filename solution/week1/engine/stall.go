//lab:day 1.6

package engine

// stallLocked makes a writer that wants another memtable wait for as long as tooMany says so: writes come faster than the disk
// takes them, and memory, or the number of runs, would grow without end. It returns nil when there is room for one more, and an
// error when writes are refused now, because a flush failed or the engine was closed: nobody would make room then.
//
//lab:todo bonus write-path#stall
//lab:hint e.changed.Wait gives mu back, and takes it again after a signal. What you knew before it may not hold after it.
//lab:hint Everything that ends the waiting must signal e.changed. Look where it is signalled already.
//lab:hint Tell the listener, if it listens: StallBegin once before the first wait, StallEnd once after the last.
//lab:stub return nil
func (e *Engine) stallLocked() error {
	// #region stall
	if !e.tooMany() {
		return nil
	}
	if e.opts.Listener.StallBegin != nil {
		e.opts.Listener.StallBegin(e.current.Load().Memtables.Len())
	}
	if e.opts.Listener.StallEnd != nil {
		defer e.opts.Listener.StallEnd()
	}
	for e.tooMany() {
		if err := e.refusalLocked(); err != nil {
			return err
		}
		e.changed.Wait()
	}
	return nil
	// #endregion
}

// tooMany reports whether a writer that wants another memtable must wait: there are Options.StallMemtables or more, or
// Options.Throttle, asked about the current version, has said stop.
func (e *Engine) tooMany() bool {
	return e.stopped || e.current.Load().Memtables.Len() >= e.opts.StallMemtables
}
