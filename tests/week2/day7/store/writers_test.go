package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// queue has n writers put a key each, of which the first stands still in its sync and the others have put their bytes
// into the log behind it. It returns what they will say, and what lets the disk go on.
func queue(t labtest.TB, d *disk, n int) (s *store.Store, puts []<-chan error, release func()) {
	t.Helper()
	o, admitted := small(store.LogSynced), make(chan struct{}, n)
	o.Gate = countingGate(admitted)
	s = open(t, d, o)
	reached, release := d.BlockAt(vfs.OpSync, "*.log")
	t.Cleanup(release)
	for i := range n {
		puts = append(puts, inBackground(func() error { return s.Put(fmt.Appendf(nil, "k%d", i), []byte("v")) }))
		<-admitted
		reaches(t, "the first sync", reached) // so that its write has none of the others
	}
	s.Stats() // takes the lock under which the last of them was appended
	return s, puts, release
}

// countingGate tells of each batch that is admitted.
type countingGate chan struct{}

// Admit admits everything.
func (g countingGate) Admit(kv.Seq, *kv.Batch) error {
	g <- struct{}{}
	return nil
}

// The same through the whole store: eight goroutines put a key each, and every put must be durable. The disk stands
// still in the first one's sync. When it goes on, exactly one more sync serves the seven others, and a power cut after
// that loses nothing.
//
//lab:task 2 points=4
func TestStore_OneMoreSyncServesAllWriters(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	s, puts, release := queue(t, d, 8)
	waiting(t, "while the disk stands still", puts...)
	require.Equal(t, 1, d.Count(vfs.OpSync, "*.log"), "syncs of the log, while the disk stands still")
	holds(t, "nothing is acknowledged yet, and nothing visible", s)
	release()
	require.NoError(t, all(t, puts...))
	require.Equal(t, 2, d.Count(vfs.OpSync, "*.log"), "syncs of the log for 8 durable puts")
	want := []string{"k0 = v", "k1 = v", "k2 = v", "k3 = v", "k4 = v", "k5 = v", "k6 = v", "k7 = v"}
	holds(t, "all are acknowledged", s, want...)
	holds(t, "after a power cut", open(t, d.crashed(false), small(store.LogSynced)), want...)
}

// A put is acknowledged when its sync has ended, and not when it has begun. Here the power goes while the second sync
// is under way: who had been waiting for it has not been told that it is stored, and so it may be lost; the first one
// has, and is there.
//
//lab:task 2 points=3
func TestStore_AcknowledgesAfterSync(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	_, puts, release := queue(t, d, 3)
	second, releaseSecond := d.BlockAt(vfs.OpSync, "*.log")
	t.Cleanup(releaseSecond)
	release()
	require.NoError(t, finished(t, "the put whose sync has ended", puts[0]))
	reaches(t, "the second sync", second)
	waiting(t, "while the second sync is under way", puts[1:]...)
	cut := open(t, d.crashed(false), small(store.LogSynced))
	holds(t, "power cut during the second sync", cut, "k0 = v")
	releaseSecond()
	require.NoError(t, all(t, puts[1:]...))
}

// The sync of a group fails. Every one of its writers is told, none of their keys is ever shown, and the store takes no
// more writes: not one of those who waited for the failed sync, nor of those who came later, may be let off with a
// later sync that worked.
//
//lab:task 2 points=4
func TestStore_FailedSyncFailsItsWholeGroup(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	s, puts, release := queue(t, d, 4)
	d.FailNext(vfs.OpSync, "*.log", nil) // the one after that which stands still
	release()
	require.NoError(t, finished(t, "the put whose own sync worked", puts[0]))
	for i, done := range puts[1:] {
		err := finished(t, "a put whose sync failed", done)
		require.ErrorIs(t, err, vfs.ErrInjected, "put %d, whose sync failed", i+2)
		require.ErrorIs(t, err, kv.ErrReadOnly, "put %d, whose sync failed", i+2)
	}
	syncs := d.Count(vfs.OpSync, "*.log")
	require.ErrorIs(t, s.Put([]byte("after"), nil), kv.ErrReadOnly, "a put later, with a disk that works")
	require.Equal(t, syncs, d.Count(vfs.OpSync, "*.log"), "syncs of the log: none after one has failed")
	holds(t, "afterwards", s, "k0 = v")
}

// Eight goroutines write, some with sync; another one flushes and compacts all the time; at some moment the power goes.
// Each of them finds a prefix of what it wrote, with everything in it that was acknowledged as durable.
//
//lab:task 2 points=3 random race
func TestStore_StormsWithGroupCommit(t *testing.T) {
	labtest.NoLeaks(t)
	for _, mode := range []store.LogMode{store.LogWritten, store.LogSynced} {
		o := small(mode)
		for seed := range uint64(6) {
			_, err := lab(o).Storm(seed, 8, 40)
			require.NoError(t, err)
		}
	}
}
