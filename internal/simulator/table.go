package simulator

import (
	"cmp"
	"fmt"
	"slices"

	"lsmlab/internal/shape"
)

// version is one version of a key, without its value.
type version struct {
	seq       uint64 // 0 is no version
	size      int64
	tombstone bool
	key       int
}

// String returns the version for people.
func (v version) String() string {
	switch {
	case v.seq == 0:
		return "nothing"
	case v.tombstone:
		return fmt.Sprintf("tombstone@%d", v.seq)
	}
	return fmt.Sprintf("value@%d", v.seq)
}

// table is a table's data: at most one version a key, by key. It does not change.
type table struct {
	shape.Table
	versions []version
	born     string // the step and what made it, for stories
	died     string // what merged it, empty while it is there
}

// find returns the table's version of a key.
func (t *table) find(key int) (version, bool) {
	i, ok := slices.BinarySearchFunc(t.versions, key, func(v version, key int) int { return cmp.Compare(v.key, key) })
	if !ok {
		return version{}, false
	}
	return t.versions[i], true
}

// maxKeys is how many keys have names of six digits.
const maxKeys = 1_000_000

// keyName returns a key as tables hold it. Names have the order of their numbers.
func keyName(key int) string { return fmt.Sprintf("%06d", key) }

// newTable makes a table of versions, which it keeps, and remembers it.
func (m *sim) newTable(versions []version, born string) shape.Table {
	t := &table{versions: versions, born: fmt.Sprintf("step %d: %s", m.step, born)}
	t.Number = m.next
	m.next++
	t.First, t.Last = []byte(keyName(versions[0].key)), []byte(keyName(versions[len(versions)-1].key))
	for _, v := range versions {
		t.Size += v.size
	}
	m.tables[t.Number] = t
	return t.Table
}

// flush fills a memtable with writes and makes a table in level 0 of it.
func (m *sim) flush() error {
	m.step++
	memtable, room := map[int]version{}, m.FlushSize
	for room > 0 {
		w := m.work.next(m.step - 1)
		m.seq++
		v := version{key: w.key, seq: m.seq, size: w.size, tombstone: w.tombstone}
		for w.key >= len(m.latest) {
			m.latest = append(m.latest, version{})
		}
		memtable[w.key], m.latest[w.key] = v, v
		room -= w.size
		m.result.user += w.size
	}
	versions := make([]version, 0, len(memtable))
	for _, v := range memtable {
		versions = append(versions, v)
	}
	slices.SortFunc(versions, func(a, b version) int { return cmp.Compare(a.key, b.key) })
	place := shape.Place{Level: 0, Epoch: m.active}
	m.active = m.next
	m.next++
	t := m.newTable(versions, "flushed to "+place.String())
	m.result.written += t.Size
	m.task = nil
	m.tree = m.apply(shape.Edit{Add: []shape.Run{{Place: place, Tables: []shape.Table{t}}}})
	m.tracef("\n%d flush %d into %s", m.step, t.Number, place)
	return m.look()
}

// merge returns the newest version of each key of the tables, of which the first are newest, in the order of keys. Where
// nothing older lies below, tombstones are left out.
func (m *sim) merge(inputs []shape.Table, below []shape.Run) []version {
	newest := map[int]version{}
	for _, in := range inputs {
		for _, v := range m.tables[in.Number].versions {
			if _, seen := newest[v.key]; !seen {
				newest[v.key] = v
			}
		}
	}
	merged := make([]version, 0, len(newest))
	for _, v := range newest {
		if !v.tombstone || mayHold(below, keyName(v.key)) {
			merged = append(merged, v)
		}
	}
	slices.SortFunc(merged, func(a, b version) int { return cmp.Compare(a.key, b.key) })
	return merged
}

// mayHold reports whether a table of the runs has a range with the key in it.
func mayHold(runs []shape.Run, key string) bool {
	for _, r := range runs {
		i, _ := slices.BinarySearchFunc(r.Tables, key, func(t shape.Table, key string) int {
			return cmp.Compare(string(t.Last), key)
		})
		if i < len(r.Tables) && string(r.Tables[i].First) <= key {
			return true
		}
	}
	return false
}

// split makes tables of versions, a new one at every TargetSize bytes, and where one more entry would make the table overlap
// more than MaxOverlap bytes of the run below the output.
func (m *sim) split(versions []version, below []shape.Run, born string) (tables []shape.Table) {
	for from := 0; from < len(versions); {
		to, size, over := from, int64(0), overlap{first: keyName(versions[from].key)}
		if m.MaxOverlap > 0 && len(below) > 0 {
			over.rest = below[0].Tables
		}
		for to < len(versions) && size < m.TargetSize {
			if over.upTo(keyName(versions[to].key)) > m.MaxOverlap && to > from {
				break
			}
			size += versions[to].size
			to++
		}
		tables = append(tables, m.newTable(versions[from:to:to], born))
		from = to
	}
	return tables
}

// overlap adds up the bytes of a run's tables that overlap a range, which grows.
type overlap struct {
	first string
	rest  []shape.Table // not counted yet
	sum   int64
}

// upTo returns how many bytes overlap the range from first to last.
func (o *overlap) upTo(last string) int64 {
	for len(o.rest) > 0 && string(o.rest[0].First) <= last {
		if string(o.rest[0].Last) >= o.first {
			o.sum += o.rest[0].Size
		}
		o.rest = o.rest[1:]
	}
	return o.sum
}
