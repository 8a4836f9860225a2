package wal_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/wal"
	refwal "lsmlab/solution/week2/wal"
)

// entriesOf returns the versions in the memtable of a log.
func entriesOf(t labtest.TB, c *wal.Contents) []labtest.Entry {
	t.Helper()
	table, err := c.Memtable()
	require.NoError(t, err)
	entries, err := labtest.Collect(table.NewIterator())
	require.NoError(t, err)
	return entries
}

// Replayed, each write is the version that it was: its own number, the next one for the next write of the same batch, a
// tombstone for a delete, and an empty value for an empty value. If two writes of one batch get one number, the older
// one of a key may win.
//
//lab:task 3 points=3
func TestMemtable_EachWriteHasItsNumber(t *testing.T) {
	c := mustRead(t, 7, refBytes(t, 7, 300, fruit()...))
	labtest.Diff(t, "the memtable of log 7", []labtest.Entry{
		labtest.E("apple", 304, "blue"), labtest.E("apple", 303, "green"), labtest.E("apple", 300, "red"),
		labtest.D("fig", 301), labtest.E("member", 302, ""),
	}, entriesOf(t, c))
	table, err := c.Memtable()
	require.NoError(t, err)
	same(t, "ID of the memtable: the log's number", uint64(7), table.ID())
}

// A memtable's arena does not grow. What a version takes in it is more than its key and value: a node with a tower. Ten
// thousand deletes of one byte have ten thousand towers, and the memtable must have room for them.
//
//lab:task 3 points=2
func TestMemtable_HasRoomForAll(t *testing.T) {
	for what, b := range map[string]*kv.Batch{
		"many small writes": small(10_000), "one write": batch("a=1"), "one large value": batch("a=" + string(make([]byte, 1<<20))),
	} {
		c := mustRead(t, 7, refBytes(t, 7, 1, b, small(10)))
		same(t, what+": versions in the memtable", b.Len()+10, len(entriesOf(t, c)))
	}
}

// small returns a batch of n deletes.
func small(n int) *kv.Batch {
	b := &kv.Batch{}
	for i := range n {
		b.Delete([]byte{byte(i)})
	}
	return b
}

// Random logs with random damage: cut, zeros, flipped bytes, pieces of themselves repeated. Whatever the reference
// makes of one, yours makes of it too.
//
//lab:task 3 points=2 random
func TestRead_LikeTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var batches []*kv.Batch
		for _, step := range labtest.Ops(6).Draw(t, "batches") {
			b := &kv.Batch{}
			step.AddTo(b)
			batches = append(batches, b)
		}
		data := damage(t, refBytes(t, 7, 40, batches...))
		d := newDisk(t)
		d.replace(t, 7, data)
		want, wantErr := refwal.Read(d, walDir, 7)
		got, err := wal.Read(d, walDir, 7)
		same(t, "error", fmt.Sprint(wantErr), fmt.Sprint(err))
		if wantErr != nil || err != nil {
			return
		}
		wantRecords := []string{}
		for _, r := range want.Records {
			wantRecords = append(wantRecords, fmt.Sprintf("%d: %s", r.Offset, inWords(r.First, r.Batch)))
		}
		same(t, "records", wantRecords, recordsOf(got))
		same(t, "end and size", []int64{want.End, want.Size}, []int64{got.End, got.Size})
		wantTable, err := want.Memtable()
		require.NoError(t, err)
		wantEntries, err := labtest.Collect(wantTable.NewIterator())
		require.NoError(t, err)
		labtest.Diff(t, "memtable", wantEntries, entriesOf(t, got))
	})
}

// damage returns data, or something like it.
func damage(t *rapid.T, data []byte) []byte {
	if len(data) == 0 {
		return data
	}
	at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
	switch rapid.IntRange(0, 4).Draw(t, "damage") {
	case 0:
		return data[:at]
	case 1:
		return append(slices.Clone(data[:at]), make([]byte, rapid.IntRange(1, 40).Draw(t, "zeros"))...)
	case 2:
		data = slices.Clone(data)
		data[at] ^= rapid.ByteRange(1, 255).Draw(t, "bits")
	case 3:
		return append(slices.Clone(data), data[at:]...)
	}
	return data
}

// Whatever the bytes are, also those of records with right checksums: the answer is an error that names what is
// corrupt, or a log that can be replayed. It is never a panic.
//
//lab:task 3 points=2
func FuzzRead(f *testing.F) {
	f.Add(goldenLog(), []byte{1, 1, 1, 1, 'a', 0})
	f.Add([]byte("LSMLabR\xb5"), []byte{0x80})
	f.Add([]byte{}, body(5, 2, batch("a=1", "-b").Encoded()))
	f.Fuzz(func(t *testing.T, data, record []byte) {
		files := [][]byte{data}
		if len(record) > 0 {
			files = append(files, forge([]byte{0, 0}, record), forge(record, record))
		}
		for i, data := range files {
			c, err := read(t, []uint64{12, 7, 7}[i], data)
			if err != nil {
				require.ErrorIs(t, err, kv.ErrCorrupt)
				continue
			}
			writes := 0
			for _, r := range c.Records {
				writes += r.Batch.Len()
			}
			same(t, "versions in the memtable", writes, len(entriesOf(t, c)))
		}
	})
}
