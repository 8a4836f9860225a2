package block_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	refblock "lsmlab/solution/week1/block"
)

// add gives an entry to a builder that must take it.
func add(t labtest.TB, b *block.Builder, e labtest.Entry) {
	t.Helper()
	if !b.Add(e.Key, e.Value) {
		t.Fatalf("Add refused %v, which fits", e)
	}
}

// refuse gives an entry to a builder that must not take it.
func refuse(t labtest.TB, b *block.Builder, e labtest.Entry) {
	t.Helper()
	if b.Add(e.Key, e.Value) {
		t.Errorf("Add took %v, and the block has %d bytes now", e, len(b.Finish()))
	}
}

// readByReference returns the entries that the reference finds in a block.
func readByReference(t labtest.TB, data []byte, codec refblock.Codec) []labtest.Entry {
	t.Helper()
	b, err := refblock.Parse(data, codec)
	require.NoError(t, err, "the reference reads the block")
	return walk(t, b.NewIterator())
}

// A format is a promise: a block written today is read next year, by another program, on another machine. So every byte has
// its place, and every number its byte order. "Whatever my machine does" is not an order: it differs between machines.
//
//lab:task 1 points=3
func TestFinish_WritesTheFormatByteByByte(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 4096)
	for _, e := range goldenEntries {
		add(t, b, e)
	}
	expectBytes(t, goldenBlock, b.Finish())
}

// A block without entries has no offsets either, but it still says that it has none: the number of entries is 0, in four
// bytes. A reader looks at the end of a block first, and must find a number there.
//
//lab:task 1 points=1
func TestFinish_EmptyBlockIsItsNumberOfEntries(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 4096)
	expectBytes(t, []byte{0, 0, 0, 0}, b.Finish())
	require.Equal(t, 4, b.Size())
}

// Two entries of 18 bytes, two offsets of 4 and the number of entries are 48 bytes. With a target of 48 both belong into the
// block: "at most" includes the target itself. A builder that stops one byte early wastes a little of every block there
// will ever be.
//
//lab:task 1 points=2
func TestAdd_TakesEntryThatFillsTheBlockExactly(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 48)
	add(t, b, labtest.E("apple", 1, "red"))
	add(t, b, labtest.E("grape", 2, "two"))
	require.Len(t, b.Finish(), 48)
}

// The same two entries and a target of 47: now the second does not fit, by one byte. What counts is the finished block, with
// the offsets and the number at its end. Whoever counts only the entries writes blocks that are always a little too large.
//
//lab:task 1 points=2
func TestAdd_RefusesEntryThatIsOneByteTooLarge(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 47)
	add(t, b, labtest.E("apple", 1, "red"))
	refuse(t, b, labtest.E("grape", 2, "two"))
	require.Equal(t, 1, b.Len())
	add(t, b, labtest.E("grape", 2, "tw"))
	require.Len(t, b.Finish(), 47)
}

// When Add says no, the caller finishes this block and offers the entry to the next one. So the block must be as it was
// before the question, or the refused entry, or a piece of it, is in both.
//
//lab:task 1 points=2
func TestAdd_RefusalLeavesBlockAsItWas(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 64)
	add(t, b, labtest.E("apple", 1, "red"))
	size, length := b.Size(), b.Len()
	refuse(t, b, labtest.E("banana", 2, string(bytesOf(200))))
	refuse(t, b, labtest.E(string(bytesOf(100)), 2, ""))
	require.Equal(t, size, b.Size(), "Size after a refusal")
	require.Equal(t, length, b.Len(), "Len after a refusal")
	expectBytes(t, refBlock(t, refblock.Plain(), labtest.E("apple", 1, "red")), b.Finish())
}

// A value of 100,000 bytes fits into no block of 4 KiB. It must go somewhere, so it gets a block of its own: the first entry
// is never refused. A builder that refuses it would send its caller round in circles, from one empty block to the next.
//
//lab:task 1 points=2
func TestAdd_GivesAnOversizedEntryABlockOfItsOwn(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 4096)
	large := labtest.E("banana", 2, string(bytesOf(100_000)))
	add(t, b, labtest.E("apple", 1, "red"))
	refuse(t, b, large)
	b.Reset()
	add(t, b, large)
	refuse(t, b, labtest.E("cherry", 3, ""))
	labtest.Diff(t, "the block of the large entry", []labtest.Entry{large}, readByReference(t, b.Finish(), refblock.Plain()))
}

// The caller's buffers are the caller's. An iterator hands out a key, the builder takes it, and the next step of the
// iterator overwrites it: this is how every flush and every merge goes.
//
//lab:task 1 points=1
func TestAdd_CopiesKeyAndValue(t *testing.T) {
	b := block.NewBuilder(headCodec{}, 4096)
	user, value := []byte("key1"), []byte("one")
	require.True(t, b.Add(kv.MakeKey(user, 1, kv.KindSet), value))
	copy(user, "key2")
	copy(value, "two")
	require.True(t, b.Add(kv.MakeKey(user, 2, kv.KindSet), value))
	copy(user, "ZZZZ")
	copy(value, "ZZZ")
	want := []labtest.Entry{labtest.E("key1", 1, "one"), labtest.E("key2", 2, "two")}
	labtest.Diff(t, "what the block holds", want, readByReference(t, b.Finish(), headCodec{}))
}

// watchingCodec writes plain keys, and notes with which first key it was asked to.
type watchingCodec struct {
	block.Codec
	firsts *[]string
}

// Append notes first.
func (c watchingCodec) Append(dst, first, user []byte) []byte {
	*c.firsts = append(*c.firsts, string(first))
	return c.Codec.Append(dst, first, user)
}

// A codec may leave out what a key has in common with the block's first key. So the builder tells it that key: none for the
// first entry, and for all others the first of *this* block. Not the key before, or a reader would have to decode all keys
// on the way; and not the first key of the block before, which the reader does not have.
//
//lab:task 1 points=2
func TestAdd_TellsTheCodecTheFirstKeyOfThisBlock(t *testing.T) {
	var firsts []string
	b := block.NewBuilder(watchingCodec{block.Plain(), &firsts}, 4096)
	for i, user := range []string{"apple", "apricot", "banana"} {
		add(t, b, labtest.E(user, kv.Seq(i+1), ""))
	}
	b.Reset()
	add(t, b, labtest.E("cherry", 4, ""))
	add(t, b, labtest.E("date", 5, ""))
	want := []string{"", "apple", "apple", "", "cherry"}
	if diff := cmp.Diff(want, firsts); diff != "" {
		t.Errorf("first keys that the codec was told (-want +got)\n%s", diff)
	}
}

// A table writer builds thousands of blocks with one builder. After Reset nothing of the block before may be left: no entry,
// no offset, no byte.
//
//lab:task 1 points=2
func TestReset_BeginsAnEmptyBlock(t *testing.T) {
	b := block.NewBuilder(headCodec{}, 4096)
	add(t, b, labtest.E("apple", 1, "red"))
	add(t, b, labtest.E("apricot", 2, ""))
	b.Finish()
	b.Reset()
	require.True(t, b.Empty())
	require.Equal(t, 4, b.Size(), "an empty block is its number of entries")
	want := []labtest.Entry{labtest.E("apricot", 3, "orange"), labtest.E("apricots", 4, "many")}
	add(t, b, want[0])
	add(t, b, want[1])
	labtest.Diff(t, "the second block", want, readByReference(t, b.Finish(), headCodec{}))
	expectBytes(t, refBlock(t, headCodec{}, want...), b.Finish())
}

// Size is what a table writer plans with: it must be the length of the block that Finish returns, at any moment. And Finish
// only looks: asked twice, it answers twice the same.
//
//lab:task 1 points=1
func TestFinish_HasTheSizeThatWasPromisedEachTime(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 4096)
	for _, e := range goldenEntries {
		add(t, b, e)
		require.Len(t, b.Finish(), b.Size())
		require.Len(t, b.Finish(), b.Size(), "the second time")
	}
	expectBytes(t, goldenBlock, b.Finish())
}

// 70,000 entries of 16 bytes are more than a megabyte. An offset of two bytes would begin anew at 65,536 and nobody would
// notice until a search jumps into the middle of another entry; a number of two bytes would say 4,464. Four bytes hold both.
//
//lab:task 1 points=2
func TestFinish_HoldsLargeOffsetsAndNumbers(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 8<<20)
	entries := numbered(70_000, 0)
	for _, e := range entries {
		add(t, b, e)
	}
	parsed, err := refblock.Parse(b.Finish(), refblock.Plain())
	require.NoError(t, err, "the reference reads the block")
	require.Equal(t, len(entries), parsed.Len())
	value, kind, found := parsed.Get(entries[69_999].Key.User, kv.MaxSeq)
	require.True(t, found && kind == kv.KindSet && len(value) == 0, "the last key is found by binary search")
}

// Writing a table means adding a million entries. One allocation for each would make the garbage collector the busiest part
// of a flush. The builder appends to memory that it has, and uses it again for the next block; what Finish had to add to that
// memory, for the offsets, it keeps as well.
//
//lab:task 1 points=2
func TestBuilder_UsesItsMemoryAgain(t *testing.T) {
	b := block.NewBuilder(block.Plain(), 4096)
	entries := numbered(100, 100)
	allocs := testing.AllocsPerRun(20, func() {
		b.Reset()
		for _, e := range entries {
			if !b.Add(e.Key, e.Value) {
				b.Finish()
				b.Reset()
				b.Add(e.Key, e.Value)
			}
		}
		b.Finish()
	})
	require.Zero(t, allocs, "allocations for 100 entries in three blocks, once the builder is warm")
	for size := range 128 { // with some of these, the entries fill the memory and the offsets no longer fit
		b, one := block.NewBuilder(block.Plain(), 1<<20), numbered(1, size)[0]
		allocs := testing.AllocsPerRun(3, func() {
			b.Reset()
			for range 40 {
				b.Add(one.Key, one.Value)
			}
			b.Finish()
		})
		require.Zero(t, allocs, "allocations for 40 entries with values of %d bytes, once the builder is warm", size)
	}
}

// Random entries, a random target, plain and shared keys: your builder and the reference's must draw every line at the same
// place, and write the same bytes.
//
//lab:task 1 points=3 random
func TestBuilder_WritesWhatTheReferenceWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := sortedEntries().Draw(t, "entries")
		target := rapid.IntRange(0, 300).Draw(t, "target")
		var mine, ref = block.NewBuilder(block.Plain(), target), refblock.NewBuilder(refblock.Plain(), target)
		if rapid.Bool().Draw(t, "shared keys") {
			mine, ref = block.NewBuilder(headCodec{}, target), refblock.NewBuilder(headCodec{}, target)
		}
		for _, e := range entries {
			took, want := mine.Add(e.Key, e.Value), ref.Add(e.Key, e.Value)
			if took != want {
				t.Fatalf("Add(%v) after %d entries with target %d: want %v, got %v", e, mine.Len(), target, want, took)
			}
			if !took {
				expectBytes(t, ref.Finish(), mine.Finish())
				mine.Reset()
				ref.Reset()
				mine.Add(e.Key, e.Value)
				ref.Add(e.Key, e.Value)
			}
		}
		expectBytes(t, ref.Finish(), mine.Finish())
	})
}
