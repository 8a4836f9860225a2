package manifest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/solution/week2/manifest"
	"lsmlab/solution/week2/record"
)

// history is a small manifest: a level 1 of two tables; then two flushes; then a merge of everything but table 4.
func history() []manifest.Record {
	return []manifest.Record{
		{Snapshot: true, MinLog: 5, Next: 6, Last: 40, Add: []manifest.Entry{at(1, 0, 3), at(1, 0, 4)}, Format: map[string]string{"codec": "plain"}},
		{MinLog: 8, Next: 10, Last: 55, Add: []manifest.Entry{at(0, 5, 9)}},
		{MinLog: 11, Next: 13, Last: 70, Add: []manifest.Entry{at(0, 8, 12)}},
		{MinLog: 11, Next: 15, Last: 71, Drop: []manifest.Entry{at(0, 5, 9), at(0, 8, 12), at(1, 0, 3)}, Add: []manifest.Entry{at(1, 0, 13), at(1, 0, 14)}},
	}
}

// historyLines is what history says after each of its records.
func historyLines() [][]string {
	return [][]string{
		{"L1 3", "L1 4", "min log 5, next 6, last 40, options map[codec:plain]"},
		{"L0@5 9", "L1 3", "L1 4", "min log 8, next 10, last 55, options map[codec:plain]"},
		{"L0@8 12", "L0@5 9", "L1 3", "L1 4", "min log 11, next 13, last 70, options map[codec:plain]"},
		{"L1 4", "L1 13", "L1 14", "min log 11, next 15, last 71, options map[codec:plain]"},
	}
}

// The state of a tree is what its history comes to: the snapshot, and then each edit in order. What goes, goes; what comes,
// comes; and the numbers are those of the last record, which are not added up.
//
//lab:task 3 points=3
func TestRead_EditsInOrder(t *testing.T) {
	for n, want := range historyLines() {
		data, ends := fileOf(7, history()[:n+1]...)
		f, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data}), path(manifest.FileName))
		require.NoError(t, err)
		same(t, fmt.Sprintf("state after %d records", n+1), want, stateLines(f.State))
		require.Equal(t, uint64(7), f.Number, "Number")
		require.Len(t, f.Records, n+1, "Records")
		require.Equal(t, ends[n], f.Records[n].Offset, "where the last record begins")
		require.Equal(t, ends[n+1], f.End, "End")
		require.False(t, f.Torn, "Torn")
	}
}

// A table that moves to another level without being rewritten is dropped and added in one record. If what comes were looked at
// before what goes, the table would be there twice for a moment, or gone at the end.
//
//lab:task 3 points=2
func TestRead_TableMoves(t *testing.T) {
	data, _ := fileOf(7, history()[0], manifest.Record{
		MinLog: 5, Next: 6, Last: 40, Drop: []manifest.Entry{at(1, 0, 3)}, Add: []manifest.Entry{at(2, 0, 3)},
	})
	same(t, "state", []string{"L1 4", "L2 3", "min log 5, next 6, last 40, options map[codec:plain]"},
		readState(t, newMem(t, map[string][]byte{manifest.FileName: data})))
}

// A record may be intact and nonsense all the same: a program with a mistake has written it. To drop a table that is not there,
// or to have one in two places, would show days later as a wrong answer. So each record must follow from the state before it;
// the error says which one does not, where it begins, and why.
//
//lab:task 3 points=3
func TestRead_RefusesWhatDoesNotFollow(t *testing.T) {
	first := manifest.Record{Snapshot: true, MinLog: 5, Next: 6, Last: 40, Add: []manifest.Entry{at(0, 2, 3), at(1, 0, 4)}}
	edit := func(drop, add []manifest.Entry) manifest.Record {
		return manifest.Record{MinLog: 5, Next: 6, Last: 40, Drop: drop, Add: add}
	}
	one := func(e manifest.Entry) []manifest.Entry { return []manifest.Entry{e} }
	for what, bad := range map[string]manifest.Record{
		"drops a table that there never was":  edit(one(at(0, 2, 9)), nil),
		"drops a table from another level":    edit(one(at(1, 2, 3)), nil),
		"drops a table from another epoch":    edit(one(at(0, 1, 3)), nil),
		"drops a table twice":                 edit([]manifest.Entry{at(1, 0, 4), at(1, 0, 4)}, nil),
		"adds a table to where it is":         edit(nil, one(at(1, 0, 4))),
		"adds a table that is somewhere else": edit(nil, one(at(2, 0, 4))),
		"adds a new table to two places":      edit(nil, []manifest.Entry{at(0, 6, 5), at(1, 0, 5)}),
		"is a second snapshot":                {Snapshot: true, MinLog: 5, Next: 6, Last: 40},
		"takes min log back":                  {MinLog: 4, Next: 6, Last: 40},
		"takes next back":                     {MinLog: 5, Next: 5, Last: 40},
		"takes last back":                     {MinLog: 5, Next: 6, Last: 39},
	} {
		data, ends := fileOf(7, first, bad)
		f, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data}), path(manifest.FileName))
		require.ErrorIs(t, err, kv.ErrCorrupt, "a record that %s", what)
		require.ErrorContains(t, err, fmt.Sprintf("MANIFEST: corrupt at offset %d: record:", ends[1]), "a record that %s", what)
		require.Len(t, f.Records, 1, "the records before one that %s", what)
	}
	data, _ := fileOf(7, edit(nil, one(at(0, 1, 3))))
	_, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data}), path(manifest.FileName))
	require.ErrorContains(t, err, "MANIFEST: corrupt at offset 24: record:", "an edit of nothing as the first record")
	data, _ = fileOf(7, manifest.Record{Snapshot: true, Next: 1}, first)
	_, err = manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data}), path(manifest.FileName))
	require.ErrorIs(t, err, kv.ErrCorrupt, "a second snapshot, behind one of an empty tree")
}

// An edit need not change anything: a flush of a memtable in which every key was deleted again adds no table, and only says
// that a log is not needed any more.
//
//lab:task 3 points=1
func TestRead_EditWithoutTables(t *testing.T) {
	data, _ := fileOf(7, history()[0], manifest.Record{MinLog: 6, Next: 6, Last: 40}, manifest.Record{MinLog: 6, Next: 6, Last: 40})
	same(t, "state", []string{"L1 3", "L1 4", "min log 6, next 6, last 40, options map[codec:plain]"},
		readState(t, newMem(t, map[string][]byte{manifest.FileName: data})))
}

// The same history for random trees: after any sequence of edits the state is what a simple list says.
//
//lab:task 3 points=2 random
func TestRead_RandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := []manifest.Record{{Snapshot: true}}
		want := map[uint64]manifest.Entry{}
		for i := range rapid.IntRange(0, 15).Draw(rt, "edits") {
			r := manifest.Record{MinLog: uint64(i), Next: 1000, Last: kv.Seq(3 * i)}
			for n := range uint64(20) {
				e, there := want[n]
				if there && rapid.Bool().Draw(rt, "drop") {
					r.Drop = append(r.Drop, e)
					there = false
				}
				if !there && rapid.Bool().Draw(rt, "add") {
					e = at(rapid.IntRange(0, 3).Draw(rt, "level"), rapid.Uint64Range(0, 5).Draw(rt, "epoch"), n)
					r.Add = append(r.Add, e)
					want[n] = e
				} else if !there {
					delete(want, n)
				}
			}
			records = append(records, r)
		}
		if len(records) > 1 {
			records[0].Next = 1000
		}
		data, _ := fileOf(1, records...)
		f, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data}), path(manifest.FileName))
		require.NoError(rt, err)
		got := map[uint64]manifest.Entry{}
		for number, place := range f.State.Tables {
			got[number] = manifest.Entry{Place: place, Number: number}
		}
		same(rt, "tables", want, got)
	})
}

// One byte of a manifest is different. Then reading it is an error, wherever the byte lies: in the last record too, for a record of
// which every byte is there, the last one not being zero, is no record that was cut off. There is never a panic, and never
// another tree.
//
//lab:task 3 points=3
func TestRead_FlipEachByte(t *testing.T) {
	data, _ := fileOf(7, history()...)
	for i := range data {
		for _, flip := range []byte{0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff} {
			broken := append([]byte(nil), data...)
			broken[i] ^= flip
			f, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: broken}), path(manifest.FileName))
			require.ErrorIs(t, err, kv.ErrCorrupt, "byte %d of %d, xor %#x: the state read is %v", i, len(data), flip, stateLines(f.State))
		}
	}
}

// A record that was cut off has no end, or zeros for an end, when the length of the file reached the disk before the bytes. That is
// no damage, wherever the cut is: the records before it are the manifest.
//
//lab:task 3 points=2
func TestRead_CutOffAtEveryByte(t *testing.T) {
	data, ends := fileOf(7, history()...)
	for cut := ends[3] + 1; cut < ends[4]; cut++ {
		zeros := append(data[:cut:cut], make([]byte, ends[4]-cut)...)
		for what, file := range map[string][]byte{"cut off": data[:cut], "zeros": zeros, "more zeros": append(zeros, make([]byte, 100)...)} {
			f, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: file}), path(manifest.FileName))
			require.NoError(t, err, "%s from byte %d on; the last record begins at %d and ends at %d", what, cut, ends[3], ends[4])
			require.True(t, f.Torn, "torn; %s from byte %d on", what, cut)
			require.Equal(t, ends[3], f.End, "end of the good records; %s from byte %d on", what, cut)
			require.Equal(t, historyLines()[2], stateLines(f.State), "state; %s from byte %d on", what, cut)
		}
	}
}

// A file gets the name of a manifest when its first record is durable. So one without a record is no torn beginning, it is damage:
// taken for an empty store, it would have every table of the directory removed.
//
//lab:task 3 points=2
func TestRead_FirstRecordMustBeThere(t *testing.T) {
	data, ends := fileOf(7, history()...)
	for _, size := range []int64{0, 1, 23, 24, 25, ends[1] - 1} {
		_, err := manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data[:size]}), path(manifest.FileName))
		require.ErrorIs(t, err, kv.ErrCorrupt, "a manifest of %d bytes", size)
	}
	require.Equal(t, historyLines()[3], readState(t, newMem(t, map[string][]byte{manifest.FileName: data})), "the whole one")
}

// A fuzzer writes the bodies of records, with checksums that are right. Whatever it writes: reading returns, and a state that
// comes of it can be written and read again.
//
//lab:task 3 points=1 random
func FuzzRead(f *testing.F) {
	for _, r := range history() {
		f.Add(body(history()[0]), body(r))
	}
	f.Add([]byte{0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 's'}, []byte{3})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		if len(first) == 0 || len(second) == 0 {
			return
		}
		data := record.Append(record.AppendHeader(nil, 1), 1, record.HeaderSize, first)
		data = record.Append(data, 1, int64(len(data)), second)
		read := func(data []byte) (*manifest.File, error) {
			return manifest.Read(newMem(t, map[string][]byte{manifest.FileName: data}), path(manifest.FileName))
		}
		got, err := read(data)
		if err != nil {
			require.ErrorIs(t, err, kv.ErrCorrupt)
			return
		}
		again, _ := fileOf(1, got.Records...)
		twice, err := read(again)
		require.NoError(t, err)
		require.Equal(t, stateLines(got.State), stateLines(twice.State))
	})
}
