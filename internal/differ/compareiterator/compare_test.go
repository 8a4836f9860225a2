//go:build labcompare

package compareiterator_test

import (
	"slices"
	"testing"

	"lsmlab/internal/differ/harness"
	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	refiterator "lsmlab/solution/week1/iterator"
	"lsmlab/week1/iterator"
)

// TestCompare spreads the same writes over several sorted sources and reads both views of them.
func TestCompare(t *testing.T) {
	names := []string{"put", "put", "put", "delete", "new source", "scan", "scan", "seek", "entries"}
	harness.Compare(t, names, func() (harness.Side, harness.Side, error) {
		return &side{sources: make([][]labtest.Entry, 1), view: student, merge: merge}, &side{sources: make([][]labtest.Entry, 1), view: reference, merge: refmerge}, nil
	})
}

// merge merges with the student's iterator, refmerge with the reference's.
func merge(children []kv.Iterator) kv.Iterator    { return iterator.NewMerging(children...) }
func refmerge(children []kv.Iterator) kv.Iterator { return refiterator.NewMerging(children...) }

// student returns the student's view of a range at a moment.
func student(inner kv.Iterator, at kv.Seq, lower, upper kv.Bound) kv.Iterator {
	return iterator.NewBounded(iterator.NewVisible(inner, at), lower, upper)
}

// reference returns the reference's view of a range at a moment.
func reference(inner kv.Iterator, at kv.Seq, lower, upper kv.Bound) kv.Iterator {
	return refiterator.NewBounded(refiterator.NewVisible(inner, at), lower, upper)
}

// side is the sources so far, newest first, and how to read them.
type side struct {
	sources [][]labtest.Entry
	seq     kv.Seq
	merge   func([]kv.Iterator) kv.Iterator
	view    func(inner kv.Iterator, at kv.Seq, lower, upper kv.Bound) kv.Iterator
}

// Do carries out one operation.
func (s *side) Do(o harness.Op) string {
	switch o.Name {
	case "put":
		s.seq++
		s.add(labtest.Entry{Key: kv.MakeKey(o.Key, s.seq, kv.KindSet), Value: o.Value})
	case "delete":
		s.seq++
		s.add(labtest.Entry{Key: kv.MakeKey(o.Key, s.seq, kv.KindDelete)})
	case "new source":
		s.sources = slices.Insert(s.sources, 0, nil)
	case "entries":
		it := s.merged()
		it.First()
		return harness.Entries(it)
	case "seek":
		it := s.merged()
		it.SeekGE(kv.SeekKey(o.Key, s.seq))
		return harness.Entries(it)
	case "scan":
		it := s.view(s.merged(), s.seq-s.seq/3, o.Lower, o.Upper)
		it.First()
		return harness.Entries(it)
	}
	return ""
}

// add puts an entry into its place in the newest source.
func (s *side) add(e labtest.Entry) {
	at, _ := slices.BinarySearchFunc(s.sources[0], e, func(a, b labtest.Entry) int { return a.Key.Compare(b.Key) })
	s.sources[0] = slices.Insert(s.sources[0], at, e)
}

// merged returns all sources merged.
func (s *side) merged() kv.Iterator {
	var children []kv.Iterator
	for _, entries := range s.sources {
		children = append(children, labtest.FromSlice(entries))
	}
	return s.merge(children)
}

// Close has nothing to give back.
func (s *side) Close() error { return nil }
