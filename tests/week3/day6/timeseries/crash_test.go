package timeseries_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/timeseries"
	"lsmlab/solution/week3/txn"
)

// The power goes at every operation of the file system in turn, and what was not synced is lost, kept, or torn. What
// is found afterwards is the range as it was or as it was to be, whole; and if Downsample has returned, it is as it
// was to be.
//
//lab:task 5 points=4
func TestDownsample_CrashAtEveryOperation(t *testing.T) {
	base := vfs.NewMem()
	r := rigOn(t, base, nil, nil)
	require.NoError(t, r.AppendAll("cpu", wave(60)[:40]))
	r.flush(t)
	require.NoError(t, r.AppendAll("cpu", wave(60)[40:]))
	require.NoError(t, r.store.Sync())
	before := r.all(t, "cpu")
	base = base.Clone()

	downsample := func(mem *vfs.Mem) error {
		db, err := txn.Open(rigDir, crashOptions(mem))
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = timeseries.New(db, nil).Downsample("cpu", 5, 55, 0.1)
		return err
	}
	calm := base.Clone()
	start := calm.Ops()
	require.NoError(t, downsample(calm))
	after := rigOn(t, calm.Crash(vfs.LoseUnsynced), nil, nil).all(t, "cpu")
	within(t, "the range, after the downsample", wave(60)[5:56], oldestFirst(after)[5:len(after)-4], 0.1)
	require.Less(t, len(after), 25, "points after the downsample")

	for point := 1; point <= calm.Ops()-start; point++ {
		mem := base.Clone()
		mem.CrashAt(mem.Ops() + point)
		err := downsample(mem)
		for i, policy := range vfs.Policies(2) {
			found := rigOn(t, mem.Crash(policy), nil, nil).all(t, "cpu")
			old, done := slices.Equal(found, before), slices.Equal(found, after)
			if !done && (!old || err == nil) {
				t.Fatalf("crash at operation %d, outcome %d (of: lost, kept, torn, torn): Downsample has returned %v\n"+
					"found are %d points; before there were %d, after it there are %d:\n%q",
					point, i+1, err, len(found), len(before), len(after), lines(found))
			}
		}
	}
}

// crashOptions returns options for a store on a disk that will lose its power.
func crashOptions(mem *vfs.Mem) *txn.Options {
	o := &txn.Options{Validator: txn.NewOracle()}
	o.FS, o.CacheSize, o.NoCompaction = mem, -1, true
	return o
}

// A disk that fails while the result is written: the caller learns of it, and what is in the store is the range as it
// was.
//
//lab:task 5 points=2
func TestDownsample_TellsWhatFailed(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpWrite, vfs.OpSync} {
		r := newRig(t)
		require.NoError(t, r.AppendAll("cpu", wave(50)))
		r.disk.FailNext(op, "*.log", nil)
		result, err := r.Downsample("cpu", 0, 49, 0.1)
		require.ErrorIs(t, err, vfs.ErrInjected, "Downsample, when the disk fails to %s", op)
		equal(t, "Result of a downsample that has failed", timeseries.Result{}, result)
		r.holds(t, "afterwards", "cpu", oldestFirst(wave(50))...)
	}
	r := newRig(t)
	require.NoError(t, r.AppendAll("cpu", every(5000, func(i int) float64 { return 1 })))
	r.flush(t)
	reads := 0
	r.disk.FailAt(func(c vfs.Call) bool {
		if c.Op == vfs.OpRead {
			reads++
		}
		return c.Op == vfs.OpRead && reads > 5
	}, nil)
	_, err := r.Downsample("cpu", 0, 5000, 1)
	require.ErrorIs(t, err, vfs.ErrInjected, "Downsample, when the disk fails in the middle of the range")
	r.disk.Clear()
	require.Len(t, r.all(t, "cpu"), 5000, "points afterwards")
}
