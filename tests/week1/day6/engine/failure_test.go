package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// The disk is full, or fails otherwise, anywhere in a flush: when the file is created, written, synced, opened again, or when
// the directory is synced. Flush says so; the memtable stays where it is, and every key readable; the file that was begun is
// gone, a new attempt takes a new number, and when the disk works again everything arrives.
//
//lab:task 1 points=4
func TestFlush_FailureLosesNothing(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpClose, vfs.OpOpen, vfs.OpRead, vfs.OpSyncDir} {
		t.Run(string(op), func(t *testing.T) {
			labtest.NoLeaks(t)
			r := openRig(t, patient())
			r.putBig(t, "apple", "red")
			r.putBig(t, "banana", "yellow")
			r.fault.FailNext(op, "", nil)
			require.ErrorIs(t, r.Flush(context.Background()), vfs.ErrInjected, "the flush that fails")
			r.expect(t, "after the failure", "apple", `"red"`, "banana", `"yellow"`)
			same(t, "runs after the failure", [][]string{}, r.contents(t))
			require.Empty(t, labtest.Files(t, r.mem, rigDir), "files after the failure")

			require.NoError(t, r.Flush(context.Background()), "the next flush")
			r.expect(t, "after the next flush", "apple", `"red"`, "banana", `"yellow"`)
			same(t, "runs after the next flush", [][]string{{`"banana"#2,set = "yellow"`}, {`"apple"#1,set = "red"`}}, r.contents(t))
			labtest.NoStrayFiles(t, r.mem, rigDir, tableFiles(r)...)
		})
	}
}

// tableFiles returns the names of the tables that the engine has.
func tableFiles(r *rig) []string {
	names := []string{}
	for _, run := range r.Stats().Runs {
		for _, t := range run.Tables {
			names = append(names, sstable.FileName(t.Number))
		}
	}
	return names
}

// While flushes fail, memory would fill up, and in the end the process would die with all that is in it. So writes are
// refused from the first failure on, and the refusal carries the reason. Reads go on. When a Flush succeeds, writes do too.
//
//lab:task 1 points=2
func TestFlush_FailureRefusesWritesUntilFlushSucceeds(t *testing.T) {
	r := openRig(t, nil)
	r.put(t, "apple", "red")
	full := errors.New("no space left on device")
	r.fault.FailAlways(vfs.OpWrite, "*.sst", full)
	require.ErrorIs(t, r.Flush(context.Background()), full)
	require.ErrorIs(t, r.Stats().Err, full, "Stats.Err")
	var b kv.Batch
	b.Set([]byte("banana"), nil)
	for what, err := range map[string]error{
		"put":    r.Put([]byte("banana"), nil),
		"delete": r.Delete([]byte("apple")),
		"batch":  r.Apply(&b),
	} {
		require.ErrorIs(t, err, full, "the %s after a flush that failed", what)
	}
	require.ErrorIs(t, r.Flush(context.Background()), full, "the second attempt")
	r.expect(t, "while flushes fail", "apple", `"red"`, "banana", "not found")

	r.fault.Clear()
	r.flush(t)
	require.NoError(t, r.Stats().Err, "Stats.Err after a flush that succeeded")
	r.put(t, "banana", "yellow")
	r.expect(t, "in the end", "apple", `"red"`, "banana", `"yellow"`)
}

// The manifest failed. Did its record reach the disk, or did it not? Nobody knows. To try again might record the edit twice;
// to remove the table might remove one that the next Open will look for. So nothing of the kind: the file stays, the
// memtable stays, and the engine only reads until it is opened again.
//
//lab:task 1 points=3
func TestFlush_ManifestFailureLeavesEngineReadOnly(t *testing.T) {
	edits := 0
	broken := errors.New("manifest: input/output error")
	o := patient()
	o.Manifest = fakeManifest(func(*version.Edit, *version.Version) error {
		edits++
		return broken
	})
	r := openRig(t, o)
	r.putBig(t, "apple", "red")
	r.putBig(t, "banana", "yellow")
	err := r.Flush(context.Background())
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, kv.ErrReadOnly)
	for range 2 {
		err = r.Flush(context.Background())
		require.ErrorIs(t, err, broken, "the next flush gives the reason")
		require.ErrorIs(t, r.Put([]byte("cherry"), nil), kv.ErrReadOnly, "a put afterwards")
	}
	require.Equal(t, 1, edits, "edits that the manifest was asked to record")
	require.Len(t, labtest.Files(t, r.mem, rigDir), 1, "the table whose record is in doubt stays")
	same(t, "runs", [][]string{}, r.contents(t))
	r.expect(t, "read-only", "apple", `"red"`, "banana", `"yellow"`, "cherry", "not found")
	require.ErrorIs(t, r.Stats().Err, broken, "Stats.Err")
	opened := r.fault.Count(vfs.OpCreate, "*.sst") + r.fault.Count(vfs.OpOpen, "*.sst")
	require.Equal(t, opened, r.fault.Count(vfs.OpClose, "*.sst"), "closes of table files, as many as were opened: what is not in the version, nobody closes later")
}

// A number that was given to a file is never given to another, not even if that file was never finished: a block cache, or a
// record in a manifest, may remember the number.
//
//lab:task 1 points=1
func TestFlush_NumbersAreNeverUsedTwice(t *testing.T) {
	r := openRig(t, nil)
	for i := range 4 {
		r.put(t, "k", fmt.Sprint(i))
		r.fault.FailNext(vfs.OpSync, "*.sst", nil)
		require.Error(t, r.Flush(context.Background()))
		r.flush(t)
	}
	seen := map[string]bool{}
	for _, call := range r.fault.Log() {
		if call.Op == vfs.OpCreate {
			require.False(t, seen[call.Name], "%s is created twice", call.Name)
			seen[call.Name] = true
		}
	}
	require.Len(t, seen, 8, "files created: one for each attempt")
}

// Whoever watches is told: a flush begins, and ends, with its table or its error; a memtable is frozen; an error came up that
// no caller may be waiting for.
//
//lab:task 1 points=1
func TestFlush_TellsItsListener(t *testing.T) {
	var events notebook
	o := patient()
	o.Listener = engine.Listener{
		Frozen:     func(id uint64) { events.note("frozen %d", id) },
		FlushBegin: func(id uint64) { events.note("begin %d", id) },
		FlushEnd: func(id uint64, table *sstable.Table, err error) {
			if table != nil {
				events.note("end %d: %s … %s", id, table.First(), table.Last())
			} else {
				events.note("end %d: no table, %v", id, errors.Is(err, vfs.ErrInjected))
			}
		},
		BackgroundError: func(err error) { events.note("error %v", errors.Is(err, vfs.ErrInjected)) },
	}
	r := openRig(t, o)
	r.put(t, "apple", "red")
	r.put(t, "plum", "blue")
	id := r.Stats().Memtables[0].ID
	r.fault.FailNext(vfs.OpCreate, "", nil)
	require.Error(t, r.Flush(context.Background()))
	r.flush(t)
	same(t, "events", []string{
		fmt.Sprintf("frozen %d", id),
		fmt.Sprintf("begin %d", id), "error true", fmt.Sprintf("end %d: no table, true", id),
		fmt.Sprintf("begin %d", id), fmt.Sprintf("end %d: apple … plum", id),
	}, events.read())
}
