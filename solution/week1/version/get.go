//lab:day 1.5

package version

import "lsmlab/internal/kv"

// Get returns the value that user had at sequence number at. It returns kv.ErrNotFound if there was none then: never
// written, or deleted. Any other error means that a table could not be read, so that the answer is not known. The value
// is borrowed from the memtable or block that holds it: the caller must not change it. Get allocates nothing.
//
//lab:todo 3 read-path#get
//lab:hint From the top: the memtables first, then v.Runs in their order, each asked only if the one before had no answer.
//lab:hint A tombstone is an answer. So is an error: whoever goes on behind it may find a value that is out of date.
//lab:hint r.Table(user) is the one table of a run to ask. Skip it if there is none, or if v.Prune.mayHold says no.
func (v *Version) Get(user []byte, at kv.Seq) (value []byte, err error) {
	// #region get
	if value, kind, found := v.Memtables.Get(user, at); found {
		return answer(value, kind)
	}
	for _, r := range v.Runs {
		t := r.Table(user)
		if t == nil || !v.Prune.mayHold(t, user) {
			continue
		}
		value, kind, found, err := t.Get(user, at)
		if err != nil {
			return nil, err
		}
		if found {
			return answer(value, kind)
		}
	}
	return nil, kv.ErrNotFound
	// #endregion
}

// answer turns the version that decides a Get into what Get returns.
//
//lab:todo 3 read-path#get
//lab:hint Look at the kind, never at the value's length: an empty value is a value.
func answer(value []byte, kind kv.Kind) ([]byte, error) {
	if kind == kv.KindDelete {
		return nil, kv.ErrNotFound
	}
	return value, nil
}
