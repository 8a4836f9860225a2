//lab:day 3.3

package mvcc

import (
	"fmt"
	"maps"

	"lsmlab/internal/kv"
)

// Cleanup lets go of the versions of key that were written so far, but for the newest keep of them, which is at least
// 1, and for what readers need. They go when the next flushes and merges meet them. What is written later is not
// meant. With keep 1, a key that is deleted goes altogether. A request is forgotten when the store is closed. A keep
// below 1 is an error, and so is a DB without a Collector, which has keepAll{}: it would never do what was asked.
//
//lab:todo 4 garbage-collection#cleanup
//lab:hint db.versions returns the newest versions. Which is the first one too many? Its number is what a merge needs.
//lab:hint A key that has nothing too many needs no request: it would stay on the list for ever.
//lab:hint With keep 1, is a tombstone worth keeping? What does NewCollector(1) do with one?
func (db *DB) Cleanup(key []byte, keep int) error {
	// #region cleanup
	if _, all := db.opts.Collector.(keepAll); all {
		return fmt.Errorf("cleanup: this store keeps every version for ever, as it was opened without a Collector")
	}
	if keep < 1 {
		return fmt.Errorf("cleanup: keep is %d; the newest version always stays", keep)
	}
	surplus, err := db.versions(key, kv.MaxSeq, keep+1)
	if err != nil {
		return fmt.Errorf("cleanup: %w", err)
	}
	if len(surplus) == 0 || keep > 1 || !surplus[0].Deleted {
		surplus = surplus[min(keep, len(surplus)):]
	}
	if len(surplus) > 0 {
		db.opts.Collector.Cleanup(key, surplus[0].Seq, db.has)
	}
	return nil
	// #endregion
}

// has reports whether a version of key with a number up to upTo is still there, or whether it cannot be read.
func (db *DB) has(key []byte, upTo kv.Seq) bool {
	found, err := db.versions(key, upTo, 1)
	return err != nil || len(found) > 0
}

// minSweep is how many keys the list of cleanups may have before somebody looks which of them are done.
const minSweep = 256

// Cleanup puts a key on the list of those whose versions up to a number are let go.
//
// Nobody says when that is done: a merge does not know what lies in other tables. So a list that has become long asks
// the store about each key, and may become twice as long as what is left before it asks again.
//
//lab:todo 4 garbage-collection#list
//lab:hint A key may be on the list already, with another number. Which one counts?
//lab:hint left reads from the disk: not under w.mu, where readers would wait for it. What may happen meanwhile?
func (w *Watermark) Cleanup(key []byte, upTo kv.Seq, left func(key []byte, upTo kv.Seq) bool) {
	// #region list
	if list := w.request(key, upTo); list != nil {
		maps.DeleteFunc(list, func(key string, upTo kv.Seq) bool { return left([]byte(key), upTo) })
		w.strike(list)
	}
	// #endregion
}

// request puts a key on the list. If that is long, it returns a copy.
//
//lab:omit
func (w *Watermark) request(key []byte, upTo kv.Seq) map[string]kv.Seq {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cleanup[string(key)] = max(w.cleanup[string(key)], upTo)
	if len(w.cleanup) < w.sweepAt {
		return nil
	}
	return maps.Clone(w.cleanup)
}

// strike takes what is done off the list, unless there is a newer request for it.
//
//lab:omit
func (w *Watermark) strike(done map[string]kv.Seq) {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.cleanup, func(key string, upTo kv.Seq) bool { return done[key] == upTo })
	w.sweepAt = max(minSweep, 2*len(w.cleanup))
}
