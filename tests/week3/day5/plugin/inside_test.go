package plugin_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week3/plugin"
)

// In the middle of an event a plugin takes itself out. It must not wait for its own end. What was in its queue by then it still gets,
// then its Shutdown, and nothing of what happens afterwards.
//
//lab:task 2 points=4
func TestQueue_UnregistersItselfInsideAnEvent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		gate := make(chan struct{})
		self, other := &probe{name: "self"}, &probe{name: "other"}
		self.handle = func(e plugin.Event) {
			if words(e) == "event 2" {
				<-gate
				self.note(fmt.Sprintf("Unregister: %v", r.Unregister("self")))
			}
		}
		r.register(self, other)
		r.tell(1, 2, 3, 4)
		synctest.Wait()
		close(gate)
		synctest.Wait()
		r.tell(5)
		want := []string{"event 1", "event 2", "Unregister: <nil>", "event 3", "event 4"}
		synctest.Wait()
		calls(t, self, lifeOf(want)...)
		require.NoError(t, r.Shutdown())
		calls(t, self, lifeOf(want)...)
		calls(t, other, lifeOf(events(1, 5))...)
	})
}

// Inside an event a plugin registers another one, and takes a third one out, which at the same moment takes out the first. Neither
// waits for the other.
//
//lab:task 2 points=3
func TestQueue_PluginsRegisterAndUnregisterEachOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		child := &probe{name: "child"}
		var both sync.WaitGroup
		both.Add(2)
		meet := func() {
			both.Done()
			both.Wait() // both are inside an event now
		}
		a, b := &probe{name: "a"}, &probe{name: "b"}
		a.handle = func(plugin.Event) {
			meet()
			a.note(fmt.Sprintf("%v %v", r.Register(child), r.Unregister("b")))
		}
		b.handle = func(plugin.Event) {
			meet()
			b.note(fmt.Sprintf("%v", r.Unregister("a")))
		}
		r.register(a, b)
		r.tell(1)
		synctest.Wait()
		r.tell(2)
		require.NoError(t, r.Shutdown())
		calls(t, a, "Initialize", "event 1", "<nil> <nil>", "Shutdown")
		calls(t, b, "Initialize", "event 1", "<nil>", "Shutdown")
		calls(t, child, "Initialize", "event 2", "Shutdown")
	})
}

// A plugin calls the host's Shutdown inside an event, and so waits for itself. That cannot end well, but it must end: after Patience,
// with the plugin named as busy. Then it is shut down like any other.
//
//lab:task 2 points=2
func TestQueue_ShutdownInsideAnEventEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{Patience: time.Second})
		p := &probe{name: "p"}
		p.handle = func(plugin.Event) { p.note(fmt.Sprint("busy: ", errors.Is(r.Shutdown(), plugin.ErrBusy))) }
		r.register(p)
		r.tell(1)
		time.Sleep(time.Minute)
		calls(t, p, "Initialize", "event 1", "busy: true", "Shutdown")
	})
}

// A plugin ends its own goroutine, as a test's FailNow does. No recover can stop that; so it is the plugin's end. It gets its
// Shutdown, and the host's does not wait for it.
//
//lab:task 2 points=1
func TestQueue_GoexitIsThePluginsEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		p, good := &probe{name: "p"}, &probe{name: "good"}
		p.handle = func(plugin.Event) { runtime.Goexit() }
		r.register(p, good)
		r.tell(1, 2)
		require.Zero(t, elapsed(func() { require.NoError(t, r.Shutdown()) }))
		calls(t, p, "Initialize", "event 1", "Shutdown")
		calls(t, good, lifeOf(events(1, 2))...)
	})
}

// An event may come when its plugin, or the host, has gone: whoever tells it has loaded the list before. It goes nowhere, and is
// counted nowhere. A send on a closed channel would take the engine down.
//
//lab:task 2 points=2
func TestQueue_NothingComesAfterTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		a, b := &probe{name: "a"}, &probe{name: "b"}
		r.register(a, b)
		r.tell(1)
		require.NoError(t, r.Unregister("a"))
		r.tell(2)
		require.NoError(t, r.Shutdown())
		r.tell(3)
		synctest.Wait()
		calls(t, a, lifeOf(events(1, 1))...)
		calls(t, b, lifeOf(events(1, 2))...)
		same(t, "Stats", []plugin.Stats{{Name: "b", Delivered: 2}}, r.Stats())
	})
}

// Four goroutines make things happen, others register and unregister plugins all the time, and then the host is shut down in the
// middle of it. Each plugin gets the events of one goroutine in their order, none twice, and after a gap it is told of one: in all, of
// each event that was dropped. At the end nobody is left behind.
//
//lab:task 2 points=5 race
func TestQueue_Storm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{Queue: 8})
		witness := &probe{name: "witness"}
		r.register(witness)
		r.tell(9 << 32)
		var mu sync.Mutex
		var everybody []*probe
		var tellers, changers sync.WaitGroup
		var stop atomic.Bool
		for teller := range uint64(4) {
			l := r.Listener(engine.Listener{}) // flushes of one engine do not overlap
			tellers.Go(func() {
				for n := uint64(0); n < 500 || !stop.Load(); n++ {
					l.FlushBegin(teller<<32 + n)
				}
			})
		}
		for changer := range 2 {
			changers.Go(func() {
				for i := range 100 {
					p := &probe{name: fmt.Sprint(changer, i%3)}
					if i%3 == 1 {
						p.handle = func(plugin.Event) { panic("now and then") }
					}
					_ = r.Unregister(p.name)
					if r.Register(p) == nil {
						mu.Lock()
						everybody = append(everybody, p)
						mu.Unlock()
					}
				}
			})
		}
		changers.Wait()
		require.NoError(t, r.Shutdown())
		stop.Store(true)
		tellers.Wait()
		require.Len(t, everybody, 200, "plugins that were registered")
		require.Contains(t, witness.said(), fmt.Sprint("event ", uint64(9<<32)))
		for _, p := range append(everybody, witness) {
			checkLife(t, p)
		}
		require.Equal(t, r.one("witness").Dropped, missedBy(witness), "dropped events that the witness was told of")
	})
}

// missedBy returns how many events a probe was told to have missed.
func missedBy(p *probe) (sum int64) {
	for _, call := range p.said() {
		var n int64
		if _, err := fmt.Sscanf(call, "missed %d", &n); err == nil {
			sum += n
		}
	}
	return sum
}

// checkLife fails the test unless a probe was initialised once, then got events in the order of each goroutine that told them, and
// was shut down once, last.
func checkLife(t labtest.TB, p *probe) {
	t.Helper()
	said := p.said()
	if len(said) < 2 || said[0] != "Initialize" || said[len(said)-1] != "Shutdown" {
		t.Fatalf("calls of plugin %s begin and end with %v", p.name, said)
	}
	last := map[uint64]uint64{}
	for _, call := range said[1 : len(said)-1] {
		var n uint64
		if _, err := fmt.Sscanf(call, "event %d", &n); err != nil {
			var missed int
			if _, err := fmt.Sscanf(call, "missed %d", &missed); err != nil || missed < 1 {
				t.Fatalf("plugin %s was called in the middle with %q", p.name, call)
			}
			continue
		}
		teller := n >> 32
		if before, any := last[teller]; any && n <= before {
			t.Fatalf("plugin %s got event %d after %d", p.name, n, before)
		}
		last[teller] = n
	}
}

// Random bursts of events, longer or shorter than the queue, for a plugin that handles what is there between two bursts. Of each burst
// the beginning is delivered, as much as has room, and the rest is reported as missed before the next event, or at the end.
//
//lab:task 2 points=3 random
func TestQueue_RandomBursts(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.IntRange(1, 6).Draw(t, "queue")
		bursts := rapid.SliceOfN(rapid.IntRange(0, 10), 1, 6).Draw(t, "bursts")
		r := newRig(t, plugin.Options{Queue: room, Patience: time.Minute})
		turn, entered, handled := make(chan struct{}), make(chan struct{}), make(chan struct{})
		p := &probe{name: "p"}
		p.handle = func(e plugin.Event) {
			switch e.(type) {
			case plugin.StallBegin:
				entered <- struct{}{}
				<-turn
			case plugin.FlushBegin:
				handled <- struct{}{}
			}
		}
		r.register(p)
		want, next, missed := []string{}, uint64(0), 0
		for _, size := range bursts {
			r.l.StallBegin(0) // there is room for it: the plugin waits with an empty queue
			<-entered
			if missed > 0 {
				want, missed = append(want, fmt.Sprintf("missed %d", missed)), 0
			}
			want = append(want, "plugin.StallBegin")
			for i := range size {
				next++
				r.tell(next)
				if i < room {
					want = append(want, fmt.Sprintf("event %d", next))
				} else {
					missed++
				}
			}
			turn <- struct{}{}
			for range min(size, room) {
				<-handled
			}
		}
		if missed > 0 {
			want = append(want, fmt.Sprintf("missed %d", missed))
		}
		require.NoError(t, r.Shutdown())
		calls(t, p, lifeOf(want)...)
	})
}
