package sstable_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	refblock "lsmlab/solution/week1/block"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// A block is written when the next entry does not fit. So the last block never is: nothing comes behind it. It is for
// Finish to write it, or the table silently ends some entries too early: here without "lemon".
//
//lab:task 1 points=3
func TestFinish_WritesLastBlock(t *testing.T) {
	fruit := sstFruit()
	for _, n := range []int{1, 2, 3, 11, 12} {
		data := sstWrite(t, sstSmall(), fruit[:n]...)
		table := sstRefOpen(t, data, refsstable.Options{})
		labtest.Diff(t, fmt.Sprintf("a table of %d entries, two a block, as the reference reads it", n), fruit[:n], sstCollect(t, table.NewIterator()))
		require.Equal(t, string(fruit[n-1].Key.User), string(table.Last()), "the largest user key")
	}
}

// The index entry of a block carries the last key in it, and readers rely on that to the letter: "is cherry in block 0, or
// behind it?" is answered by comparing with "banana". With the first key of the next block, or of this one, they would
// look into the wrong block.
//
//lab:task 1 points=2
func TestAdd_EntersEachBlocksLastKeyIntoTheIndex(t *testing.T) {
	data := sstWrite(t, sstSmall(), sstFruit()...)
	var got, want []string
	for _, info := range sstRefBlocks(t, data) {
		got = append(got, info.Last.String())
	}
	for i := 1; i < 12; i += 2 {
		want = append(want, sstFruit()[i].Key.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of the index, for six blocks of two entries (-want +got)\n%s", diff)
	}
}

// Blocks are cut at the size that was asked for: a reader pays for a whole block whenever it wants one entry of it. Only an
// entry that is larger than a block stands alone in one that is as large as it needs to be, and the next entry begins a new
// one.
//
//lab:task 1 points=2
func TestAdd_BeginsNewBlockWhenOneIsFull(t *testing.T) {
	entries := []labtest.Entry{
		labtest.E("a", 1, strings.Repeat("x", 100)), labtest.E("b", 2, strings.Repeat("x", 100)),
		labtest.E("c", 3, strings.Repeat("x", 5000)),
		labtest.E("d", 4, "x"), labtest.E("e", 5, "x"), labtest.E("f", 6, strings.Repeat("x", 230)),
	}
	data := sstWrite(t, sstable.Options{BlockSize: 256}, entries...)
	var got []string
	for _, info := range sstRefBlocks(t, data) {
		got = append(got, fmt.Sprintf("%d entries up to %s", info.Entries.Len(), info.Last.User))
	}
	want := []string{"2 entries up to b", "1 entries up to c", "2 entries up to e", "1 entries up to f"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("blocks of at most 256 bytes (-want +got)\n%s", diff)
	}
}

// Everything in a table rests on its order: the searches in the index and in the block, and the merge of tables. So a writer
// does not believe its caller. After "banana"#5, neither "apple" may come, nor "banana"#5 again, nor a newer version of it;
// "banana"#4 may. What was refused has left no trace.
//
//lab:task 1 points=3
func TestAdd_RefusesKeysOutOfOrder(t *testing.T) {
	f := newSSTFile(nil)
	w := sstable.NewWriter(f, sstable.Options{Filter: &sstPolicy{sstList{name: "list"}}})
	good := []labtest.Entry{labtest.E("banana", 5, "yellow"), labtest.E("banana", 4, "green"), labtest.E("cherry", 1, "red")}
	require.NoError(t, w.Add(good[0].Key, good[0].Value))
	for _, bad := range []labtest.Entry{labtest.E("apple", 9, "?"), labtest.E("banana", 5, "?"), labtest.E("banana", 6, "?"), labtest.D("banana", 7)} {
		require.Error(t, w.Add(bad.Key, bad.Value), "%v added behind %v", bad.Key, good[0].Key)
	}
	require.NoError(t, w.Add(good[1].Key, good[1].Value), "an older version of the same user key stands behind the newer one")
	require.NoError(t, w.Add(good[2].Key, good[2].Value))
	require.Error(t, w.Add(good[1].Key, good[1].Value), "%v added behind %v", good[1].Key, good[2].Key)
	require.Equal(t, 3, w.Entries())
	props, err := w.Finish()
	require.NoError(t, err)
	require.EqualValues(t, 3, props.Entries, "entries in the properties")
	labtest.Diff(t, "what is in the table", good, sstCollect(t, sstRefOpen(t, f.data, refsstable.Options{}).NewIterator()))
}

// An empty user key is nobody's key, and the first entry has nothing before it that it could be compared with: without a
// check of its own it would get in.
//
//lab:task 1 points=1
func TestAdd_RefusesEmptyKey(t *testing.T) {
	w := sstable.NewWriter(newSSTFile(nil), sstable.Options{})
	require.ErrorIs(t, w.Add(kv.MakeKey(nil, 1, kv.KindSet), []byte("x")), kv.ErrEmptyKey)
	require.Zero(t, w.Entries())
	require.NoError(t, w.Add(kv.MakeKey([]byte("a"), 1, kv.KindSet), []byte("x")))
	require.NoError(t, w.Abort())
}

// A flush walks through a memtable and hands each key on; an iterator's buffer then changes with its next step. A writer that
// keeps the caller's slice, for the next comparison or for the index, compares with what stands there now.
//
//lab:task 1 points=2
func TestAdd_CopiesWhatItIsGiven(t *testing.T) {
	f := newSSTFile(nil)
	w := sstable.NewWriter(f, sstSmall())
	key, value := make([]byte, 6), make([]byte, 8)
	var want []labtest.Entry
	for i := range 20 {
		copy(key, fmt.Sprintf("key-%02d", i))
		copy(value, fmt.Sprintf("value-%02d", i))
		want = append(want, labtest.E(string(key), kv.Seq(i+1), string(value)))
		require.NoError(t, w.Add(kv.MakeKey(key, kv.Seq(i+1), kv.KindSet), value), "key %s", key)
		copy(key, "!!!!!!")
		copy(value, "????????")
	}
	_, err := w.Finish()
	require.NoError(t, err)
	labtest.Diff(t, "what is in the table", want, sstCollect(t, sstRefOpen(t, f.data, refsstable.Options{}).NewIterator()))
}

// When Finish has returned, the engine forgets the memtable that this table was made from. If the power fails a moment
// later, the table is all there is. So its bytes must be on the disk by then, and not in a buffer of the program or of the
// operating system.
//
//lab:task 1 points=3
func TestFinish_IsDurableWhenItReturns(t *testing.T) {
	disk := vfs.NewMem()
	f, err := disk.Create("000001.sst")
	require.NoError(t, err)
	w := sstable.NewWriter(f, sstSmall())
	sstAdd(t, w, sstFruit())
	_, err = w.Finish()
	require.NoError(t, err)
	require.NoError(t, disk.SyncDir("."))

	after := disk.Crash(vfs.LoseUnsynced)
	f, err = after.Open("000001.sst")
	require.NoError(t, err)
	table, err := refsstable.Open(f, "000001.sst", 1, refsstable.Options{})
	require.NoError(t, err, "the table after a power failure")
	defer table.Close()
	labtest.Diff(t, "the table after a power failure", sstFruit(), sstCollect(t, table.NewIterator()))
}

// The order of the end: everything is written, then synced, then closed. A sync before the last write leaves the footer
// unprotected; after the close nothing can be synced. And a file that is never closed is a leak: a store makes thousands.
//
//lab:task 1 points=2
func TestFinish_WritesThenSyncsThenCloses(t *testing.T) {
	f := newSSTFile(nil)
	w := sstable.NewWriter(f, sstable.Options{})
	sstAdd(t, w, sstFruit())
	_, err := w.Finish()
	require.NoError(t, err)
	got := slices.Compact(slices.Clone(f.events))
	if diff := cmp.Diff([]string{"write", "sync", "close"}, got); diff != "" {
		t.Errorf("what happened to the file (-want +got)\n%s", diff)
	}
	_, err = w.Finish()
	require.ErrorIs(t, err, kv.ErrClosed, "Finish once more")
	require.ErrorIs(t, w.Add(kv.MakeKey([]byte("zoo"), 1, kv.KindSet), nil), kv.ErrClosed, "Add after Finish")
	require.NoError(t, w.Abort(), "Abort after Finish does nothing")
	if diff := cmp.Diff([]string{"write", "sync", "close"}, slices.Compact(f.events)); diff != "" {
		t.Errorf("what happened to the file, in the end (-want +got)\n%s", diff)
	}
}

// A full disk shows itself at any write, often only at the sync, on a network file system even at the close. If one of these
// errors is lost, the engine takes the table for good and drops the memtable: the data is gone, and nobody knows. The file is
// closed in any case.
//
//lab:task 1 points=2
func TestFinish_ReportsErrorsOfTheFile(t *testing.T) {
	// The k-th operation on the file, and all after it, fail. Large values: the buffer overflows on the way.
	for k := 0; ; k++ {
		f := &sstFailing{sstFile: newSSTFile(nil), after: k}
		w := sstable.NewWriter(f, sstable.Options{})
		var failed error
		for i := 0; i < 6 && failed == nil; i++ {
			failed = w.Add(kv.MakeKey(fmt.Append(nil, "key", i), 1, kv.KindSet), make([]byte, 50<<10))
		}
		if failed == nil {
			_, failed = w.Finish()
		} else {
			require.NoError(t, w.Abort())
		}
		require.True(t, f.closed.Load(), "operation %d failed: the file is closed nevertheless", k)
		if !f.reached {
			require.NoError(t, failed, "nothing failed")
			require.Greater(t, k, 3, "the test has seen a failing write, a failing sync and a failing close")
			return
		}
		require.ErrorIs(t, failed, errSST, "operation %d of the file failed", k)
	}
}

// sstFailing is a file whose writes, syncs and closing fail after some that did not.
type sstFailing struct {
	*sstFile
	after   int  // operations that succeed
	reached bool // one has failed
}

// next counts an operation.
func (f *sstFailing) next() error {
	if f.after == 0 {
		f.reached = true
		return errSST
	}
	f.after--
	return nil
}

func (f *sstFailing) Write(p []byte) (int, error) {
	if err := f.next(); err != nil {
		return 0, err
	}
	return f.sstFile.Write(p)
}

func (f *sstFailing) Sync() error {
	if err := f.next(); err != nil {
		return err
	}
	return f.sstFile.Sync()
}

// Close closes the file in any case. It has an error of its own only if nothing has failed before.
func (f *sstFailing) Close() error {
	f.sstFile.Close()
	if f.reached {
		return nil
	}
	return f.next()
}

// A table without entries has no first key and no last, and every reader would need a special case for it. So there is no
// such file: Finish says ErrEmpty, and the caller removes what it created.
//
//lab:task 1 points=1
func TestFinish_RefusesEmptyTable(t *testing.T) {
	f := newSSTFile(nil)
	_, err := sstable.NewWriter(f, sstable.Options{Filter: &sstPolicy{sstList{name: "list"}}}).Finish()
	require.ErrorIs(t, err, sstable.ErrEmpty)
	require.True(t, f.closed.Load(), "the file is closed")
}

// A filter answers "may this user key be here?", whatever its version. So it wants each user key once: three versions of
// "apple" that are added three times make it larger, and no wiser. The versions need not be in the same block.
//
//lab:task 1 points=2
func TestAdd_GivesFilterEachUserKeyOnce(t *testing.T) {
	policy := &sstPolicy{sstList{name: "list"}}
	sstWrite(t, sstable.Options{BlockSize: 64, Filter: policy},
		labtest.E("apple", 9, "red"), labtest.D("apple", 7), labtest.E("apple", 5, "green"), labtest.E("apple", 2, "pale"),
		labtest.D("banana", 8), labtest.E("cherry", 3, ""), labtest.E("cherry", 1, "dark"))
	if diff := cmp.Diff([]string{"apple", "banana", "cherry"}, policy.added); diff != "" {
		t.Errorf("what the filter was given (-want +got)\n%s", diff)
	}
}

// Engine, tools and compactions ask a table what is in it without reading it. The properties must be right: how many
// entries and tombstones, the range of sequence numbers, where the data ends.
//
//lab:task 1 points=1
func TestFinish_ReturnsProperties(t *testing.T) {
	f := newSSTFile(nil)
	w := sstable.NewWriter(f, sstSmall())
	sstAdd(t, w, []labtest.Entry{labtest.E("b", 40, "four"), labtest.D("b", 3), labtest.D("c", 90), labtest.E("dd", 17, "")})
	got, err := w.Finish()
	require.NoError(t, err)
	want := sstRefOpen(t, f.data, refsstable.Options{}).Properties()
	require.Equal(t, "entries=4 deletes=2 keys=5 values=4 seq=3…90 first=b", sstWords(got))
	require.Equal(t, fmt.Sprint(want), fmt.Sprint(got), "what Finish returns and what stands in the file")
	require.EqualValues(t, len(sstRefBlocks(t, f.data)), got.DataBlocks, "DataBlocks: a block more for each that is written")
	require.EqualValues(t, sstRefOpen(t, f.data, refsstable.Options{}).Footer().Index.Offset, got.DataSize, "DataSize: where the last data block ends")
}

// sstWords returns some of a table's properties in words.
func sstWords(p sstable.Properties) string {
	return fmt.Sprintf("entries=%d deletes=%d keys=%d values=%d seq=%d…%d first=%s",
		p.Entries, p.Deletes, p.KeySize, p.ValueSize, p.MinSeq, p.MaxSeq, p.First)
}

// Day 7 writes keys in another way, to save room. Then both kinds of tables lie in one directory, and only the footer can tell
// which is which: it carries the number of the codec with which the keys were written.
//
//lab:task 1 points=1
func TestFinish_RecordsCodecInFooter(t *testing.T) {
	data := sstWrite(t, sstable.Options{Codec: sstCodec{}}, sstFruit()...)
	require.EqualValues(t, 77, data[len(data)-72+48], "the codec in the footer")
	ref := sstRefOpen(t, data, refsstable.Options{Codecs: []refblock.Codec{sstCodec{}}})
	labtest.Diff(t, "a table with keys by codec 77, as the reference reads it", sstFruit(), sstCollect(t, ref.NewIterator()))
}

// sstCodec is a codec of this test: two bytes with the key's length, then the key.
type sstCodec struct{}

func (sstCodec) ID() byte { return 77 }
func (sstCodec) Append(dst, _, user []byte) []byte {
	return append(append(dst, byte(len(user)>>8), byte(len(user))), user...)
}
func (sstCodec) Split(src []byte) (shared int, rest []byte, n int) {
	if len(src) < 2 || len(src) < 2+int(src[0])<<8+int(src[1]) {
		return 0, nil, 0
	}
	n = 2 + int(src[0])<<8 + int(src[1])
	return 0, src[2:n:n], n
}

// Random tables, in blocks of random size, with and without a filter: your writer and the reference's must make the same
// file, byte for byte.
//
//lab:task 1 points=3 random
func TestWriter_MakesTheReferencesBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := sstRandomEntries(t)
		size := rapid.SampledFrom([]int{1, 40, 64, 100, 4096}).Draw(t, "block size")
		o, ref := sstable.Options{BlockSize: size}, refsstable.Options{BlockSize: size}
		if rapid.Bool().Draw(t, "filter") {
			o.Filter, ref.Filter = &sstPolicy{sstList{name: "list"}}, &sstRefPolicy{sstList{name: "list"}}
		}
		got, want := sstWrite(t, o, entries...), sstRefWrite(t, ref, entries...)
		if !bytes.Equal(got, want) {
			at := 0
			for at < len(got) && at < len(want) && got[at] == want[at] {
				at++
			}
			t.Fatalf("the files differ from byte %d on; want %d bytes, got %d; entries:\n%s", at, len(want), len(got),
				strings.Join(labtest.Lines(entries), "\n"))
		}
	})
}

// sstRandomEntries draws the versions of a table: at least one, sorted, none twice.
func sstRandomEntries(t *rapid.T) []labtest.Entry {
	model, seq := labtest.NewModel(), kv.Seq(1)
	for _, op := range labtest.Ops(25).Draw(t, "ops") {
		var b kv.Batch
		op.AddTo(&b)
		model.Apply(seq, &b)
		seq += kv.Seq(b.Len())
	}
	if len(model.Entries()) == 0 {
		model.Put(seq, []byte("only"), []byte("one"))
	}
	return model.Entries()
}
