//lab:day 3.4

package txn

import (
	"cmp"
	"slices"

	"lsmlab/internal/kv"
)

// reader stands for the open transactions that read at one number.
type reader struct {
	at    kv.Seq
	count int // at least 1
}

// Begin counts a transaction in: it calls take for its snapshot, and returns the number of that.
//
//lab:todo 2 serializable#readers
//lab:hint What may happen between take and the moment when you have counted its number in?
//lab:hint Many transactions may read at one number. o.findLocked says where a number is, or belongs.
//lab:stub return take()
func (o *Oracle) Begin(take func() kv.Seq) kv.Seq {
	// #region begin
	o.mu.Lock()
	defer o.mu.Unlock()
	at := take()
	i, found := o.findLocked(at)
	if !found {
		o.readers = slices.Insert(o.readers, i, reader{at: at})
	}
	o.readers[i].count++
	return at
	// #endregion
}

// End counts a transaction out that has begun at this number.
//
//lab:todo 2 serializable#readers
//lab:hint The last one of a number takes the number with it.
//lab:hint If it was the oldest, something can be forgotten. Who would do it if nobody writes any more?
//lab:stub return
func (o *Oracle) End(at kv.Seq) {
	// #region end
	o.mu.Lock()
	defer o.mu.Unlock()
	i, found := o.findLocked(at)
	if !found {
		return
	}
	if o.readers[i].count--; o.readers[i].count == 0 {
		o.readers = slices.Delete(o.readers, i, i+1)
		o.forgetLocked()
	}
	// #endregion
}

// findLocked returns where the readers at a number are, or where they belong if there are none.
func (o *Oracle) findLocked(at kv.Seq) (i int, found bool) {
	return slices.BinarySearchFunc(o.readers, at, func(r reader, at kv.Seq) int { return cmp.Compare(r.at, at) })
}

// forgetLocked forgets what no commit will ask about, neither of an open transaction nor of one to come.
//
//lab:todo 2 serializable#forget
//lab:hint The oldest open snapshot needs what is above it. And the next one, if it is taken this moment?
//lab:hint Before Opened nobody can say how far writes are visible.
//lab:stub return
func (o *Oracle) forgetLocked() {
	// #region horizon
	if o.visible == nil {
		return
	}
	horizon := o.visible()
	if len(o.readers) > 0 {
		horizon = min(horizon, o.readers[0].at)
	}
	o.recent.forget(horizon)
	// #endregion
}
