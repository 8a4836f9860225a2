//lab:day 3.4

package txn

import (
	"iter"

	"lsmlab/internal/kv"
)

// recent holds when keys were written last, as far back as somebody may still ask. One record a key is enough:
// whoever asks wants to know whether a key was written after some number, and the newest write alone answers that. So
// a counter that is written a million times takes the place of one key.
//
//	byKey    apple ─┐   banana ─┐        date ─┐
//	ring     oldest → apple 7 → banana 9 → date 12 → newest
type recent struct {
	byKey map[string]*record
	ring  record  // no record itself: ring.newer is the oldest record, ring.older the newest; itself if there is none
	spare *record // one that was forgotten, for its next use; nil if there is none
}

// record is the newest write of a key. It stands in a ring, in the order of numbers.
type record struct {
	key          string
	at           kv.Seq
	older, newer *record
}

// init makes r hold nothing.
func (r *recent) init() {
	r.byKey = map[string]*record{}
	r.ring.older, r.ring.newer = &r.ring, &r.ring
}

// newest returns the number of the newest write of a key, 0 if nothing is known of it.
func (r *recent) newest(key []byte) kv.Seq {
	if rec := r.byKey[string(key)]; rec != nil {
		return rec.at
	}
	return 0
}

// remember takes down a write. Its number is higher than all that r has seen. It does not keep key.
//
//lab:todo 1 serializable#remember
//lab:hint The ring is in the order of numbers. Where does the record of a key belong that is written once more?
//lab:hint r.fresh gives a record that stands nowhere; leave and enter take one out of the ring, and put it in as the newest.
func (r *recent) remember(key []byte, at kv.Seq) {
	// #region remember
	rec := r.byKey[string(key)]
	if rec == nil {
		rec = r.fresh(string(key))
		r.byKey[rec.key] = rec
	} else {
		rec.leave()
	}
	rec.at = at
	rec.enter(&r.ring)
	// #endregion
}

// forget drops the records of all writes at this number and below.
//
//lab:todo 2 serializable#forget
//lab:hint The oldest record is r.ring.newer. When it may stay, all may.
//lab:hint Two places know a record. Keep the last one that goes in r.spare.
//lab:stub return
func (r *recent) forget(upTo kv.Seq) {
	// #region forget
	for rec := r.ring.newer; rec != &r.ring && rec.at <= upTo; rec = r.ring.newer {
		rec.leave()
		delete(r.byKey, rec.key)
		r.spare = rec
	}
	// #endregion
}

// since iterates over the keys that were written after this number, each once, from the newest write to the oldest.
// Their bytes are valid until the next.
func (r *recent) since(at kv.Seq) iter.Seq2[[]byte, kv.Seq] {
	// #region since
	return func(yield func(key []byte, at kv.Seq) bool) {
		var key []byte
		for rec := r.ring.older; rec != &r.ring && rec.at > at; rec = rec.older {
			key = append(key[:0], rec.key...)
			if !yield(key, rec.at) {
				return
			}
		}
	}
	// #endregion
}

// fresh returns a record for a key that stands nowhere yet.
func (r *recent) fresh(key string) *record {
	rec := r.spare
	if rec == nil {
		rec = &record{}
	}
	r.spare = nil
	rec.key = key
	return rec
}

// leave takes the record out of its ring.
func (r *record) leave() { r.older.newer, r.newer.older = r.newer, r.older }

// enter puts the record into a ring, as the newest.
func (r *record) enter(ring *record) {
	r.older, r.newer = ring.older, ring
	r.older.newer, ring.older = r, r
}
