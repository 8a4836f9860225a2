package plugin_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
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
