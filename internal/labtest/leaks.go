package labtest

import (
	"runtime"
	"strings"
	"time"
)

// leakPatience is how long goroutines may take to end after the test did. It is spent in full only by a test that fails.
const leakPatience = 3 * time.Second

// NoLeaks fails the test if it leaves goroutines of the lab behind. Call it first: clean-up runs in reverse, so that what
// the test closes in t.Cleanup is closed before anybody looks. Not for parallel tests, whose neighbours would be blamed.
func NoLeaks(t TB) {
	t.Helper()
	before := map[string]bool{}
	for _, g := range goroutines() {
		before[g.id] = true
	}
	t.Cleanup(func() {
		t.Helper()
		for _, g := range leaked(before) {
			t.Errorf("goroutine left behind: %s\n%s", g.title(), g.stack)
		}
	})
}

// leaked returns the goroutines that were started since and do not end in time.
func leaked(before map[string]bool) []goroutine {
	for wait := 10 * time.Microsecond; ; wait *= 2 {
		runtime.Gosched()
		var left []goroutine
		for _, g := range goroutines() {
			if !before[g.id] && g.ours() {
				left = append(left, g)
			}
		}
		if len(left) == 0 || wait > leakPatience {
			return left
		}
		<-time.After(wait) // a goroutine that is on its way out needs a moment, and tells nobody when it is gone
	}
}

// goroutine is one goroutine of a stack dump.
type goroutine struct {
	id    string // "goroutine 17"
	stack string
}

// goroutines returns all goroutines but the caller's.
func goroutines() []goroutine {
	buf := make([]byte, 1<<20)
	n := runtime.Stack(buf, true)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	var all []goroutine
	for i, stack := range strings.Split(string(buf[:n]), "\n\n") {
		if id, _, ok := strings.Cut(stack, " ["); ok && i > 0 {
			all = append(all, goroutine{id: id, stack: stack})
		}
	}
	return all
}

// ours reports whether a goroutine runs code of the lab, and is not a test itself.
func (g goroutine) ours() bool {
	return strings.Contains(g.stack, "\nlsmlab/") && !strings.Contains(g.stack, "\ntesting.tRunner(")
}

// title returns where the goroutine was started.
func (g goroutine) title() string {
	_, by, ok := strings.Cut(g.stack, "created by ")
	if !ok {
		return g.id
	}
	by, _, _ = strings.Cut(by, "\n")
	by, _, _ = strings.Cut(by, " in goroutine")
	return "started by " + by
}
