package memtable_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/memtable"
)

// ids returns the numbers of tables in their order, which is how the tests name them.
func ids(tables []*memtable.Table) []uint64 {
	var out []uint64
	for _, t := range tables {
		out = append(out, t.ID())
	}
	return out
}

// expectTables compares the tables of a stack, newest first, with those wanted.
func expectTables(t labtest.TB, what string, s memtable.Stack, want ...uint64) {
	t.Helper()
	if diff := cmp.Diff(want, ids(s.Tables())); diff != "" {
		t.Errorf("%s: tables, newest first (-want +got)\n%s", what, diff)
	}
}

// newTable returns an empty table of 64 KiB.
func newTable(id uint64) *memtable.Table { return memtable.New(id, 1<<16) }

// Table 1 holds "apple" = green, and is frozen; table 2 holds "apple" = red, and is active. The newer table is asked first,
// and its answer counts. Asked in the other order, the store would forget each overwrite until the old table is gone.
//
//lab:task 3 points=2
func TestStackGet_AsksNewestTableFirst(t *testing.T) {
	s := memtable.NewStack(newTable(1))
	put(t, s.Active(), 1, "apple", "green")
	put(t, s.Active(), 2, "fig", "violet")
	s = s.Freeze(newTable(2))
	put(t, s.Active(), 3, "apple", "yellow")
	s = s.Freeze(newTable(3))
	put(t, s.Active(), 4, "apple", "red")
	expect(t, s, "apple", kv.MaxSeq, `"red"`)
	expect(t, s, "apple", 3, `"yellow"`)
	expect(t, s, "apple", 2, `"green"`)
	expect(t, s, "fig", kv.MaxSeq, `"violet"`)
	expect(t, s, "plum", kv.MaxSeq, "no answer")
}

// "apple" lies in a frozen table, and its tombstone in the active one. The search must stop at the tombstone: further down
// it would find the value that was deleted.
//
//lab:task 3 points=2
func TestStackGet_StopsAtTombstone(t *testing.T) {
	s := memtable.NewStack(newTable(1))
	put(t, s.Active(), 1, "apple", "green")
	s = s.Freeze(newTable(2))
	require.NoError(t, s.Active().Delete(2, []byte("apple")))
	expect(t, s, "apple", kv.MaxSeq, "deleted")
	expect(t, s, "apple", 1, `"green"`)
}

// A value of no bytes is an answer as well, and the search stops there.
//
//lab:task 3 points=1
func TestStackGet_StopsAtEmptyValue(t *testing.T) {
	s := memtable.NewStack(newTable(1))
	put(t, s.Active(), 1, "apple", "green")
	s = s.Freeze(newTable(2))
	put(t, s.Active(), 2, "apple", "")
	expect(t, s, "apple", kv.MaxSeq, `""`)
}

// Freezing puts the new table on top: 3, 2, 1. The frozen tables are 2 and 1, and 1 is the oldest, which will be written to
// disk first. A table added at the wrong end is searched too late and flushed too early.
//
//lab:task 3 points=2
func TestFreeze_PutsNewTableOnTop(t *testing.T) {
	s := memtable.NewStack(newTable(1)).Freeze(newTable(2)).Freeze(newTable(3))
	expectTables(t, "after two freezes", s, 3, 2, 1)
	require.Equal(t, uint64(3), s.Active().ID(), "the active table")
	require.Equal(t, uint64(1), s.Oldest().ID(), "the oldest frozen table")
	if diff := cmp.Diff([]uint64{2, 1}, ids(s.Frozen())); diff != "" {
		t.Errorf("frozen tables (-want +got)\n%s", diff)
	}
}

// A reader holds the stack that was current when it began, and takes no lock. Freezing and removing make new stacks and
// leave that one alone; two stacks made from the same one must not write into each other's memory either.
//
//lab:task 3 points=3
func TestStack_NeverChangesUnderAReader(t *testing.T) {
	one, two, three := newTable(1), newTable(2), newTable(3)
	held := memtable.NewStack(one).Freeze(two).Freeze(three)
	left := held.Freeze(newTable(4))
	right := held.Freeze(newTable(5))
	rest := held.Without(one)
	other := held.Without(two)
	again := rest.Freeze(newTable(6))
	expectTables(t, "the stack that the reader holds", held, 3, 2, 1)
	expectTables(t, "one successor", left, 4, 3, 2, 1)
	expectTables(t, "another successor", right, 5, 3, 2, 1)
	expectTables(t, "without table 1", rest, 3, 2)
	expectTables(t, "without table 2", other, 3, 1)
	expectTables(t, "without table 1, then frozen", again, 6, 3, 2)
}

// When a table is on disk, it leaves the stack: that table and no other, wherever it stands. The active table never leaves,
// since writes go there; and a table that has left already leaves nothing behind to remove.
//
//lab:task 3 points=2
func TestWithout_RemovesJustThatTable(t *testing.T) {
	one, two, three := newTable(1), newTable(2), newTable(3)
	s := memtable.NewStack(one).Freeze(two).Freeze(three)
	expectTables(t, "without the oldest", s.Without(one), 3, 2)
	expectTables(t, "without one in the middle", s.Without(two), 3, 1)
	expectTables(t, "without the active table", s.Without(three), 3, 2, 1)
	expectTables(t, "without a table that is not there", s.Without(newTable(9)), 3, 2, 1)
	expectTables(t, "without both frozen ones", s.Without(one).Without(two), 3)
}

// A random life of a store in memory: writes, and now and then a freeze. Wherever the versions of a key ended up, the stack
// must answer like one big table, at the newest sequence number and at any older one.
//
//lab:task 3 points=3 random
func TestStack_AnswersLikeOneTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, model := memtable.NewStack(newTable(1)), labtest.NewModel()
		seq := kv.Seq(1)
		for _, op := range labtest.Ops(30).Draw(t, "ops") {
			if rapid.IntRange(0, 4).Draw(t, "freeze") == 0 {
				s = s.Freeze(newTable(uint64(seq) + 1))
			}
			var b kv.Batch
			op.AddTo(&b)
			require.NoError(t, s.Active().Apply(seq, &b))
			model.Apply(seq, &b)
			seq += kv.Seq(b.Len())
		}
		for range 10 {
			key, at := labtest.Keys().Draw(t, "key"), kv.Seq(rapid.IntRange(0, int(seq)).Draw(t, "at"))
			expect(t, s, string(key), at, answer(model, string(key), at))
		}
		s = s.Freeze(newTable(0))
		expect(t, s, "a", kv.MaxSeq, answer(model, "a", kv.MaxSeq))
	})
}
