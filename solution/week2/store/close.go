//lab:day 2.7

package store

import (
	"context"
	"errors"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
)

// Close closes the store, in the opposite order of Open. When it returns nil, every write that has succeeded is durable. A
// second Close returns kv.ErrClosed.
//
//  1. Logs are written out and synced as they are closed. A store without logs is flushed instead.
//  2. From the moment when Close begins, no batch is taken any more: the flush must not miss one that was acknowledged. That
//     is what lastOrders is for.
//  3. Whatever fails, everything is closed, and the lock is given back last: the next opener finds nobody at work.
//
//lab:todo 3 batches-and-crashes#close
//lab:hint Of two goroutines that close, one does it, and the other is told kv.ErrClosed: s.closing.
//lab:hint A store without logs has to flush. Before the engine is closed, or after? And if the flush fails?
//lab:hint errors.Join for what may fail: the engine, and s.release, which closes the manifest and gives the lock back.
//lab:stub return errors.Join(s.Engine.Close(), s.release())
func (s *Store) Close() error {
	// #region close
	if s.closing.Swap(true) {
		return kv.ErrClosed
	}
	var flushed error
	if s.opts.Log == LogOff {
		flushed = s.Flush(context.Background())
	}
	return errors.Join(flushed, s.Engine.Close(), s.release())
	// #endregion
}

// release leaves the budget, closes the manifest and gives the lock back, as far as Open came.
func (s *Store) release() error {
	var errs []error
	if s.member != nil {
		s.opts.Budget.leave(s.member)
	}
	if s.manifest != nil {
		errs = append(errs, s.manifest.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// lastOrders is the gate of a store without logs. Close sets closing, and then flushes. The gate is asked under the lock that
// the flush takes to freeze the active memtable: so each batch was let in before that, and is flushed, or is refused.
type lastOrders struct {
	store *Store
	next  engine.Gate // nil: admits all
}

// Admit refuses every batch once the store is being closed.
func (g lastOrders) Admit(first kv.Seq, b *kv.Batch) error {
	// #region last-orders
	if g.store.closing.Load() {
		return kv.ErrClosed
	}
	// #endregion
	if g.next == nil {
		return nil
	}
	return g.next.Admit(first, b)
}
