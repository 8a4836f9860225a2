package labtest

import (
	"bytes"
	"slices"

	"lsmlab/internal/kv"
)

// Model is the simplest store there is: a sorted slice of all versions ever written. Random tests compare with it. The
// zero Model is empty.
type Model struct {
	entries []Entry // in the order of kv.Key.Compare
}

// NewModel returns an empty model.
func NewModel() *Model { return &Model{} }

// Put adds a version with a value.
func (m *Model) Put(seq kv.Seq, key, value []byte) {
	m.add(Entry{Key: kv.MakeKey(bytes.Clone(key), seq, kv.KindSet), Value: append([]byte{}, value...)})
}

// Delete adds a tombstone.
func (m *Model) Delete(seq kv.Seq, key []byte) {
	m.add(Entry{Key: kv.MakeKey(bytes.Clone(key), seq, kv.KindDelete)})
}

// Apply adds the writes of a batch, the first with sequence number first.
func (m *Model) Apply(first kv.Seq, b *kv.Batch) {
	for op := range b.Ops() {
		if op.Kind == kv.KindDelete {
			m.Delete(first, op.Key)
		} else {
			m.Put(first, op.Key, op.Value)
		}
		first++
	}
}

// add puts an entry into its place.
func (m *Model) add(e Entry) {
	i, _ := slices.BinarySearchFunc(m.entries, e.Key, func(have Entry, key kv.Key) int { return have.Key.Compare(key) })
	m.entries = slices.Insert(m.entries, i, e)
}

// Entries returns all versions in order. The caller must not change them.
func (m *Model) Entries() []Entry { return m.entries }

// Get returns the newest version of user with a sequence number of at most at. A tombstone is found, with its kind.
func (m *Model) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool) {
	for _, e := range m.entries {
		if bytes.Equal(e.Key.User, user) && e.Key.Seq() <= at {
			return e.Value, e.Key.Kind(), true
		}
	}
	return nil, 0, false
}

// Scan returns what a reader at sequence number at sees between the bounds: the newest version of each user key, those
// that are deleted left out.
func (m *Model) Scan(lower, upper kv.Bound, at kv.Seq) []Entry {
	var out []Entry
	var done []byte // the user key that has been decided
	decided := false
	for _, e := range m.entries {
		if e.Key.Seq() > at || decided && bytes.Equal(done, e.Key.User) {
			continue
		}
		done, decided = e.Key.User, true
		if e.Key.Kind() == kv.KindSet && kv.Within(lower, upper, e.Key.User) {
			out = append(out, e)
		}
	}
	return out
}
