package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"lsmlab/internal/kv"
)

// Recorder takes down the transactions of one run. Any number of goroutines may use it.
type Recorder struct {
	initial map[string]string

	mu    sync.Mutex // guards all below
	clock int64      // counts calls and returns; the order of two of them is the order of their ticks
	txns  []*Txn     // in the order in which they have begun
}

// NewRecorder returns a recorder for a store that holds these keys and values at the beginning; nil: none.
func NewRecorder(initial map[string]string) *Recorder {
	return &Recorder{initial: maps.Clone(initial)}
}

// Txn is one transaction as its program sees it. It is used by one goroutine at a time.
type Txn struct {
	recorder  *Recorder
	name      string
	call, end int64 // ticks of the recorder's clock; end is 0 until it has ended
	committed bool
	ops       []op
}

// op is one operation of a transaction: a write of one key, or a read of one, or of all in a range.
type op struct {
	write        bool
	key          string
	value        entry
	lower, upper kv.Bound         // of a scan
	found        map[string]entry // of a scan: what it has seen; nil if the op is none
}

// entry is what a key holds: a value, or nothing.
type entry struct {
	value   string
	present bool
}

// String returns the entry for people.
func (e entry) String() string {
	if !e.present {
		return "nothing"
	}
	return fmt.Sprintf("%q", e.value)
}

// Pair is a key with its value.
type Pair struct{ Key, Value string }

// Begin takes down that a transaction begins. Call it before the transaction does. The name is for the verdict, and
// need not be unique; "" is T1, T2 and so on.
func (r *Recorder) Begin(name string) *Txn {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock++
	t := &Txn{recorder: r, name: name, call: r.clock}
	r.txns = append(r.txns, t)
	if name == "" {
		t.name = fmt.Sprintf("T%d", len(r.txns))
	}
	return t
}

// Get takes down what a key was found to hold.
func (t *Txn) Get(key, value string, found bool) {
	if !found {
		value = ""
	}
	t.ops = append(t.ops, op{key: key, value: entry{value, found}})
}

// Scan takes down everything that was found between the bounds. Keys that it does not name were found to hold
// nothing. A walk that stopped early ends at the key on which it stopped: give that as the upper bound, included.
func (t *Txn) Scan(lower, upper kv.Bound, found []Pair) {
	seen := map[string]entry{}
	for _, p := range found {
		seen[p.Key] = entry{p.Value, true}
	}
	t.ops = append(t.ops, op{lower: lower, upper: upper, found: seen})
}

// Put takes down a write.
func (t *Txn) Put(key, value string) {
	t.ops = append(t.ops, op{write: true, key: key, value: entry{value, true}})
}

// Delete takes down that a key was deleted.
func (t *Txn) Delete(key string) { t.ops = append(t.ops, op{write: true, key: key}) }

// Committed takes down that the transaction has ended, and that its writes count. Call it after Commit has returned.
func (t *Txn) Committed() { t.finish(true) }

// Aborted takes down that the transaction has ended, and that its writes must never be seen.
func (t *Txn) Aborted() { t.finish(false) }

// finish ends the transaction.
func (t *Txn) finish(committed bool) {
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	t.recorder.clock++
	t.end, t.committed = t.recorder.clock, committed
}

// ended returns the transactions that have ended, in the order of their beginnings.
func (r *Recorder) ended() []*Txn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.txns), func(t *Txn) bool { return t.end == 0 })
}

// String returns the transaction for people: "A: read x = "1", write x = "0", committed".
func (t *Txn) String() string {
	var words []string
	for _, o := range t.ops {
		words = append(words, o.String())
	}
	outcome := "rolled back"
	if t.committed {
		outcome = "committed"
	}
	return t.name + ": " + strings.Join(append(words, outcome), ", ")
}

// String returns the operation for people.
func (o op) String() string {
	switch {
	case o.write:
		return fmt.Sprintf("write %s = %s", o.key, o.value)
	case o.found == nil:
		return fmt.Sprintf("read %s = %s", o.key, o.value)
	}
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(o.found)) {
		pairs = append(pairs, fmt.Sprintf("%s = %s", key, o.found[key]))
	}
	return fmt.Sprintf("scan %s … %s = {%s}", o.lower, o.upper, strings.Join(pairs, ", "))
}
