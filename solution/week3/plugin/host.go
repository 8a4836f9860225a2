//lab:day 3.5

package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lsmlab/internal/kv"
)

// Plugin watches an engine. The host calls Initialize once, then Handle from one goroutine, then Shutdown once, from the same
// goroutine. A plugin may call the engine and the host from all of them; what its own calls cause are events like any other.
type Plugin interface {
	// Name is asked once. No two plugins of a host have the same.
	Name() string
	// Initialize prepares the plugin. After an error it is not registered, and nothing of it is called again.
	Initialize() error
	// Handle takes an event, which is the plugin's own.
	Handle(e Event)
	// Shutdown ends the plugin, after the last event.
	Shutdown() error
}

// Options says how a host works. The zero Options are usable.
type Options struct {
	// Queue is how many events may wait for a plugin before further ones are dropped. Default 1,024.
	Queue int
	// Patience is how long Shutdown waits for plugins that are busy, for all of them together. Default 5 s.
	Patience time.Duration
}

// The defaults of Options.
const (
	defaultQueue    = 1024
	defaultPatience = 5 * time.Second
)

// The errors of registration.
var (
	// ErrTaken is returned for a plugin with the name of another one.
	ErrTaken = errors.New("the name is taken")
	// ErrUnknown is returned for a name that no plugin has.
	ErrUnknown = errors.New("no such plugin")
)

// Host stands between engines and plugins. Any number of goroutines may use it, and plugins too, from inside an event.
//
//  1. Nobody calls a plugin while holding mu, and nobody waits for one but Shutdown: plugins may call the host at any time.
//  2. The list of plugins is replaced and never changed, so an event needs no lock to walk over it.
//  3. A name is taken before Initialize, and given back if that fails. So two plugins of one name are never both initialised.
//  4. A plugin's Shutdown is the last act of its goroutine: it comes once, whoever ends the plugin, and after its last event.
type Host struct {
	opts   Options
	active atomic.Pointer[[]*member] // the registered plugins, in that order; never nil; stored under mu
	names  sync.Map                  // the names in use, those of plugins that are being initialised included

	mu      sync.Mutex
	leaving []*member   // guarded by mu: unregistered, and not known to have ended well
	closed  atomic.Bool // Shutdown was called; set under mu
}

// NewHost returns a host without plugins.
func NewHost(o Options) *Host {
	if o.Queue <= 0 {
		o.Queue = defaultQueue
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	h := &Host{opts: o}
	h.active.Store(&[]*member{})
	return h
}

// Register initialises a plugin and adds it: it is told of everything from now on. It returns ErrTaken, kv.ErrClosed after
// Shutdown, or what Initialize returns, a panic included; then the plugin is not registered.
//
//lab:todo 1 plugins#life
//lab:hint h.names.LoadOrStore takes the name, and says whether somebody had it. Who fails afterwards gives it back.
//lab:hint Initialize may take long, or call the host: hold no lock. guard turns its panic into an error.
//lab:hint h.join adds a member, unless the host was shut down meanwhile. A plugin that is initialised by then must be shut down.
func (h *Host) Register(p Plugin) error {
	// #region register
	name := p.Name()
	if h.closed.Load() {
		return kv.ErrClosed
	}
	if _, taken := h.names.LoadOrStore(name, true); taken {
		return fmt.Errorf("register plugin %q: %w", name, ErrTaken)
	}
	err := guard(p.Initialize)
	if err == nil && !h.join(newMember(name, p, h.opts.Queue)) {
		err = errors.Join(kv.ErrClosed, guard(p.Shutdown))
	}
	if err != nil {
		h.names.Delete(name)
		return fmt.Errorf("register plugin %q: %w", name, err)
	}
	return nil
	// #endregion
}

// join adds a member and starts its goroutine, unless the host is closed.
func (h *Host) join(m *member) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed.Load() {
		return false
	}
	members := append(slices.Clip(*h.active.Load()), m)
	h.active.Store(&members)
	go m.run()
	return true
}

// Unregister takes a plugin out. It is told of nothing that happens from now on; what is in its queue it handles still, and then
// it is shut down. Unregister does not wait for that, as it may be called from inside an event, its own or another plugin's.
// The name is free at once. If the plugin's Shutdown fails, the host's Shutdown says so. Unregister returns ErrUnknown, or kv.ErrClosed
// after the host's Shutdown.
//
//lab:todo 1 plugins#life
//lab:hint Never change the list in place: somebody may be walking over it. slices.Concat makes another one.
//lab:hint m.end closes the queue; its goroutine does the rest. h.leaving is for Shutdown, which has to wait for it.
//lab:hint Who has ended without an error can be forgotten: h.leaving must not grow for ever.
func (h *Host) Unregister(name string) error {
	// #region unregister
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed.Load() {
		return kv.ErrClosed
	}
	members := *h.active.Load()
	i := slices.IndexFunc(members, func(m *member) bool { return m.name == name })
	if i < 0 {
		return fmt.Errorf("unregister plugin %q: %w", name, ErrUnknown)
	}
	rest := slices.Concat(members[:i], members[i+1:])
	h.active.Store(&rest)
	h.names.Delete(name)
	members[i].end()
	h.leaving = append(slices.DeleteFunc(h.leaving, (*member).endedWell), members[i])
	return nil
	// #endregion
}

// endedWell reports whether the plugin was shut down without an error.
func (m *member) endedWell() bool {
	select {
	case <-m.done:
		return m.err == nil
	default:
		return false
	}
}

// Shutdown takes all plugins out: each handles what is in its queue and is shut down, all of them at the same time. It returns
// what their Shutdowns return, joined, and ErrBusy for each plugin that has not ended when Options.Patience is over; each error with
// the plugin's name. Who is busy is given up: should it come back, it gets its Shutdown and nothing else. A second Shutdown
// returns kv.ErrClosed.
//
// Close the engine first: it has things to tell until its end. A plugin that calls Shutdown from an event waits for itself, and
// in vain; it may do so in a goroutine of its own.
//
//lab:todo 1 plugins#shutdown
//lab:hint m.end for all of them first, and then m.wait, one after the other, without the lock. Why not one loop?
//lab:hint time.After sends once, and the second plugin that is busy would wait for ever: context.WithTimeout, one for all.
func (h *Host) Shutdown() error {
	// #region shutdown
	h.mu.Lock()
	if h.closed.Swap(true) {
		h.mu.Unlock()
		return kv.ErrClosed
	}
	all := slices.Concat(h.leaving, *h.active.Load())
	h.mu.Unlock()

	for _, m := range all {
		m.end()
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.opts.Patience)
	defer cancel()
	var errs []error
	for _, m := range all {
		errs = append(errs, m.wait(ctx))
	}
	return errors.Join(errs...)
	// #endregion
}

// Stats is what a host says about a plugin.
type Stats struct {
	Name      string
	Delivered int64  // events that Handle was called with, without Missed
	Dropped   int64  // events for which there was no room, or no more time
	Panics    int64  // calls of Handle that did not return
	Queued    int    // events that wait
	LastPanic string // what the last panic said; empty if there was none
}

// Stats describes the registered plugins in order; after Shutdown, those that were registered then.
func (h *Host) Stats() []Stats {
	var all []Stats
	for _, m := range *h.active.Load() {
		said, _ := m.lastPanic.Load().(string)
		all = append(all, Stats{m.name, m.delivered.Load(), m.dropped.Load(), m.panics.Load(), len(m.queue), said})
	}
	return all
}
