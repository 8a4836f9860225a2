package crashlab

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
)

// write is one write of a script that has been tried.
type write struct {
	ops   labtest.Write
	acked bool // the store said that it is stored
	gone  bool // it failed, and was not found when the store was opened again
}

// history is what a store was told, in order.
type history struct {
	writes  []write
	durable int // so many of the first writes were acknowledged as durable
}

// began notes that a write is being tried.
func (h *history) began(ops labtest.Write) { h.writes = append(h.writes, write{ops: ops}) }

// acknowledged notes that the last write succeeded.
func (h *history) acknowledged(synced bool) {
	h.writes[len(h.writes)-1].acked = true
	if synced {
		h.allDurable()
	}
}

// allDurable notes that everything so far was acknowledged as durable.
func (h *history) allDurable() { h.durable = len(h.writes) }

// acked returns the number of the first writes that hold every acknowledged one.
func (h *history) acked() int {
	for i := len(h.writes); i > 0; i-- {
		if h.writes[i-1].acked {
			return i
		}
	}
	return 0
}

// apply changes a state by a write.
func apply(state map[string]string, ops labtest.Write) {
	for _, op := range ops {
		if op.Kind == kv.KindDelete {
			delete(state, string(op.Key))
		} else {
			state[string(op.Key)] = string(op.Value)
		}
	}
}

// state returns what a store holds after the first n writes. Failed ones count only if with says so.
func (h *history) state(n int, with func(i int) bool) map[string]string {
	state := map[string]string{}
	for i, w := range h.writes[:n] {
		if w.acked || with(i) {
			apply(state, w.ops)
		}
	}
	return state
}

// prefix returns how many of the first writes make what was found, at least at, and the error that says why none do.
func (h *history) prefix(found []Pair, atLeast int) (n int, err error) {
	all := func(int) bool { return true }
	state := h.state(atLeast, all)
	for n := atLeast; ; n++ {
		if same(state, found) {
			return n, nil
		}
		if n == len(h.writes) {
			break
		}
		apply(state, h.writes[n].ops)
	}
	return 0, fmt.Errorf("what is found is not what any prefix of the %d writes left that has the first %d of them, which were acknowledged.\n"+
		"After the first %d it would be, and is (-want +got):\n%s", len(h.writes), atLeast, atLeast, diff(h.state(atLeast, all), found))
}

// same reports whether pairs are a state.
func same(state map[string]string, pairs []Pair) bool {
	if len(state) != len(pairs) {
		return false
	}
	for _, p := range pairs {
		if v, ok := state[p.Key]; !ok || v != p.Value {
			return false
		}
	}
	return true
}

// diff tells the difference between a state and what was found.
func diff(want map[string]string, found []Pair) string {
	got := map[string]string{}
	for _, p := range found {
		got[p.Key] = p.Value
	}
	keys := map[string]bool{}
	for k := range want {
		keys[k] = true
	}
	for k := range got {
		keys[k] = true
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		w, wanted := want[k]
		g, have := got[k]
		if wanted && (!have || w != g) {
			fmt.Fprintf(&b, "  - %s\n", Pair{k, shorten(w)})
		}
		if have && (!wanted || w != g) {
			fmt.Fprintf(&b, "  + %s\n", Pair{k, shorten(g)})
		}
	}
	return b.String()
}

// shorten cuts a long value.
func shorten(s string) string {
	if len(s) > 24 {
		return fmt.Sprintf("%s… %d bytes", s[:16], len(s))
	}
	return s
}
