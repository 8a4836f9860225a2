package sstable_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// Six blocks of two entries: each of the twelve keys must be found, the first and the last of every block too. A search that
// is off by one finds most keys, and never one kind of them.
//
//lab:task 3 points=3
func TestGet_FindsFirstAndLastKeyOfEveryBlock(t *testing.T) {
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	for _, e := range sstFruit() {
		sstExpect(t, table, string(e.Key.User), kv.MaxSeq, fmt.Sprintf("%q", e.Value))
	}
}

// "bean" lies in the gap: block 0 ends with "banana", block 1 begins with "cherry". The index leads to block 1, and block 1
// knows nothing of it: no answer. Nor is there one before the first key, behind the last, or for half a name.
//
//lab:task 3 points=2
func TestGet_HasNoAnswerForKeysInGaps(t *testing.T) {
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	for _, key := range []string{"aaa", "app", "apple\x00", "b", "bean", "cherr", "cherry\x00", "dates", "lemo", "lemon\x00", "zoo", "\xff"} {
		sstExpect(t, table, key, kv.MaxSeq, "no answer")
	}
}

// Ten versions of "apple" fill five blocks, in which all keys are "apple". Only the sequence number says which block holds
// what a reader at 7 may see; an index that is searched by user key alone leads to the first of the five.
//
//lab:task 3 points=3
func TestGet_FindsTheRightOfManyVersions(t *testing.T) {
	var entries []labtest.Entry
	for seq := kv.Seq(20); seq > 0; seq -= 2 {
		entries = append(entries, labtest.E("apple", seq, fmt.Sprintf("value-at-%02d", seq)))
	}
	entries = append(entries, labtest.E("banana", 3, "yellow"))
	table, _ := sstOpen(t, sstRefWrite(t, refsstable.Options{BlockSize: 64}, entries...), sstable.Options{})
	require.EqualValues(t, 6, table.Properties().DataBlocks)
	for at := kv.Seq(2); at <= 22; at++ {
		sstExpect(t, table, "apple", at, fmt.Sprintf(`"value-at-%02d"`, min(at, 20)/2*2))
	}
	sstExpect(t, table, "apple", 1, "no answer")
	sstExpect(t, table, "banana", 2, "no answer")
	sstExpect(t, table, "banana", 3, `"yellow"`)
}

// A tombstone is an answer, and so is a value of no bytes: the tables below may hold an older value, which neither of them
// lets through.
//
//lab:task 3 points=2
func TestGet_TellsTombstoneEmptyValueAndMissApart(t *testing.T) {
	data := sstRefWrite(t, refsstable.Options{}, labtest.D("apple", 4), labtest.E("apple", 2, "green"), labtest.E("member", 3, ""))
	table, _ := sstOpen(t, data, sstable.Options{})
	sstExpect(t, table, "apple", kv.MaxSeq, "deleted")
	sstExpect(t, table, "apple", 3, `"green"`)
	sstExpect(t, table, "apple", 1, "no answer")
	sstExpect(t, table, "member", kv.MaxSeq, `""`)
	sstExpect(t, table, "members", kv.MaxSeq, "no answer")
}

// The index is there so that one block is enough: block 3 ends at or behind the key, and block 2 before it, so it is in block 3
// or nowhere. For a key behind the last one not even that is read.
//
//lab:task 3 points=2
func TestGet_ReadsOneBlockAtMost(t *testing.T) {
	var metrics sstable.Metrics
	table, f := sstOpen(t, sstRefFruit(t), sstable.Options{Metrics: &metrics})
	for key, want := range map[string]int64{"apple": 1, "banana": 1, "bean": 1, "cherry": 1, "hazel": 1, "lemon": 1, "lemonade": 0, "zoo": 0} {
		before, reads := metrics.BlockReads.Load(), f.reads.Load()
		sstAnswer(table, key, kv.MaxSeq)
		require.Equal(t, want, metrics.BlockReads.Load()-before, "blocks read for %q", key)
		require.Equal(t, want, f.reads.Load()-reads, "reads of the file for %q", key)
	}
}

// The filter answers from memory, for a fraction of the price of a block. So it is asked first, with the user key; and when it
// says "certainly not", nothing is read. A key that it lets through is looked for as ever.
//
//lab:task 3 points=2
func TestGet_AsksFilterBeforeItReads(t *testing.T) {
	data := sstRefWrite(t, refsstable.Options{BlockSize: 64, Filter: &sstRefPolicy{sstList{name: "list"}}}, sstFruit()...)
	var metrics sstable.Metrics
	var asked atomic.Int64
	table, _ := sstOpen(t, data, sstable.Options{Filter: &sstPolicy{sstList{name: "list", asked: &asked}}, Metrics: &metrics})
	for _, key := range []string{"aaa", "bean", "cherr", "zoo"} {
		sstExpect(t, table, key, kv.MaxSeq, "no answer")
	}
	require.EqualValues(t, 4, asked.Load(), "questions to the filter")
	require.Zero(t, metrics.BlockReads.Load(), "blocks read for keys that the filter knows not to be there")
	sstExpect(t, table, "cherry", kv.MaxSeq, `"v-cherry"`)
	sstExpect(t, table, "cherry", 1, "no answer")
	require.EqualValues(t, 6, asked.Load(), "questions to the filter")
	require.EqualValues(t, 2, metrics.BlockReads.Load(), "blocks read for a key that is there")
	require.EqualValues(t, 6, metrics.FilterChecks.Load(), "FilterChecks")
	require.EqualValues(t, 4, metrics.FilterNegatives.Load(), "FilterNegatives")
}

// A key in a damaged block is not "not found". If it were, the engine would go on to older tables, and bring back a value that
// was overwritten long ago. The other blocks of the table are as good as ever.
//
//lab:task 3 points=2
func TestGet_ReturnsErrorForDamagedBlock(t *testing.T) {
	data := sstRefFruit(t)
	second := sstRefBlocks(t, data)[1]
	data[second.Offset+20] ^= 0x40
	table, f := sstOpen(t, data, sstable.Options{})
	_, _, found, err := table.Get([]byte("cherry"), kv.MaxSeq)
	require.False(t, found)
	damage := sstCorrupt(t, err, `Get("cherry")`)
	require.Equal(t, second.Offset, damage.Offset, "offset of the damage")
	_, _, _, err = table.Get([]byte("bean"), kv.MaxSeq)
	require.ErrorIs(t, err, kv.ErrCorrupt, `"bean" would be in the damaged block: nobody knows whether it is`)
	sstExpect(t, table, "banana", kv.MaxSeq, `"v-banana"`)
	sstExpect(t, table, "elder", kv.MaxSeq, `"v-elder"`)

	f.failWith(errSST)
	_, _, found, err = table.Get([]byte("banana"), kv.MaxSeq)
	require.False(t, found)
	require.ErrorIs(t, err, errSST, "an error of the file")
}

// Once a table is closed it gives no answers, whether a filter, the cache or nothing stands before the file.
//
//lab:task 3 points=1
func TestTable_ClosedTableSaysSo(t *testing.T) {
	data := sstRefWrite(t, refsstable.Options{BlockSize: 64, Filter: &sstRefPolicy{sstList{name: "list"}}}, sstFruit()...)
	table, _ := sstOpen(t, data, sstable.Options{Filter: &sstPolicy{sstList{name: "list"}}})
	it := table.NewIterator()
	it.First()
	require.True(t, it.Valid())
	require.NoError(t, table.Close())
	for _, key := range []string{"apple", "bean", "zoo"} {
		_, _, found, err := table.Get([]byte(key), kv.MaxSeq)
		require.False(t, found)
		require.ErrorIs(t, err, kv.ErrClosed, "Get(%q)", key)
	}
	it.First()
	require.False(t, it.Valid(), "First on an iterator of a closed table")
	require.ErrorIs(t, it.Err(), kv.ErrClosed)
	it.SeekGE(kv.SeekKey([]byte("date"), kv.MaxSeq))
	require.False(t, it.Valid(), "SeekGE on an iterator of a closed table")
	require.ErrorIs(t, it.Err(), kv.ErrClosed)
	require.NoError(t, it.Close())
	require.NoError(t, table.Close(), "a second Close does nothing")
}

// Values are handed out without a copy. So the memory of a block is never used again for another one: what Get returned must
// still stand there after a hundred other lookups, by whoever.
//
//lab:task 3 points=1
func TestGet_ValueStaysGood(t *testing.T) {
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	var values [][]byte
	for _, e := range sstFruit() {
		value, _, _, err := table.Get(e.Key.User, kv.MaxSeq)
		require.NoError(t, err)
		values = append(values, value)
	}
	for i, e := range sstFruit() {
		require.Equal(t, string(e.Value), string(values[i]), "the value of %s, looked at later", e.Key.User)
	}
}

// A table has one file and many readers: every goroutine of the program may ask it, and walk through it, at the same time.
// Nothing that belongs to one lookup may be kept in the table.
//
//lab:task 3 points=2 race
func TestTable_IsReadByManyAtOnce(t *testing.T) {
	fruit := sstFruit()
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				e := fruit[(g*5+i*7)%len(fruit)]
				value, _, found, err := table.Get(e.Key.User, kv.MaxSeq)
				if err != nil || !found || !bytes.Equal(value, e.Value) {
					t.Errorf("Get(%q) = %q, %v, %v", e.Key.User, value, found, err)
				}
				it := table.NewIterator()
				if it.SeekGE(e.Key); !it.Valid() || it.Key().Compare(e.Key) != 0 || !bytes.Equal(it.Value(), e.Value) {
					t.Errorf("SeekGE(%v) stands somewhere else", e.Key)
				}
				it.Close()
			}
		})
	}
	wg.Wait()
}

// Random tables, asked for random keys at random moments. The same file is read by your code and by the reference's, and a
// sorted list of versions knows the truth.
//
//lab:task 3 points=3 random
func TestGet_AgreesWithModelAndReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := labtest.NewModel()
		for _, e := range sstRandomEntries(t) {
			if e.Key.Kind() == kv.KindDelete {
				model.Delete(e.Key.Seq(), e.Key.User)
			} else {
				model.Put(e.Key.Seq(), e.Key.User, e.Value)
			}
		}
		data := sstRefWrite(t, refsstable.Options{BlockSize: rapid.SampledFrom([]int{1, 40, 64, 4096}).Draw(t, "block size")}, model.Entries()...)
		table, _ := sstOpen(t, data, sstable.Options{})
		ref := sstRefOpen(t, data, refsstable.Options{})
		for range 15 {
			key, at := string(labtest.Keys().Draw(t, "key")), kv.Seq(rapid.IntRange(0, 40).Draw(t, "at"))
			want := "no answer"
			if value, kind, found := model.Get([]byte(key), at); found && kind == kv.KindDelete {
				want = "deleted"
			} else if found {
				want = fmt.Sprintf("%q", value)
			}
			sstExpect(t, ref, key, at, want)
			sstExpect(t, table, key, at, want)
		}
	})
}
