package iterator

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// heap is a binary heap of the sources that stand on an entry. For every i, neither of the sources at 2i+1 and 2i+2
// comes before the source at i; so none comes before the one at 0, the root.
//
// It is written out here, and not made with container/heap, because a merge spends its time in it: down works on the
// slice in place where the package would go through an interface for each comparison and each swap.
type heap []source

// source is a child of a merge that stands on an entry.
type source struct {
	key  kv.Key      // what it.Key() returns, kept here so that a comparison asks no iterator
	it   kv.Iterator // the child
	rank int         // the child's place among the merge's children; lower is newer
}

// before reports whether s's entry comes before o's: by key, and where the keys are equal, the newer source's first.
func (s *source) before(o *source) bool {
	// TODO(week 1, day 2, task 1): implement before. Chapter: book/week1/day2-merging-iterators.md#merge
	//
	// Hint: Two sources can stand on the same key. Which of them holds what was written last?
	panic(todo.Reached("week 1 day 2 task 1", "source.before"))
}

// down moves the source at i down to where it belongs, given that the heap is in order below i. An empty heap is in
// order.
func (h heap) down(i int) {
	// TODO(week 1, day 2, task 1): implement down. Chapter: book/week1/day2-merging-iterators.md#merge
	//
	// Hint: Of the two sources below, which one may take the place above both?
	// Hint: Do not forget the case that there is only one source below, or none.
	panic(todo.Reached("week 1 day 2 task 1", "heap.down"))
}

// withoutRoot returns the heap with the last source in the root's place, where it need not belong.
func (h heap) withoutRoot() heap {
	last := len(h) - 1
	h[0], h[last] = h[last], source{}
	return h[:last]
}
