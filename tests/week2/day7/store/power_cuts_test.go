package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/crashlab"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/leveled"
	"lsmlab/solution/week2/store"
)

// tour is a script that passes everything that can be interrupted: writes of all kinds, a memtable that is frozen
// because it is full, flushes, a merge that drops a tombstone, restarts, and a write after each of them.
var tour = crashlab.Parse(`put:a=1 put!:b=1 batch:a=2,c=2,-b flush put:d=3 del:a flush batch!:b=4,e=4 compact
	put:f=5 reopen put:a=6 sync del:c reopen flush put!:g=7 compact batch:a=8,b=8,-g`)

// crash runs scripts through the crash lab, with every stride-th operation as a crash point, and says how much was
// tried.
func crash(t *testing.T, o *store.Options, stride int, scripts ...crashlab.Script) {
	t.Helper()
	var sum crashlab.Report
	for i, script := range scripts {
		l := lab(o)
		l.Stride, l.Seed = stride, uint64(i)
		report, err := l.Crash(script)
		require.NoError(t, err)
		sum.Add(report)
	}
	t.Logf("crashes: %v", sum)
}

// The power goes at every single operation of the file system, in turn: what was not synced is lost, or kept, or torn
// in pieces. Each time the store must open again, hold a prefix of what was written, with all of it that was
// acknowledged as durable, and take new writes; then it is opened once more. The failure tells at which operation of
// which script it happened, and what was found.
//
//lab:task 1 points=5
func TestCrash_AtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	crash(t, small(store.LogWritten), 1, tour)
}

// The same with random scripts, and memtables so small that they are frozen and flushed in the background all the time,
// and merged by a policy. Every fifth operation is a crash point; the seeds are fixed, so what fails once fails again.
//
//lab:task 1 points=4 random
func TestCrash_RandomScripts(t *testing.T) {
	labtest.NoLeaks(t)
	o := small(store.LogWritten)
	o.NoCompaction = false
	o.Policy = leveled.Policy{Runs: 2, BaseSize: 4 << 10, Multiplier: 2}
	o.MemtableSize = 1 << 10
	o.ManifestSize = 128 // it begins anew all the time
	crash(t, o, 5, crashlab.Random(1, 30), crashlab.Random(2, 30), crashlab.Random(3, 30))
}

// With every write synced nothing that was acknowledged may be missing, whatever is lost.
//
//lab:task 2 points=2 random
func TestCrash_EveryWriteSynced(t *testing.T) {
	labtest.NoLeaks(t)
	crash(t, small(store.LogSynced), 5, tour, crashlab.Random(4, 25))
}

// A store that keeps writes in the process, and one without any log, promise less, and must keep that: a prefix, and in
// it all that was synced, flushed, or written with sync.
//
//lab:task 3 points=3 random
func TestCrash_ModesThatPromiseLess(t *testing.T) {
	labtest.NoLeaks(t)
	crash(t, small(store.LogLosesOnKill), 6, tour, crashlab.Random(5, 25))
	crash(t, small(store.LogOff), 6, tour, crashlab.Random(6, 25))
}

// The disk does not die, it fails: each operation in turn answers with an error, once, and in a second run from there
// on, as a full disk does. The store shows what was acknowledged and nothing that failed, as long as it is open; and
// opened again on a disk that works, it has everything that was acknowledged, and what failed as a whole or not at all.
//
//lab:task 1 points=4 random
func TestCrash_DiskFailsAtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	var sum crashlab.Report
	for _, script := range []crashlab.Script{tour, crashlab.Random(7, 20)} {
		l := lab(small(store.LogWritten))
		l.Stride = 2
		report, err := l.Fail(script, errors.New("no space left on device"))
		require.NoError(t, err)
		sum.Add(report)
	}
	t.Logf("failing operations: %v", sum)
}
