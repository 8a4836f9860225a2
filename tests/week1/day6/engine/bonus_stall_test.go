package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/version"
)

// stalled opens a store that stalls at four memtables, and fills it while the disk stands still, so that the next big value
// must wait. release lets the disk go on.
func stalled(t *testing.T, events *notebook) (r *rig, release func()) {
	t.Helper()
	r = openRig(t, &engine.Options{MaxMemtables: 2, StallMemtables: 4, Listener: engine.Listener{
		StallBegin: func(memtables int) { events.note("stall begins at %d", memtables) },
		StallEnd:   func() { events.note("stall ends") },
	}})
	_, release = r.fault.BlockAt(vfs.OpCreate, "*.sst")
	for i := range 4 {
		r.putBig(t, fmt.Sprint("key", i), "x")
	}
	synctest.Wait()
	require.Len(t, r.memtables(), 4, "memtables while the disk stands still")
	require.Empty(t, events.read(), "events before there are too many memtables")
	return r, release
}

// The disk is slower than the writers. At StallMemtables a writer that wants one more has to wait, so that memory does not
// grow without end; reads go on. When the disk has taken a memtable, the writer goes on too.
//
//lab:task bonus points=3
func TestStall_WriterWaitsForFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events notebook
		r, release := stalled(t, &events)
		writer := inBackground(func() error { return r.Put([]byte("one more"), big("x")) })
		synctest.Wait()
		select {
		case err := <-writer:
			t.Fatalf("a fifth memtable, though writers should wait at four (error %v)", err)
		default:
		}
		require.Len(t, r.memtables(), 4, "memtables during the stall")
		r.expect(t, "during the stall", "key0", `"x"`, "one more", "not found")
		release()
		require.NoError(t, <-writer)
		synctest.Wait()
		r.expect(t, "after the stall", "key0", `"x"`, "one more", `"x"`)
		require.Len(t, r.memtables(), 2, "memtables in the end")
		same(t, "events", []string{"stall begins at 4", "stall ends"}, events.read())
	})
}

// The flush for which writers wait fails. Nobody will make room now, so they must not wait for it: each gets the reason.
//
//lab:task bonus points=2
func TestStall_EndsWhenFlushFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events notebook
		r, release := stalled(t, &events)
		full := errors.New("no space left on device")
		attempts := 0
		r.fault.FailAt(func(c vfs.Call) bool {
			if c.Op == vfs.OpSync {
				attempts++
			}
			return c.Op == vfs.OpSync && attempts <= 50
		}, full)
		one := inBackground(func() error { return r.Put([]byte("one"), big("x")) })
		two := inBackground(func() error { return r.Put([]byte("two"), big("x")) })
		synctest.Wait()
		same(t, "events before the failure", []string{"stall begins at 4", "stall begins at 4"}, events.read())
		release()
		require.ErrorIs(t, <-one, full)
		require.ErrorIs(t, <-two, full)
		r.expect(t, "afterwards", "key0", `"x"`, "one", "not found", "two", "not found")
	})
}

// There is a second reason to wait: the compactor has fallen behind, and Options.Throttle says stop. Here it does from two runs
// of level 0 on. A writer that wants another memtable waits, until a compaction has left none; e.tooMany knows of both reasons.
//
//lab:task bonus points=2
func TestStall_WriterWaitsForCompaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events notebook
		r := openRig(t, &engine.Options{
			MaxMemtables: 100,
			Throttle: func(v *version.Version) (time.Duration, bool) {
				return 0, len(v.Runs) >= 2 && v.Runs[1].Level() == 0
			},
			Compactor: fakeCompactor(func(_ context.Context, job *engine.Job) (*version.Edit, error) {
				if !job.Full {
					return nil, nil
				}
				return mergeAll(job)
			}),
			Listener: engine.Listener{
				StallBegin: func(memtables int) { events.note("stall begins at %d", memtables) },
				StallEnd:   func() { events.note("stall ends") },
			},
		})
		for _, key := range []string{"a", "b"} {
			r.putBig(t, key, "x")
			r.flush(t)
		}
		r.putBig(t, "c", "x") // there is room in the active memtable
		writer := inBackground(func() error { return r.Put([]byte("d"), big("x")) })
		synctest.Wait()
		select {
		case err := <-writer:
			t.Fatalf("a second memtable, though Options.Throttle said stop (error %v)", err)
		default:
		}
		same(t, "events during the stall", []string{"stall begins at 1"}, events.read())
		require.NoError(t, r.Compact(context.Background()))
		require.NoError(t, <-writer)
		same(t, "events", []string{"stall begins at 1", "stall ends"}, events.read())
		r.expect(t, "in the end", "a", `"x"`, "b", `"x"`, "c", `"x"`, "d", `"x"`)
	})
}

// Writers wait, and the store is closed. They come back with kv.ErrClosed; Close does not wait for them in vain.
//
//lab:task bonus points=2
func TestStall_EndsWithClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events notebook
		r, release := stalled(t, &events)
		writer := inBackground(func() error { return r.Put([]byte("one more"), big("x")) })
		synctest.Wait()
		same(t, "events before Close", []string{"stall begins at 4"}, events.read())
		closed := inBackground(r.Close)
		synctest.Wait()
		require.ErrorIs(t, <-writer, kv.ErrClosed)
		release()
		require.NoError(t, <-closed)
	})
}
