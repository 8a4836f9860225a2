package vfs

import (
	"io"
	"slices"
	"sync"
)

// Fault is a file system that fails, or waits, where a test wants it to, and that keeps a log of what it was asked.
// Everything else it hands on to the file system inside.
//
// Patterns are those of path.Match and apply to the last element of a name; an empty pattern, and an empty Op, match all.
// Of several rules that match a call, the one given first applies.
//
//	f := vfs.NewFault(vfs.NewMem())
//	f.FailNext(vfs.OpSync, "*.sst", nil)                       // the next sync of a table fails, once
//	reached, release := f.BlockAt(vfs.OpCreate, "*.sst")       // the next table waits at its Create
//	<-reached                                                  // now the flush stands still: read and write around it
//	release()
type Fault struct {
	inner FS

	mu     sync.Mutex
	rules  []*rule
	opens  []func() // the release functions of all blocking rules
	log    []Call
	counts map[Call]int
}

// rule says what happens to calls that match.
type rule struct {
	match func(Call) bool
	once  bool  // the rule ends with its first use
	err   error // what the call returns, nil for nothing special
	after bool  // the call takes effect all the same
	short int   // bytes that a write writes before it fails

	reached chan struct{} // closed when a call waits here; nil if the rule does not block
	release chan struct{} // closed when it may go on
}

// NewFault returns a file system that behaves like inner until it is told otherwise.
func NewFault(inner FS) *Fault { return &Fault{inner: inner, counts: map[Call]int{}} }

// FailNext makes the next matching operation fail with err (ErrInjected if nil) and without effect; later ones succeed.
func (f *Fault) FailNext(op Op, pattern string, err error) {
	f.add(&rule{match: matcher(op, pattern), once: true, err: orInjected(err)})
}

// FailAlways makes every matching operation fail with err (ErrInjected if nil) and without effect, until Clear.
func (f *Fault) FailAlways(op Op, pattern string, err error) {
	f.add(&rule{match: matcher(op, pattern), err: orInjected(err)})
}

// FailAt makes every operation fail for which match says so, until Clear. match is called under a lock: it must not call f.
func (f *Fault) FailAt(match func(Call) bool, err error) {
	f.add(&rule{match: match, err: orInjected(err)})
}

// FailAfter makes the next matching operation take effect and fail all the same, as when the disk did what it was asked
// and its answer was lost.
func (f *Fault) FailAfter(op Op, pattern string, err error) {
	f.add(&rule{match: matcher(op, pattern), once: true, err: orInjected(err), after: true})
}

// ShortWrite makes the next write to a matching file write at most n bytes and then fail with err (io.ErrShortWrite if nil).
func (f *Fault) ShortWrite(pattern string, n int, err error) {
	if err == nil {
		err = io.ErrShortWrite
	}
	f.add(&rule{match: matcher(OpWrite, pattern), once: true, err: err, short: n})
}

// BlockAt makes the next matching operation wait before it does anything. reached is closed when it waits; release lets
// it go on, or, if it has not come yet, lets it pass. release may be called more than once.
func (f *Fault) BlockAt(op Op, pattern string) (reached <-chan struct{}, release func()) {
	r := &rule{match: matcher(op, pattern), once: true, reached: make(chan struct{}), release: make(chan struct{})}
	open := sync.OnceFunc(func() { close(r.release) })
	f.add(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opens = append(f.opens, open)
	return r.reached, open
}

// Clear ends all rules and lets go whoever waits. The log stays.
func (f *Fault) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, open := range f.opens {
		open()
	}
	f.rules, f.opens = nil, nil
}

// Log returns the operations so far, in order of their beginning, failed ones included; reads and sizes are counted but
// not logged.
func (f *Fault) Log() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.log)
}

// Count returns the number of matching operations so far, failed ones included.
func (f *Fault) Count(op Op, pattern string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for c, times := range f.counts {
		if c.matches(op, pattern) {
			n += times
		}
	}
	return n
}

// matcher returns the condition of a rule.
func matcher(op Op, pattern string) func(Call) bool {
	Call{Name: "check"}.matches("", pattern) // a malformed pattern panics here, where it was given
	return func(c Call) bool { return c.matches(op, pattern) }
}

// orInjected returns err, or ErrInjected for nil.
func orInjected(err error) error {
	if err == nil {
		return ErrInjected
	}
	return err
}

// add adds a rule.
func (f *Fault) add(r *rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, r)
}

// note records a call and returns the rule that applies to it, nil if none does. It takes away a rule for one use.
func (f *Fault) note(c Call) *rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[c]++
	if c.Op != OpRead && c.Op != OpSize {
		f.log = append(f.log, c)
	}
	i := slices.IndexFunc(f.rules, func(r *rule) bool { return r.match(c) })
	if i < 0 {
		return nil
	}
	r := f.rules[i]
	if r.once {
		f.rules = slices.Delete(f.rules, i, i+1)
	}
	return r
}

// do makes one call: act is what it would do to the file system inside.
func (f *Fault) do(c Call, act func() error) error { return f.follow(f.note(c), c, act) }

// follow makes a call under the rule that applies to it, nil for none. Closing takes effect even where it fails.
func (f *Fault) follow(r *rule, c Call, act func() error) error {
	if r == nil {
		return act()
	}
	if r.reached != nil {
		close(r.reached)
		<-r.release
		return act()
	}
	if r.after || c.Op == OpClose {
		if err := act(); err != nil {
			return err
		}
	}
	return fail(c.Op, c.Name, r.err)
}
