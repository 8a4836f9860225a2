//lab:day 1.5

package version

import (
	"lsmlab/internal/kv"
	"lsmlab/solution/week1/iterator"
)

// NewIterator returns an iterator over the versions of all runs, memtables included, in the order of their internal
// keys. It shows every version and every tombstone: this is what a merge of tables reads. Runs that hold no key from
// lower to upper may be left out; keys beyond the bounds may still appear.
//
//lab:todo 4 read-path#scan
//lab:hint iterator.NewMerging wants its children newest first. v.Memtables.Tables() and v.Runs already are.
//lab:hint A run that v.Prune.mayOverlap rules out need not become a child at all, nor an empty memtable. One child needs no merge.
func (v *Version) NewIterator(lower, upper kv.Bound) kv.Iterator {
	// #region merge
	memtables := v.Memtables.Tables()
	children := make([]kv.Iterator, 0, len(memtables)+len(v.Runs))
	for _, t := range memtables {
		if t.Len() > 0 {
			children = append(children, t.NewIterator())
		}
	}
	for _, r := range v.Runs {
		if v.Prune.mayOverlap(r, lower, upper) {
			children = append(children, r.NewIterator())
		}
	}
	if len(children) == 1 {
		return children[0]
	}
	return iterator.NewMerging(children...)
	// #endregion
}

// Scan returns an iterator over what a reader at sequence number at sees between the bounds: each user key once, with
// the value it had then, without those that were deleted then. What is written after it began has higher numbers and
// stays out. The iterator is not positioned yet; First moves to the first key inside the bounds.
//
//lab:todo 4 read-path#scan
//lab:hint Day 2 built the three parts. Which one wraps which? Which of them has nothing to do if there are no bounds?
func (v *Version) Scan(lower, upper kv.Bound, at kv.Seq) kv.Iterator {
	// #region scan
	merged := v.NewIterator(lower, upper)
	visible := iterator.NewVisible(merged, at)
	if lower.IsUnbounded() && upper.IsUnbounded() {
		return visible
	}
	return iterator.NewBounded(visible, lower, upper)
	// #endregion
}
