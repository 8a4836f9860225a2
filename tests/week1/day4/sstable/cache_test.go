package sstable_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// sstBlock returns a parsed block of one entry, whose key is the text and whose value has so many bytes.
func sstBlock(t labtest.TB, text string, size int) *block.Block {
	t.Helper()
	b := block.NewBuilder(block.Plain(), 1)
	require.True(t, b.Add(kv.MakeKey([]byte(text), 1, kv.KindSet), make([]byte, size)))
	parsed, err := block.Parse(append([]byte(nil), b.Finish()...), block.Plain())
	require.NoError(t, err)
	return parsed
}

// sstText returns the key of a block made by sstBlock, "nothing" for nil.
func sstText(b *block.Block) string {
	if b == nil {
		return "nothing"
	}
	it := b.NewIterator()
	it.First()
	return string(it.Key().User)
}

// What was put in comes out again; and nothing for what never was. The key of a block is the number of its table *and* its
// offset there: every table has a block at offset 0.
//
//lab:task 4 points=2
func TestCache_FindsBlockByTableAndOffset(t *testing.T) {
	c := sstable.NewCache(1 << 20)
	for _, at := range []struct {
		file   uint64
		offset int64
	}{{1, 0}, {1, 4096}, {2, 0}, {2, 4096}, {4096, 1}, {4097, 0}, {1 << 40, 1 << 40}} {
		require.Nil(t, c.Get(at.file, at.offset), "before it was put in: table %d, offset %d", at.file, at.offset)
		text := fmt.Sprintf("table %d, offset %d", at.file, at.offset)
		c.Add(at.file, at.offset, sstBlock(t, text, 10))
		require.Equal(t, text, sstText(c.Get(at.file, at.offset)))
	}
	require.Equal(t, "table 1, offset 0", sstText(c.Get(1, 0)), "the first one, still there")
	require.Nil(t, c.Get(3, 0))
	require.Nil(t, c.Get(2, 4097))
	require.EqualValues(t, 7, c.Stats().Blocks)
}

// A cache is memory that somebody has budgeted: 160 KB here, through which pass ten megabytes. It never takes more, at no
// moment; and it does not waste what it was given either, by keeping next to nothing.
//
//lab:task 4 points=3
func TestCache_StaysWithinItsBytes(t *testing.T) {
	const capacity = 160 << 10
	c := sstable.NewCache(capacity)
	for i := range 10_000 {
		c.Add(uint64(i%7), int64(i)*4096, sstBlock(t, "block", 500+i%1000))
		if size := c.Stats().Size; size > capacity {
			t.Fatalf("%d bytes in a cache of %d, after %d blocks", size, capacity, i+1)
		}
	}
	held := int64(0)
	for i := range 10_000 {
		if b := c.Get(uint64(i%7), int64(i)*4096); b != nil {
			held += int64(b.Size())
		}
	}
	require.LessOrEqual(t, held, int64(capacity), "bytes of the blocks that can be found")
	require.Greater(t, held, int64(capacity/2), "bytes of the blocks that can be found: the cache uses its room")
}

// One block is asked for all the time: the root of some tree, the newest day of some log. Around it a scan carries thousands of
// blocks through the cache, each of them never seen again. The used bit tells them apart: whoever was asked for since the
// hand came by last gets another round.
//
//lab:task 4 points=3
func TestCache_KeepsWhatIsAskedForAgainAndAgain(t *testing.T) {
	c := sstable.NewCache(160 << 10)
	for file := range uint64(5) {
		c.Add(file, 0, sstBlock(t, "hot", 1000))
	}
	for i := range 3000 {
		for file := range uint64(5) {
			require.Equal(t, "hot", sstText(c.Get(file, 0)), "table %d's hot block, after %d cold ones", file, i)
		}
		c.Add(9, int64(i)*4096, sstBlock(t, "cold", 1000))
	}
	require.Nil(t, c.Get(9, 0), "the first cold block had to go, long ago")
	require.Positive(t, c.Stats().Evictions)
}

// When every block has been asked for, one must go all the same, or nothing new would ever get in. The bit is taken away as
// the hand comes by, so that it means "since then" and not "once upon a time".
//
//lab:task 4 points=2
func TestCache_MakesRoomEvenIfEverythingWasUsed(t *testing.T) {
	c := sstable.NewCache(160 << 10)
	for i := range 1000 {
		c.Add(1, int64(i)*4096, sstBlock(t, fmt.Sprint("block ", i), 1000))
		require.Equal(t, fmt.Sprint("block ", i), sstText(c.Get(1, int64(i)*4096)), "a block that was just put in")
	}
	old := 0
	for i := range 500 {
		if c.Get(1, int64(i)*4096) != nil {
			old++
		}
	}
	require.Zero(t, old, "blocks among the first 500 that are still there; about the last 130 of 1000 have room")
}

// Two goroutines miss the same block, both read it, both put it in. It is there once, and its size is counted once: else the
// sum grows away from the truth, and after a day the cache believes it is full when it is empty.
//
//lab:task 4 points=2
func TestCache_CountsABlockOnce(t *testing.T) {
	c := sstable.NewCache(1 << 20)
	c.Add(1, 0, sstBlock(t, "block", 1000))
	before := c.Stats()
	for range 50 {
		c.Add(1, 0, sstBlock(t, "block", 1000))
	}
	if diff := cmp.Diff(before, c.Stats()); diff != "" {
		t.Errorf("after the same block was put in 50 times more (-want +got)\n%s", diff)
	}
	c.Evict(1)
	if diff := cmp.Diff(sstable.CacheStats{Capacity: 1 << 20}, c.Stats()); diff != "" {
		t.Errorf("after its table was evicted (-want +got)\n%s", diff)
	}
}

// A block with one huge value is larger than the part of the cache that it would go to. To let it in, everything there would have
// to go, and it would not fit even then. It is not kept, and the others stay.
//
//lab:task 4 points=1
func TestCache_LeavesOutWhatIsTooLarge(t *testing.T) {
	c := sstable.NewCache(160 << 10)
	for i := range 100 {
		c.Add(1, int64(i)*4096, sstBlock(t, "small", 100))
	}
	before := c.Stats()
	for i := range 20 {
		c.Add(2, int64(i)*4096, sstBlock(t, "whale", 11<<10))
		require.Nil(t, c.Get(2, int64(i)*4096))
	}
	if diff := cmp.Diff(before, c.Stats()); diff != "" {
		t.Errorf("after 20 blocks that are too large (-want +got)\n%s", diff)
	}
}

// Memory that was given is there to be used: a block that fills its shard exactly is kept, and so are two that fill it together.
// Whoever refuses the last byte keeps nothing in the first of these caches, and half of what fits in the second; and who does not
// make room when everything was used keeps too much.
//
//lab:task 4 points=1
func TestCache_UsesItsLastByte(t *testing.T) {
	b := sstBlock(t, "apple", 1000)
	large := sstable.NewCache(1 << 20)
	large.Add(1, 0, b)
	cost := large.Stats().Size // with what an entry takes beside the block
	for _, each := range []int64{1, 2} {
		c := sstable.NewCache(16 * each * cost)
		for i := range int64(400) {
			c.Add(1, i*4096, b)
			require.NotNil(t, c.Get(1, i*4096), "a block that was put in just now")
		}
		require.EqualValues(t, 16*each, c.Stats().Blocks, "blocks in sixteen shards, each with room for exactly %d", each)
	}
}

// When a compaction has removed a table, nobody will ask for its blocks again: their memory is better used for others. The
// blocks of other tables stay, at the same offsets too.
//
//lab:task 4 points=1
func TestCache_EvictDropsOneTable(t *testing.T) {
	c := sstable.NewCache(1 << 20)
	for i := range int64(40) {
		c.Add(1, i*4096, sstBlock(t, "one", 100))
		c.Add(2, i*4096, sstBlock(t, "two", 100))
	}
	half := c.Stats().Size / 2
	c.Evict(1)
	for i := range int64(40) {
		require.Nil(t, c.Get(1, i*4096))
		require.Equal(t, "two", sstText(c.Get(2, i*4096)))
	}
	require.Equal(t, half, c.Stats().Size)
	c.Evict(7)
	require.EqualValues(t, 40, c.Stats().Blocks, "after a table was evicted of which nothing is there")
}

// The point of it all: a block that was read once is not read again. Six blocks, a hundred lookups in each: six reads.
//
//lab:task 4 points=2
func TestGet_ReadsBlockOnceWithCache(t *testing.T) {
	var metrics sstable.Metrics
	table, f := sstOpen(t, sstRefFruit(t), sstable.Options{Cache: sstable.NewCache(1 << 20), Metrics: &metrics})
	opened := f.reads.Load()
	for range 100 {
		for _, e := range sstFruit() {
			sstExpect(t, table, string(e.Key.User), kv.MaxSeq, fmt.Sprintf("%q", e.Value))
		}
	}
	require.EqualValues(t, 6, f.reads.Load()-opened, "reads of the file")
	require.EqualValues(t, 6, metrics.BlockReads.Load(), "BlockReads")
	require.EqualValues(t, 6, metrics.CacheMisses.Load(), "CacheMisses")
	require.EqualValues(t, 1194, metrics.CacheHits.Load(), "CacheHits")
}

// Two tables share a cache, and both have a block at offset 0. Known by its place alone, the block of one answers for the
// other: wrong data, no error, and only when the cache is warm.
//
//lab:task 4 points=3
func TestGet_IsNotAnsweredFromAnotherTablesBlock(t *testing.T) {
	other := sstFruit()
	for i := range other {
		other[i].Value = []byte("w-" + string(other[i].Key.User))
	}
	o := sstable.Options{Cache: sstable.NewCache(1 << 20)}
	one, _ := sstOpenAs(t, 1, sstRefFruit(t), o)
	two, _ := sstOpenAs(t, 2, sstRefWrite(t, refsstable.Options{BlockSize: 64}, other...), o)
	for range 2 {
		for i, e := range sstFruit() {
			sstExpect(t, one, string(e.Key.User), kv.MaxSeq, fmt.Sprintf("%q", e.Value))
			sstExpect(t, two, string(e.Key.User), kv.MaxSeq, fmt.Sprintf("%q", other[i].Value))
		}
	}
	labtest.Diff(t, "table 2", other, sstCollect(t, two.NewIterator()))
	labtest.Diff(t, "table 1", sstFruit(), sstCollect(t, one.NewIterator()))
}

// An error is not a block. A read that failed is tried again the next time, and a block that was found to be damaged is not
// put where the next reader would take it for checked.
//
//lab:task 4 points=2
func TestGet_DoesNotCacheWhatItCouldNotRead(t *testing.T) {
	data := sstRefFruit(t)
	cache := sstable.NewCache(1 << 20)
	table, f := sstOpen(t, data, sstable.Options{Cache: cache})
	f.failWith(errSST)
	_, _, _, err := table.Get([]byte("apple"), kv.MaxSeq)
	require.ErrorIs(t, err, errSST)
	f.failWith(nil)
	sstExpect(t, table, "apple", kv.MaxSeq, `"v-apple"`)

	at := sstRefBlocks(t, data)[1].Offset
	f.data[at] ^= 1
	for range 2 {
		_, _, _, err = table.Get([]byte("cherry"), kv.MaxSeq)
		sstCorrupt(t, err, `Get("cherry") in a damaged block`)
	}
	require.EqualValues(t, 1, cache.Stats().Blocks, "blocks in the cache: the one with apple")
	f.data[at] ^= 1
	sstExpect(t, table, "cherry", kv.MaxSeq, `"v-cherry"`)
}

// A scan uses the cache in both directions: blocks that are there need no read, and those that it reads are there for the
// next. A merge of whole tables only takes: it reads each block once, and would drive out everything that others need.
//
//lab:task 4 points=2
func TestIterator_FillsCacheAndScannerDoesNot(t *testing.T) {
	cache := sstable.NewCache(1 << 20)
	table, f := sstOpen(t, sstRefFruit(t), sstable.Options{Cache: cache})
	opened := f.reads.Load()
	sstExpect(t, table, "cherry", kv.MaxSeq, `"v-cherry"`)
	labtest.Diff(t, "a scanner's walk", sstFruit(), sstCollect(t, table.NewScanner()))
	require.EqualValues(t, 6, f.reads.Load()-opened, "reads of the file: one block was there already")
	require.EqualValues(t, 1, cache.Stats().Blocks, "blocks in the cache after a scanner's walk")
	labtest.Diff(t, "an iterator's walk", sstFruit(), sstCollect(t, table.NewIterator()))
	require.EqualValues(t, 11, f.reads.Load()-opened, "reads of the file")
	require.EqualValues(t, 6, cache.Stats().Blocks, "blocks in the cache after an iterator's walk")
	sstCollect(t, table.NewIterator())
	sstCollect(t, table.NewScanner())
	require.EqualValues(t, 11, f.reads.Load()-opened, "reads of the file: nothing is left to read")
}

// A lookup in a cached block is the commonest thing that a store does. One small allocation in it, a million times a
// second, keeps the garbage collector busy with nothing. So there is none; nor in a seek or a step of an iterator.
//
//lab:task 4 points=2
func TestGet_AllocatesNothingOnCacheHit(t *testing.T) {
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{Cache: sstable.NewCache(1 << 20)})
	sstCollect(t, table.NewIterator())
	it, key := table.NewIterator(), []byte("grape")
	target := kv.SeekKey(key, kv.MaxSeq)
	for what, move := range map[string]func(){
		"Get":                 func() { table.Get(key, kv.MaxSeq) },
		"seek and two steps":  func() { it.SeekGE(target); it.Next(); it.Next() },
		"first and two steps": func() { it.First(); it.Next(); it.Next() },
	} {
		if n := testing.AllocsPerRun(100, move); n > 0 {
			t.Errorf("%s: %v allocations, want none", what, n)
		}
	}
}

// One goroutine puts blocks in, three look for them, and nothing else makes them wait for each other. A map that is read while
// somebody writes it is broken, also if it looks well a thousand times; only the shard's lock keeps them apart. The used bit
// is set by readers who share that lock, so it has to look after itself.
//
//lab:task 4 points=2 race
func TestCache_IsReadWhileItIsFilled(t *testing.T) {
	for range 10 {
		c := sstable.NewCache(64 << 10)
		var blocks []*block.Block
		for i := range 60 {
			blocks = append(blocks, sstBlock(t, fmt.Sprint("block ", i), 500))
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for i, b := range blocks {
				c.Add(1, int64(i)*4096, b)
			}
		})
		for range 3 {
			wg.Go(func() {
				for i := range blocks {
					if got := c.Get(1, int64(i)*4096); got != nil && got != blocks[i] {
						t.Errorf("asked for block %d, got %s", i, sstText(got))
					}
				}
			})
		}
		wg.Wait()
		require.Positive(t, c.Stats().Blocks)
	}
}

// All tables of a store share one cache, and all goroutines of the program come to it at once, through any of the tables:
// some find, some add, some evict, and the clock goes round meanwhile. The answers are right, and the sum is.
//
//lab:task 4 points=2 race
func TestCache_IsUsedByManyAtOnce(t *testing.T) {
	c := sstable.NewCache(16 << 10)
	data, fruit := sstRefFruit(t), sstFruit()
	var tables []*sstable.Table
	for number := range uint64(4) {
		table, _ := sstOpenAs(t, number, data, sstable.Options{Cache: c})
		tables = append(tables, table)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				e := fruit[(g+i)%12]
				sstExpect(t, tables[(g+i)%4], string(e.Key.User), kv.MaxSeq, fmt.Sprintf("%q", e.Value))
				if i%50 == 0 {
					c.Evict(uint64(i % 4))
				}
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, c.Stats().Size, int64(16<<10), "bytes in a cache of 16 KiB")
	for number := range uint64(4) {
		c.Evict(number)
	}
	if diff := cmp.Diff(sstable.CacheStats{Capacity: 16 << 10, Evictions: c.Stats().Evictions}, c.Stats()); diff != "" {
		t.Errorf("after all tables were evicted (-want +got)\n%s", diff)
	}
}

// Random adds, lookups and evictions: a cache may forget, but what it returns is the block of that table and that offset, and
// never one that was evicted with its table.
//
//lab:task 4 points=2 random
func TestCache_NeverReturnsAnotherBlock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := sstable.NewCache(int64(rapid.SampledFrom([]int{0, 8 << 10, 64 << 10}).Draw(t, "capacity")))
		there := map[string]bool{} // what was put in and not evicted
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			file, offset := uint64(rapid.IntRange(1, 3).Draw(t, "table")), int64(rapid.IntRange(0, 20).Draw(t, "block"))*100
			text := fmt.Sprintf("table %d, offset %d", file, offset)
			switch rapid.IntRange(0, 9).Draw(t, "operation") {
			case 0:
				c.Evict(file)
				for i := range int64(21) {
					delete(there, fmt.Sprintf("table %d, offset %d", file, i*100))
				}
			case 1, 2, 3, 4:
				c.Add(file, offset, sstBlock(t, text, int(offset)))
				there[text] = true
			default:
				if b := c.Get(file, offset); b != nil && (sstText(b) != text || !there[text]) {
					t.Fatalf("asked for %s, which is there: %v; got %s", text, there[text], sstText(b))
				}
			}
			stats := c.Stats()
			require.LessOrEqual(t, stats.Size, stats.Capacity)
			require.LessOrEqual(t, stats.Blocks, int64(len(there)))
		}
		for file := range uint64(4) {
			c.Evict(file)
		}
		stats := c.Stats()
		require.Zero(t, stats.Size, "bytes, after everything was evicted")
		require.Zero(t, stats.Blocks, "blocks, after everything was evicted")
	})
}
