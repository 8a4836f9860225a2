//lab:day 1.6

package engine

import "lsmlab/internal/kv"

// ScanPrefix returns a scan of all keys that begin with prefix. An empty prefix begins every key.
//
//lab:todo bonus write-path#prefix
//lab:hint The keys that begin with "ab" are those from "ab" up to "ac", "ac" itself excluded.
//lab:hint What comes after the last key that begins with "a\xff"? And with "\xff\xff"?
func (e *Engine) ScanPrefix(prefix []byte) *Scan {
	// #region prefix
	return e.Scan(kv.Included(prefix), behindPrefix(prefix))
	// #endregion
}

// behindPrefix returns the upper bound of all keys that begin with prefix: what comes right behind them is prefix without
// the bytes 0xff at its end, and with the byte before these increased. If there is no other byte, nothing comes behind.
//
//lab:omit
func behindPrefix(prefix []byte) kv.Bound {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			next := append([]byte(nil), prefix[:i+1]...)
			next[i]++
			return kv.Excluded(next)
		}
	}
	return kv.Unbounded()
}
