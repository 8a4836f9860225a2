package engine_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week1/version"
)

// After Close every call says that the store is closed, by a name that a caller can test for. A write that was accepted would
// go into a memtable that nobody will ever flush; a read would look at files that are closed. Close itself may be called
// twice, as it often is where one is deferred.
//
//lab:task 2 points=2
func TestClose_RefusesEverythingAfterwards(t *testing.T) {
	labtest.NoLeaks(t)
	r := openRig(t, nil)
	r.put(t, "apple", "red")
	require.NoError(t, r.Close())
	var b kv.Batch
	b.Set([]byte("banana"), nil)
	var empty kv.Batch
	_, getErr := r.Get([]byte("apple"))
	_, getToErr := r.GetTo(nil, []byte("apple"))
	scan := r.Scan(kv.Unbounded(), kv.Unbounded())
	scan.First()
	require.False(t, scan.Valid(), "a scan that was made after Close")
	for what, err := range map[string]error{
		"Put":                  r.Put([]byte("banana"), nil),
		"Delete":               r.Delete([]byte("apple")),
		"Apply":                r.Apply(&b),
		"Apply of no writes":   r.Apply(&empty),
		"Get":                  getErr,
		"Get of a missing key": second(r.Get([]byte("plum"))),
		"GetTo":                getToErr,
		"Scan":                 scan.Err(),
		"Flush":                r.Flush(context.Background()),
		"Compact":              r.Compact(context.Background()),
		"Close":                r.Close(),
	} {
		require.ErrorIs(t, err, kv.ErrClosed, "%s after Close", what)
	}
	require.NoError(t, scan.Close())
}

// second returns the second of two results.
func second(_ []byte, err error) error { return err }

// A scan is open when the store is closed. It ends at its next step, and says why: a scan that just ended would look like one
// that has seen everything.
//
//lab:task 2 points=2
func TestClose_EndsOpenScans(t *testing.T) {
	r := openRig(t, patient())
	for _, key := range []string{"a", "b", "c"} {
		r.put(t, key, "x")
	}
	scan := r.Scan(kv.Unbounded(), kv.Unbounded())
	scan.First()
	require.True(t, scan.Valid())
	require.NoError(t, r.Close())
	scan.Next()
	require.False(t, scan.Valid(), "the scan after Close")
	require.ErrorIs(t, scan.Err(), kv.ErrClosed)
	require.NoError(t, scan.Close())
}

// The worker is writing a table when Close is called. Close waits until it is done: a goroutine that writes files of a store
// that its owner thinks closed, perhaps removed, is the worst kind of leak. The table is whole then, and installed.
//
//lab:task 2 points=3
func TestClose_WaitsForFlushUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorded := 0
		r := openRig(t, &engine.Options{Manifest: fakeManifest(func(*version.Edit, *version.Version) error {
			recorded++
			return nil
		})})
		_, release := r.fault.BlockAt(vfs.OpCreate, "*.sst")
		for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
			r.putBig(t, key, "x")
		}
		synctest.Wait() // the worker stands at Create
		closed := inBackground(r.Close)
		synctest.Wait()
		select {
		case <-closed:
			t.Fatal("Close has returned while the worker is writing a table")
		default:
		}
		release()
		require.NoError(t, <-closed)
		require.Equal(t, 1, recorded, "flushes: the one that was under way, and no other")
		labtest.NoStrayFiles(t, r.mem, rigDir, tableFiles(r)...)
	})
}

// The same again, and this time the worker, once it goes on, wants the lock under which Close has marked the store as closed.
// If Close kept that lock while it waits for the worker, each of them would wait for the other, for ever. Whoever calls Close a
// second time meanwhile is told at once that somebody else was first.
//
//lab:task 2 points=2
func TestClose_DoesNotHoldTheLockWhileItWaits(t *testing.T) {
	labtest.NoLeaks(t)
	r := openRig(t, nil)
	reached, release := r.fault.BlockAt(vfs.OpCreate, "*.sst")
	defer release()
	for _, key := range []string{"a", "b", "c"} {
		r.putBig(t, key, "x")
	}
	reaches(t, "the worker's flush", reached)
	closed := inBackground(r.Close)
	for tries := 0; r.look("a") == `"x"`; tries++ { // until Close has begun
		require.Empty(t, closed, "Close has returned while the worker is writing a table")
		require.Less(t, tries, 1000, "Close has had all the time in the world, and Get still answers")
		letOthersRun()
	}
	require.ErrorIs(t, finished(t, "a second Close, while the first one waits,", inBackground(r.Close)), kv.ErrClosed)
	release()
	require.NoError(t, finished(t, "Close", closed))
}

// A writer has got its number and waits for its log. Close waits for it, and closes the log after that. Whoever comes later
// is refused.
//
//lab:task 2 points=2
func TestClose_WaitsForWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		release := sync.OnceFunc(func() { close(goOn) })
		logs := &fakeLogs{}
		logs.commit = func(uint64, int64, bool) error {
			<-goOn
			logs.note("written")
			return nil
		}
		r := openRig(t, &engine.Options{Logs: logs})
		t.Cleanup(release)
		slow := inBackground(func() error { return r.Put([]byte("apple"), []byte("red")) })
		synctest.Wait()
		closed := inBackground(r.Close)
		synctest.Wait()
		select {
		case <-closed:
			t.Fatal("Close has returned while a writer is inside")
		default:
		}
		require.ErrorIs(t, r.Put([]byte("banana"), nil), kv.ErrClosed, "a put while Close waits")
		release()
		require.NoError(t, <-slow, "the write that was under way")
		require.NoError(t, <-closed)
		same(t, "what the log was asked", []string{
			"create 1", "append to 1: 1 writes from 1", "commit 1 to 1, sync false", "written", "close 1",
		}, logs.read())
	})
}

// A writer waits for the next memtable, and another for the first one to make it, when the store is closed. Both must come
// back, with kv.ErrClosed: writers that wait for ever are leaks too.
//
//lab:task 2 points=2
func TestClose_LetsWaitingWritersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		release := sync.OnceFunc(func() { close(goOn) })
		made := 0
		o := patient()
		o.NewTable = func(id uint64, capacity int) *memtable.Table {
			if made++; made > 1 {
				<-goOn
			}
			return memtable.New(id, capacity)
		}
		r := openRig(t, o)
		t.Cleanup(release)
		r.putBig(t, "a", "x")
		one := inBackground(func() error { return r.Put([]byte("b"), big("x")) })
		synctest.Wait()
		two := inBackground(func() error { return r.Put([]byte("c"), big("x")) })
		synctest.Wait()
		closed := inBackground(r.Close)
		synctest.Wait()
		release()
		require.ErrorIs(t, <-one, kv.ErrClosed, "the writer who made the memtable")
		require.ErrorIs(t, <-two, kv.ErrClosed, "the writer who waited for it")
		require.NoError(t, <-closed)
	})
}

// An idle store is closed: the worker sleeps, and must wake up to end. And a store whose flush has failed is closed: nothing
// is left to wait for, and Close does not try to flush.
//
//lab:task 2 points=1
func TestClose_StopsSleepingWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle := openRig(t, nil)
		synctest.Wait()
		require.NoError(t, idle.Close())
		require.ErrorIs(t, idle.Put([]byte("a"), nil), kv.ErrClosed)

		failed := openRig(t, nil)
		attempts, stored := 0, make(chan struct{})
		failed.fault.FailAt(func(c vfs.Call) bool {
			if c.Op == vfs.OpCreate {
				<-stored // no flush fails before c, whose put wakes the worker, is stored
				attempts++
			}
			return c.Op == vfs.OpCreate && attempts <= 50
		}, nil)
		for _, key := range []string{"a", "b"} {
			failed.putBig(t, key, "x")
			synctest.Wait() // the worker has slept again: no signal is left over
		}
		failed.putBig(t, "c", "x")
		close(stored)
		synctest.Wait()
		require.ErrorIs(t, failed.Stats().Err, vfs.ErrInjected)
		require.NoError(t, failed.Close())
		require.Equal(t, 1, attempts, "attempts to flush")
	})
}

// Readers read while the store is closed under them. Each of them gets a right answer or kv.ErrClosed; never a wrong answer,
// and never an error that speaks of files.
//
//lab:task 2 points=2 race
func TestClose_WhileReadersRead(t *testing.T) {
	labtest.NoLeaks(t)
	for range 20 {
		r := openRig(t, &engine.Options{MaxMemtables: 1})
		for _, key := range []string{"a", "b", "c"} {
			r.putBig(t, key, "x")
		}
		var readers sync.WaitGroup
		stop := make(chan struct{})
		for range 4 {
			readers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					switch value, err := r.Get([]byte("a")); {
					case errors.Is(err, kv.ErrClosed):
						return
					case err != nil || brief(value) != "x":
						t.Errorf("Get during Close: %s", answered(value, err))
						return
					}
					runtime.Gosched() // on one processor Close has its turn, too
				}
			})
		}
		letOthersRun()
		closeErr := r.Close()
		_, err := r.Get([]byte("a"))
		letOthersRun()
		close(stop)
		readers.Wait()
		require.NoError(t, closeErr)
		require.ErrorIs(t, err, kv.ErrClosed, "Get after Close")
	}
}
