package plugin_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/plugin"
)

// One plugin's Shutdown fails, another one's panics, a third had been unregistered before, has failed, and is not forgotten
// when a fourth one leaves. The others are shut down all the same, and all errors come together, with the names. Whoever
// stops at the first leaves files open.
//
//lab:task 1 points=3
func TestShutdown_JoinsErrorsAndEndsEverybody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		errGone := errors.New("disk full")
		gone := &probe{name: "gone", shutdown: func() error { return errGone }}
		fails := &probe{name: "fails", shutdown: func() error { return errPlanned }}
		panics := &probe{name: "panics", shutdown: func() error { panic("at the end") }}
		good, early := &probe{name: "good"}, &probe{name: "early"}
		r.register(gone, fails, panics, good, early)
		require.NoError(t, r.Unregister("gone"))
		synctest.Wait()
		require.NoError(t, r.Unregister("early"), "when another one has failed")
		err := r.Shutdown()
		require.ErrorIs(t, err, errGone, "of the plugin that was unregistered")
		require.ErrorIs(t, err, errPlanned)
		for _, part := range []string{"gone", "fails", "panics", "at the end"} {
			require.ErrorContains(t, err, part)
		}
		require.NotContains(t, err.Error(), "good")
		for _, p := range []*probe{gone, fails, panics, good, early} {
			calls(t, p, "Initialize", "Shutdown")
		}
	})
}

// A plugin that does not end must not keep a program from ending. Shutdown waits as long as Patience says, for all plugins
// together, names those that are still busy, and goes on.
//
//lab:task 1 points=3
func TestShutdown_GivesUpOnBusyPlugins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{Patience: 7 * time.Second})
		gate := make(chan struct{})
		stuck := func() error { <-gate; return nil }
		first, second, good := &probe{name: "first", shutdown: stuck}, &probe{name: "second", shutdown: stuck}, &probe{name: "good"}
		r.register(first, second, good)
		var err error
		require.Equal(t, 7*time.Second, elapsed(func() { err = r.Shutdown() }), "time that Shutdown waits")
		require.ErrorIs(t, err, plugin.ErrBusy)
		require.ErrorContains(t, err, "first")
		require.ErrorContains(t, err, "second")
		require.NotContains(t, err.Error(), "good")
		close(gate)
		synctest.Wait()
		calls(t, first, "Initialize", "Shutdown")
		calls(t, good, "Initialize", "Shutdown")
	})
}

// Ten plugins that need three seconds each to shut down need three seconds together. One after the other it would be thirty, and
// most of them would be given up.
//
//lab:task 1 points=2
func TestShutdown_EndsAllAtTheSameTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		for i := range 10 {
			r.register(&probe{name: fmt.Sprint(i), shutdown: func() error { time.Sleep(3 * time.Second); return nil }})
		}
		require.Equal(t, 3*time.Second, elapsed(func() { require.NoError(t, r.Shutdown()) }))
	})
}

// The first plugin is stuck, and uses up all patience. The hundred behind it have ended long ago. A select over "done" and "time is
// over" takes any of the two when both are ready: by chance, half of those who are done would be called busy.
//
//lab:task 1 points=2
func TestShutdown_WhoIsDoneIsNotBusy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		gate := make(chan struct{})
		r.register(&probe{name: "stuck", shutdown: func() error { <-gate; return nil }})
		for i := range 100 {
			r.register(&probe{name: fmt.Sprint(i)})
		}
		err := r.Shutdown()
		require.ErrorIs(t, err, plugin.ErrBusy)
		require.Equal(t, 1, strings.Count(err.Error(), plugin.ErrBusy.Error()), "plugins that are called busy: %v", err)
		require.Contains(t, err.Error(), "stuck")
		close(gate)
	})
}

// Four goroutines unregister the same plugins while another one shuts the host down. Whoever comes first, each plugin is shut
// down once, and by the time when Shutdown returns.
//
//lab:task 1 points=3
func TestShutdown_RacesUnregister(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for range 50 {
			r := newRig(t, plugin.Options{})
			var probes []*probe
			for i := range 8 {
				p := &probe{name: fmt.Sprint(i)}
				probes = append(probes, p)
				r.register(p)
			}
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					for _, p := range probes {
						_ = r.Unregister(p.name)
					}
				})
			}
			require.NoError(t, r.Shutdown())
			for _, p := range probes {
				calls(t, p, "Initialize", "Shutdown")
			}
			all.Wait()
		}
	})
}

// While Shutdown waits, a plugin that is about to end calls the host. It gets an answer, and does not have to wait for Shutdown, which
// waits for it.
//
//lab:task 1 points=2
func TestShutdown_AnswersPluginsMeanwhile(t *testing.T) {
	labtest.NoLeaks(t)
	r, p := newRig(t, plugin.Options{Patience: time.Minute}), &probe{name: "p"}
	p.shutdown = func() error {
		select {
		case err := <-later(func() error { return r.Unregister("q") }):
			return err
		case <-time.After(5 * time.Second):
			return errors.New("no answer from Unregister")
		}
	}
	r.register(p)
	require.ErrorIs(t, r.Shutdown(), kv.ErrClosed, "what Unregister said to the plugin, and the plugin to Shutdown")
}

// Whoever tells an event, or asks for Stats, walks over the list of plugins without a lock. So Unregister makes another list. One that is
// changed in place shows a plugin twice to whoever is walking over it, and another one never.
//
//lab:task 1 points=2 race
func TestUnregister_ChangesNoListInPlace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		r.register(&probe{name: "a"}, &probe{name: "b"}, &probe{name: "c"})
		go r.Stats()
		time.Sleep(time.Second) // it has walked over the list; but to the race detector sleeping is no promise of that
		require.NoError(t, r.Unregister("a"))
		require.Len(t, r.Stats(), 2)
	})
}

// A program that loads and unloads plugins for a year must not remember all of them. What has ended well is forgotten, with
// its queue.
//
//lab:task 1 points=2
func TestUnregister_ForgetsWhoHasEnded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		var gone []weak.Pointer[probe]
		for range 50 {
			gone = append(gone, passing(r))
			synctest.Wait()
		}
		left := len(gone)
		for try := 0; left > 5 && try < 10; try++ {
			runtime.GC()
			left = 0
			for _, p := range gone {
				if p.Value() != nil {
					left++
				}
			}
		}
		require.LessOrEqual(t, left, 5, "plugins of 50 that somebody still holds, after they were unregistered and have ended")
		require.NoError(t, r.Shutdown())
	})
}

// passing registers a plugin and unregisters it.
//
//go:noinline
func passing(r *rig) weak.Pointer[probe] {
	p := &probe{name: "passing"}
	r.register(p)
	require.NoError(r.t, r.Unregister("passing"))
	return weak.Make(p)
}

// Random comings and goings, of plugins that fail here and there, against what the rules say: who is registered, which errors
// come, and that at the end everybody who was initialised was shut down once.
//
//lab:task 1 points=3 random
func TestLife_RandomComingsAndGoings(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t, plugin.Options{Patience: time.Minute})
		registered := map[string]*probe{}
		var initialised []*probe
		failures := 0
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
			if rapid.Bool().Draw(t, "leaves") {
				err := r.Unregister(name)
				require.Equal(t, registered[name] == nil, errors.Is(err, plugin.ErrUnknown), "Unregister(%q): %v", name, err)
				delete(registered, name)
				continue
			}
			p := &probe{name: name}
			broken, fails := rapid.Bool().Draw(t, "broken"), rapid.Bool().Draw(t, "fails")
			p.initialize = func() error {
				if broken {
					panic("planned")
				}
				return nil
			}
			p.shutdown = func() error {
				if fails {
					return fmt.Errorf("failure")
				}
				return nil
			}
			err := r.Register(p)
			switch {
			case registered[name] != nil:
				require.ErrorIs(t, err, plugin.ErrTaken)
				calls(t, p)
			case broken:
				require.ErrorContains(t, err, "planned")
			default:
				require.NoError(t, err)
				registered[name] = p
				initialised = append(initialised, p)
				if fails {
					failures++
				}
			}
			require.Len(t, r.Stats(), len(registered), "registered plugins")
		}
		err := r.Shutdown()
		for _, p := range initialised {
			calls(t, p, "Initialize", "Shutdown")
		}
		said := 0
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			said = len(many.Unwrap())
		}
		require.Equal(t, failures, said, "errors of Shutdown: %v", err)
	})
}
