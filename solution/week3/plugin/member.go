//lab:day 3.5

package plugin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// ErrBusy is returned by Host.Shutdown for a plugin that did not end in time.
var ErrBusy = errors.New("still busy")

// member is a registered plugin with its queue. One goroutine takes from the queue and calls the plugin, so that Handle and
// Shutdown never overlap, and a plugin needs no lock against itself.
type member struct {
	name   string
	plugin Plugin

	mu    sync.RWMutex // held for reading by who offers, for writing by who closes the queue
	ended bool         // the queue is closed; guarded by mu
	queue chan entry

	delivered, dropped, panics atomic.Int64
	missed                     atomic.Int64  // of dropped, those that the plugin has not been told of
	lastPanic                  atomic.Value  // a string
	givenUp                    atomic.Bool   // nobody waits for it any more: what is in the queue is dropped
	done                       chan struct{} // closed when the plugin is shut down, after err is set
	err                        error
}

// entry is an event in a queue, and how many were dropped just before it.
type entry struct {
	missed int64
	event  Event
}

// newMember returns a member whose goroutine has not been started.
func newMember(name string, p Plugin, queue int) *member {
	return &member{name: name, plugin: p, queue: make(chan entry, queue), done: make(chan struct{})}
}

// offer puts an event into the queue, or drops and counts it if the queue is full. It never waits for the plugin.
//
//  1. The lock is only against end: nothing is sent on a closed channel. Any number of goroutines offer side by side.
//  2. A look at the length saves the copy that would be dropped. The queue may be full all the same when the copy is made.
//  3. Each drop is in missed until an entry takes it along. Who takes it and is dropped itself puts both back.
//
//lab:todo 2 plugins#queue
//lab:hint m.mu.RLock, and look whether m.ended: whoever has loaded the list of plugins may come after the end.
//lab:hint select with a default is a send that does not wait.
//lab:hint m.missed.Swap(0) takes the number of those that were dropped since the last entry. And if this one finds no place?
//lab:hint event() copies, and a value may be large. Is it needed at all?
func (m *member) offer(event func() Event) {
	// #region offer
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.ended {
		return
	}
	missed := int64(0)
	if len(m.queue) < cap(m.queue) {
		missed = m.missed.Swap(0)
		select {
		case m.queue <- entry{missed, event()}:
			return
		default:
		}
	}
	m.dropped.Add(1)
	m.missed.Add(missed + 1)
	// #endregion
}

// run is the plugin's goroutine: Register starts it, end stops it, Shutdown waits for it. It handles what comes until the queue
// is closed and empty, and shuts the plugin down. Should Handle call runtime.Goexit, that is the plugin's end too.
//
//lab:todo 1 plugins#life
//lab:hint range over m.queue ends when the queue is closed and empty. m.deliver handles one entry.
//lab:hint What was dropped at the very end, the plugin has not been told of: m.deliverMissed, once more.
//lab:hint guard turns a panic of Shutdown into an error. m.done tells that m.err is set, and is closed whatever happens: defer.
func (m *member) run() {
	// #region run
	defer close(m.done)
	defer func() {
		if err := guard(m.plugin.Shutdown); err != nil {
			m.err = fmt.Errorf("shut down plugin %q: %w", m.name, err)
		}
	}()
	for e := range m.queue {
		m.deliver(e)
	}
	m.deliverMissed(m.missed.Swap(0))
	// #endregion
}

// deliver has the plugin handle an entry. If nobody waits for the plugin any more, the event is dropped.
//
//lab:todo 2 plugins#queue
//lab:hint m.deliverMissed first: the hole is before the event.
func (m *member) deliver(e entry) {
	// #region deliver
	if m.givenUp.Load() {
		m.dropped.Add(1)
		return
	}
	m.deliverMissed(e.missed)
	m.delivered.Add(1)
	m.handle(e.event)
	// #endregion
}

// deliverMissed tells the plugin that events were dropped, if any were.
func (m *member) deliverMissed(n int64) {
	if n > 0 && !m.givenUp.Load() {
		m.handle(Missed{n})
	}
}

// handle calls the plugin, and catches and counts its panics.
//
//lab:todo 2 plugins#panics
//lab:hint recover works only in a deferred function. m.lastPanic takes a string.
func (m *member) handle(e Event) {
	// #region handle
	defer func() {
		if r := recover(); r != nil {
			m.lastPanic.Store(fmt.Sprint(r))
			m.panics.Add(1)
		}
	}()
	m.plugin.Handle(e)
	// #endregion
}

// end closes the queue: no event comes in any more, those inside are handled still. Only the first call does anything.
func (m *member) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ended {
		m.ended = true
		close(m.queue)
	}
}

// wait waits until the plugin is shut down, and returns what that said. When ctx ends before, it gives the plugin up.
//
//lab:todo 1 plugins#shutdown
//lab:hint A select with two channels that are both ready takes any of them. A plugin that is done is done, however late it is.
func (m *member) wait(ctx context.Context) error {
	// #region wait
	select {
	case <-m.done:
	case <-ctx.Done():
	}
	select {
	case <-m.done:
		return m.err
	default:
		m.givenUp.Store(true)
		return fmt.Errorf("plugin %q: %w", m.name, ErrBusy)
	}
	// #endregion
}

// guard calls f, and returns its error. A panic is an error too.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}
