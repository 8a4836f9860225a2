package partition_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// The power goes at each operation of a Rebalance, in turn, and of what was not synced everything is lost, or kept, or
// torn. Each time it is called again, and must find its way: no key lost, none twice, no directory left; and all of
// that durable, so that after another power cut it is still so. Once to more partitions and once to fewer.
//
//lab:task 5 points=5
func TestRebalance_CrashAtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	for _, c := range []struct{ from, to partition.Router }{
		{partition.Ranges("key04"), partition.Ranges("key02", "key05")},
		{partition.Hash(3), partition.Ranges("key05")},
	} {
		full, lines := filled(t, c.from, 8)
		calm := full.mem.Clone()
		rebalance(t, calm, by(c.to))
		for point := 1; point <= calm.Ops(); point++ {
			mem := full.mem.Clone()
			mem.CrashAt(point)
			_, _ = partition.Rebalance(context.Background(), rigDir, on(mem, by(c.to))) // it ends with the power
			var torn []uint64
			if point > calm.Ops()-12 { // what is removed, and forgotten, at the end
				torn = []uint64{1, 2, 3, 4, 5, 6}
			} else if point%4 == 0 {
				torn = []uint64{uint64(point)}
			}
			for _, end := range outcomes(torn...) {
				what := fmt.Sprintf("from %v to %v, power cut at operation %d of %d, %s", c.from, c.to, point, calm.Ops(), end.name)
				after := mem.Crash(end.policy)
				if db, err := tryOpen(t, after, by(c.from)); err == nil {
					same(t, what+"; it has not begun", lines, held(t, db))
					closeDB(t, db)
				}
				_, err := partition.Rebalance(context.Background(), rigDir, on(after, by(c.to)))
				require.NoError(t, err, "%s; Rebalance again", what)
				whole(t, what+"; Rebalance again", after.Preview(vfs.LoseUnsynced), c.to, lines)
				if t.Failed() {
					return // one example is enough
				}
			}
		}
	}
}

// The disk does not die, it fails: each operation in turn answers with an error, once. Rebalance reports it, unless it
// was about something that does not matter, and leaves no file open. Called again, it finishes.
//
//lab:task 5 points=3
func TestRebalance_DiskFailsAtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	from, to := partition.Hash(3), partition.Ranges("key05")
	full, lines := filled(t, from, 8)
	for point := 1; ; point++ {
		d := diskOf(full.mem.Clone())
		var failed vfs.Call
		seen := 0
		d.FailAt(func(c vfs.Call) bool {
			if seen++; seen == point {
				failed = c
			}
			return seen == point
		}, nil)
		_, err := partition.Rebalance(context.Background(), rigDir, on(d, by(to)))
		if seen < point {
			require.NoError(t, err)
			require.Greater(t, point, 50, "operations of a Rebalance")
			return // it has fewer operations than that
		}
		what := fmt.Sprintf("operation %d of Rebalance, %s of %s, failed", point, failed.Op, failed.Name)
		if err != nil {
			require.ErrorIs(t, err, vfs.ErrInjected, what)
		}
		allClosed(t, d, what)
		d.Clear()
		rebalance(t, d, by(to))
		whole(t, what+"; Rebalance again", d, to, lines)
		if t.Failed() {
			return
		}
	}
}

// A database is written, moved from router to router, stopped half-way and moved on, many times. It is compared with a
// model that knows nothing of partitions.
//
//lab:task 5 points=4 random
func TestRebalance_LikeModel(t *testing.T) {
	routers := rapid.Custom(func(t *rapid.T) partition.Router {
		switch n := rapid.IntRange(1, 4).Draw(t, "partitions"); rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return partition.Hash(n)
		case 1:
			return partition.Consistent(n)
		}
		return partition.Ranges("a", "b", "k")
	})
	rapid.Check(t, func(t *rapid.T) {
		d, r, model, next := newDisk(), routers.Draw(t, "first"), labtest.NewModel(), kv.Seq(1)
		for range rapid.IntRange(1, 2).Draw(t, "rounds") {
			db := open(t, d, by(r))
			for _, w := range labtest.Ops(15).Draw(t, "writes") {
				var b kv.Batch
				w.AddTo(&b)
				require.NoError(t, db.Apply(&b))
				model.Apply(next, &b)
				next += kv.Seq(b.Len())
			}
			closeDB(t, db)
			for range rapid.IntRange(0, 2).Draw(t, "attempts") {
				ctx, cancel := context.WithCancel(context.Background())
				o := on(d, by(routers.Draw(t, "attempt")))
				o.Store.Listener.Applied = func(kv.Seq, *kv.Batch) { cancel() }
				if _, err := partition.Rebalance(ctx, rigDir, o); err != nil {
					require.True(t, errors.Is(err, context.Canceled), "Rebalance to %v: %v", o.Router, err)
				}
				cancel()
			}
			r = routers.Draw(t, "next")
			rebalance(t, d, by(r))
			want := []string{}
			for _, e := range model.Scan(kv.Unbounded(), kv.Unbounded(), next) {
				want = append(want, fmt.Sprintf("%s = %s", e.Key.User, e.Value))
			}
			whole(t, fmt.Sprintf("by %v", r), d, r, want)
		}
	})
}

// A database was being made with five partitions, then with two, and neither was completed. Now it is to have three: by a
// Rebalance, which may do that, or refuse it and leave it to Open. No directory of the earlier attempts is forgotten.
//
//lab:task 5 points=1
func TestRebalance_OfWhatWasNeverMade(t *testing.T) {
	d := newDisk()
	d.FailAlways(vfs.OpCreate, "MANIFEST*", nil)
	for _, n := range []int{5, 2} {
		_, err := tryOpen(t, d, by(partition.Hash(n)))
		require.ErrorIs(t, err, vfs.ErrInjected, "Open with %d partitions", n)
	}
	d.Clear()
	same(t, "directories", partitions(5), directories(t, d))
	_, _ = partition.Rebalance(context.Background(), rigDir, on(d, by(partition.Hash(3))))
	whole(t, "with three", d, partition.Hash(3), []string{})
}
