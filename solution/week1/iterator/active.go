//lab:day 1.6

package iterator

import "lsmlab/internal/kv"

// NumActive returns how many sources an iterator still has entries to read from. An iterator of this package knows for
// itself. Any other counts as one source, as long as it is valid.
//
//lab:todo 3 write-path#active
//lab:hint Go can ask a value whether it has a method: it.(interface{ NumActive() int }).
func NumActive(it kv.Iterator) int {
	// #region num-active
	switch it := it.(type) {
	case interface{ NumActive() int }:
		return it.NumActive()
	default:
		return oneIf(it.Valid())
	}
	// #endregion
}

// oneIf returns 1 for true and 0 for false.
func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// NumActive returns the number of children that stand on an entry, the one with the merge's current entry among them. A
// merge that has ended has none, even if it was a failure that ended it.
//
//lab:todo 3 write-path#active
//lab:hint After the failure of one child the others may still stand on entries. Does the merge?
func (m *Merging) NumActive() int {
	// #region num-active-merging
	active := 0
	if m.Valid() {
		for _, child := range m.children {
			active += oneIf(child.Valid())
		}
	}
	return active
	// #endregion
}

// NumActive returns the number of sources that inner has, 0 after the end.
//
//lab:todo 3 write-path#active
//lab:hint The view adds no source and takes none away. But it may end before inner does.
func (v *Visible) NumActive() int {
	if !v.Valid() {
		return 0
	}
	return NumActive(v.inner)
}

// NumActive returns the number of sources that inner has, 0 after the end of the range.
//
//lab:todo 3 write-path#active
//lab:hint Behind the upper bound inner may have entries left. Does the reader get to see them?
func (b *Bounded) NumActive() int {
	if !b.Valid() {
		return 0
	}
	return NumActive(b.inner)
}
