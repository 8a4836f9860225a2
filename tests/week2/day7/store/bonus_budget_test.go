package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/store"
)

// shared returns options for stores that share a budget. Their memtables are large enough that they flush nothing by
// themselves.
func shared(b *store.Budget) *store.Options {
	o := small(store.LogWritten)
	o.MemtableSize = 64 << 10
	o.Budget = b
	return o
}

// openShared opens n stores, each in a directory of its own, that share a budget.
func openShared(t labtest.TB, d *disk, b *store.Budget, n int) []*store.Store {
	t.Helper()
	var stores []*store.Store
	for i := range n {
		s, err := tryOpen(t, d, fmt.Sprintf("tenant%d", i), shared(b))
		require.NoError(t, err)
		stores = append(stores, s)
	}
	return stores
}

// fillBytes puts one key, so that n bytes of keys, trailers and values are added to a memtable.
func fillBytes(t labtest.TB, s *store.Store, n int) {
	t.Helper()
	put(t, s, "key", strings.Repeat("v", n-len("key")-kv.TrailerSize))
}

// bytesHeld returns how many bytes are in the memtables of each store.
func bytesHeld(stores []*store.Store) []int {
	bytes := []int{}
	for _, s := range stores {
		sum := 0
		for _, m := range s.Stats().Memtables {
			sum += m.Size
		}
		bytes = append(bytes, sum)
	}
	return bytes
}

// Three stores share 1000 bytes. As long as the sum is not above that, nobody is flushed, however the bytes are
// divided. With the first byte too many the store that holds the most is, whoever wrote that byte: it gives back the
// most memory for one table.
//
//lab:task bonus points=3
func TestBudget_FlushesTheStoreThatHoldsTheMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := newDisk(), store.NewBudget(1000)
		stores := openShared(t, d, b, 3)
		fillBytes(t, stores[0], 300)
		fillBytes(t, stores[1], 500)
		fillBytes(t, stores[2], 200)
		synctest.Wait()
		same(t, "bytes in memtables at the limit", []int{300, 500, 200}, bytesHeld(stores))
		fillBytes(t, stores[2], 20)
		synctest.Wait()
		same(t, "bytes in memtables after 20 bytes more", []int{300, 0, 220}, bytesHeld(stores))
		require.Equal(t, int64(520), b.Held(), "Held")
		require.Len(t, files(t, d, "tenant1", "*.sst"), 1, "tables of the store that held the most")
	})
}

// One flush may not be enough. It goes on with the next, until the sum is not above the limit any more; and not
// further.
//
//lab:task bonus points=2
func TestBudget_FlushesUntilItIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := newDisk(), store.NewBudget(1000)
		stores := openShared(t, d, b, 4)
		for i, n := range []int{250, 350, 100, 300} {
			fillBytes(t, stores[i], n)
		}
		fillBytes(t, stores[2], 900) // 1900 in all: 1000 of them in one store
		synctest.Wait()
		same(t, "bytes in memtables", []int{250, 350, 0, 300}, bytesHeld(stores))

		_, release := d.BlockAt(vfs.OpCreate, "*.sst")
		fillBytes(t, stores[2], 200) // 1100: a flush begins, and stands still
		synctest.Wait()
		fillBytes(t, stores[0], 600) // 1700: and meanwhile somebody writes more
		synctest.Wait()
		release()
		synctest.Wait()
		same(t, "bytes in memtables in the end", []int{0, 0, 200, 300}, bytesHeld(stores))
		require.Equal(t, int64(500), b.Held(), "Held")
	})
}

// A store is closed while the budget flushes it: Close waits for that. Afterwards it does not count, whatever it held,
// and nobody tries to flush it. With the last store the budget's goroutine is gone too.
//
//lab:task bonus points=3
func TestBudget_ClosedStoreDoesNotCount(t *testing.T) {
	labtest.NoLeaks(t)
	d, b := newDisk(), store.NewBudget(1000)
	stores := openShared(t, d, b, 2)
	reached, release := d.BlockAt(vfs.OpCreate, "*.sst")
	fillBytes(t, stores[0], 1100)
	reaches(t, "the flush of the store that holds the most", reached)
	closed := inBackground(stores[0].Close)
	letOthersRun()
	waiting(t, "Close, while the budget flushes the store", closed)
	release()
	require.NoError(t, finished(t, "Close", closed))
	require.Zero(t, b.Held(), "Held, after the only store that held something is closed")

	fillBytes(t, stores[1], 600)
	require.Equal(t, int64(600), b.Held(), "Held")
	letOthersRun()
	same(t, "bytes in the other store's memtables", []int{600}, bytesHeld(stores[1:]))
	closeStore(t, stores[1])
	require.Zero(t, b.Held(), "Held, after all are closed")
}

// The store that holds the most cannot be flushed: its disk is full. Its own writers are told. To try again and again
// would help nobody, and the other stores have memory to give: the next one is flushed.
//
//lab:task bonus points=2
func TestBudget_GoesOnWithTheNextAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := newDisk(), store.NewBudget(1000)
		stores := openShared(t, d, b, 3)
		attempts := 0
		d.FailAt(func(c vfs.Call) bool {
			broken := c.Op == vfs.OpCreate && strings.HasPrefix(c.Name, "tenant1/") && strings.HasSuffix(c.Name, ".sst")
			if broken {
				attempts++
			}
			return broken && attempts < 100
		}, nil)
		fillBytes(t, stores[0], 100)
		fillBytes(t, stores[1], 600)
		fillBytes(t, stores[2], 400)
		synctest.Wait()
		same(t, "bytes in memtables", []int{100, 600, 0}, bytesHeld(stores))
		require.Equal(t, 1, attempts, "attempts to flush the store whose disk is full")
		require.ErrorIs(t, stores[1].Put([]byte("k"), nil), vfs.ErrInjected, "a put to the store whose disk is full")
		require.NoError(t, stores[0].Put([]byte("k"), nil), "a put to another")
	})
}

// A store that is opened may hold something already: what was replayed from its logs is in memory again. It counts from
// the beginning.
//
//lab:task bonus points=2
func TestBudget_CountsWhatWasReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := newDisk(), store.NewBudget(1000)
		first := openShared(t, d, store.NewBudget(1<<20), 2)
		fillBytes(t, first[0], 700)
		fillBytes(t, first[1], 400)
		closeStore(t, first[0])
		closeStore(t, first[1])

		stores := openShared(t, d, b, 1)
		synctest.Wait()
		same(t, "bytes in the replayed memtables", []int{700}, bytesHeld(stores))
		require.Equal(t, int64(700), b.Held(), "Held")
		second, err := tryOpen(t, d, "tenant1", shared(b))
		require.NoError(t, err)
		synctest.Wait()
		same(t, "bytes in memtables, when the second store is open", []int{0, 400}, bytesHeld([]*store.Store{stores[0], second}))
		require.Equal(t, int64(400), b.Held(), "Held")
	})
}

// The budget listens to the engine. Somebody else may listen too, and still hears everything.
//
//lab:task bonus points=1
func TestBudget_LeavesListenerAlone(t *testing.T) {
	d, o := newDisk(), shared(store.NewBudget(1<<20))
	applied, changed := 0, 0
	o.Listener.Applied = func(kv.Seq, *kv.Batch) { applied++ }
	o.Listener.Changed = func(*version.Version, *version.Version) { changed++ }
	s := open(t, d, o)
	put(t, s, "a", "1", "b", "2")
	flush(t, s)
	require.Equal(t, 2, applied, "calls of Applied for two puts")
	require.Equal(t, 2, changed, "calls of Changed for a freeze and a flush")
	require.Zero(t, o.Budget.Held(), "Held after a flush")
}

// Eight stores, written at the same time, opened and closed in between. When all is quiet, the sum of what they hold is
// what the budget says, and not above the limit.
//
//lab:task bonus points=3 random race
func TestBudget_HoldsWithManyStores(t *testing.T) {
	labtest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		d, b := newDisk(), store.NewBudget(20<<10)
		stores := openShared(t, d, b, 8)
		var writers sync.WaitGroup
		for i := range stores {
			writers.Go(func() {
				dice := rand.New(rand.NewPCG(1, uint64(i)))
				for range 100 {
					switch dice.IntN(40) {
					case 0:
						if err := stores[i].Flush(context.Background()); err != nil {
							t.Error(err)
						}
					case 1:
						if err := stores[i].Close(); err != nil {
							t.Error(err)
						}
						o := shared(b)
						o.FS = d
						s, err := store.Open(fmt.Sprintf("tenant%d", i), o)
						if err != nil {
							t.Error(err)
							return
						}
						t.Cleanup(func() { _ = s.Close() })
						stores[i] = s
					default:
						if err := stores[i].Put(fmt.Appendf(nil, "k%d", dice.IntN(50)), make([]byte, dice.IntN(400))); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		writers.Wait()
		synctest.Wait()
		var sum int64
		for _, n := range bytesHeld(stores) {
			sum += int64(n)
		}
		require.Equal(t, sum, b.Held(), "Held, and the sum of the memtables")
		require.LessOrEqual(t, sum, int64(20<<10), "bytes in memtables")
	})
}
