package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// What a mode promises is told by what survives. A put is acknowledged; then the process is killed, or the machine
// loses its power. Every promise of the table in the chapter is one line here.
//
//lab:task 3 points=3
func TestModes_KeepWhatTheyPromise(t *testing.T) {
	both, none := []string{"a = 1", "b = 2"}, []string{}
	for _, mode := range []struct {
		mode          store.LogMode
		writes, syncs int      // of the log, for two puts
		kill, power   []string // what survives
	}{
		{store.LogWritten, 2, 0, both, none},
		{store.LogSynced, 2, 2, both, both},
		{store.LogLosesOnKill, 0, 0, none, none},
		{store.LogOff, 0, 0, none, none},
	} {
		t.Run(modeNames[mode.mode], func(t *testing.T) {
			d, o := newDisk(), small(mode.mode)
			s := open(t, d, o)
			writes, syncs := d.Count(vfs.OpWrite, "*.log"), d.Count(vfs.OpSync, "*.log")
			put(t, s, "a", "1", "b", "2")
			require.Equal(t, mode.writes, d.Count(vfs.OpWrite, "*.log")-writes, "writes to the log for two puts")
			require.Equal(t, mode.syncs, d.Count(vfs.OpSync, "*.log")-syncs, "syncs of the log for two puts")
			holds(t, "before anything happens", s, "a = 1", "b = 2")
			holds(t, "after the process was killed", open(t, d.crashed(true), o), mode.kill...)
			holds(t, "after a power cut", open(t, d.crashed(false), o), mode.power...)
			require.NoError(t, s.Sync())
			holds(t, "after Sync and a power cut", open(t, d.crashed(false), o), both...)
		})
	}
}

// In every mode a caller may ask for more: Write with sync is durable when it returns, and so is everything before it.
// In a store without a log there is nothing to sync but the memtable itself.
//
//lab:task 3 points=3
func TestWrite_WithSyncIsDurableInEveryMode(t *testing.T) {
	for _, mode := range modes {
		d, o := newDisk(), small(mode)
		s := open(t, d, o)
		put(t, s, "a", "1")
		first, err := s.Write(batch("b=2", "-a", "c=3"), true)
		require.NoError(t, err)
		require.Equal(t, kv.Seq(2), first, "number of the batch's first write")
		put(t, s, "d", "4")
		cut := open(t, d.crashed(false), o)
		got := held(t, cut)
		want := []string{"b = 2", "c = 3"}
		if mode == store.LogSynced {
			want = append(want, "d = 4")
		}
		same(t, modeNames[mode]+", after a power cut: all keys and values", want, got)
	}
}

// A write that need not be durable does not pay for it, also where there is no log: with a flush for every write a
// store would be one table a key.
//
//lab:task 3 points=1
func TestWrite_WithoutSyncDoesNotFlush(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogOff))
	for i := range 10 {
		_, err := s.Write(batch(fmt.Sprintf("k%d=v", i)), false)
		require.NoError(t, err)
	}
	require.Empty(t, files(t, d, rigDir, "*.sst"), "tables")
	require.Empty(t, files(t, d, rigDir, "*.log"), "logs")
	require.NoError(t, s.Sync())
	require.Len(t, files(t, d, rigDir, "*.sst"), 1, "tables after Sync")
}

// Without a log, a write that must be durable is a flush, and a flush may fail. Then the write has failed: it must not
// be told that it is durable.
//
//lab:task 3 points=1
func TestWrite_WithSyncReportsFailedFlush(t *testing.T) {
	d := newDisk()
	s := open(t, d, small(store.LogOff))
	d.FailAlways(vfs.OpSync, "*.sst", nil)
	_, err := s.Write(batch("a=1"), true)
	require.ErrorIs(t, err, vfs.ErrInjected, "Write with sync")
	require.ErrorIs(t, s.Sync(), vfs.ErrInjected, "Sync")
}

// A batch that the engine refuses is not stored, and the flush behind it cannot change that. Its error must not be lost: tomorrow a
// transaction that is in conflict with another one is refused in this way, and would be told that it has happened.
//
//lab:task 3 points=1
func TestWrite_WithSyncReportsRefusedBatch(t *testing.T) {
	for mode := store.LogWritten; mode <= store.LogOff; mode++ {
		s := open(t, newDisk(), small(mode))
		var b kv.Batch
		b.Set(nil, []byte("1"))
		_, err := s.Write(&b, true)
		require.ErrorIs(t, err, kv.ErrEmptyKey, "Write of an empty key with sync, mode %d", mode)
	}
}

// Sessions in random modes, one after the other, each with random writes, syncs and flushes; each ends with Close, or
// with the process being killed. Whatever was acknowledged as durable is there in the next session, and what is there
// is a prefix of what was written.
//
//lab:task 3 points=3 random
func TestModes_SessionsOfAllKinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, model, next := newDisk(), labtest.NewModel(), kv.Seq(1)
		for range rapid.IntRange(1, 4).Draw(t, "sessions") {
			o := small(store.LogMode(rapid.IntRange(0, 3).Draw(t, "mode")))
			s, err := tryOpen(t, d, rigDir, o)
			require.NoError(t, err, "open")
			compareWithModel(t, s, model, next)
			for _, w := range labtest.Ops(8).Draw(t, "writes") {
				var b kv.Batch
				w.AddTo(&b)
				if b.Len() == 0 {
					continue
				}
				first, err := s.Write(&b, rapid.Bool().Draw(t, "sync"))
				require.NoError(t, err)
				model.Apply(first, &b)
				next = first + kv.Seq(b.Len())
			}
			if rapid.Bool().Draw(t, "killed") {
				require.NoError(t, s.Sync())
				d = d.crashed(rapid.Bool().Draw(t, "power on"))
			}
			require.NoError(t, s.Close())
		}
	})
}
