package plugin_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/solution/week3/plugin"
)

// blocker is a probe that stands still in an event until the test lets it go.
type blocker struct {
	probe
	at   string        // the event, in words
	gate chan struct{} // closed by the test
}

// newBlocker returns a plugin that stops at an event. It must be made in the test's bubble.
func newBlocker(name, at string) *blocker {
	b := &blocker{at: at, gate: make(chan struct{})}
	b.name = name
	b.handle = func(e plugin.Event) {
		if words(e) == b.at {
			<-b.gate
		}
	}
	return b
}

// numbers returns the numbers from first to last.
func numbers(first, last uint64) (all []uint64) {
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}

// events returns the events of these numbers, in words.
func events(first, last uint64) (all []string) {
	for n := first; n <= last; n++ {
		all = append(all, fmt.Sprintf("event %d", n))
	}
	return all
}

// lifeOf returns the calls of a plugin's whole life, with these events in the middle.
func lifeOf(parts ...[]string) []string {
	all := []string{"Initialize"}
	for _, p := range parts {
		all = append(all, p...)
	}
	return append(all, "Shutdown")
}

// Every plugin is told of everything, in order. A hundred events fit into the queue, and Shutdown comes when all of them have been
// handled: who drops what is still in the queue loses the end of every story.
//
//lab:task 2 points=3
func TestQueue_AllEventsInOrderThenShutdown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		probes := []*probe{{name: "a"}, {name: "b"}, {name: "c"}}
		for _, p := range probes {
			p.handle = func(plugin.Event) { time.Sleep(time.Millisecond) }
			r.register(p)
		}
		r.tell(numbers(1, 100)...)
		require.NoError(t, r.Shutdown())
		for _, p := range probes {
			calls(t, p, lifeOf(events(1, 100))...)
			same(t, "Stats", plugin.Stats{Name: p.name, Delivered: 100}, r.one(p.name))
		}
	})
}

// A plugin is stuck in event 1, and its queue has room for four. Ten events: one is in the plugin, four wait, five are dropped and
// counted. None of the calls waits, since it is a writer who would wait, or the engine with its lock in hand.
//
//lab:task 2 points=3
func TestQueue_FullDropsAndCounts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{Queue: 4})
		b := newBlocker("stuck", "event 1")
		r.register(b)
		r.tell(1)
		synctest.Wait()
		require.Zero(t, elapsed(func() { r.tell(numbers(2, 10)...) }))
		same(t, "Stats", plugin.Stats{Name: "stuck", Delivered: 1, Queued: 4, Dropped: 5}, r.one("stuck"))
		close(b.gate)
		synctest.Wait()
		same(t, "Stats when it goes on", plugin.Stats{Name: "stuck", Delivered: 5, Dropped: 5}, r.one("stuck"))
	})
}

// The default queue has room for 1,024 events.
//
//lab:task 2 points=1
func TestQueue_HasRoomFor1024ByDefault(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		b := newBlocker("stuck", "event 1")
		r.register(b)
		r.tell(1)
		synctest.Wait()
		r.tell(numbers(2, 1030)...)
		same(t, "Stats", plugin.Stats{Name: "stuck", Delivered: 1, Queued: 1024, Dropped: 5}, r.one("stuck"))
		close(b.gate)
	})
}

// A plugin that counts must know that it has missed something, how much, and where. The hole of five stands between 5 and 11; the
// one at the very end comes before Shutdown.
//
//lab:task 2 points=3
func TestQueue_TellsWhatWasMissedWhereItWas(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{Queue: 4})
		b := newBlocker("stuck", "event 1")
		r.register(b)
		r.tell(1)
		synctest.Wait()
		r.tell(numbers(2, 10)...)
		b.at = "event 12"
		close(b.gate)
		synctest.Wait()
		b.gate = make(chan struct{})
		r.tell(11, 12)
		synctest.Wait()
		r.tell(numbers(13, 19)...)
		close(b.gate)
		require.NoError(t, r.Shutdown())
		calls(t, &b.probe, lifeOf(events(1, 5), []string{"missed 5"}, events(11, 16), []string{"missed 3"})...)
		same(t, "Stats", plugin.Stats{Name: "stuck", Delivered: 11, Dropped: 8}, r.one("stuck"))
	})
}

// A plugin that panics harms nobody: not the engine, not the others, and not even itself. The panic is counted, what it said is
// kept, and the next event comes.
//
//lab:task 2 points=3
func TestQueue_PanicIsCountedAndTheNextEventComes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		bad, good := &probe{name: "bad"}, &probe{name: "good"}
		bad.handle = func(e plugin.Event) {
			switch words(e) {
			case "event 2":
				panic("two is bad")
			case "event 3":
				var nobody *probe
				nobody.name = "nil"
			}
		}
		r.register(bad, good)
		r.tell(1, 2)
		synctest.Wait()
		same(t, "Stats", plugin.Stats{Name: "bad", Delivered: 2, Panics: 1, LastPanic: "two is bad"}, r.one("bad"))
		r.tell(3, 4)
		synctest.Wait()
		require.Equal(t, int64(2), r.one("bad").Panics)
		require.Contains(t, r.one("bad").LastPanic, "nil pointer")
		same(t, "Stats", plugin.Stats{Name: "good", Delivered: 4}, r.one("good"))
		require.NoError(t, r.Shutdown())
		calls(t, bad, lifeOf(events(1, 4))...)
		calls(t, good, lifeOf(events(1, 4))...)
	})
}

// A plugin stands still for ever. The others get everything, Shutdown ends after its patience and says who is busy. When the plugin
// comes back after all, hours later, the engine that it would look at is long gone: it gets its Shutdown, once, and what was in its
// queue counts as dropped.
//
//lab:task 2 points=4
func TestQueue_BlockedForEverHarmsNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{Queue: 10, Patience: 3 * time.Second})
		stuck, good := newBlocker("stuck", "event 1"), &probe{name: "good"}
		r.register(stuck, good)
		for n := uint64(1); n <= 20; n++ {
			r.tell(n)
			synctest.Wait()
		}
		var err error
		require.Equal(t, 3*time.Second, elapsed(func() { err = r.Shutdown() }), "time that Shutdown waits")
		require.ErrorIs(t, err, plugin.ErrBusy)
		require.Contains(t, err.Error(), "stuck", "who is busy")
		require.NotContains(t, err.Error(), "good", "who is not")
		calls(t, good, lifeOf(events(1, 20))...)
		calls(t, &stuck.probe, "Initialize", "event 1")
		close(stuck.gate)
		synctest.Wait()
		calls(t, &stuck.probe, "Initialize", "event 1", "Shutdown")
		same(t, "Stats", plugin.Stats{Name: "stuck", Delivered: 1, Dropped: 19}, r.one("stuck"))
	})
}

// A full queue takes nothing, so nothing is copied for it; and without plugins, nothing at all. Otherwise a plugin that is stuck would
// cost every writer a copy of each value, for ever.
//
//lab:task 2 points=2
func TestEvents_NoCopyThatIsThrownAway(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{Queue: 1})
		big := batch("a=1", "b=2")
		key := []byte("key")
		happen := func() {
			r.l.Applied(1, big)
			r.l.Got(key, key, nil)
			r.tell(1)
		}
		require.Zero(t, testing.AllocsPerRun(100, happen), "allocations without plugins")
		b := newBlocker("stuck", "event 0")
		r.register(b)
		r.tell(0)
		synctest.Wait()
		r.tell(1) // the queue is full now
		require.Zero(t, testing.AllocsPerRun(100, happen), "allocations with a full queue")
		close(b.gate)
	})
}
