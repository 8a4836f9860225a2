package partition_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/partition"
)

// results returns what GetBatch has found, in words.
func results(keys [][]byte, found []partition.Result) []string {
	lines := []string{}
	for i, r := range found {
		if r.Err != nil {
			lines = append(lines, fmt.Sprintf("%s: %v", keys[i], r.Err))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s = %s", keys[i], r.Value))
	}
	return lines
}

// Keys of several partitions, in no order, one of them twice, one that does not exist, one that was deleted, and one
// whose value is empty: each result stands in the place of its key, and there are as many results as keys.
//
//lab:task 3 points=2
func TestGetBatch_ResultsInTheOrderOfKeys(t *testing.T) {
	labtest.NoLeaks(t)
	db := open(t, newDisk(), by(partition.Ranges("g", "p")))
	put(t, db, "apple", "red", "kiwi", "green", "plum", "", "fig", "x")
	require.NoError(t, db.Delete([]byte("fig")))
	keys := bytesOf("plum", "apple", "nothing", "kiwi", "apple", "fig")
	same(t, "results", []string{"plum = ", "apple = red", "nothing: key not found", "kiwi = green", "apple = red", "fig: key not found"},
		results(keys, db.GetBatch(keys)))
	require.Empty(t, db.GetBatch(nil), "results of no keys")
}

// The values of a batch are the caller's: what it does with one of them changes neither the store nor the other
// results, not even that of the same key.
//
//lab:task 3 points=1
func TestGetBatch_ValuesAreTheCallers(t *testing.T) {
	db := open(t, newDisk(), by(partition.Hash(3)))
	put(t, db, "apple", "red")
	found := db.GetBatch(bytesOf("apple", "apple"))
	copy(found[0].Value, "xxx")
	require.Equal(t, "red", string(found[1].Value), "the second result")
	finds(t, "afterwards", db, "apple=red")
}

// The disk of partition 1 cannot be read. Its keys get that error, each of them; the others get their values, and the
// key that does not exist is not found. If one error became everybody's, one broken disk would take down the answers
// of all the others; if it became "not found", a program would take data for gone that is there.
//
//lab:task 3 points=3
func TestGetBatch_EachKeyHasItsOwnError(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Ranges("g", "p")))
	put(t, db, "apple", "red", "kiwi", "green", "lemon", "yellow", "plum", "blue")
	flush(t, db)
	d.FailAt(in(vfs.OpRead, 1, ".sst"), vfs.ErrInjected)
	keys := bytesOf("kiwi", "apple", "lemon", "plum", "aardvark", "kiwi")
	found := db.GetBatch(keys)
	require.Len(t, found, len(keys), "results")
	for i, r := range found {
		switch i {
		case 0, 2, 5:
			require.ErrorIs(t, r.Err, vfs.ErrInjected, "%s, whose partition cannot be read", keys[i])
		case 4:
			require.ErrorIs(t, r.Err, kv.ErrNotFound, "%s, which does not exist", keys[i])
		default:
			require.NoError(t, r.Err, "%s, whose partition is well", keys[i])
		}
	}
	require.Equal(t, "red", string(found[1].Value))
	require.Equal(t, "blue", string(found[3].Value))
}

// meeting returns options under which each Get waits, when it has looked, until leave is called; present tells how
// many wait.
func meeting(r partition.Router) (o *partition.Options, present func() int, leave func()) {
	o = by(r)
	var mu sync.Mutex
	n, gate := 0, make(chan struct{})
	o.Store.Listener.Got = func(_, _ []byte, _ error) {
		mu.Lock()
		n++
		mu.Unlock()
		<-gate
	}
	present = func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
	return o, present, sync.OnceFunc(func() { close(gate) })
}

// Four partitions may lie on four disks, and a read takes as long as a disk needs. One after the other, four keys take
// four times as long. So the reads are under way at the same time: here each waits until all have come. It must not
// matter whether the keys belong to four partitions or to one.
//
//lab:task 3 points=3
func TestGetBatch_ReadsAtTheSameTime(t *testing.T) {
	for _, r := range []partition.Router{partition.Ranges("b", "c", "d"), partition.Ranges()} {
		synctest.Test(t, func(t *testing.T) {
			o, present, leave := meeting(r)
			db := open(t, newDisk(), o)
			t.Cleanup(leave)
			put(t, db, "a", "1", "b", "2", "c", "3", "d", "4")
			done := make(chan []string, 1)
			keys := bytesOf("a", "b", "c", "d")
			go func() { done <- results(keys, db.GetBatch(keys)) }()
			synctest.Wait()
			require.Equal(t, 4, present(), "reads that are under way at the same time, with %v", r)
			leave()
			same(t, "results", []string{"a = 1", "b = 2", "c = 3", "d = 4"}, <-done)
		})
	}
}

// A batch of a thousand keys is no reason for a thousand goroutines: a server gets many such batches at once. A few of
// them (MaxParallel) take the keys one by one.
//
//lab:task 3 points=2
func TestGetBatch_StartsFewGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, present, leave := meeting(partition.Hash(4))
		db := open(t, newDisk(), o)
		t.Cleanup(leave)
		var keys [][]byte
		for i := range 1000 {
			keys = append(keys, []byte(key(i)))
		}
		fill(t, db, 100)
		done := make(chan []partition.Result, 1)
		before := runtime.NumGoroutine()
		go func() { done <- db.GetBatch(keys) }()
		synctest.Wait()
		require.Equal(t, partition.MaxParallel, present(), "reads of a thousand that are under way at the same time")
		require.Less(t, runtime.NumGoroutine()-before, 100, "goroutines that were started, also those that wait for their turn")
		leave()
		for i, r := range <-done {
			if i < 100 {
				require.Equal(t, fmt.Sprint(i), string(r.Value), "value of key %d", i)
			} else {
				require.ErrorIs(t, r.Err, kv.ErrNotFound, "key %d", i)
			}
		}
	})
}

// Random keys, written and asked for in batches: what GetBatch says of each must be what Get says.
//
//lab:task 3 points=2 random
func TestGetBatch_LikeGets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db := open(t, newDisk(), by(partition.Hash(rapid.IntRange(1, 5).Draw(t, "partitions"))))
		for i, k := range rapid.SliceOfN(labtest.Keys(), 0, 20).Draw(t, "keys") {
			require.NoError(t, db.Put(k, fmt.Append(nil, i)))
		}
		keys := rapid.SliceOfN(labtest.Keys(), 0, 40).Draw(t, "batch")
		var want []partition.Result
		for _, k := range keys {
			value, err := db.Get(k)
			want = append(want, partition.Result{Value: value, Err: err})
		}
		same(t, "results", results(keys, want), results(keys, db.GetBatch(keys)))
		closeDB(t, db)
	})
}

// The writes of a batch go to the partitions of their keys: deletes as well, and of two writes of one key the later
// one counts.
//
//lab:task 3 points=2
func TestApply_DividesTheBatch(t *testing.T) {
	d := newDisk()
	o := by(partition.Ranges("g", "p"))
	db := open(t, d, o)
	put(t, db, "fig", "old", "quince", "old")
	require.NoError(t, db.Apply(batch("apple=1", "kiwi=2", "-fig", "plum=3", "apple=4", "-kiwi", "kiwi=5", "-quince", "empty=")))
	finds(t, "afterwards", db, "apple=4", "empty=", "kiwi=5", "plum=3", "fig=key not found", "quince=key not found")
	closeDB(t, db)
	for i, want := range [][]string{{"apple", "empty"}, {"kiwi"}, {"plum"}} {
		same(t, fmt.Sprintf("keys in partition_%d", i), want, partitionHolds(t, d, i))
	}
}

// What a batch promises, it promises within a partition: the writes that belong there are one batch of that store,
// visible in one step, and in one record of its log. Three writes to one partition and one to another are two batches,
// not four; partitions that have no part in it hear nothing.
//
//lab:task 3 points=3
func TestApply_IsOneBatchForEachPartition(t *testing.T) {
	o := by(partition.Ranges("g", "p"))
	var mu sync.Mutex
	sizes := map[int]int{} // how many batches had that many writes
	o.Store.Listener.Applied = func(_ kv.Seq, b *kv.Batch) {
		mu.Lock()
		defer mu.Unlock()
		sizes[b.Len()]++
	}
	require.NoError(t, open(t, newDisk(), o).Apply(batch("a=1", "k=2", "-b", "c=3")))
	same(t, "batches that the stores got, by their number of writes", map[int]int{3: 1, 1: 1}, sizes)
}

// The log of partition 1 cannot be written. The others take their parts, and the error says so: who has the batch, and
// who has not. Without that a program could only guess what to do again. A partition that had no part in it is in
// neither list.
//
//lab:task 3 points=3
func TestApply_ErrorTellsWhoHasTakenIt(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Ranges("b", "c", "d")))
	put(t, db, "a", "old", "b", "old", "d", "old")
	d.FailAt(logOf(vfs.OpWrite, 1), vfs.ErrInjected)
	err := db.Apply(batch("a=new", "b=new", "bb=new", "d=new"))
	require.ErrorIs(t, err, vfs.ErrInjected)
	var partial *partition.BatchError
	require.True(t, errors.As(err, &partial), "the error is a %T, want a *BatchError", err)
	same(t, "partitions that have taken their part", []int{0, 3}, partial.Taken)
	same(t, "partitions that have not", []int{1}, partial.Failed)
	require.ErrorContains(t, err, "partition 1")
	finds(t, "afterwards", db, "a=new", "b=old", "d=new", "bb=key not found")
}

// When nobody has taken it, the list of those who have is empty; and two who fail are both named, with both reasons.
//
//lab:task 3 points=2
func TestApply_ErrorTellsAllWhoFailed(t *testing.T) {
	d := newDisk()
	db := open(t, d, by(partition.Ranges("b", "c")))
	d.FailAt(logOf(vfs.OpWrite, 0), vfs.ErrInjected)
	d.FailAt(logOf(vfs.OpWrite, 2), vfs.ErrCrashed)
	var partial *partition.BatchError
	err := db.Apply(batch("a=1", "c=3"))
	require.ErrorIs(t, err, vfs.ErrInjected)
	require.ErrorIs(t, err, vfs.ErrCrashed)
	require.True(t, errors.As(err, &partial), "the error is a %T, want a *BatchError", err)
	require.Empty(t, partial.Taken, "partitions that have taken their part")
	same(t, "partitions that have not", []int{0, 2}, partial.Failed)
	require.NoError(t, db.Apply(batch("b=2")), "a batch that needs only the partition that is well")
	require.NoError(t, db.Apply(batch()), "an empty batch")
}

// A batch with a key that no store can take would be refused by one partition, when the others have taken their parts
// already. That can be known before, so it is looked at before: then all refuse it, and it is as if it had not been.
//
//lab:task 3 points=2
func TestApply_RefusesBadBatchBeforeAnythingIsWritten(t *testing.T) {
	o := by(partition.Ranges("b", "c"))
	o.Store.MaxValueSize = 100
	db := open(t, newDisk(), o)
	require.ErrorIs(t, db.Apply(batch("a=1", "=2", "c=3")), kv.ErrEmptyKey)
	long := string(make([]byte, kv.MaxKeySize+1))
	require.ErrorIs(t, db.Apply(batch("a=1", "c=3", "c"+long+"=1")), kv.ErrKeyTooLarge)
	require.ErrorIs(t, db.Apply(batch("a=1", "b="+string(make([]byte, 101)), "c=3")), kv.ErrValueTooLarge)
	finds(t, "after three batches that were refused", db, "a=key not found", "b=key not found", "c=key not found")
	require.NoError(t, db.Apply(batch("a=1", "b="+string(make([]byte, 100)))), "a value of exactly the allowed size")
}

// Random batches and restarts, compared with a model that knows nothing of partitions.
//
//lab:task 3 points=3 random
func TestApply_LikeModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, model, next := newDisk(), labtest.NewModel(), kv.Seq(1)
		kind := rapid.SampledFrom([]string{"hash", "consistent"}).Draw(t, "router")
		o := by(kinds[kind](rapid.IntRange(1, 5).Draw(t, "partitions")))
		for range rapid.IntRange(1, 3).Draw(t, "sessions") {
			db := open(t, d, o)
			for _, w := range labtest.Ops(12).Draw(t, "writes") {
				var b kv.Batch
				w.AddTo(&b)
				require.NoError(t, db.Apply(&b))
				model.Apply(next, &b)
				next += kv.Seq(b.Len())
			}
			for _, e := range model.Entries() {
				want, kind, _ := model.Get(e.Key.User, next)
				got, err := db.Get(e.Key.User)
				if kind == kv.KindDelete {
					require.ErrorIs(t, err, kv.ErrNotFound, "get of %q, which was deleted", e.Key.User)
					continue
				}
				require.NoError(t, err, "get of %q", e.Key.User)
				require.Equal(t, string(want), string(got), "value of %q", e.Key.User)
			}
			closeDB(t, db)
		}
	})
}
