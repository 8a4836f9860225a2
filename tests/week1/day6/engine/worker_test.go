package engine_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week1/sstable"
)

// MaxMemtables is 2: one active, one frozen. With the third, the oldest goes to disk, all by itself. It is the oldest that
// goes, and it is only that one: the other two may stay, and are read from memory.
//
//lab:task 2 points=3
func TestWorker_FlushesOldestBeyondLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := openRig(t, nil)
		for _, key := range []string{"apple", "banana", "cherry"} {
			r.putBig(t, key, "x")
		}
		synctest.Wait()
		same(t, "runs", [][]string{{`"apple"#1,set = "x"`}}, r.contents(t))
		same(t, "entries of the memtables", []int{1, 1}, r.memtables())
		r.expect(t, "afterwards", "apple", `"x"`, "banana", `"x"`, "cherry", `"x"`)
	})
}

// The limit counts all memtables, the active one too. With a limit of n, n memtables are fine and cause no flush; n + 1 are
// one too many. Counted without the active one, the store takes a memtable more than its owner has planned memory for.
//
//lab:task 2 points=3
func TestWorker_LimitCountsActiveMemtable(t *testing.T) {
	for limit := 1; limit <= 4; limit++ {
		t.Run(fmt.Sprint("MaxMemtables ", limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := openRig(t, &engine.Options{MaxMemtables: limit})
				for i := range limit {
					r.putBig(t, fmt.Sprint("key", i), "x")
				}
				synctest.Wait()
				require.Len(t, r.memtables(), limit, "memtables: as many as allowed")
				require.Empty(t, r.Stats().Runs, "runs while there are not too many memtables")
				r.putBig(t, "one more", "x")
				synctest.Wait()
				require.Len(t, r.memtables(), limit, "memtables after one too many")
				require.Len(t, r.Stats().Runs, 1, "runs after one too many")
			})
		})
	}
}

// The worker is woken by a signal at the moment when there is work. It does not look every 50 milliseconds whether there is
// some: that would cost a store that does nothing, and make one that is busy wait. Time stands still in this test unless
// somebody sleeps, and not a millisecond passes until the flush is done.
//
//lab:task 2 points=2
func TestWorker_IsWokenAndDoesNotPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := openRig(t, &engine.Options{MaxMemtables: 1})
		start := time.Now()
		r.putBig(t, "apple", "x")
		r.putBig(t, "banana", "x")
		synctest.Wait()
		require.Len(t, r.Stats().Runs, 1, "runs")
		require.Equal(t, time.Duration(0), time.Since(start), "time that passed until the flush was done")
	})
}

// The worker is busy with a slow disk. Meanwhile four more memtables are frozen, and the writers do not wait to tell it: one
// signal is remembered, the others are dropped. When the worker is done it finds that one signal, and must flush as many as
// there are too many, not one for each signal.
//
//lab:task 2 points=3
func TestWorker_OneSignalStandsForManyFreezes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := openRig(t, nil)
		reached, release := r.fault.BlockAt(vfs.OpCreate, "*.sst")
		for i := range 3 {
			r.putBig(t, fmt.Sprint("key", i), "x")
		}
		synctest.Wait()
		select {
		case <-reached:
		default:
			t.Fatal("three memtables, and no flush has begun")
		}
		for i := 3; i < 7; i++ {
			r.putBig(t, fmt.Sprint("key", i), "x")
		}
		require.Len(t, r.memtables(), 7, "memtables while the disk is slow")
		release()
		synctest.Wait()
		require.Len(t, r.memtables(), 2, "memtables when the disk has done its work")
		require.Len(t, r.Stats().Runs, 5, "runs")
		for i := range 7 {
			r.expect(t, "in the end", fmt.Sprint("key", i), `"x"`)
		}
	})
}

// A flush in the background fails. Nobody called it, so nobody gets the error, unless it is kept: the next write is refused
// with it. The worker does not try again and again, at full speed, on a full disk; a call of Flush does, when somebody has
// made room. Then writes go on, and so does the worker.
//
//lab:task 2 points=3
func TestWorker_FailureIsKeptForTheNextWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := openRig(t, nil)
		attempts, stored := 0, make(chan struct{})
		r.fault.FailAt(func(c vfs.Call) bool {
			if c.Op == vfs.OpCreate {
				<-stored // no flush fails before cherry, whose put wakes the worker, is stored
				attempts++
			}
			return c.Op == vfs.OpCreate && attempts <= 50
		}, nil)
		for _, key := range []string{"apple", "banana"} {
			r.putBig(t, key, "x")
			synctest.Wait() // the worker has slept again: no signal is left over
		}
		r.putBig(t, "cherry", "x")
		close(stored)
		synctest.Wait()
		require.Equal(t, 1, attempts, "attempts to flush")
		require.ErrorIs(t, r.Put([]byte("date"), nil), vfs.ErrInjected, "the put after the flush that failed")
		synctest.Wait()
		require.Equal(t, 1, attempts, "attempts to flush, after one more put")
		r.expect(t, "after the failure", "apple", `"x"`, "banana", `"x"`, "cherry", `"x"`, "date", "not found")

		r.fault.Clear()
		r.flush(t)
		for _, key := range []string{"date", "elder", "fig"} {
			r.putBig(t, key, "x")
		}
		synctest.Wait()
		require.Len(t, r.memtables(), 2, "memtables: the worker works again")
		r.expect(t, "in the end", "apple", `"x"`, "banana", `"x"`, "cherry", `"x"`, "date", `"x"`, "elder", `"x"`, "fig", `"x"`)
	})
}

// Two writers find the memtable full at the same time. One of them makes the next memtable; the other must wait for it and
// then look again, for there is plenty of room now. Here the first one is stopped in the middle. If the second did not
// look again, it would freeze the new memtable with nothing in it, and a table of nothing would be flushed.
//
//lab:task 2 points=3
func TestFreeze_HappensOnceForTwoWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		release := sync.OnceFunc(func() { close(goOn) })
		var made atomic.Int64
		r := openRig(t, &engine.Options{MaxMemtables: 1, MemtableSize: 8 << 10, NewTable: func(id uint64, capacity int) *memtable.Table {
			if made.Add(1) > 1 {
				<-goOn
			}
			return memtable.New(id, capacity)
		}})
		t.Cleanup(release)
		for _, key := range []string{"a", "b", "c"} {
			r.putBig(t, key, "x")
		}
		first := inBackground(func() error { return r.Put([]byte("d"), big("x")) })
		second := inBackground(func() error { return r.Put([]byte("e"), big("x")) })
		synctest.Wait()
		require.Equal(t, int64(2), made.Load(), "memtables made: the first, and one for the two writers together")
		release()
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		synctest.Wait()
		same(t, "entries of the memtables", []int{2}, r.memtables())
		same(t, "runs", [][]string{{`"a"#1,set = "x"`, `"b"#2,set = "x"`, `"c"#3,set = "x"`}}, r.contents(t))
		require.Equal(t, int64(2), made.Load(), "memtables made in the end")
	})
}

// Four goroutines write and delete, four read and scan, tables are flushed in the background all the time, and somebody calls
// Flush now and then. Each writer has keys of its own, so it knows at any moment what a read must find.
//
//lab:task 2 points=3 random race
func TestWorker_ManyGoroutines(t *testing.T) {
	labtest.NoLeaks(t)
	r := openRig(t, &engine.Options{MemtableSize: 2 << 10})
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 4 {
		writers.Go(func() { writeAndRead(t, r, w) })
	}
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					scanInOrder(t, r)
				}
			}
		})
	}
	for range 10 {
		if err := r.Flush(context.Background()); err != nil {
			t.Errorf("flush: %v", err)
		}
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	r.flush(t)
	require.Greater(t, r.Stats().Flushes, int64(5), "flushes")
	require.Len(t, r.memtables(), 1)
	for w := range 4 {
		for i := range 20 {
			want := fmt.Sprintf("%q", fmt.Sprint(180+i))
			if (180+i)%3 == 0 {
				want = "not found"
			}
			r.expect(t, "in the end", fmt.Sprintf("%d/%02d", w, i), want)
		}
	}
}

// writeAndRead writes 200 times to 20 keys of its own, deletes every third time, and reads what it wrote.
func writeAndRead(t *testing.T, r *rig, writer int) {
	for i := range 200 {
		key := fmt.Sprintf("%d/%02d", writer, i%20)
		want := fmt.Sprintf("%q", fmt.Sprint(i))
		var err error
		if i%3 == 0 {
			err, want = r.Delete([]byte(key)), "not found"
		} else {
			err = r.Put([]byte(key), fmt.Appendf(nil, "%d%s", i, filler[:100]))
		}
		if err != nil {
			t.Errorf("write %s: %v", key, err)
			return
		}
		if got := r.look(key); got != want {
			t.Errorf("Get(%q) after write %d: got %s, want %s", key, i, got, want)
			return
		}
	}
}

// scanInOrder checks that a scan ascends and shows each key once.
func scanInOrder(t *testing.T, r *rig) {
	last := ""
	scan := r.Scan(kv.Unbounded(), kv.Unbounded())
	for key := range scan.All() {
		if string(key) <= last {
			t.Errorf("a scan shows %q behind %q", key, last)
		}
		last = string(key)
	}
	if err := scan.Err(); err != nil {
		t.Errorf("scan: %v", err)
	}
	scan.Close()
}

// The worker may be stopped between its table and its manifest: what it has written by then is installed, or not begun at
// all. At the end of the store every file in the directory is one that the store knows.
//
//lab:task 2 points=1
func TestWorker_LeavesNoStrayFiles(t *testing.T) {
	var flushed notebook
	r := openRig(t, &engine.Options{MaxMemtables: 1, Listener: engine.Listener{
		FlushEnd: func(_ uint64, table *sstable.Table, _ error) {
			if table != nil {
				flushed.note("%s", table.Name())
			}
		},
	}})
	for i := range 20 {
		r.putBig(t, fmt.Sprint("key", i), "x")
	}
	require.NoError(t, r.Close())
	require.ErrorIs(t, r.Put([]byte("late"), nil), kv.ErrClosed)
	names := flushed.read()
	labtest.NoStrayFiles(t, r.mem, rigDir, names...)
	require.Len(t, labtest.Files(t, r.mem, rigDir), len(names), "files")
	labtest.NoStrayFiles(t, r.mem, rigDir, tableFiles(r)...)
}
