package engine_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/memtable"
	"lsmlab/solution/week1/version"
)

// untilSomebodyWaits returns when the stack of a goroutine has all of these parts, so that it is known to have come to the place
// where it waits. It gives up after a while, or when done says that nobody will come there.
func untilSomebodyWaits(done func() bool, parts ...string) {
	all := make([]byte, 1<<20)
	for begin := time.Now(); time.Since(begin) < patience && !done(); letOthersRun() {
		for stack := range strings.SplitSeq(string(all[:runtime.Stack(all, true)]), "\n\n") {
			if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(stack, part) }) {
				return
			}
		}
	}
}

// Parts of a goroutine's stack.
const (
	waitsForMutex   = "[sync.Mutex.Lock"
	waitsForWriters = "(*Table).WaitWriters("
	inFreeze        = "(*Engine).freezeLocked("
	inInstall       = "(*Engine).install("
)

// never is a done for untilSomebodyWaits.
func never() bool { return false }

// The manifest is done, and the flush has only to put its table in. It looks which version is current, and then has to wait
// for the lock, as somebody has it, and the writer of "cherry" comes first, with a new memtable for the top of the stack. What
// the flush has looked at is stale then. So it must look under the lock: otherwise the memtable of "cherry" is gone.
//
//lab:task 1 points=3
func TestInstall_LooksAtCurrentVersionUnderTheLock(t *testing.T) {
	labtest.NoLeaks(t)
	var tables atomic.Int64
	nextTable, manifest, gate := newStop(), newStop(), newStop()
	o := patient()
	o.NewTable = func(id uint64, capacity int) *memtable.Table {
		if tables.Add(1) == 3 {
			nextTable.here()
		}
		return memtable.New(id, capacity)
	}
	o.Manifest = fakeManifest(func(*version.Edit, *version.Version) error { manifest.here(); return nil })
	o.Gate = fakeGate(func(first kv.Seq, _ *kv.Batch) error {
		if first == 3 {
			gate.here() // with the engine's lock in its hand
		}
		return nil
	})
	r := openRig(t, o)
	t.Cleanup(func() { nextTable.goOn(); manifest.goOn(); gate.goOn() })

	r.putBig(t, "apple", "red")
	flushed := inBackground(func() error { return r.Flush(context.Background()) })
	reaches(t, "the manifest", manifest.reached)
	r.putBig(t, "banana", "yellow")
	cherry := inBackground(func() error { return r.Put([]byte("cherry"), big("black")) })
	reaches(t, "the making of the third memtable", nextTable.reached)
	date := inBackground(func() error { return r.Put([]byte("date"), []byte("brown")) })
	reaches(t, "the gate, under the engine's lock", gate.reached)
	nextTable.goOn()
	untilSomebodyWaits(never, waitsForMutex, inFreeze) // the writer of "cherry" is the first who gets the lock
	manifest.goOn()
	untilSomebodyWaits(never, waitsForMutex, inInstall) // and the flush is the second
	gate.goOn()
	for what, done := range map[string]<-chan error{"the put of date": date, "the put of cherry": cherry, "the flush": flushed} {
		require.NoError(t, finished(t, what, done), what)
	}
	r.expect(t, "in the end", "apple", `"red"`, "banana", `"yellow"`, "cherry", `"black"`, "date", `"brown"`)
}

// stop is a place where a goroutine stands until it may go on.
type stop struct {
	reached  chan struct{} // closed when somebody is there
	released chan struct{}
	once     sync.Once
	goOn     func() // may be called more than once
}

// newStop returns a stop at which nobody has arrived. Its goOn belongs into a clean-up that comes before the engine's.
func newStop() *stop {
	s := &stop{reached: make(chan struct{}), released: make(chan struct{})}
	s.goOn = sync.OnceFunc(func() { close(s.released) })
	return s
}

// here stands still. Once released, it is passed without a halt.
func (s *stop) here() {
	s.once.Do(func() { close(s.reached) })
	<-s.released
}

// A flush and a compaction have both something to install. The manifest is one file with one end: edits go into it one after
// the other, and each is worked out from the version that the one before has led to. So who comes second waits, although
// neither holds a lock that readers or writers need.
//
//lab:task 1 points=2
func TestInstall_OneEditAfterTheOther(t *testing.T) {
	labtest.NoLeaks(t)
	var inside, together atomic.Int64
	first := newStop()
	var shapes notebook
	r := openRig(t, &engine.Options{
		Compactor: fakeCompactor(func(_ context.Context, job *engine.Job) (*version.Edit, error) {
			if !job.Full {
				return nil, nil
			}
			return mergeAll(job)
		}),
		MaxMemtables: 100,
		Manifest: fakeManifest(func(e *version.Edit, after *version.Version) error {
			if inside.Add(1) > 1 {
				together.Add(1)
			}
			defer inside.Add(-1)
			if len(e.Drop) > 0 {
				first.here()
			}
			shapes.note("%d runs after %d added and %d dropped", len(after.Runs), len(e.Add), len(e.Drop))
			return nil
		}),
	})
	t.Cleanup(first.goOn)
	for _, key := range []string{"apple", "banana"} {
		r.put(t, key, "x")
		r.flush(t)
	}
	compacted := inBackground(func() error { return r.Compact(context.Background()) })
	reaches(t, "the manifest", first.reached)
	r.put(t, "cherry", "x")
	flushed := inBackground(func() error { return r.Flush(context.Background()) })
	untilSomebodyWaits(func() bool { return together.Load() > 0 }, waitsForMutex, inInstall)
	first.goOn()
	require.NoError(t, finished(t, "the compaction", compacted))
	require.NoError(t, finished(t, "the flush", flushed))
	require.Zero(t, together.Load(), "edits that came to the manifest while it was busy with another")
	same(t, "edits, and the versions that the manifest was told they lead to", []string{
		"1 runs after 1 added and 0 dropped", "2 runs after 1 added and 0 dropped", "1 runs after 1 added and 2 dropped", "2 runs after 1 added and 0 dropped",
	}, shapes.read())
	r.expect(t, "in the end", "apple", `"x"`, "banana", `"x"`, "cherry", `"x"`)
}

// A flush is busy with its table when somebody else's edit, a compaction's, fails in the manifest. What stands there is in doubt
// from then on, and nothing may be written behind it. The flush comes to the manifest a moment later and must ask first.
//
//lab:task 1 points=2
func TestInstall_RecordsNothingBehindADoubt(t *testing.T) {
	labtest.NoLeaks(t)
	broken := errors.New("manifest: input/output error")
	var edits atomic.Int64
	merging := newStop()
	r := openRig(t, &engine.Options{
		MaxMemtables: 100,
		Compactor: fakeCompactor(func(_ context.Context, job *engine.Job) (*version.Edit, error) {
			if !job.Full {
				return nil, nil
			}
			merging.here()
			return &version.Edit{}, nil // one that changes nothing is enough
		}),
		Manifest: fakeManifest(func(*version.Edit, *version.Version) error {
			if edits.Add(1) == 2 {
				return broken
			}
			return nil
		}),
	})
	t.Cleanup(merging.goOn)
	r.put(t, "apple", "red")
	compacted := inBackground(func() error { return r.Compact(context.Background()) })
	reaches(t, "the compactor", merging.reached)
	r.put(t, "banana", "yellow")
	created, create := r.fault.BlockAt(vfs.OpCreate, "*.sst")
	flushed := inBackground(func() error { return r.Flush(context.Background()) })
	reaches(t, "the flush's create", created)
	merging.goOn()
	require.ErrorIs(t, finished(t, "the compaction", compacted), broken)
	create()
	require.ErrorIs(t, finished(t, "the flush", flushed), kv.ErrReadOnly)
	require.Equal(t, int64(2), edits.Load(), "edits that the manifest was asked to record: the first flush's, and the one that failed")
	r.expect(t, "read-only", "apple", `"red"`, "banana", `"yellow"`)
}

// A writer stands inside the memtable, in its log, and the flush waits for it. The log fails, and the writer wants to tell the
// engine, for which it needs the lock. A flush that waits with that lock in its hand would wait for ever, and everybody else
// with it.
//
//lab:task 1 points=2
func TestFlush_WaitsForWriterWithoutTheLock(t *testing.T) {
	labtest.NoLeaks(t)
	broken := errors.New("log: input/output error")
	commit := newStop()
	o := patient()
	o.Logs = &fakeLogs{commit: func(_ uint64, end int64, _ bool) error {
		if end < 2 {
			return nil
		}
		commit.here()
		return broken
	}}
	r := openRig(t, o)
	t.Cleanup(commit.goOn)
	r.put(t, "apple", "red")
	slow := inBackground(func() error { return r.Put([]byte("banana"), []byte("yellow")) })
	reaches(t, "the log", commit.reached)
	flushed := inBackground(func() error { return r.Flush(context.Background()) })
	untilSomebodyWaits(never, waitsForWriters)
	commit.goOn()
	require.ErrorIs(t, finished(t, "the writer whose log has failed", slow), broken)
	require.ErrorIs(t, finished(t, "the flush", flushed), kv.ErrReadOnly)
	r.expect(t, "read-only", "apple", `"red"`, "banana", "not found")
}
