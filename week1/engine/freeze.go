package engine

import (
	"slices"

	"lsmlab/week1/memtable"
)

// makeRoom sees to it that full is not the active memtable any more, and that the next one has an arena of at least
// capacity bytes. It may return without having done anything, for the caller to look again.
func (e *Engine) makeRoom(full *memtable.Table, capacity int) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.stallLocked(); err != nil {
		return err
	}
	return e.freezeLocked(full, capacity)
}

// freezeActive freezes the active memtable, unless nobody has written to it.
func (e *Engine) freezeActive() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.dirty {
		return e.deadLocked()
	}
	return e.freezeLocked(e.active, e.opts.MemtableSize)
}

// freezeLocked freezes full and puts another memtable in its place. It gives mu back while it makes that one, since a new
// log needs I/O.
//
//  1. One goroutine at a time does this. Who comes meanwhile waits, and looks again: the active memtable may be another
//     one then, with plenty of room. To freeze that too would leave behind a frozen memtable of nothing.
//  2. Writers may still be inside full when it is frozen. Nobody new gets in: Reserve is called for the active one only.
//  3. A memtable in which nobody has reserved room is not frozen but replaced. That happens to an arena too small for the batch.
func (e *Engine) freezeLocked(full *memtable.Table, capacity int) error {
	for e.rotating {
		e.changed.Wait()
	}
	if err := e.deadLocked(); err != nil {
		return err
	}
	if e.active != full {
		return nil
	}
	e.rotating = true
	e.mu.Unlock()
	next, log, err := e.newTable(max(capacity, e.opts.MemtableSize))
	e.mu.Lock()
	e.rotating = false
	e.changed.Broadcast()
	if err != nil {
		return err
	}
	unused := log
	if err = e.deadLocked(); err == nil {
		unused = e.replaceActiveLocked(next, log)
	}
	e.mu.Unlock()
	e.discardJournal(unused)
	e.mu.Lock()
	return err
}

// newTable makes a memtable and its log. It needs no lock.
func (e *Engine) newTable(capacity int) (*memtable.Table, *journal, error) {
	id := e.freeNumber()
	log, err := e.newJournal(id)
	if err != nil {
		return nil, nil, err
	}
	return e.opts.NewTable(id, capacity), log, nil
}

// replaceActiveLocked makes next the active memtable. It returns the log of the one before if nothing is in it.
func (e *Engine) replaceActiveLocked(next *memtable.Table, log *journal) (unused *journal) {
	v := *e.current.Load()
	v.Memtables = v.Memtables.Freeze(next)
	full, dirty := e.active, e.dirty
	switch {
	case !dirty:
		v.Memtables = v.Memtables.Without(full)
		unused = e.log
	case e.log != nil:
		e.older = append(slices.Clip(e.older), e.log)
	}
	e.active, e.log, e.dirty = next, log, false
	e.setVersionLocked(&v)
	if dirty && e.opts.Listener.Frozen != nil {
		e.opts.Listener.Frozen(full.ID())
	}
	e.wake()
	return unused
}
