package txn_test

import (
	"testing"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
)

// discarder is a compaction filter that discards whatever it is shown.
type discarder struct{}

// Discard discards.
func (discarder) Discard(kv.Key, []byte) bool { return true }

// present is a collector for whom nobody reads the past: its merges keep what is visible when they begin, and what comes later. It is
// its own keeper, for that number.
type present kv.Seq

func (present) Keeper(visible kv.Seq) engine.Keeper { return present(visible) }

func (p present) Keep(_ kv.Key, newer kv.Seq, _ bool) bool { return newer == 0 || newer > kv.Seq(p) }

func (present) Acquire(visible func() kv.Seq) kv.Seq { return visible() }

func (present) AcquireAt(kv.Seq) bool { return true }

func (present) Release(kv.Seq) {}

func (present) Floor() kv.Seq { return 0 }

func (present) Opened(kv.Seq) {}

func (present) Cleanup([]byte, kv.Seq, func([]byte, kv.Seq) bool) {}

// A number alone does not protect what is read at it: a compaction filter may discard what was visible when its merge began. The
// snapshot is more than its number: for that case it has held on to its tree. So it is the snapshot that has to be asked.
//
//lab:task 1 points=1
func TestGet_AsksTheSnapshotAndNotItsNumber(t *testing.T) {
	labtest.NoLeaks(t)
	o := smallBank()
	o.CompactionFilter, o.Collector = discarder{}, present(0)
	db := openBank(t, vfs.NewMem(), o)
	plainPuts(t, db, "alice", "1000")
	tx := begin(t, db)
	settle(t, db)
	expect(t, "the store, after a merge with a filter that discards everything", lines("alice: key not found"), found(db, "alice"))
	expect(t, "the transaction that had begun before", lines("alice = 1000"), found(tx, "alice"))
}
