package history

import (
	"fmt"
	"maps"
	"strings"

	"github.com/anishathalye/porcupine"

	"lsmlab/internal/kv"
)

// Verdict says whether there is an order that explains a history.
type Verdict struct {
	// Serializable tells that there is one.
	Serializable bool
	// Order are the names of the committed transactions in such an order; of as many as can be ordered, if not all can.
	Order []string
	// Anomaly is what the trouble is called: "write skew", "lost update", … "" if there is none.
	Anomaly string
	// Reasons say, a line each, why there is no order. Nil if there is one.
	Reasons []string
}

// String returns the verdict for people, in several lines if there is trouble.
func (v Verdict) String() string {
	if v.Serializable {
		return "serializable: " + strings.Join(v.Order, ", ")
	}
	return v.Anomaly + ": no order of these explains what they have read\n    " + strings.Join(v.Reasons, "\n    ")
}

// Check looks for an order of the transactions that have committed. It takes a time that grows quickly with how many
// of them ran at the same time: some hundred transactions of up to eight goroutines take an instant.
func (r *Recorder) Check() Verdict {
	txns := r.ended()
	if v, dirty := r.dirtyRead(txns); dirty {
		return v
	}
	var operations []porcupine.Operation
	for _, t := range txns {
		if t.committed {
			operations = append(operations, porcupine.Operation{Input: t, Call: t.call, Return: t.end})
		}
	}
	result, info := porcupine.CheckOperationsVerbose(r.model(), operations, 0)
	order := longest(info)
	v := Verdict{Serializable: result == porcupine.Ok, Order: names(order)}
	if !v.Serializable {
		v.Anomaly, v.Reasons = r.explain(txns, order)
	}
	return v
}

// state is what a store holds. It is never changed.
type state map[string]string

// model is a store that runs one transaction after the other.
func (r *Recorder) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return state(r.initial) },
		Step: func(before, txn, _ any) (bool, any) {
			after, wrong := run(before.(state), txn.(*Txn))
			return wrong == "", after
		},
		Equal:             func(a, b any) bool { return maps.Equal(a.(state), b.(state)) },
		DescribeOperation: func(txn, _ any) string { return txn.(*Txn).String() },
	}
}

// run runs a transaction alone. It returns what the store holds afterwards, or what the transaction has read that it
// would not have read here, in words.
func run(before state, t *Txn) (after state, wrong string) {
	after = before
	for _, o := range t.ops {
		switch {
		case o.write:
			after = after.with(o.key, o.value)
		case o.found == nil:
			if here := after.get(o.key); here != o.value {
				return nil, fmt.Sprintf("%s has read %s = %s, and here it would be %s", t.name, o.key, o.value, here)
			}
		default:
			if here := after.within(o.lower, o.upper); !maps.Equal(here, o.found) {
				return nil, fmt.Sprintf("%s has seen %s, and here it would be {%s}", t.name, o, pairs(here))
			}
		}
	}
	return after, ""
}

// get returns what a key holds.
func (s state) get(key string) entry {
	value, ok := s[key]
	return entry{value, ok}
}

// with returns a state in which a key holds something else.
func (s state) with(key string, value entry) state {
	after := maps.Clone(s)
	if after == nil {
		after = state{}
	}
	if value.present {
		after[key] = value.value
	} else {
		delete(after, key)
	}
	return after
}

// within returns what the keys of a range hold.
func (s state) within(lower, upper kv.Bound) map[string]entry {
	found := map[string]entry{}
	for key, value := range s {
		if kv.Within(lower, upper, []byte(key)) {
			found[key] = entry{value, true}
		}
	}
	return found
}

// longest returns the longest order that porcupine has found.
func longest(info porcupine.LinearizationInfo) (order []*Txn) {
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, part := range partition {
			if len(part) <= len(order) {
				continue
			}
			order = nil
			for _, operation := range part {
				order = append(order, operation.Input.(*Txn))
			}
		}
	}
	return order
}

// names returns the transactions' names.
func names(txns []*Txn) []string {
	var out []string
	for _, t := range txns {
		out = append(out, t.name)
	}
	return out
}
