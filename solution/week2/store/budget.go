//lab:day 2.7

package store

import (
	"context"
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/version"
)

// Budget limits the memory that many stores use together for what they have not flushed. A limit in each of them cannot do
// that: of ten thousand stores that are half full none flushes, and the machine is out of memory. When the sum is above the
// limit, the store that holds the most is flushed, and then the next, until it is not.
//
// The limit is soft: no writer waits for such a flush, so the sum may be above it for a while.
//
//	b := store.NewBudget(256 << 20)
//	first, err := store.Open("a", &store.Options{Budget: b})
//	second, err := store.Open("b", &store.Options{Budget: b})
type Budget struct {
	limit int64 // bytes

	mu      sync.Mutex       // guards all below; taken under engines' locks, so no engine is called under it
	idle    sync.Cond        // on mu: a flush has ended
	members map[*member]bool // the stores that share the budget
	sum     int64            // of the members' bytes
	working bool             // relieve is running
	victim  *member          // what it flushes; nil if it does not
}

// member is a store that shares a budget. Budget.mu guards it.
type member struct {
	bytes int64                           // of keys, trailers and values that were written and are not flushed
	flush func(ctx context.Context) error // the store's; nil until it is open
}

// NewBudget returns a budget of limit bytes of keys and values.
func NewBudget(limit int64) *Budget {
	b := &Budget{limit: limit, members: map[*member]bool{}}
	b.idle.L = &b.mu
	return b
}

// Held returns how many bytes of the budget are in use: those in the memtables of all open stores.
func (b *Budget) Held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sum
}

// join makes a member of the store that will be opened with these options, and listens to what it writes and flushes. What
// the store begins with stands in its State.
func (b *Budget) join(o *engine.Options) *member {
	m := &member{}
	applied, changed := o.Listener.Applied, o.Listener.Changed
	o.Listener.Applied = func(first kv.Seq, batch *kv.Batch) {
		if applied != nil {
			applied(first, batch)
		}
		b.add(m, batch.Payload()+kv.TrailerSize*batch.Len())
	}
	o.Listener.Changed = func(before, after *version.Version) {
		if changed != nil {
			changed(before, after)
		}
		for _, t := range before.Memtables.Frozen() { // one of them may have been flushed
			if after.Memtables.Without(t).Len() == after.Memtables.Len() {
				b.add(m, -t.Size())
			}
		}
	}
	b.mu.Lock()
	b.members[m] = true
	b.mu.Unlock()
	for _, t := range o.State.Memtables {
		b.add(m, t.Size())
	}
	return m
}

// opened tells how the store is flushed, now that it is open.
func (b *Budget) opened(m *member, flush func(ctx context.Context) error) {
	b.mu.Lock()
	m.flush = flush
	b.mu.Unlock()
	b.add(m, 0)
}

// add counts bytes that were written, or flushed if they are negative. If that are too many now, somebody must flush.
//
//lab:todo bonus batches-and-crashes#budget
//lab:hint A store that has left is not counted any more: its last writers may still come by.
//lab:hint relieve is a goroutine that ends when it has nothing to do. Two of them would flush two stores where one is enough.
//lab:stub return
func (b *Budget) add(m *member, bytes int) {
	// #region add
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.members[m] {
		return
	}
	m.bytes += int64(bytes)
	b.sum += int64(bytes)
	if b.sum > b.limit && !b.working {
		b.working = true
		go b.relieve()
	}
	// #endregion
}

// relieve is a goroutine that add starts when the sum is above the limit. It flushes one store after the other, and ends when
// the sum is not above the limit any more, or nobody is left who could change that. A store whose flush fails has told its
// writers; it is left out this time.
//
//lab:todo bonus batches-and-crashes#budget
//lab:hint b.choose, then flush what it says, until it says nothing.
//lab:stub b.choose(nil)
func (b *Budget) relieve() {
	// #region relieve
	failed := map[*member]bool{}
	for m := b.choose(failed); m != nil; m = b.choose(failed) {
		if err := m.flush(context.Background()); err != nil {
			failed[m] = true
		}
	}
	// #endregion
}

// choose ends the last flush of relieve and returns what it flushes next: the member with the most bytes, of those that are
// open and have not failed. It returns nil if the sum is not above the limit, or nobody has anything to flush; working ends
// with that.
//
//lab:todo bonus batches-and-crashes#budget
//lab:hint leave waits for b.idle until the victim is another one. Who tells it?
//lab:hint Between "I look no more" and "I have ended" a writer may come by and start nobody. One lock for both.
//lab:stub return nil
func (b *Budget) choose(failed map[*member]bool) *member {
	// #region choose
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle.Broadcast()
	b.victim = nil
	for m := range b.members {
		if b.sum > b.limit && m.flush != nil && m.bytes > 0 && !failed[m] && (b.victim == nil || m.bytes > b.victim.bytes) {
			b.victim = m
		}
	}
	b.working = b.victim != nil
	return b.victim
	// #endregion
}

// leave takes a store out that is being closed. When it returns, the budget does not touch the store any more, and if it was
// the last one, no goroutine is left.
//
//lab:todo bonus batches-and-crashes#budget
//lab:hint What the store holds does not count any more.
//lab:hint Is the store being flushed at this moment? b.idle tells when that may have changed.
//lab:stub return
func (b *Budget) leave(m *member) {
	// #region leave
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.members, m)
	b.sum -= m.bytes
	for b.victim == m || b.working && len(b.members) == 0 {
		b.idle.Wait()
	}
	// #endregion
}
