package store_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// queue has n writers put a key each, of which the first stands still in its sync and the others wait. It returns what they will
// say, and what lets the disk go on. It is called in a bubble of synctest.
func queue(d *disk, s *store.Store, n int) (puts []<-chan error, release func()) {
	_, release = d.BlockAt(vfs.OpSync, "*.log")
	for i := range n {
		puts = append(puts, inBackground(func() error { return s.Put(fmt.Appendf(nil, "k%d", i), []byte("v")) }))
		synctest.Wait()
	}
	return puts, release
}

// The same through the whole store: eight goroutines put a key each, and every put must be durable. The disk stands still in the
// first one's sync. When it goes on, exactly one more sync serves the seven others, and a power cut after that loses nothing.
//
//lab:task 2 points=4
func TestStore_OneMoreSyncServesAllWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		s := open(t, d, small(store.LogSynced))
		before := d.Count(vfs.OpSync, "*.log")
		puts, release := queue(d, s, 8)
		waiting(t, "while the disk stands still", puts...)
		require.Equal(t, 1, d.Count(vfs.OpSync, "*.log")-before, "syncs of the log, while the disk stands still")
		holds(t, "nothing is acknowledged yet, and nothing visible", s)
		release()
		require.NoError(t, all(puts...))
		require.Equal(t, 2, d.Count(vfs.OpSync, "*.log")-before, "syncs of the log for 8 durable puts")
		want := []string{"k0 = v", "k1 = v", "k2 = v", "k3 = v", "k4 = v", "k5 = v", "k6 = v", "k7 = v"}
		holds(t, "all are acknowledged", s, want...)
		holds(t, "after a power cut", open(t, d.crashed(false), small(store.LogSynced)), want...)
	})
}

// A put is acknowledged when its sync has ended, and not when it has begun. Here the power goes while the second sync is under way:
// who had been waiting for it has not been told that it is stored, and so it may be lost; the first one has, and is there.
//
//lab:task 2 points=3
func TestStore_AcknowledgesAfterSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		s := open(t, d, small(store.LogSynced))
		puts, release := queue(d, s, 3)
		_, releaseSecond := d.BlockAt(vfs.OpSync, "*.log")
		release()
		synctest.Wait()
		require.NoError(t, <-puts[0], "the put whose sync has ended")
		waiting(t, "while the second sync is under way", puts[1:]...)
		cut := open(t, d.crashed(false), small(store.LogSynced))
		holds(t, "power cut during the second sync", cut, "k0 = v")
		releaseSecond()
		require.NoError(t, all(puts[1:]...))
	})
}

// The sync of a group fails. Every one of its writers is told, none of their keys is ever shown, and the store takes no more writes:
// not one of those who waited for the failed sync, nor of those who came later, may be let off with a later sync that worked.
//
//lab:task 2 points=4
func TestStore_FailedSyncFailsItsWholeGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		s := open(t, d, small(store.LogSynced))
		put(t, s, "before", "v")
		puts, release := queue(d, s, 4)
		d.FailNext(vfs.OpSync, "*.log", nil) // the one after that which stands still
		release()
		require.NoError(t, <-puts[0], "the put whose own sync worked")
		for i, done := range puts[1:] {
			err := <-done
			require.ErrorIs(t, err, vfs.ErrInjected, "put %d, whose sync failed", i+2)
			require.ErrorIs(t, err, kv.ErrReadOnly, "put %d, whose sync failed", i+2)
		}
		syncs := d.Count(vfs.OpSync, "*.log")
		require.ErrorIs(t, s.Put([]byte("after"), nil), kv.ErrReadOnly, "a put later, with a disk that works")
		require.Equal(t, syncs, d.Count(vfs.OpSync, "*.log"), "syncs of the log: none after one has failed")
		holds(t, "afterwards", s, "before = v", "k0 = v")
	})
}

// While somebody syncs, others still get their numbers and put their bytes into the log: the next group forms meanwhile. And they
// read, too. A committer that held a lock over the sync would make all of them wait for the disk, one after the other.
//
//lab:task 2 points=2
func TestStore_NextGroupFormsDuringSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		s := open(t, d, small(store.LogWritten))
		put(t, s, "apple", "red")
		_, release := d.BlockAt(vfs.OpSync, "*.log")
		synced := inBackground(func() error { _, err := s.Write(batch("banana=yellow"), true); return err })
		synctest.Wait()
		size := func() int { return s.Stats().Memtables[0].Entries }
		other := inBackground(func() error { return s.Put([]byte("cherry"), []byte("black")) })
		synctest.Wait()
		value, err := s.Get([]byte("apple"))
		require.NoError(t, err)
		require.Equal(t, "red", string(value), "Get during a sync")
		require.Equal(t, 1, size(), "entries in the memtable: nothing is inserted before its log says so")
		release()
		require.NoError(t, errors.Join(<-synced, <-other))
		require.Equal(t, 3, size(), "entries in the memtable in the end")
	})
}

// Eight goroutines write, some with sync; another one flushes and compacts all the time; at some moment the power goes. Each of them
// finds a prefix of what it wrote, with everything in it that was acknowledged as durable.
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
