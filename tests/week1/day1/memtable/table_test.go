package memtable_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/memtable"
	refmemtable "lsmlab/solution/week1/memtable"
)

// getter is what can be asked for a key: a table, or a stack of tables.
type getter interface {
	Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool)
}

// answer puts what a Get returned into words.
func answer(g getter, key string, at kv.Seq) string {
	value, kind, found := g.Get([]byte(key), at)
	switch {
	case !found:
		return "no answer"
	case kind == kv.KindDelete:
		return "deleted"
	}
	return fmt.Sprintf("%q", value)
}

// expect compares an answer with the one wanted.
func expect(t labtest.TB, g getter, key string, at kv.Seq, want string) {
	t.Helper()
	if got := answer(g, key, at); got != want {
		t.Errorf("Get(%q) at sequence number %v: want %s, got %s", key, at, want, got)
	}
}

// "apple" was written twice. Who asks now wants what was written last.
//
//lab:task 2 points=1
func TestTableGet_FindsNewestVersion(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "apple", "green")
	put(t, table, 5, "apple", "red")
	put(t, table, 3, "fig", "violet")
	expect(t, table, "apple", kv.MaxSeq, `"red"`)
	expect(t, table, "fig", kv.MaxSeq, `"violet"`)
}

// A reader that began at sequence number 4 must see the world as it was at 4, whatever is written while it reads. Then
// "apple" was still green; and a key that was first written at 5 did not exist.
//
//lab:task 2 points=2
func TestTableGet_LooksNoFurtherThanItsSequenceNumber(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 2, "apple", "green")
	put(t, table, 5, "apple", "red")
	put(t, table, 5, "banana", "yellow")
	expect(t, table, "apple", 1, "no answer")
	expect(t, table, "apple", 2, `"green"`)
	expect(t, table, "apple", 4, `"green"`)
	expect(t, table, "apple", 5, `"red"`)
	expect(t, table, "banana", 4, "no answer")
}

// Seeking lands on the first key at or after the target, and that is often another key. Asked for "ban", a table with
// "banana" in it has no answer.
//
//lab:task 2 points=2
func TestTableGet_IsNotFooledByItsNeighbour(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "banana", "yellow")
	for _, key := range []string{"a", "ban", "banan", "banana\x00", "c"} {
		expect(t, table, key, kv.MaxSeq, "no answer")
	}
	expect(t, memtable.New(2, 1<<16), "banana", kv.MaxSeq, "no answer")
}

// "Deleted" is an answer; "never heard of it" is not. Below this table lie older ones that may still hold the key, so a
// tombstone that is taken for a miss brings deleted keys back to life.
//
//lab:task 2 points=3
func TestDelete_LeavesATombstone(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "apple", "green")
	require.NoError(t, table.Delete(4, []byte("apple")))
	require.NoError(t, table.Delete(5, []byte("ghost")))
	expect(t, table, "apple", kv.MaxSeq, "deleted")
	expect(t, table, "apple", 3, `"green"`)
	expect(t, table, "ghost", kv.MaxSeq, "deleted")
	expect(t, table, "ghost", 4, "no answer")
	put(t, table, 6, "apple", "red")
	expect(t, table, "apple", kv.MaxSeq, `"red"`)
}

// An empty value is a value: a set of names stores nothing but the keys. Only the kind says what was deleted; whoever looks
// at the length of the value loses such a key.
//
//lab:task 2 points=2
func TestTableGet_TellsEmptyValueFromDelete(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "member", "")
	expect(t, table, "member", kv.MaxSeq, `""`)
	require.NoError(t, table.Delete(2, []byte("member")))
	expect(t, table, "member", kv.MaxSeq, "deleted")
	put(t, table, 3, "member", "")
	expect(t, table, "member", kv.MaxSeq, `""`)
}

// The engine freezes a table when it is large enough. A table that receives only deletes grows as well: if they did not
// count, it would never be written to disk, and grow until the memory ends.
//
//lab:task 2 points=2
func TestDelete_CountsInLenAndSize(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "apple", "green")
	require.Equal(t, 1, table.Len())
	require.Equal(t, len("apple")+kv.TrailerSize+len("green"), table.Size())
	before := table.Size()
	require.NoError(t, table.Delete(2, []byte("apple")))
	require.NoError(t, table.Delete(3, []byte("ghost")))
	require.Equal(t, 3, table.Len(), "versions in the table: one put, two deletes")
	require.Equal(t, 2*(5+kv.TrailerSize), table.Size()-before, "bytes that two deletes of five-byte keys take, with their trailers")
}

// Get is what a store does most. The value is already in memory, and never changes: handing out the bytes where they lie
// costs nothing, and a copy would make work for the garbage collector at each read.
//
//lab:task 2 points=1
func TestTableGet_AllocatesNothing(t *testing.T) {
	table := memtable.New(1, 1<<16)
	put(t, table, 1, "apple", "green, and so long that no small buffer on the stack holds it, which is where it could hide a copy")
	key, miss := []byte("apple"), []byte("banana")
	var value []byte
	if n := testing.AllocsPerRun(20, func() { value, _, _ = table.Get(key, kv.MaxSeq) }); n != 0 {
		t.Errorf("Get(%q): %v allocations, want none: return the slice that lies in the arena", key, n)
	}
	require.NotEmpty(t, value)
	if n := testing.AllocsPerRun(20, func() { table.Get(miss, kv.MaxSeq) }); n != 0 {
		t.Errorf("Get(%q), which is not there: %v allocations, want none", miss, n)
	}
}

// A tombstone needs room as a value does, and may not find it. Who is told that the key is deleted, and finds it
// later all the same, has been lied to. So the caller hears ErrFull; and what is not in the table does not count.
//
//lab:task 2 points=1
func TestDelete_ReportsAFullTable(t *testing.T) {
	table := memtable.New(1, 4<<10)
	put(t, table, 1, "apple", "green")
	size := table.Size()
	whale := bytes.Repeat([]byte{'w'}, 8<<10)
	require.ErrorIs(t, table.Delete(2, whale), memtable.ErrFull, "a delete with a key of 8 KiB, in an arena of 4 KiB")
	expect(t, table, string(whale), kv.MaxSeq, "no answer")
	if table.Len() != 1 || table.Size() != size {
		t.Errorf("after a delete that was refused: want 1 version of %d bytes, got %d of %d", size, table.Len(), table.Size())
	}
}

// A batch of five writes takes five sequence numbers, in order; a delete takes one like any other. It may write one key
// twice, and then the later one wins, because its number is higher; it may write and delete, and then the key is gone.
//
//lab:task 2 points=2
func TestApply_NumbersWritesInOrder(t *testing.T) {
	table := memtable.New(1, 1<<16)
	var b kv.Batch
	b.Set([]byte("apple"), []byte("green"))
	b.Set([]byte("fig"), []byte("violet"))
	b.Set([]byte("apple"), []byte("red"))
	b.Delete([]byte("fig"))
	b.Set([]byte("cherry"), []byte("black"))
	require.NoError(t, table.Apply(10, &b))
	want := []labtest.Entry{
		labtest.E("apple", 12, "red"), labtest.E("apple", 10, "green"), labtest.E("cherry", 14, "black"),
		labtest.D("fig", 13), labtest.E("fig", 11, "violet"),
	}
	labtest.Diff(t, "all entries", want, contents(t, table))
	require.Equal(t, 5, table.Len())
}

// When the room ends in the middle of a batch, whoever called must hear of it: a write that is lost in silence is the one
// thing that a store must never do.
//
//lab:task 2 points=1
func TestApply_ReportsAFullTable(t *testing.T) {
	table := memtable.New(1, 4<<10)
	var b kv.Batch
	b.Set([]byte("apple"), []byte("green"))
	b.Set([]byte("whale"), make([]byte, 8<<10))
	b.Set([]byte("fig"), []byte("violet"))
	require.ErrorIs(t, table.Apply(1, &b), memtable.ErrFull)
	expect(t, table, "apple", kv.MaxSeq, `"green"`)
	expect(t, table, "fig", kv.MaxSeq, "no answer")
}

// A random history of puts, deletes and batches, read at every moment of it: your table must give the answer that a plain
// sorted list of versions gives, and the one that the reference gives.
//
//lab:task 2 points=3 random
func TestTable_AgreesWithModelAtEveryMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, ref, model := memtable.New(1, 1<<16), refmemtable.New(1, 1<<16), labtest.NewModel()
		seq := kv.Seq(1)
		for _, op := range labtest.Ops(30).Draw(t, "ops") {
			var b kv.Batch
			op.AddTo(&b)
			require.NoError(t, table.Apply(seq, &b))
			require.NoError(t, ref.Apply(seq, &b))
			model.Apply(seq, &b)
			seq += kv.Seq(b.Len())
		}
		labtest.Diff(t, "all entries", contents(t, ref), contents(t, table))
		for range 10 {
			key, at := labtest.Keys().Draw(t, "key"), kv.Seq(rapid.IntRange(0, int(seq)).Draw(t, "at"))
			expect(t, table, string(key), at, answer(model, string(key), at))
		}
		require.Equal(t, ref.Size(), table.Size(), "size")
		require.Equal(t, ref.Len(), table.Len(), "len")
	})
}
