package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lsmlab/internal/kv"
)

// edge says that one transaction must come before another, and why.
type edge struct {
	from, to *Txn
	kind     kind
	key      string // what the two have to do with; "" for time
	phantom  bool   // from has read that the key is not there
	why      string
}

// kind is the kind of an edge.
type kind int

const (
	sees     kind = iota // to has read what from has written
	misses               // from has read what to has replaced
	replaces             // to has replaced what from has written
	earlier              // from had ended when to began
)

// cell is a value under a key.
type cell struct {
	key   string
	value entry
}

// dirtyRead looks for somebody who has seen what was never committed.
func (r *Recorder) dirtyRead(txns []*Txn) (Verdict, bool) {
	writers := r.writers(txns)
	for _, reader := range txns {
		if !reader.committed {
			continue
		}
		reads, _ := reader.footprint(nil)
		for _, key := range slices.Sorted(maps.Keys(reads)) {
			w := writers[cell{key, reads[key]}]
			if reads[key].present && w != nil && w != reader && !w.committed {
				why := fmt.Sprintf("%s has read %s = %s, which %s wrote and never committed", reader.name, key, reads[key], w.name)
				return Verdict{Anomaly: "dirty read", Reasons: []string{why}}, true
			}
		}
	}
	return Verdict{}, false
}

// footprint returns what a transaction has read that it had not written itself, and what it has left behind. A scan
// has read each of the keys, also those that it has not found.
func (t *Txn) footprint(keys []string) (reads, writes map[string]entry) {
	reads, writes = map[string]entry{}, map[string]entry{}
	read := func(key string, value entry) {
		if _, own := writes[key]; own {
			return
		}
		if _, before := reads[key]; !before {
			reads[key] = value
		}
	}
	for _, o := range t.ops {
		switch {
		case o.write:
			writes[o.key] = o.value
		case o.found == nil:
			read(o.key, o.value)
		default:
			for _, key := range keys {
				if kv.Within(o.lower, o.upper, []byte(key)) {
					read(key, o.found[key])
				}
			}
			for key, value := range o.found {
				read(key, value)
			}
		}
	}
	return reads, writes
}

// writers returns who wrote which value, of those that only one transaction has written.
func (r *Recorder) writers(txns []*Txn) map[cell]*Txn {
	out := map[cell]*Txn{}
	for key, value := range r.initial {
		out[cell{key, entry{value, true}}] = nil
	}
	for _, t := range txns {
		_, writes := t.footprint(nil)
		for key, value := range writes {
			c := cell{key, value}
			if _, twice := out[c]; twice {
				t = nil
			}
			out[c] = t
		}
	}
	return out
}

// explain says why there is no order: the shortest circle, or else where the longest order gets stuck.
func (r *Recorder) explain(txns, order []*Txn) (anomaly string, reasons []string) {
	circle := shortestCircle(r.edges(txns))
	if circle == nil {
		return "not serializable", r.stuck(txns, order)
	}
	for _, e := range circle {
		reasons = append(reasons, fmt.Sprintf("%s must come before %s: %s", e.from.name, e.to.name, e.why))
	}
	return classify(circle), reasons
}

// edges returns who must come before whom, as far as it can be told from what each has read.
func (r *Recorder) edges(txns []*Txn) (edges []edge) {
	committed := slices.DeleteFunc(slices.Clone(txns), func(t *Txn) bool { return !t.committed })
	keys := r.keys(txns)
	writers := r.writers(committed)
	readers := map[cell][]*Txn{} // who has read which value
	replacers := map[cell][]*Txn{}
	for _, t := range committed {
		reads, writes := t.footprint(keys)
		for _, key := range slices.Sorted(maps.Keys(reads)) {
			c := cell{key, reads[key]}
			readers[c] = append(readers[c], t)
			if w := writers[c]; w != nil && w != t && c.value.present {
				why := fmt.Sprintf("%s has read %s = %s, which %s has written", t.name, key, c.value, w.name)
				edges = append(edges, edge{from: w, to: t, kind: sees, key: key, why: why})
			}
			if after, ok := writes[key]; ok && after != c.value && (c.value.present || r.absentOnce(committed, key)) {
				replacers[c] = append(replacers[c], t)
			}
		}
	}
	for _, c := range slices.SortedFunc(maps.Keys(replacers), compareCells) {
		for _, by := range replacers[c] {
			edges = append(edges, r.replaced(c, by, readers[c], writers[c])...)
		}
	}
	return append(edges, inTime(committed)...)
}

// replaced returns the edges that follow from one value having been replaced.
func (r *Recorder) replaced(c cell, by *Txn, readers []*Txn, writer *Txn) (edges []edge) {
	_, writes := by.footprint(nil)
	for _, t := range readers {
		if t != by {
			why := fmt.Sprintf("%s has read %s = %s, which %s has replaced by %s", t.name, c.key, c.value, by.name, writes[c.key])
			edges = append(edges, edge{t, by, misses, c.key, !c.value.present, why})
		}
	}
	if writer != nil && writer != by && c.value.present {
		why := fmt.Sprintf("%s has replaced %s = %s, which %s has written", by.name, c.key, c.value, writer.name)
		edges = append(edges, edge{from: writer, to: by, kind: replaces, key: c.key, why: why})
	}
	return edges
}

// absentOnce reports whether a key was absent only before its first write: not there at the beginning, and never
// deleted. Otherwise nobody can say which absence a reader has seen.
func (r *Recorder) absentOnce(txns []*Txn, key string) bool {
	if _, there := r.initial[key]; there {
		return false
	}
	return !slices.ContainsFunc(txns, func(t *Txn) bool {
		_, writes := t.footprint(nil)
		left, wrote := writes[key]
		return wrote && !left.present
	})
}

// keys returns all keys that occur, sorted.
func (r *Recorder) keys(txns []*Txn) []string {
	seen := map[string]bool{}
	for key := range r.initial {
		seen[key] = true
	}
	for _, t := range txns {
		for _, o := range t.ops {
			if o.found == nil {
				seen[o.key] = true
			}
			for key := range o.found {
				seen[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// inTime returns an edge for each two of which one had ended when the other began.
func inTime(txns []*Txn) (edges []edge) {
	for _, a := range txns {
		for _, b := range txns {
			if a.end < b.call {
				edges = append(edges, edge{from: a, to: b, kind: earlier, why: a.name + " had ended when " + b.name + " began"})
			}
		}
	}
	return edges
}

// compareCells orders by key, and then by value.
func compareCells(a, b cell) int {
	if c := strings.Compare(a.key, b.key); c != 0 {
		return c
	}
	return strings.Compare(a.value.String(), b.value.String())
}

// stuck says why the longest order goes no further.
func (r *Recorder) stuck(txns, order []*Txn) []string {
	s := state(r.initial)
	for _, t := range order {
		s, _ = run(s, t)
	}
	reasons := []string{"the longest order: " + strings.Join(names(order), ", ")}
	for _, t := range txns {
		if t.committed && !slices.Contains(order, t) {
			if _, wrong := run(s, t); wrong != "" {
				reasons = append(reasons, "then: "+wrong)
			}
		}
	}
	return reasons
}

// pairs returns keys and what they hold, for people.
func pairs(found map[string]entry) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(found)) {
		out = append(out, fmt.Sprintf("%s = %s", key, found[key]))
	}
	return strings.Join(out, ", ")
}
