package plugin_test

import (
	"errors"
	"fmt"
	"runtime"
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

// A plugin is initialised when it is registered, and shut down when the host is. Once, each: a plugin opens its file in the one,
// and closes it in the other.
//
//lab:task 1 points=2
func TestRegister_InitializesAndShutdownEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		a, b := &probe{name: "a"}, &probe{name: "b"}
		r.register(a, b)
		synctest.Wait()
		calls(t, a, "Initialize")
		same(t, "Stats", []plugin.Stats{{Name: "a"}, {Name: "b"}}, r.Stats())
		require.NoError(t, r.Shutdown())
		calls(t, a, "Initialize", "Shutdown")
		calls(t, b, "Initialize", "Shutdown")
		require.ErrorIs(t, r.Shutdown(), kv.ErrClosed, "a second Shutdown")
		require.ErrorIs(t, r.Unregister("a"), kv.ErrClosed, "Unregister after Shutdown")
		synctest.Wait()
		calls(t, a, "Initialize", "Shutdown")
	})
}

// Two plugins with one name could not be told apart: which one does Unregister mean? The second is refused before it has done
// anything, also while the first is still being initialised. When the first is gone, its name is free.
//
//lab:task 1 points=2
func TestRegister_RefusesATakenName(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		gate := make(chan struct{})
		first := &probe{name: "twin", initialize: func() error { <-gate; return nil }}
		second, third := &probe{name: "twin"}, &probe{name: "twin"}
		done := later(func() error { return r.Register(first) })
		synctest.Wait()
		require.ErrorIs(t, r.Register(second), plugin.ErrTaken, "while the first is being initialised")
		close(gate)
		require.NoError(t, <-done)
		require.ErrorIs(t, r.Register(second), plugin.ErrTaken)
		calls(t, second)
		require.NoError(t, r.Unregister("twin"))
		require.NoError(t, r.Register(third), "the name is free again")
		require.ErrorIs(t, r.Register(second), plugin.ErrTaken)
		synctest.Wait()
		calls(t, first, "Initialize", "Shutdown")
		calls(t, third, "Initialize")
	})
}

// A plugin whose Initialize fails has nothing that could be shut down, and will not work. It is not registered, it gets no call
// any more, and it may be mended and tried again under its name. A panic is a failure like any other, and stays in Register.
//
//lab:task 1 points=3
func TestRegister_FailedInitializeLeavesNothing(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errPlanned },
		"panic": func() error { panic("planned") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, plugin.Options{})
				p := &probe{name: "p", initialize: fail}
				err := r.Register(p)
				require.ErrorContains(t, err, "planned")
				if name == "error" {
					require.ErrorIs(t, err, errPlanned)
				}
				require.Empty(t, r.Stats(), "registered plugins")
				require.ErrorIs(t, r.Unregister("p"), plugin.ErrUnknown)
				p.initialize = nil
				require.NoError(t, r.Register(p), "second attempt under the same name")
				require.NoError(t, r.Shutdown())
				calls(t, p, "Initialize", "Initialize", "Shutdown")
			})
		})
	}
}

// After Shutdown nobody would ever shut a plugin down. So Register refuses it without touching it.
//
//lab:task 1 points=1
func TestRegister_AfterShutdownIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		require.NoError(t, r.Shutdown())
		p := &probe{name: "late"}
		require.ErrorIs(t, r.Register(p), kv.ErrClosed)
		calls(t, p)
	})
}

// A plugin is being initialised when the host is shut down. Shutdown does not know it yet and does not wait for it. So Register
// has to look again: what is initialised by now must be shut down, and not registered.
//
//lab:task 1 points=2
func TestRegister_ShutdownComesDuringInitialize(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		gate := make(chan struct{})
		p := &probe{name: "p", initialize: func() error { <-gate; return nil }, shutdown: func() error { return errPlanned }}
		done := later(func() error { return r.Register(p) })
		synctest.Wait()
		require.NoError(t, r.Shutdown())
		close(gate)
		err := <-done
		require.ErrorIs(t, err, kv.ErrClosed)
		require.ErrorIs(t, err, errPlanned, "what its Shutdown says")
		calls(t, p, "Initialize", "Shutdown")
	})
}

// Initialize may call the host, for instance to register a helper. Whoever holds a lock while a plugin runs waits for ever here.
//
//lab:task 1 points=1
func TestRegister_InitializeMayCallTheHost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		helper := &probe{name: "helper"}
		p := &probe{name: "p"}
		p.initialize = func() error {
			r.Stats()
			return errors.Join(r.Register(helper), r.Unregister("helper"))
		}
		require.NoError(t, r.Register(p))
		require.NoError(t, r.Shutdown())
		calls(t, helper, "Initialize", "Shutdown")
	})
}

// Unregister shuts one plugin down and leaves the others alone. It does not wait, as it may be called where waiting would never
// end: from inside the plugin. So it is Shutdown that waits, for those as well that are on their way out.
//
//lab:task 1 points=3
func TestUnregister_EndsOneAndDoesNotWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		a, b := &probe{name: "a", shutdown: func() error { time.Sleep(time.Second); return nil }}, &probe{name: "b"}
		r.register(a, b)
		require.ErrorIs(t, r.Unregister("c"), plugin.ErrUnknown)
		require.Zero(t, elapsed(func() { require.NoError(t, r.Unregister("a")) }), "time that Unregister waits")
		require.ErrorIs(t, r.Unregister("a"), plugin.ErrUnknown, "a second time")
		same(t, "Stats", []plugin.Stats{{Name: "b"}}, r.Stats())
		synctest.Wait()
		calls(t, b, "Initialize")
		require.Equal(t, time.Second, elapsed(func() { require.NoError(t, r.Shutdown()) }), "time that Shutdown waits for a")
		calls(t, a, "Initialize", "Shutdown")
		calls(t, b, "Initialize", "Shutdown")
	})
}

// One plugin's Shutdown fails, another one's panics, a third had been unregistered before and fails too. The others are shut
// down all the same, and all errors come together, with the names. Whoever stops at the first leaves files open.
//
//lab:task 1 points=3
func TestShutdown_JoinsErrorsAndEndsEverybody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, plugin.Options{})
		errGone := errors.New("disk gone")
		gone := &probe{name: "gone", shutdown: func() error { return errGone }}
		fails := &probe{name: "fails", shutdown: func() error { return errPlanned }}
		panics := &probe{name: "panics", shutdown: func() error { panic("at the end") }}
		good := &probe{name: "good"}
		r.register(gone, fails, panics, good)
		require.NoError(t, r.Unregister("gone"))
		synctest.Wait()
		err := r.Shutdown()
		require.ErrorIs(t, err, errGone, "of the plugin that was unregistered")
		require.ErrorIs(t, err, errPlanned)
		for _, part := range []string{`"gone"`, `"fails"`, `"panics"`, "at the end"} {
			require.ErrorContains(t, err, part)
		}
		require.NotContains(t, err.Error(), "good")
		for _, p := range []*probe{gone, fails, panics, good} {
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
		require.ErrorContains(t, err, `"first"`)
		require.ErrorContains(t, err, `"second"`)
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
		same(t, "Shutdown", `plugin "stuck": still busy`, fmt.Sprint(err))
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
