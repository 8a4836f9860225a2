//lab:day 3.4

package txn

import (
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
)

// world is an oracle with a visible number that the test moves.
type world struct {
	*Oracle
	visible kv.Seq
}

// newWorld returns a world in which nothing is visible.
func newWorld() *world {
	w := &world{Oracle: NewOracle()}
	w.Opened(func() kv.Seq { return w.visible })
	return w
}

// write admits a plain batch.
func (w *world) write(t *testing.T, first kv.Seq, keys ...string) {
	t.Helper()
	require.NoError(t, w.Admit(first, sets(keys)))
}

// commit admits a transaction's batch, and returns the verdict.
func (w *world) commit(first kv.Seq, f *Footprint, keys ...string) error {
	b := sets(keys)
	return w.Commit(b, f, func() error { return w.Admit(first, b) })
}

// sets returns a batch that sets the keys.
func sets(keys []string) *kv.Batch {
	b := &kv.Batch{}
	for _, k := range keys {
		b.Set([]byte(k), nil)
	}
	return b
}

func TestOracle_Verdicts(t *testing.T) {
	w := newWorld()
	w.write(t, 5, "a", "b")
	require.ErrorIs(t, w.commit(7, &Footprint{At: 4}, "a"), kv.ErrConflict)
	require.ErrorIs(t, w.commit(7, &Footprint{At: 5}, "b"), kv.ErrConflict)
	require.NoError(t, w.commit(7, &Footprint{At: 6}, "a", "a"))
	keys := map[string]bool{"b": true, "none": false}
	require.NoError(t, w.commit(9, &Footprint{At: 4, Keys: keys}, "x"), "snapshot isolation does not care")
	require.ErrorIs(t, w.commit(10, &Footprint{At: 5, Level: Serializable, Keys: keys}, "y"), kv.ErrConflict)
	r := []*Range{{kv.Included([]byte("w")), kv.Excluded([]byte("z"))}}
	require.ErrorIs(t, w.commit(10, &Footprint{At: 8, Level: Serializable, Ranges: r}, "y"), kv.ErrConflict)
	require.NoError(t, w.commit(10, &Footprint{At: 9, Level: Serializable, Ranges: r}, "y"))
	require.Empty(t, w.commits)
}

func TestOracle_Forgets(t *testing.T) {
	w := newWorld()
	w.write(t, 1, "a", "b", "c", "a")
	require.Equal(t, OracleStats{Records: 3}, w.Stats())
	w.visible = 4
	at := w.Begin(func() kv.Seq { return w.visible })
	require.Equal(t, at, w.Begin(func() kv.Seq { return w.visible }))
	w.write(t, 5, "d")
	w.visible = 5
	w.write(t, 6, "e")
	require.Equal(t, OracleStats{Records: 2, Snapshots: 1, Oldest: 4}, w.Stats())
	w.End(at)
	require.Equal(t, 2, w.Stats().Records)
	w.End(at)
	require.Equal(t, OracleStats{Records: 1}, w.Stats(), "number 6 is not visible yet")
	w.End(at)
}

// A million transactions leave nothing behind: neither records nor memory.
func TestOracle_Million(t *testing.T) {
	w := newWorld()
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	run := func(transactions int) {
		for range transactions {
			at := w.Begin(func() kv.Seq { return w.visible })
			if err := w.commit(at+1, &Footprint{At: at, Level: Serializable}, strconv.Itoa(int(at))); err != nil {
				t.Fatal(err)
			}
			w.visible++
			if w.End(at); len(w.recent.byKey) > 2 {
				t.Fatalf("%d records", len(w.recent.byKey))
			}
		}
	}
	run(1000)
	before := heap()
	run(1_000_000)
	require.Less(t, heap(), before+1<<20, "bytes in use, after a million more than after a thousand")
	require.Equal(t, OracleStats{}, w.Stats())
}
