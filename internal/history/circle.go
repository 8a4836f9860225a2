package history

import "slices"

// shortestCircle returns the shortest circle of edges, nil if there is none. It begins at the transaction that began
// first.
func shortestCircle(edges []edge) (shortest []edge) {
	out := map[*Txn][]edge{}
	for _, e := range edges {
		out[e.from] = append(out[e.from], e)
	}
	for _, e := range edges {
		if back := path(out, e.to, e.from, len(shortest)); back != nil && (shortest == nil || len(back)+1 < len(shortest)) {
			shortest = append([]edge{e}, back...)
		}
	}
	first := 0
	for i, e := range shortest {
		if e.from.call < shortest[first].from.call {
			first = i
		}
	}
	return slices.Concat(shortest[first:], shortest[:first])
}

// path returns the shortest path, of fewer edges than limit unless that is 0; nil if there is none.
func path(out map[*Txn][]edge, from, to *Txn, limit int) []edge {
	type step struct {
		at   *Txn
		path []edge
	}
	seen := map[*Txn]bool{from: true}
	for steps := []step{{at: from}}; len(steps) > 0; steps = steps[1:] {
		here := steps[0]
		if limit > 0 && len(here.path) >= limit {
			return nil
		}
		for _, e := range out[here.at] {
			if e.to == to {
				return append(slices.Clip(here.path), e)
			}
			if !seen[e.to] {
				seen[e.to] = true
				steps = append(steps, step{e.to, append(slices.Clip(here.path), e)})
			}
		}
	}
	return nil
}

// classify returns what a circle is called.
func classify(circle []edge) string {
	count := map[kind]int{}
	sameKey := true
	for _, e := range circle {
		count[e.kind]++
		sameKey = sameKey && e.key == circle[0].key
	}
	switch {
	case count[earlier] > 0 && count[misses] < 2:
		return "stale read"
	case count[misses] == 0:
		return "circular information flow"
	case count[misses] == 1:
		return "torn read"
	case len(circle) == 2 && (sameKey || bothReplace(circle[0].from, circle[0].to)):
		return "lost update"
	case slices.ContainsFunc(circle, func(e edge) bool { return e.phantom }):
		return "write skew through a phantom"
	}
	return "write skew"
}

// bothReplace reports whether two have read and replaced the same value of some key.
func bothReplace(a, b *Txn) bool {
	readsA, writesA := a.footprint(nil)
	readsB, writesB := b.footprint(nil)
	for key := range writesA {
		_, other := writesB[key]
		if value, ok := readsA[key]; other && ok && value == readsB[key] {
			return true
		}
	}
	return false
}
