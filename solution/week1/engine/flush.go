//lab:day 1.6

package engine

import (
	"context"
	"fmt"

	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// Flush writes everything that is in memory now to tables. It freezes the active memtable, if anything is in it, and
// returns when that memtable and all older ones are on disk, or with ctx's error between two of them. To flush nothing is
// fine. If a flush in the background has failed, this is how to try again: success ends the refusal of writes.
//
//lab:todo 1 write-path#flush
//lab:hint freezeActive does nothing if the active memtable is empty, and tells if the engine is closed or read-only.
//lab:hint Writers go on meanwhile and may freeze further memtables. Where do you stop, so that you ever return?
//lab:hint A memtable's ID is higher than those of all older ones.
func (e *Engine) Flush(ctx context.Context) error {
	// #region flush
	if err := e.freezeActive(); err != nil {
		return err
	}
	frozen := e.current.Load().Memtables.Frozen()
	if len(frozen) == 0 {
		return nil
	}
	newest := frozen[0].ID()
	for {
		oldest := e.current.Load().Memtables.Oldest()
		if oldest == nil || oldest.ID() > newest {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("flush: %w", err)
		}
		if err := e.flushOldest(); err != nil {
			return err
		}
	}
	// #endregion
}

// flushOldest writes the oldest frozen memtable to a table of level 0. It does nothing if none is frozen. After an error
// the memtable is still there, and readable.
//
//lab:todo 1 write-path#flush
//lab:hint Two goroutines may call this at once: the worker, and somebody who calls Flush. flushMu is for them.
//lab:hint What is the oldest one? Ask when you know that nobody else is flushing it.
//lab:hint e.dead says why nothing is flushed any more. Between e.flushBegins and e.flushEnds: e.flush.
func (e *Engine) flushOldest() error {
	// #region flush-oldest
	e.flushMu.Lock()
	defer e.flushMu.Unlock()
	if err := e.dead(); err != nil {
		return err
	}
	oldest := e.current.Load().Memtables.Oldest()
	if oldest == nil {
		return nil
	}
	e.flushBegins(oldest)
	table, err := e.flush(oldest)
	return e.flushEnds(oldest, table, err)
	// #endregion
}

// flush writes one frozen memtable to a table and installs that in its place. It returns the table, nil if there was
// nothing to write. The new run is on level 0; its epoch is the memtable's ID, which is what makes it newer than all runs
// flushed before.
//
//lab:todo 1 write-path#flush
//lab:hint The memtable takes no more reservations, but a writer who has one may still be inserting.
//lab:hint An Edit has a place for the run and one for the memtable: one edit, one step.
//lab:hint A table that could not be installed is closed. Its file stays: the manifest may hold it after all.
func (e *Engine) flush(t *memtable.Table) (*sstable.Table, error) {
	// #region flush-one
	t.WaitWriters()
	table, err := e.buildTable(t)
	if err != nil {
		return nil, err
	}
	edit := &version.Edit{Flushed: t}
	if table != nil {
		edit.Add = []*version.Run{version.NewRun(0, t.ID(), []*sstable.Table{table})}
	}
	if err := e.install(edit); err != nil {
		if table != nil {
			table.Close()
		}
		return nil, err
	}
	return table, nil
	// #endregion
}

// buildTable writes what a memtable holds to a new table file, whose contents and name are durable when it returns. It
// holds no lock meanwhile. It returns nil if no version is left to write. After an error no file is left behind.
//
//lab:todo 1 write-path#build
//lab:hint e.newOutput creates the file; an Output is a sstable.Writer with a Finish that opens the table, and an Abort.
//lab:hint Not every version must be kept: NewSieve(e.keeper()) knows, if it is asked about each one in order.
//lab:hint A file's name is durable when its directory is synced: e.syncDir. That can fail too, and the file is there by then.
func (e *Engine) buildTable(t *memtable.Table) (*sstable.Table, error) {
	// #region build
	out, err := e.newOutput()
	if err != nil {
		return nil, err
	}
	if err = e.fill(out, t); err != nil || out.Entries() == 0 {
		out.Abort()
		return nil, err
	}
	table, err := out.Finish()
	if err == nil {
		err = e.syncDir()
	}
	if err != nil {
		out.Abort()
		return nil, err
	}
	return table, nil
	// #endregion
}

// fill adds the versions that must be kept to a table in the making.
//
//lab:omit
func (e *Engine) fill(out *Output, t *memtable.Table) error {
	sieve := NewSieve(e.keeper())
	it := t.NewIterator()
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		if !sieve.Keep(it.Key(), false) {
			continue
		}
		if err := out.Add(it.Key(), it.Value()); err != nil {
			return err
		}
	}
	return it.Err()
}

// keeper returns who says which versions must be kept by what begins now. The visible number is loaded before the keeper is
// asked: a snapshot that is taken in between reads at that number or a later one.
func (e *Engine) keeper() Keeper {
	visible := e.Visible()
	return e.opts.Retention.Keeper(visible)
}

// flushBegins tells the listener.
func (e *Engine) flushBegins(t *memtable.Table) {
	if e.opts.Listener.FlushBegin != nil {
		e.opts.Listener.FlushBegin(t.ID())
	}
}

// flushEnds remembers how a flush ended, removes the memtable's log if it ended well, and tells the listener. It returns
// the error.
func (e *Engine) flushEnds(t *memtable.Table, table *sstable.Table, err error) error {
	if err != nil {
		err = fmt.Errorf("flush memtable %d: %w", t.ID(), err)
	} else {
		e.dropJournal(t.ID())
		e.counts.flushed(table)
		e.wakeCompactor()
	}
	e.record(flushing, err)
	if e.opts.Listener.FlushEnd != nil {
		e.opts.Listener.FlushEnd(t.ID(), table, err)
	}
	return err
}
