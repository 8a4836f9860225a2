package engine

import (
	"fmt"

	"lsmlab/internal/kv"
)

// Two kinds of failure stop writes. A flush or compaction that failed before it had recorded anything may be tried again:
// until that succeeds, writes are refused, since memtables would only pile up. A failed log or manifest is worse: what the
// disk holds is in doubt. Then the engine is read-only until it is opened again, and looks.

// refusalLocked returns why no write is taken now, nil if writes are welcome.
func (e *Engine) refusalLocked() error {
	if err := e.deadLocked(); err != nil {
		return err
	}
	for _, err := range e.failed {
		if err != nil {
			return fmt.Errorf("write refused: %w", err)
		}
	}
	return nil
}

// deadLocked returns why neither writes nor flushes will ever be taken again by this Engine, nil if they may.
func (e *Engine) deadLocked() error {
	if e.closed.Load() {
		return kv.ErrClosed
	}
	return e.readOnly
}

// dead is deadLocked for those who do not hold mu.
func (e *Engine) dead() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.deadLocked()
}

// doubt returns why the engine is read-only, nil if it is not.
func (e *Engine) doubt() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.readOnly
}

// giveUp makes the engine read-only for the rest of its life, because of err, and returns the reason that later writes get.
func (e *Engine) giveUp(err error) error {
	e.mu.Lock()
	first := e.readOnly == nil
	if first {
		e.readOnly = fmt.Errorf("%w: %w", kv.ErrReadOnly, err)
	}
	reason := e.readOnly
	e.changed.Broadcast()
	e.mu.Unlock()
	if first {
		e.report(reason)
	}
	return reason
}

// record remembers how a background job ended: with an error, for which writes are refused, or with nil, which clears the
// error of an earlier attempt. It returns err.
func (e *Engine) record(j job, err error) error {
	e.mu.Lock()
	e.failed[j] = err
	e.changed.Broadcast()
	e.mu.Unlock()
	if err != nil {
		e.report(err)
	}
	return err
}

// report tells the listener of an error.
func (e *Engine) report(err error) {
	if e.opts.Listener.BackgroundError != nil {
		e.opts.Listener.BackgroundError(err)
	}
}
