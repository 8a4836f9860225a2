package engine

import (
	"sync"
	"sync/atomic"

	"lsmlab/internal/kv"
)

// publisher makes sequence numbers visible to readers: in order, each when all up to it are inserted.
//
// Writers insert at the same time and are done in any order. Were each to make its own number visible, then a reader at 14
// might see 13 and 14 and not 12: a hole in history, which closes before his eyes.
//
//  1. visible moves from first-1 to last only by the batch first…last, or on its behalf. So it only rises, and no number is
//     passed before its batch is done.
//  2. A batch that finds visible at first-1 is next. It publishes itself without a lock, then all that wait right behind it.
//  3. Any other batch waits. Under mu it counts itself as waiting first, and looks at visible once more after that. The batch
//     before it stores visible first, and looks for waiting ones after that. One of the two sees the other.
type publisher struct {
	visible atomic.Uint64 // the sequence number up to which all is inserted
	waiting atomic.Int64  // batches in parked, or about to be

	mu     sync.Mutex         // guards what follows
	parked map[kv.Seq]*parked // those that wait, by their first numbers
	free   []*parked          // for their next use
}

// parked is a batch that is inserted and waits for those before it.
type parked struct {
	last  kv.Seq
	ready chan struct{} // capacity 1: the batch is visible
}

// publish makes the batch first…last visible and returns when it is. It is called once for each batch that got numbers.
func (p *publisher) publish(first, last kv.Seq) {
	if kv.Seq(p.visible.Load()) == first-1 || !p.park(first, last) {
		p.advance(last)
	}
}

// park waits until the batch is visible. It returns false, at once, if the batch is the next to be published after all.
func (p *publisher) park(first, last kv.Seq) bool {
	p.mu.Lock()
	p.waiting.Add(1)
	if kv.Seq(p.visible.Load()) == first-1 {
		p.waiting.Add(-1)
		p.mu.Unlock()
		return false
	}
	me := p.parkLocked(first, last)
	p.mu.Unlock()

	<-me.ready
	p.mu.Lock()
	p.free = append(p.free, me)
	p.mu.Unlock()
	return true
}

// parkLocked enters a batch among those that wait.
func (p *publisher) parkLocked(first, last kv.Seq) *parked {
	if p.parked == nil {
		p.parked = map[kv.Seq]*parked{}
	}
	var me *parked
	if n := len(p.free); n > 0 {
		me, p.free = p.free[n-1], p.free[:n-1]
	} else {
		me = &parked{ready: make(chan struct{}, 1)}
	}
	me.last = last
	p.parked[first] = me
	return me
}

// advance makes everything up to last visible, and then those that wait right behind it.
func (p *publisher) advance(last kv.Seq) {
	p.visible.Store(uint64(last))
	if p.waiting.Load() == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for next := p.parked[last+1]; next != nil; next = p.parked[last+1] {
		delete(p.parked, last+1)
		last = next.last
		p.visible.Store(uint64(last))
		p.waiting.Add(-1)
		next.ready <- struct{}{}
	}
}
