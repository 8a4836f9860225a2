package engine

import (
	"fmt"
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/week1/memtable"
)

// Put stores value under key. Both are copied.
func (e *Engine) Put(key, value []byte) error {
	b := takeBatch()
	b.Set(key, value)
	err := e.Apply(b)
	giveBatch(b)
	return err
}

// Delete removes key, by writing a tombstone. That the key exists is neither needed nor checked.
func (e *Engine) Delete(key []byte) error {
	b := takeBatch()
	b.Delete(key)
	err := e.Apply(b)
	giveBatch(b)
	return err
}

// write is one batch on its way.
type write struct {
	first, last kv.Seq
	table       *memtable.Table // room is reserved in it, and the writer counted in
	log         *journal        // nil without logs
	end         int64           // of the batch in log
	older       []*journal      // logs that come before log
	sync        bool            // it must be durable, and all before it
}

// Apply stores all writes of a batch, or none, and is as durable as Options.Sync says. See Write.
func (e *Engine) Apply(b *kv.Batch) error {
	_, err := e.Write(b, false)
	return err
}

// Write stores all writes of a batch, or none: readers see the whole batch or nothing of it. When it returns nil, every read
// that begins from then on sees it, and with sync, or Options.Sync, it and all before it are durable. It returns the sequence
// number of the first write; the others have the following ones. The batch belongs to the caller again.
//
//  1. Numbers, room in the memtable and the place in the log are taken together, under mu. So the log is in the order of
//     numbers, and all numbers of a memtable are below those of the next one.
//  2. Nothing is inserted before its log says so. A batch whose commit failed is never inserted, and since the state on disk
//     is in doubt then, all later writes are refused.
//  3. Numbers become visible in order, each after its batch is inserted, those of failed batches too: nothing stands there.
//  4. The writer counts out of the memtable last. So whoever has waited for its writers finds everything in it, and visible.
func (e *Engine) Write(b *kv.Batch, sync bool) (first kv.Seq, err error) {
	if err := e.checkBatch(b); err != nil {
		return 0, err
	}
	e.slowDown()
	w, err := e.admit(b)
	if err != nil || b.Len() == 0 {
		return 0, err
	}
	w.sync = sync || e.opts.Sync
	if err = e.commit(w); err != nil {
		err = e.giveUp(fmt.Errorf("write log: %w", err))
	} else if err = w.table.Apply(w.first, b); err != nil {
		err = e.giveUp(fmt.Errorf("insert into memtable: %w", err)) // room was reserved: this cannot be
	}
	e.publish(w.first, w.last)
	w.table.Done()
	if err == nil && e.opts.Listener.Applied != nil {
		e.opts.Listener.Applied(w.first, b)
	}
	return w.first, err
}

// checkBatch returns why no engine with these options can ever take the batch.
func (e *Engine) checkBatch(b *kv.Batch) error {
	if err := b.Check(e.opts.MaxValueSize); err != nil {
		return err
	}
	if need := memtable.Capacity(b.Len(), b.Payload()); need > memtable.MaxCapacity {
		return fmt.Errorf("%w: it needs %d bytes, at most %d", kv.ErrBatchTooLarge, need, memtable.MaxCapacity)
	}
	return nil
}

// admit takes what the batch needs, and makes room for it first if there is none.
func (e *Engine) admit(b *kv.Batch) (write, error) {
	for {
		w, full, err := e.tryAdmit(b)
		if full == nil {
			return w, err
		}
		if err := e.makeRoom(full, memtable.Capacity(b.Len(), b.Payload())); err != nil {
			return write{}, err
		}
	}
}

// tryAdmit takes sequence numbers, room in the active memtable and a place in its log. It returns the active memtable as
// full if the batch does not fit into it.
func (e *Engine) tryAdmit(b *kv.Batch) (w write, full *memtable.Table, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.refusalLocked(); err != nil || b.Len() == 0 {
		return write{}, nil, err
	}
	if !e.active.Reserve(b.Len(), b.Payload()) {
		return write{}, e.active, nil
	}
	w = write{first: e.last + 1, last: e.last + kv.Seq(b.Len()), table: e.active, log: e.log, older: e.older}
	if e.opts.Gate != nil {
		if err := e.opts.Gate.Admit(w.first, b); err != nil {
			e.active.Done()
			return write{}, nil, err
		}
	}
	e.dirty = true
	e.last = w.last
	if w.log != nil {
		w.end = w.log.log.Append(w.first, b)
		w.log.end = w.end
	}
	return w, nil, nil
}

// maxPooled is the size in bytes above which a batch is left to the collector: one huge value must not stay for ever.
const maxPooled = 1 << 16

// batches holds batches of one write for Put and Delete, so that these allocate nothing.
var batches = sync.Pool{New: func() any { return new(kv.Batch) }}

// takeBatch returns an empty batch.
func takeBatch() *kv.Batch { return batches.Get().(*kv.Batch) }

// giveBatch gives a batch back that nobody uses any more.
func giveBatch(b *kv.Batch) {
	if cap(b.Encoded()) <= maxPooled {
		b.Reset()
		batches.Put(b)
	}
}
