//lab:day 3.2

package txn

import "lsmlab/internal/kv"

// What a transaction has read is taken down only if a Validator will ask: nobody else pays for it. Begin makes Keys
// then, and leaves it nil otherwise.

// looked takes down that the snapshot was asked for key, and answered err. A key that is not there is an answer too,
// which somebody else's write may change.
//
//lab:todo 4 transactions#footprint
//lab:hint t.footprint.Keys is nil if nobody wants to know.
//lab:stub return
func (t *Txn) looked(key []byte, err error) {
	// #region looked
	if t.footprint.Keys != nil {
		t.footprint.Keys[string(key)] = err == nil
	}
	// #endregion
}

// walked takes down that a walk begins, and returns its range, which note extends; nil if nobody wants to know.
func (t *Txn) walked(from kv.Bound) *Range {
	if t.footprint.Keys == nil {
		return nil
	}
	r := &Range{Lower: from}
	t.footprint.Ranges = append(t.footprint.Ranges, r)
	return r
}

// note extends the range of the walk to where it stands now. A walk that has stopped at "c" knows that nothing lies
// between its begin and "c", and nothing of what lies behind. One that has come to its end knows all up to the upper
// bound.
//
//lab:todo 4 transactions#footprint
//lab:hint w.seen is nil if nobody wants to know.
//lab:hint The iterator's key changes when it moves. Range.Upper has memory of its own.
//lab:hint Not valid: the end, or an error. In both cases, what does the walk claim to know?
//lab:stub return
func (w *walk) note() {
	// #region note
	switch {
	case w.seen == nil:
	case w.Iterator.Valid():
		w.seen.Upper = kv.Included(append(w.seen.Upper.Key()[:0], w.Iterator.Key().User...))
	default:
		w.seen.Upper = w.upper
	}
	// #endregion
}
