//lab:day 3.3

package mvcc

import "lsmlab/internal/kv"

// keeper decides for one flush or merge. What is read below its watermark is nobody's business any more.
type keeper struct {
	watermark *Watermark
	at        kv.Seq // the watermark, fixed when the flush or merge began
	cleaning  bool   // there was a list of cleanups then
	asked     kv.Seq // the number of the version asked about last
	count     int    // how many versions of the same user key were asked about, that one included
}

// Keep reports whether a version must stay: a reader needs it, or it is among the newest that stay in any case. The
// key is lent: its bytes are others at the next call.
func (k *keeper) Keep(key kv.Key, newer kv.Seq, bottom bool) bool {
	// #region keep
	rank := k.rank(key, newer) // each version counts, whatever becomes of it
	return k.needed(key, newer, bottom) || rank <= k.watermark.newest && !k.released(key)
	// #endregion
}

// needed reports whether somebody at the watermark or above it would miss a version. Those above the watermark are
// all needed, as there may be a reader at any number; of those at or below it only the newest. A tombstone there
// hides what is older: at the bottom, nothing.
//
//	watermark 9        12   9   7   4 delete   2
//	needed             yes  yes no  no         no
//
//lab:todo 2 garbage-collection#needed
//lab:hint A version ends where the next newer one begins. Does anybody read at its number or later, and before that end?
//lab:hint newer is 0 if there is no newer version: it never ends.
//lab:hint A tombstone above the watermark is still seen by those who read between.
func (k *keeper) needed(key kv.Key, newer kv.Seq, bottom bool) bool {
	// #region needed
	if bottom && key.Kind() == kv.KindDelete && key.Seq() <= k.at {
		return false
	}
	return newer == 0 || newer > k.at
	// #endregion
}

// rank returns the how-manieth version of its user key this is in the flush or merge, counted from the newest: 1.
// Deletes are versions. There may be newer ones elsewhere, so it may be lower than the true rank, and then too much
// is kept; never too little.
//
// A merge with a compaction filter asks about a version as if there were another one at the visible number, and then
// once more as it is. Numbers are used once in a store's life. So newer is 0, or the number asked about last, or the
// question is such an "as if": the answer to it is 2, and nothing is counted.
//
//lab:todo 3 garbage-collection#rank
//lab:hint The newest version of each key comes with newer 0: begin to count.
//lab:hint k.asked is the number of the version asked about last, and k.count its rank. Is newer that one?
//lab:stub return every
func (k *keeper) rank(key kv.Key, newer kv.Seq) int {
	// #region rank
	switch newer {
	case 0:
		k.count = 1
	case k.asked:
		k.count++
	default:
		return 2
	}
	k.asked = key.Seq()
	return k.count
	// #endregion
}

// released reports whether DB.Cleanup has let go of a version.
//
//lab:todo 4 garbage-collection#list
//lab:hint The list may grow while a merge looks at it.
//lab:stub return false
func (k *keeper) released(key kv.Key) bool {
	// #region released
	if !k.cleaning {
		return false
	}
	k.watermark.mu.Lock()
	defer k.watermark.mu.Unlock()
	return key.Seq() <= k.watermark.cleanup[string(key.User)]
	// #endregion
}
