//lab:day 1.6

package engine

import (
	"context"
	"errors"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// errNoCompactor is returned by Compact in Week 1.
var errNoCompactor = errors.New("there is no compactor yet: merging tables comes in week 2, day 1")

// Compact writes everything to tables and has the compactor merge all of them, in one piece of work.
func (e *Engine) Compact(ctx context.Context) error {
	if err := e.Flush(ctx); err != nil {
		return err
	}
	if e.opts.Compactor == nil {
		return errNoCompactor
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)() // Close ends it too
	_, err := e.compactOnce(ctx, true)
	if e.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return kv.ErrClosed
	}
	return err
}

// compactLoop is the compaction worker, a goroutine that Open starts if there is a compactor, and Close stops. Each time it is
// woken it compacts until there is nothing to do. After an error it waits to be woken again.
func (e *Engine) compactLoop() {
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-e.compactWakeup:
		}
		for e.ctx.Err() == nil {
			if more, err := e.compactOnce(e.ctx, false); !more || err != nil {
				break
			}
		}
	}
}

// wakeCompactor tells the compaction worker to look whether there is work. It never waits.
func (e *Engine) wakeCompactor() {
	select {
	case e.compactWakeup <- struct{}{}:
	default:
	}
}

// compactOnce has the compactor do one piece of work, and installs the result. more is false if there was nothing to do.
func (e *Engine) compactOnce(ctx context.Context, full bool) (more bool, err error) {
	e.compactMu.Lock()
	defer e.compactMu.Unlock()
	if err := e.dead(); err != nil {
		return false, err
	}
	edit, err := e.compact(ctx, full)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return false, err // nobody's failure
	}
	if edit != nil && err == nil {
		e.counts.compacted(edit)
		e.removeDropped(edit)
	}
	if err != nil {
		err = fmt.Errorf("compact: %w", err)
	}
	if full || edit != nil || err != nil { // a glance that finds nothing to do does not clear an error
		e.record(compacting, err)
	}
	if (edit != nil || err != nil) && e.opts.Listener.CompactionEnd != nil {
		e.opts.Listener.CompactionEnd(edit, err)
	}
	return edit != nil, err
}

// compact has the compactor make an edit and installs it. It returns nil if there was nothing to do.
func (e *Engine) compact(ctx context.Context, full bool) (*version.Edit, error) {
	visible := e.Visible()
	edit, err := e.opts.Compactor.Compact(ctx, &Job{
		Version:    e.current.Load(),
		Visible:    visible,
		Full:       full,
		Keeper:     e.opts.Retention.Keeper(visible),
		Filter:     e.opts.CompactionFilter,
		Begin:      e.compactionBegins,
		NewOutput:  e.newOutput,
		FreeNumber: e.freeNumber,
	})
	if err != nil || edit == nil {
		return nil, err
	}
	if err := e.syncDir(); err != nil {
		e.abandon(edit)
		return nil, err
	}
	if err := e.install(edit); err != nil {
		for t := range onlyIn(edit.Add, edit.Drop) {
			t.Close() // whoever opens the store next knows whether the file is in use
		}
		return nil, err
	}
	return edit, nil
}

// compactionBegins tells the listener.
func (e *Engine) compactionBegins(inputs []*sstable.Table) {
	if e.opts.Listener.CompactionBegin != nil {
		e.opts.Listener.CompactionBegin(inputs)
	}
}

// abandon removes the tables that an edit would have added, since it will not be installed.
func (e *Engine) abandon(edit *version.Edit) {
	e.removeDropped(&version.Edit{Add: edit.Drop, Drop: edit.Add})
}
