package simulator

import (
	"bytes"
	"slices"

	"lsmlab/internal/shape"
)

// scanner holds what one look at all tables finds, by key. The slices are used again.
type scanner struct {
	found []version // the version that a read finds: the first from the top
	held  []bool    // whether any table has a version of the key
	asked []int     // how many tables a read asks until it finds the key, those without it included
	last  []uint64  // the sequence number in the run above
}

// reset makes the slices long enough and empty.
func (s *scanner) reset(keys int) {
	s.found = append(s.found[:0], make([]version, keys)...)
	s.held = append(s.held[:0], make([]bool, keys)...)
	s.asked = append(s.asked[:0], make([]int, keys)...)
	s.last = append(s.last[:0], make([]uint64, keys)...)
}

// look reads the whole tree and returns what is wrong with it.
func (m *sim) look() error {
	if err := m.tree.Check(); err != nil {
		return m.violation(RuleTree, -1, "%v", err)
	}
	s := &m.scan
	s.reset(len(m.latest))
	for _, r := range m.tree.Runs {
		for _, t := range r.Tables {
			if err := m.lookAt(r.Place, t); err != nil {
				return err
			}
		}
	}
	for key, want := range m.latest {
		if err := m.compare(key, want, s.found[key]); err != nil {
			return err
		}
	}
	return nil
}

// lookAt reads one table. The versions of a key must become older from the top to the bottom.
func (m *sim) lookAt(place shape.Place, t shape.Table) error {
	s, data := &m.scan, m.tables[t.Number]
	if data == nil || !bytes.Equal(data.First, t.First) || !bytes.Equal(data.Last, t.Last) || data.Size != t.Size {
		return m.violation(RuleTree, -1, "%s has a table %d that was never written", place, t.Number)
	}
	first, last := data.versions[0].key, data.versions[len(data.versions)-1].key
	for key := first; key <= last; key++ {
		if s.found[key].seq == 0 {
			s.asked[key]++
		}
	}
	for _, v := range data.versions {
		if s.held[v.key] && s.last[v.key] <= v.seq {
			return m.violation(RuleStale, v.key, "key %s: %s holds %s, and a run above it the older version %d",
				keyName(v.key), place, v, s.last[v.key])
		}
		if !s.held[v.key] {
			s.found[v.key] = v
		}
		s.held[v.key], s.last[v.key] = true, v.seq
	}
	return nil
}

// compare returns a violation if a read finds something else than the newest version of a key. To find an older tombstone
// instead of the newest is no difference.
func (m *sim) compare(key int, want, got version) error {
	switch {
	case got.seq == want.seq, want.tombstone && (got.seq == 0 || got.tombstone):
		return nil
	case got.seq == 0:
		return m.violation(RuleLost, key, "key %s is lost: %s is nowhere", keyName(key), want)
	case want.tombstone && !got.tombstone:
		return m.violation(RuleRevived, key, "key %s is deleted (%s), and %s came back", keyName(key), want, got)
	}
	return m.violation(RuleStale, key, "key %s: a read finds %s, the newest is %s", keyName(key), got, want)
}

// clone returns a copy of the tree that shares no slice of tables with it.
func (m *sim) clone() shape.Tree {
	runs := slices.Clone(m.tree.Runs)
	for i := range runs {
		runs[i].Tables = slices.Clone(runs[i].Tables)
	}
	return shape.Tree{Runs: runs}
}

// live returns the tables of the tree.
func (m *sim) live() (tables []shape.Table) {
	for _, r := range m.tree.Runs {
		tables = append(tables, r.Tables...)
	}
	return tables
}

// measure adds a point to the result. Reads are counted without filters: each table whose range has the key in it is asked.
func (m *sim) measure() {
	p := Point{Step: m.step, User: m.result.user, Written: m.result.written, Bytes: m.tree.Size()}
	p.Tables, p.Runs = len(m.live()), len(m.tree.Runs)
	asked, keys := 0, 0
	for key, v := range m.latest {
		p.ReadWorst = max(p.ReadWorst, m.scan.asked[key])
		if v.seq > 0 && !v.tombstone {
			p.Live += v.size
			asked += m.scan.asked[key]
			keys++
		}
	}
	p.WriteAmp = ratio(p.Written, p.User)
	p.ReadAmp = ratio(int64(asked), int64(keys))
	p.SpaceAmp = ratio(p.Bytes, p.Live)
	m.result.Points = append(m.result.Points, p)
}

// ratio returns a/b, 0 if b is 0.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
