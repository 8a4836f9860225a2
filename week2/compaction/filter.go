package compaction

import (
	"bytes"

	"lsmlab/internal/kv"
	"lsmlab/week1/engine"
)

// thinner asks a compaction filter, and turns into tombstones what it discards. A tombstone, since what is discarded may have
// older versions below, which must not come back; it goes like any other at the bottom.
//
//  1. Only the newest version of a user key in the merge is discarded. A newer one elsewhere, above, hides it as it would
//     have hidden the value.
//  2. Nobody who reads the past may lose it. Were there a version at the visible number, would this one still have to stay?
//     If so, somebody reads at a number from this version's to before the visible one. Whoever reads at the visible number
//     itself counts as a reader of the present.
//  3. What became visible only after the job began is left alone: the keeper knows nothing of its readers.
type thinner struct {
	filter  engine.CompactionFilter // nil: nothing is discarded
	keeper  engine.Keeper
	visible kv.Seq
	user    []byte // the user key of the version before, a copy
}

// version returns the next version of the merge, as it is or as a tombstone.
func (t *thinner) version(key kv.Key, value []byte) (kv.Key, []byte) {
	if t.filter == nil {
		return key, value
	}
	first := !bytes.Equal(key.User, t.user)
	t.user = append(t.user[:0], key.User...)
	if !first || key.Kind() != kv.KindSet || key.Seq() > t.visible || t.keeper.Keep(key, t.visible, false) {
		return key, value
	}
	if !t.filter.Discard(key, value) {
		return key, value
	}
	return kv.MakeKey(key.User, key.Seq(), kv.KindDelete), nil
}
