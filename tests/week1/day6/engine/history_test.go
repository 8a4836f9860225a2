package engine_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
)

// modelAnswer returns what a Get must say, in words.
func modelAnswer(m *labtest.Model, key []byte) string {
	value, kind, found := m.Get(key, kv.MaxSeq)
	if !found || kind == kv.KindDelete {
		return "not found"
	}
	return fmt.Sprintf("%q", brief(value))
}

// modelScan returns what a scan must show, in words.
func modelScan(m *labtest.Model, lower, upper kv.Bound) []string {
	lines := []string{}
	for _, e := range m.Scan(lower, upper, kv.MaxSeq) {
		lines = append(lines, fmt.Sprintf("%s = %s", e.Key.User, brief(e.Value)))
	}
	return lines
}

// history drives an engine and a model through the same random steps. Between them, meanwhile is called.
func history(t *rapid.T, r *rig, steps int, meanwhile func()) {
	model := labtest.NewModel()
	for _, step := range labtest.Ops(steps).Draw(t, "ops") {
		var b kv.Batch
		step.AddTo(&b)
		if rapid.IntRange(0, 3).Draw(t, "big") == 0 {
			b.Set([]byte("b"), big("filler"))
		}
		model.Apply(r.Visible()+1, &b)
		require.NoError(t, r.Apply(&b))
		meanwhile()
		key := labtest.Keys().Draw(t, "key")
		r.expect(t, "after "+step.String(), string(key), modelAnswer(model, key))
	}
	lower, upper := labtest.Bounds().Draw(t, "lower"), labtest.Bounds().Draw(t, "upper")
	same(t, fmt.Sprintf("scan from %v to %v", lower, upper), modelScan(model, lower, upper), scanned(t, r.Scan(lower, upper)))
	r.flush(t)
	same(t, "scan of everything, after the last flush", modelScan(model, kv.Unbounded(), kv.Unbounded()), scanned(t, r.Scan(kv.Unbounded(), kv.Unbounded())))
}

// A random life: puts, deletes, batches, and a flush now and then, some of which fail. After every step the store must answer
// like the simplest store there is, a sorted list. Whatever a flush does, nobody who only reads can tell.
//
//lab:task 1 points=3 random
func TestFlush_NobodyCanTell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := openRig(t, patient())
		history(t, r, 25, func() {
			switch rapid.IntRange(0, 9).Draw(t, "flush") {
			case 0, 1:
				r.flush(t)
			case 2:
				op := rapid.SampledFrom([]vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpSyncDir}).Draw(t, "failing")
				r.fault.FailNext(op, "", nil)
				_ = r.Flush(t.Context()) // fails, unless there is nothing to flush
				r.fault.Clear()
				r.flush(t)
			}
		})
		require.NoError(t, r.Close())
	})
}

// The same, and this time the worker flushes, at a random limit and whenever it gets to it. At the end the store is closed in the
// middle of whatever it is doing.
//
//lab:task 2 points=3 random
func TestWorker_NobodyCanTell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 3).Draw(t, "MaxMemtables")
		r := openRig(t, &engine.Options{MaxMemtables: limit})
		history(t, r, 25, func() {})
		for i := range rapid.IntRange(0, 6).Draw(t, "big values before Close") {
			r.putBig(t, fmt.Sprint("key", i), "x")
		}
		require.NoError(t, r.Close())
		require.ErrorIs(t, r.Put([]byte("late"), nil), kv.ErrClosed)
		labtest.NoStrayFiles(t, r.mem, rigDir, tableFiles(r)...)
	})
}
