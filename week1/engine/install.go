package engine

import (
	"fmt"
	"iter"
	"path/filepath"

	"lsmlab/internal/todo"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
)

// install records an edit and makes readers see it: all of it in one step. It returns an error, and changes nothing that
// readers see, if the manifest fails. Whether the edit is recorded is in doubt then, so the engine becomes read-only.
//
//  1. Edits go one after the other, through the manifest too: installMu.
//  2. The manifest does I/O, so mu is not held meanwhile, and a memtable may be frozen. So the edit is applied twice: to the
//     version that the manifest is shown, and to the one that is current when readers get it.
//  3. Only edits add or drop runs, and this is the only edit: both times the runs are the same.
func (e *Engine) install(edit *version.Edit) error {
	// TODO(week 1, day 6, task 1): implement install. Chapter: book/week1/day6-write-path.md#install
	//
	// Hint: e.number fills in what the manifest wants to know about an edit; it needs the version that follows.
	// Hint: e.giveUp makes the engine read-only and returns the reason; e.doubt returns why it already is.
	// Hint: What readers see is changed by e.setVersionLocked, under mu. Which version do you apply the edit to at that moment?
	panic(todo.Reached("week 1 day 6 task 1", "Engine.install"))
}

// number fills in what a manifest records beside the runs.
func (e *Engine) number(edit *version.Edit, after *version.Version) {
	tables := after.Memtables.Tables()
	edit.MinLog = tables[len(tables)-1].ID()
	edit.Next = e.next.Load()
	e.mu.Lock()
	edit.Last = e.last
	e.mu.Unlock()
}

// Hold calls f with the current version while no file of the store is removed and no edit installed: flushes and compactions
// wait. Reads and writes go on, as long as there are memtables for them. It is how a copy of a running store is made.
func (e *Engine) Hold(f func(v *version.Version) error) error {
	e.flushMu.Lock()
	defer e.flushMu.Unlock()
	e.compactMu.Lock()
	defer e.compactMu.Unlock()
	if err := e.dead(); err != nil {
		return err
	}
	return f(e.current.Load())
}

// removeDropped removes the files of tables that an edit has dropped and not added again in another run. The edit is
// durable, so nobody who opens the store later looks for them. Readers of older versions keep their open files. A file that
// cannot be removed only takes space: it is reported.
func (e *Engine) removeDropped(edit *version.Edit) {
	for t := range onlyIn(edit.Drop, edit.Add) {
		e.removeTable(t)
	}
}

// onlyIn iterates over the tables of runs that none of the others has.
func onlyIn(runs, others []*version.Run) iter.Seq[*sstable.Table] {
	return func(yield func(*sstable.Table) bool) {
		skip := map[*sstable.Table]bool{}
		for _, r := range others {
			for _, t := range r.Tables() {
				skip[t] = true
			}
		}
		for _, r := range runs {
			for _, t := range r.Tables() {
				if !skip[t] && !yield(t) {
					return
				}
			}
		}
	}
}

// removeTable removes a table's file, and its blocks from the cache.
func (e *Engine) removeTable(t *sstable.Table) {
	if e.opts.Cache != nil {
		e.opts.Cache.Evict(t.Number())
	}
	if err := e.opts.FS.Remove(filepath.Join(e.dir, sstable.FileName(t.Number()))); err != nil {
		e.report(fmt.Errorf("remove dropped table: %w", err))
	}
}
