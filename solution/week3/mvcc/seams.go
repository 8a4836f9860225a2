//lab:day 3.1

package mvcc

import (
	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
)

// #region collector

// Collector knows who reads the past, and so which versions a flush or merge may drop. Any number of goroutines use
// it. A Collector belongs to one DB.
type Collector interface {
	engine.Retention
	// Acquire counts in a reader at the number that visible returns, and returns that number. It calls visible under
	// the lock that Keeper takes: a merge that begins before the reader is counted keeps what is visible then, one
	// that begins after it knows the reader.
	Acquire(visible func() kv.Seq) kv.Seq
	// AcquireAt counts in a reader at v, or returns false if v is below Floor.
	AcquireAt(v kv.Seq) bool
	// Release counts a reader at v out. There is one call for each Acquire and AcquireAt that was granted.
	Release(v kv.Seq)
	// Floor returns the number below which reads are not answered any more, because something that they need may be
	// gone. It never goes down.
	Floor() kv.Seq
	// Opened is called once, when the store has been opened: last is the highest number in use.
	Opened(last kv.Seq)
	// Cleanup lets go of the versions of key with numbers up to upTo, but for those that a reader needs. It does not
	// keep the slice. left reads whether the store has such a version of a key still; it is not called under a lock.
	Cleanup(key []byte, upTo kv.Seq, left func(key []byte, upTo kv.Seq) bool)
}

// #endregion

// keepAll is the default Collector. It drops nothing, so it need not know who reads.
type keepAll struct{}

// Keeper returns one that says yes.
func (keepAll) Keeper(kv.Seq) engine.Keeper { return keepAll{} }

// Keep keeps all.
func (keepAll) Keep(kv.Key, kv.Seq, bool) bool { return true }

// Acquire returns the visible number.
func (keepAll) Acquire(visible func() kv.Seq) kv.Seq { return visible() }

// AcquireAt grants all.
func (keepAll) AcquireAt(kv.Seq) bool { return true }

// Release does nothing.
func (keepAll) Release(kv.Seq) {}

// Floor is where it has always been.
func (keepAll) Floor() kv.Seq { return 0 }

// Opened does nothing.
func (keepAll) Opened(kv.Seq) {}

// Cleanup does nothing.
func (keepAll) Cleanup([]byte, kv.Seq, func([]byte, kv.Seq) bool) {}
