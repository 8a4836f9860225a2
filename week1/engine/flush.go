package engine

import (
	"context"
	"fmt"

	"lsmlab/internal/todo"
	"lsmlab/week1/memtable"
	"lsmlab/week1/sstable"
)

// Flush writes everything that is in memory now to tables. It freezes the active memtable, if anything is in it, and
// returns when that memtable and all older ones are on disk, or with ctx's error between two of them. To flush nothing is
// fine. If a flush in the background has failed, this is how to try again: success ends the refusal of writes.
func (e *Engine) Flush(ctx context.Context) error {
	// TODO(week 1, day 6, task 1): implement Flush. Chapter: book/week1/day6-write-path.md#flush
	//
	// Hint: freezeActive does nothing if the active memtable is empty, and tells if the engine is closed or read-only.
	// Hint: Writers go on meanwhile and may freeze further memtables. Where do you stop, so that you ever return?
	// Hint: A memtable's ID is higher than those of all older ones.
	panic(todo.Reached("week 1 day 6 task 1", "Engine.Flush"))
}

// flushOldest writes the oldest frozen memtable to a table of level 0. It does nothing if none is frozen. After an error
// the memtable is still there, and readable.
func (e *Engine) flushOldest() error {
	// TODO(week 1, day 6, task 1): implement flushOldest. Chapter: book/week1/day6-write-path.md#flush
	//
	// Hint: Two goroutines may call this at once: the worker, and somebody who calls Flush. flushMu is for them.
	// Hint: What is the oldest one? Ask when you know that nobody else is flushing it.
	// Hint: e.dead says why nothing is flushed any more. Between e.flushBegins and e.flushEnds: e.flush.
	panic(todo.Reached("week 1 day 6 task 1", "Engine.flushOldest"))
}

// flush writes one frozen memtable to a table and installs that in its place. It returns the table, nil if there was
// nothing to write. The new run is on level 0; its epoch is the memtable's ID, which is what makes it newer than all runs
// flushed before.
func (e *Engine) flush(t *memtable.Table) (*sstable.Table, error) {
	// TODO(week 1, day 6, task 1): implement flush. Chapter: book/week1/day6-write-path.md#flush
	//
	// Hint: The memtable takes no more reservations, but a writer who has one may still be inserting.
	// Hint: An Edit has a place for the run and one for the memtable: one edit, one step.
	// Hint: A table that could not be installed is closed. Its file stays: the manifest may hold it after all.
	panic(todo.Reached("week 1 day 6 task 1", "Engine.flush"))
}

// buildTable writes what a memtable holds to a new table file, whose contents and name are durable when it returns. It
// holds no lock meanwhile. It returns nil if no version is left to write. After an error no file is left behind.
func (e *Engine) buildTable(t *memtable.Table) (*sstable.Table, error) {
	// TODO(week 1, day 6, task 1): implement buildTable. Chapter: book/week1/day6-write-path.md#build
	//
	// Hint: e.newOutput creates the file; an Output is a sstable.Writer with a Finish that opens the table, and an Abort.
	// Hint: Not every version must be kept: NewSieve(e.keeper()) knows, if it is asked about each one in order.
	// Hint: A file's name is durable when its directory is synced: e.syncDir. That can fail too, and the file is there by then.
	panic(todo.Reached("week 1 day 6 task 1", "Engine.buildTable"))
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
