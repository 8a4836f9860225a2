package plugin_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/plugin"
	"lsmlab/solution/week3/txn"
)

// From a real store: single writes, batches, reads, a flush and a merge, in their order. Somebody else who listens to the same engine
// hears all of it too, and first.
//
//lab:task 3 points=3
func TestEvents_FromAStore(t *testing.T) {
	labtest.NoLeaks(t)
	r, p := newRig(t, plugin.Options{Patience: time.Minute}), newKeeper("p")
	r.register(p)
	heard := []string{}
	hear := func(what string) { heard = append(heard, what) }
	o := storeOptions(nil)
	o.Listener = r.Listener(engine.Listener{
		Applied:         func(kv.Seq, *kv.Batch) { hear("applied") },
		Got:             func([]byte, []byte, error) { hear("got") },
		Frozen:          func(uint64) { hear("frozen") },
		FlushBegin:      func(uint64) { hear("flush begin") },
		FlushEnd:        func(uint64, *sstable.Table, error) { hear("flush end") },
		CompactionBegin: func([]*sstable.Table) { hear("compaction begin") },
		CompactionEnd:   func(*version.Edit, error) { hear("compaction end") },
	})
	s := openStore(t, o)
	require.NoError(t, s.Put([]byte("a"), []byte("1")))
	require.NoError(t, s.Apply(batch("b=2", "-a")))
	require.NoError(t, s.Flush(background))
	require.NoError(t, s.Delete([]byte("b")))
	_, err := s.Get([]byte("b"))
	require.ErrorIs(t, err, kv.ErrNotFound)
	require.NoError(t, s.Put([]byte("c"), []byte("3")))
	require.NoError(t, s.Compact(background))
	require.NoError(t, errors.Join(s.Close(), r.Shutdown()))
	same(t, "what the other listener heard", []string{
		"applied", "applied", "frozen", "flush begin", "flush end", "applied", "got", "applied",
		"frozen", "flush begin", "flush end", "compaction begin", "compaction end",
	}, heard)
	same(t, "events", []string{
		"put #1 a = 1", "batch #2 b=2 -a", "flush begin", "flush end: table true, <nil>", "delete #4 b", "get b = , key not found",
		"put #5 c = 3", "flush begin", "flush end: table true, <nil>", "compaction begin: 2 tables",
		"compaction end: 1 added, 2 dropped, <nil>",
	}, outlines(p.events))
}

// outlines returns events for people, without numbers of memtables and tables.
func outlines(events []plugin.Event) []string {
	lines := []string{}
	for _, e := range events {
		switch e := e.(type) {
		case plugin.FlushBegin:
			lines = append(lines, "flush begin")
		case plugin.FlushEnd:
			lines = append(lines, fmt.Sprintf("flush end: table %t, %v", e.Table.Number > 0 && e.Table.Bytes > 0, e.Err))
		case plugin.CompactionBegin:
			lines = append(lines, fmt.Sprintf("compaction begin: %d tables", len(e.Inputs)))
		case plugin.CompactionEnd:
			lines = append(lines, fmt.Sprintf("compaction end: %d added, %d dropped, %v", len(e.Added), len(e.Dropped), e.Err))
		default:
			lines = append(lines, words(e))
		}
	}
	return lines
}

// A transaction reaches the engine as one batch, when it commits: that is when its writes happen. What it only tried, rolled back, or
// lost to another one never happened. Reads at a snapshot are reads.
//
//lab:task 3 points=3
func TestEvents_FromTransactionsAndSnapshots(t *testing.T) {
	labtest.NoLeaks(t)
	r, p := newRig(t, plugin.Options{Patience: time.Minute}), &probe{name: "p"}
	r.register(p)
	db, err := txn.Open(rigDir, &txn.Options{Options: mvcc.Options{Options: storeOptions(r.Host)}, Validator: txn.NewOracle()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.Put([]byte("a"), []byte("0"))
	require.NoError(t, err)

	first, err := db.Begin(txn.SnapshotIsolation)
	require.NoError(t, err)
	second, err := db.Begin(txn.SnapshotIsolation)
	require.NoError(t, err)
	require.NoError(t, errors.Join(first.Put([]byte("a"), []byte("1")), first.Delete([]byte("b")), second.Put([]byte("a"), []byte("2"))))
	require.NoError(t, first.Commit())
	require.ErrorIs(t, second.Commit(), kv.ErrConflict)
	third, err := db.Begin(txn.SnapshotIsolation)
	require.NoError(t, err)
	require.NoError(t, errors.Join(third.Put([]byte("c"), []byte("3")), third.Rollback()))
	require.NoError(t, db.Update(func(t *txn.Txn) error { return t.Put([]byte("d"), []byte("4")) }))
	snapshot := db.Snapshot()
	_, err = snapshot.Get([]byte("d"))
	require.NoError(t, errors.Join(err, snapshot.Close(), db.Close(), r.Shutdown()))
	calls(t, p, lifeOf([]string{"put #1 a = 0", "batch #2 a=1 -b", "put #4 d = 4", "get d = 4, <nil>"})...)
}

// How long a flush, a merge or a stall took is measured where it happens. The plugin here is an hour late, and the figures are right all
// the same. A merge that fails before it begins took no time. Of two writers who wait, the first one's beginning counts.
//
//lab:task 2 points=2
func TestEvents_TellHowLongItTook(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, k := newRig(t, plugin.Options{Patience: 2 * time.Hour}), newKeeper("late")
		keep := k.handle
		k.handle = func(e plugin.Event) {
			if len(k.events) == 0 {
				time.Sleep(time.Hour)
			}
			keep(e)
		}
		r.register(k)
		r.l.FlushBegin(7)
		time.Sleep(2 * time.Second)
		r.l.FlushEnd(7, nil, errPlanned)
		r.l.CompactionBegin(nil)
		time.Sleep(3 * time.Second)
		r.l.CompactionEnd(nil, nil)
		r.l.CompactionEnd(nil, errPlanned)
		r.l.StallBegin(8)
		time.Sleep(time.Second)
		r.l.StallBegin(9)
		time.Sleep(time.Second)
		r.l.StallEnd()
		time.Sleep(time.Second)
		r.l.StallEnd()
		r.l.BackgroundError(errPlanned)
		require.NoError(t, r.Shutdown())
		want := []plugin.Event{
			plugin.FlushBegin{Memtable: 7},
			plugin.FlushEnd{Memtable: 7, Took: 2 * time.Second, Err: errPlanned},
			plugin.CompactionBegin{},
			plugin.CompactionEnd{Took: 3 * time.Second},
			plugin.CompactionEnd{Err: errPlanned},
			plugin.StallBegin{Memtables: 8},
			plugin.StallBegin{Memtables: 9},
			plugin.StallEnd{Waiting: 1, Took: 2 * time.Second},
			plugin.StallEnd{Waiting: 0, Took: 3 * time.Second},
			plugin.BackgroundError{Err: errPlanned},
		}
		require.Equal(t, want, k.events)
	})
}

// A table that a merge only moves to another level is neither new nor gone, and a plugin that adds up what merges write must not count
// it.
//
//lab:task 2 points=1
func TestEvents_AMovedTableIsNeitherAddedNorDropped(t *testing.T) {
	labtest.NoLeaks(t)
	r, k := newRig(t, plugin.Options{Patience: time.Minute}), newKeeper("k")
	r.register(k)
	l := r.Listener(engine.Listener{})
	s := openStore(t, storeOptions(nil))
	require.NoError(t, errors.Join(s.Put([]byte("a"), nil), s.Flush(background), s.Put([]byte("b"), nil), s.Flush(background)))
	v, _ := s.View()
	moved, merged := v.Runs[0], v.Runs[1]
	below := version.NewRun(1, 1, moved.Tables())
	l.CompactionEnd(&version.Edit{Drop: []*version.Run{moved, merged}, Add: []*version.Run{below}}, nil)
	require.NoError(t, r.Shutdown())
	gone := merged.Tables()[0]
	require.Equal(t, []plugin.Event{
		plugin.CompactionEnd{Dropped: []plugin.Table{{Number: gone.Number(), Bytes: gone.Size()}}},
	}, k.events)
}

// Random batches with keys and values of any bytes: the event holds what the batch held, after the batch was overwritten.
//
//lab:task 3 points=3 random
func TestEvents_RandomBatches(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		r, k := newRig(t, plugin.Options{Patience: time.Minute}), newKeeper("k")
		r.register(k)
		want := []string{}
		for first := range rapid.IntRange(1, 10).Draw(t, "batches") {
			b := &kv.Batch{}
			for range rapid.IntRange(1, 4).Draw(t, "writes") {
				key := labtest.Keys().Draw(t, "key")
				if rapid.Bool().Draw(t, "delete") {
					b.Delete(key)
				} else {
					b.Set(key, rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "value"))
				}
			}
			line := fmt.Sprint(first)
			for op := range b.Ops() {
				line += fmt.Sprintf(" %v %q %q", op.Kind, op.Key, op.Value)
			}
			want = append(want, line)
			r.l.Applied(kv.Seq(first), b)
			overwrite(b)
		}
		require.NoError(t, r.Shutdown())
		got := []string{}
		for _, e := range k.events {
			got = append(got, exactly(e))
		}
		same(t, "events", want, got)
	})
}

// exactly returns the writes of an event, whatever its type.
func exactly(e plugin.Event) string {
	switch e := e.(type) {
	case plugin.Put:
		return fmt.Sprintf("%d set %q %q", e.Seq, e.Key, e.Value)
	case plugin.Delete:
		return fmt.Sprintf("%d delete %q \"\"", e.Seq, e.Key)
	case plugin.Batch:
		line := fmt.Sprint(uint64(e.First))
		for _, op := range e.Ops {
			line += fmt.Sprintf(" %v %q %q", op.Kind, op.Key, op.Value)
		}
		return line
	}
	return words(e)
}
