package plugin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"lsmlab/internal/todo"
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
func (m *member) offer(event func() Event) {
	// TODO(week 3, day 5, task 2): implement offer. Chapter: book/week3/day5-plugins.md#queue
	//
	// Hint: m.mu.RLock, and look whether m.ended: whoever has loaded the list of plugins may come after the end.
	// Hint: select with a default is a send that does not wait.
	// Hint: m.missed.Swap(0) takes the number of those that were dropped since the last entry. And if this one finds no place?
	// Hint: event() copies, and a value may be large. Is it needed at all?
	panic(todo.Reached("week 3 day 5 task 2", "member.offer"))
}

// run is the plugin's goroutine: Register starts it, end stops it, Shutdown waits for it. It handles what comes until the queue
// is closed and empty, and shuts the plugin down. Should Handle call runtime.Goexit, that is the plugin's end too.
func (m *member) run() {
	// TODO(week 3, day 5, task 1): implement run. Chapter: book/week3/day5-plugins.md#life
	//
	// Hint: range over m.queue ends when the queue is closed and empty. m.deliver handles one entry.
	// Hint: What was dropped at the very end, the plugin has not been told of: m.deliverMissed, once more.
	// Hint: guard turns a panic of Shutdown into an error. m.done tells that m.err is set, and is closed whatever happens: defer.
	panic(todo.Reached("week 3 day 5 task 1", "member.run"))
}

// deliver has the plugin handle an entry. If nobody waits for the plugin any more, the event is dropped.
func (m *member) deliver(e entry) {
	// TODO(week 3, day 5, task 2): implement deliver. Chapter: book/week3/day5-plugins.md#queue
	//
	// Hint: m.deliverMissed first: the hole is before the event.
	panic(todo.Reached("week 3 day 5 task 2", "member.deliver"))
}

// deliverMissed tells the plugin that events were dropped, if any were.
func (m *member) deliverMissed(n int64) {
	if n > 0 && !m.givenUp.Load() {
		m.handle(Missed{n})
	}
}

// handle calls the plugin, and catches and counts its panics.
func (m *member) handle(e Event) {
	// TODO(week 3, day 5, task 2): implement handle. Chapter: book/week3/day5-plugins.md#panics
	//
	// Hint: recover works only in a deferred function. m.lastPanic takes a string.
	panic(todo.Reached("week 3 day 5 task 2", "member.handle"))
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
func (m *member) wait(ctx context.Context) error {
	// TODO(week 3, day 5, task 1): implement wait. Chapter: book/week3/day5-plugins.md#shutdown
	//
	// Hint: A select with two channels that are both ready takes any of them. A plugin that is done is done, however late it is.
	panic(todo.Reached("week 3 day 5 task 1", "member.wait"))
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
