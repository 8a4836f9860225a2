package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/plugin"
)

// errPlanned is what a probe fails with.
var errPlanned = errors.New("planned")

// probe is a plugin that takes down what is called, and does more where the test says so.
type probe struct {
	name       string
	initialize func() error
	handle     func(e plugin.Event)
	shutdown   func() error

	mu    sync.Mutex
	calls []string
}

// Name returns the probe's name.
func (p *probe) Name() string { return p.name }

// note takes down a call.
func (p *probe) note(call string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, call)
}

// said returns the calls so far.
func (p *probe) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.calls...)
}

// Initialize takes the call down, then does what the test wants.
func (p *probe) Initialize() error {
	p.note("Initialize")
	if p.initialize != nil {
		return p.initialize()
	}
	return nil
}

// Handle takes the event down, then does what the test wants.
func (p *probe) Handle(e plugin.Event) {
	p.note(words(e))
	if p.handle != nil {
		p.handle(e)
	}
}

// Shutdown takes the call down, then does what the test wants.
func (p *probe) Shutdown() error {
	p.note("Shutdown")
	if p.shutdown != nil {
		return p.shutdown()
	}
	return nil
}

// words returns an event for people.
func words(e plugin.Event) string {
	switch e := e.(type) {
	case plugin.Put:
		return fmt.Sprintf("put #%d %s = %s", e.Seq, e.Key, e.Value)
	case plugin.Delete:
		return fmt.Sprintf("delete #%d %s", e.Seq, e.Key)
	case plugin.Batch:
		return fmt.Sprintf("batch #%d%s", e.First, opWords(e.Ops))
	case plugin.Get:
		return fmt.Sprintf("get %s = %s, %v", e.Key, e.Value, e.Err)
	case plugin.Missed:
		return fmt.Sprintf("missed %d", e.Events)
	case plugin.FlushBegin:
		return fmt.Sprintf("event %d", e.Memtable)
	}
	return fmt.Sprintf("%T", e)
}

// opWords returns the writes of a batch for people.
func opWords(ops []kv.Op) string {
	text := ""
	for _, op := range ops {
		if op.Kind == kv.KindDelete {
			text += fmt.Sprintf(" -%s", op.Key)
		} else {
			text += fmt.Sprintf(" %s=%s", op.Key, op.Value)
		}
	}
	return text
}

// rig is a host, and a listener that tells it of small numbered events.
type rig struct {
	*plugin.Host
	t labtest.TB
	l engine.Listener
}

// newRig returns a host. At the end of the test it is shut down, if the test has not done that.
func newRig(t labtest.TB, o plugin.Options) *rig {
	h := plugin.NewHost(o)
	t.Cleanup(func() { _ = h.Shutdown() })
	return &rig{h, t, h.Listener(engine.Listener{})}
}

// register registers plugins that are taken.
func (r *rig) register(plugins ...plugin.Plugin) {
	r.t.Helper()
	for _, p := range plugins {
		require.NoError(r.t, r.Register(p), "Register(%q)", p.Name())
	}
}

// tell makes events with these numbers happen.
func (r *rig) tell(numbers ...uint64) {
	for _, n := range numbers {
		r.l.FlushBegin(n)
	}
}

// one returns what the host says about one plugin.
func (r *rig) one(name string) plugin.Stats {
	r.t.Helper()
	for _, s := range r.Stats() {
		if s.Name == name {
			return s
		}
	}
	r.t.Fatalf("Stats has no plugin %q", name)
	return plugin.Stats{}
}

// same compares two lists of lines, or anything else.
func same(t labtest.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// calls compares what a probe was called with what it should have been.
func calls(t labtest.TB, p *probe, want ...string) {
	t.Helper()
	same(t, "calls of plugin "+p.name, append([]string{}, want...), p.said())
}

// bubble runs a test in which time stands still until everybody waits, and no goroutine may be left.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// later calls f in a goroutine of its own.
func later(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// elapsed returns how long f took, by the clock of the bubble.
func elapsed(f func()) time.Duration {
	begun := time.Now()
	f()
	return time.Since(begun)
}

// rigDir is the directory of every store.
const rigDir = "db"

// storeOptions returns options of a store in memory that tells the host.
func storeOptions(h *plugin.Host) store.Options {
	o := store.Options{NoCompaction: true}
	o.FS, o.CacheSize = vfs.NewMem(), -1
	if h != nil {
		o.Listener = h.Listener(engine.Listener{})
	}
	return o
}

// openStore opens a store, which is closed at the end if it was not before.
func openStore(t labtest.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(rigDir, &o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// background is a context that nobody cancels.
var background = context.Background()

// batch returns a batch of writes as words: "a=1" puts, "-a" deletes.
func batch(items ...string) *kv.Batch {
	b := &kv.Batch{}
	for _, item := range items {
		if key, found := strings.CutPrefix(item, "-"); found {
			b.Delete([]byte(key))
			continue
		}
		key, value, _ := strings.Cut(item, "=")
		b.Set([]byte(key), []byte(value))
	}
	return b
}
