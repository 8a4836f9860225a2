package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// Whoever closes a store properly loses nothing, in any mode, not even if the power goes right afterwards. A store
// without a log has to flush for that; one that keeps writes in the process has to write them out.
//
//lab:task 3 points=3
func TestClose_MakesEverythingDurable(t *testing.T) {
	for _, mode := range modes {
		labtest.NoLeaks(t)
		d, o := newDisk(), small(mode)
		s := open(t, d, o)
		put(t, s, "a", "1", "b", "2")
		flush(t, s)
		put(t, s, "c", "3")
		require.NoError(t, s.Delete([]byte("a")))
		closeStore(t, s)
		allClosed(t, d, modeNames[mode])
		holds(t, modeNames[mode]+": closed, and then the power went", open(t, d.crashed(false), o), "b = 2", "c = 3")
	}
}

// A store can be closed once. Of two goroutines that try, one does it, and the other is told; the same for all that
// comes later. The lock is free then, and the next opener comes in.
//
//lab:task 3 points=2
func TestClose_Once(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogOff))
	put(t, s, "a", "1")
	var closed, refused atomic.Int32
	var done []<-chan error
	for range 4 {
		done = append(done, inBackground(s.Close))
	}
	for _, one := range done {
		switch err := finished(t, "Close", one); {
		case err == nil:
			closed.Add(1)
		case errors.Is(err, kv.ErrClosed):
			refused.Add(1)
		default:
			t.Errorf("Close: %v", err)
		}
	}
	require.Equal(t, "1 closed, 3 refused", fmt.Sprintf("%d closed, %d refused", closed.Load(), refused.Load()))
	require.ErrorIs(t, s.Put([]byte("b"), nil), kv.ErrClosed)
	require.ErrorIs(t, s.Sync(), kv.ErrClosed)
	holds(t, "opened again", open(t, d, small(store.LogOff)), "a = 1")
}

// Something fails while the store is closed: the log's last sync, the flush of a store without a log, the manifest.
// Close says so, since what was only acknowledged as written may be lost. But it goes on to the end: every file is
// closed and the lock is free, or the directory would be locked until the process ends.
//
//lab:task 3 points=3
func TestClose_FailureClosesEverythingElse(t *testing.T) {
	for _, c := range []struct {
		mode    store.LogMode
		op      vfs.Op
		pattern string
	}{
		{store.LogWritten, vfs.OpSync, "*.log"},
		{store.LogWritten, vfs.OpClose, "*.log"},
		{store.LogLosesOnKill, vfs.OpWrite, "*.log"},
		{store.LogWritten, vfs.OpClose, "MANIFEST*"},
		{store.LogOff, vfs.OpSync, "*.sst"},
		{store.LogOff, vfs.OpWrite, "MANIFEST*"},
	} {
		t.Run(fmt.Sprintf("%s, %s of %s", modeNames[c.mode], c.op, strings.Trim(c.pattern, "*.")), func(t *testing.T) {
			labtest.NoLeaks(t)
			d, o := newDisk(), small(c.mode)
			s := open(t, d, o)
			put(t, s, "a", "1")
			require.NoError(t, s.Sync())
			put(t, s, "b", "2")
			d.FailNext(c.op, c.pattern, nil)
			require.ErrorIs(t, s.Close(), vfs.ErrInjected)
			allClosed(t, d, "after a Close that failed")
			s, err := tryOpen(t, d, rigDir, o)
			require.NoError(t, err, "the next opener")
			value, err := s.Get([]byte("a"))
			require.NoError(t, err)
			require.Equal(t, "1", string(value), "what was durable before")
		})
	}
}

// A store without a log flushes when it is closed, and that takes a while. Who puts a key meanwhile must not be told
// that it is stored: the flush has passed already, and the key would be lost with the memory, though the store was
// closed properly.
//
//lab:task 3 points=2
func TestClose_AcknowledgesNothingThatItsFlushMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, o := newDisk(), small(store.LogOff)
		s := open(t, d, o)
		put(t, s, "a", "1")
		_, release := d.BlockAt(vfs.OpCreate, "*.sst")
		closed := inBackground(s.Close)
		synctest.Wait()
		require.ErrorIs(t, s.Put([]byte("late"), nil), kv.ErrClosed, "a put while Close flushes")
		release()
		require.NoError(t, <-closed)
		holds(t, "opened again", open(t, d, o), "a = 1")
	})
}

// The lock is the last thing that Close gives back. Whoever waits for it may begin to cut and to remove at once, and
// must not meet somebody who is still writing.
//
//lab:task 3 points=1
func TestClose_GivesLockBackLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, pattern := range []string{"*.log", "MANIFEST*"} {
			d, o := newDisk(), small(store.LogLosesOnKill)
			s := open(t, d, o)
			put(t, s, "a", "1")
			_, release := d.BlockAt(vfs.OpClose, pattern)
			closed := inBackground(s.Close)
			synctest.Wait()
			waiting(t, "Close, while it closes "+pattern, closed)
			require.ErrorIs(t, s.Close(), kv.ErrClosed, "a second Close meanwhile")
			_, err := tryOpen(t, d, rigDir, o)
			require.ErrorIs(t, err, vfs.ErrLocked, "another opener, while Close is closing %s", pattern)
			release()
			require.NoError(t, <-closed)
			holds(t, "opened again", open(t, d, o), "a = 1")
		}
	})
}
