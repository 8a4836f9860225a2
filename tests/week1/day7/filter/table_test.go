package filter_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/filter"
	reffilter "lsmlab/solution/week1/filter"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// 1,000 keys that are not in the table, but all between its first and last. The table could not know without reading a block
// for each; with a filter of 10 bits it reads about eight. A filter that nobody asks costs memory and saves nothing, and no answer
// is wrong: only a count shows it.
//
//lab:task 2 points=3
func TestTableGet_AsksTheFilterBeforeItReads(t *testing.T) {
	var metrics sstable.Metrics
	o := sstable.Options{Filter: filter.Bloom(10), Metrics: &metrics}
	table := openTable(t, tableBytes(t, o, entriesOf(keysOf("key%05d", 0, 2000))), o)
	require.Zero(t, metrics.BlockReads.Load(), "data blocks read by Open")
	for _, key := range keysOf("key%05dx", 0, 1000) {
		expectAnswer(t, table, key, kv.MaxSeq, "no answer")
	}
	require.Equal(t, int64(1000), metrics.FilterChecks.Load(), "questions to the filter")
	require.LessOrEqual(t, metrics.BlockReads.Load(), int64(12), "blocks read for 1,000 absent keys")
	require.Equal(t, int64(1000), metrics.FilterNegatives.Load()+metrics.BlockReads.Load(), "each get: denied by the filter, or a block read")
}

// Every key of the table, at every sequence number at which it has a version. Who asks does not know under which number a key was
// written; so if the number is hashed too, the filter denies keys that are there.
//
//lab:task 2 points=3
func TestTableGet_FindsEveryVersionThroughTheFilter(t *testing.T) {
	var entries []labtest.Entry
	for i, key := range keysOf("key%03d", 0, 203) {
		seq := kv.Seq(10 * i)
		entries = append(entries, labtest.E(key, seq+7, "new"), labtest.D(key, seq+5), labtest.E(key, seq+3, "old"))
	}
	o := sstable.Options{Filter: filter.Bloom(10)}
	table := openTable(t, tableBytes(t, o, entries), o)
	for i, key := range keysOf("key%03d", 0, 203) {
		seq := kv.Seq(10 * i)
		expectAnswer(t, table, key, kv.MaxSeq, `"new"`)
		expectAnswer(t, table, key, seq+6, "deleted")
		expectAnswer(t, table, key, seq+4, `"old"`)
		expectAnswer(t, table, key, seq+2, "no answer")
	}
}

// 50 keys, each with 40 versions: the filter is about keys, so there is room for 50 of them, 63 bytes and the number of probes, and
// not for 2,000.
//
//lab:task 2 points=2
func TestTableFilter_IsSizedByUserKeys(t *testing.T) {
	var entries []labtest.Entry
	keys := keysOf("key%03d", 0, 50)
	for _, key := range keys {
		for seq := kv.Seq(40); seq > 0; seq-- {
			entries = append(entries, labtest.E(key, seq, "x"))
		}
	}
	o := sstable.Options{Filter: filter.Bloom(10), BlockSize: 256}
	table := openTable(t, tableBytes(t, o, entries), o)
	require.Equal(t, int64(64), table.Footer().Filter.Size, "bytes of the filter block")
	for _, key := range keys {
		expectAnswer(t, table, key, kv.MaxSeq, `"x"`)
	}
}

// A bit of the filter that was set, and is not any more, makes a key disappear without a trace. So the filter has a checksum like
// everything else in the file, and a table whose filter is damaged does not open.
//
//lab:task 2 points=2
func TestTableFilter_DamageIsNoticedAtOpen(t *testing.T) {
	o := sstable.Options{Filter: filter.Bloom(10)}
	sound := tableBytes(t, o, entriesOf(keysOf("key%03d", 0, 20)))
	where := openTable(t, sound, o).Footer().Filter
	require.NotZero(t, where.Size, "the table has a filter")
	for at := where.Offset; at < where.Offset+where.Size; at++ {
		data := bytes.Clone(sound)
		data[at] ^= 0x10
		table, err := sstable.Open(fileOf(t, data), "000001.sst", 1, o)
		var corrupt *kv.CorruptionError
		if !errors.As(err, &corrupt) {
			t.Errorf("byte %d of the filter changed: want a *kv.CorruptionError from Open, got %v", at-where.Offset, err)
		}
		if err == nil {
			table.Close()
		}
	}
}

// A store has thousands of tables when somebody switches filters on, and as many when they are switched off again. All of them stay
// readable, with the same answers: those without filter, those with one, those whose filter nobody knows any more.
//
//lab:task 2 points=3
func TestTableOpen_ReadsTablesWithAndWithoutFilter(t *testing.T) {
	entries := entriesOf(keysOf("key%03d", 0, 100))
	with, without := sstable.Options{Filter: filter.Bloom(10)}, sstable.Options{}
	other := sstable.Options{Filter: renamed{filter.Bloom(10)}}
	known := sstable.Options{Filters: []sstable.FilterPolicy{filter.Bloom(3)}}
	for _, c := range []struct {
		name        string
		write, read sstable.Options
		checks      int64
	}{
		{"written with, read with", with, with, 2},
		{"written with, read without", with, without, 0},
		{"written without, read with", without, with, 0},
		{"written with, read by somebody who writes without but knows", with, known, 2},
		{"written with, read by somebody with another policy", with, other, 0},
		{"written with another policy", other, with, 0},
	} {
		var metrics sstable.Metrics
		c.read.Metrics = &metrics
		table, err := sstable.Open(fileOf(t, tableBytes(t, c.write, entries)), "000001.sst", 1, c.read)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		t.Cleanup(func() { table.Close() })
		expectAnswer(t, table, "key042", kv.MaxSeq, `"=key042"`)
		expectAnswer(t, table, "key042x", kv.MaxSeq, "no answer")
		require.Equal(t, c.checks, metrics.FilterChecks.Load(), "%s: questions to the filter", c.name)
	}
}

// renamed is a policy under a name that nobody else knows.
type renamed struct{ sstable.FilterPolicy }

// Name returns another name than the policy's own.
func (renamed) Name() string { return "somebody.else.v1" }

// tableHistory generates entries in the order of a table: keys with one to three versions, some of them deleted.
func tableHistory() *rapid.Generator[[]labtest.Entry] {
	return rapid.Custom(func(t *rapid.T) []labtest.Entry {
		entries := []labtest.Entry{labtest.E("a", 1, "first")}
		for range rapid.IntRange(0, 20).Draw(t, "entries") {
			user, seq := labtest.Keys().Draw(t, "key"), kv.Seq(rapid.IntRange(2, 60).Draw(t, "seq"))
			if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				entries = append(entries, labtest.D(string(user), seq))
			} else {
				entries = append(entries, labtest.E(string(user), seq, string(labtest.Values().Draw(t, "value"))))
			}
		}
		slices.SortFunc(entries, func(a, b labtest.Entry) int { return a.Key.Compare(b.Key) })
		return slices.CompactFunc(entries, func(a, b labtest.Entry) bool {
			return bytes.Equal(a.Key.User, b.Key.User) && a.Key.Seq() == b.Key.Seq()
		})
	})
}

// Random tables with filters, written by you and read by the reference, and the other way round: equal bytes, and equal answers for
// keys that are there, keys that were deleted, and keys that never were.
//
//lab:task 2 points=3 random
func TestTableFilter_IsReadAndWrittenLikeTheReferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, bits := tableHistory().Draw(t, "entries"), rapid.IntRange(1, 16).Draw(t, "bits a key")
		o := sstable.Options{Filter: filter.Bloom(bits), BlockSize: 128}
		ref := refsstable.Options{Filter: reffilter.Bloom(bits), BlockSize: 128}
		mine, theirs := tableBytes(t, o, entries), refTableBytes(t, ref, entries)
		if !bytes.Equal(mine, theirs) {
			t.Fatalf("the files differ: yours has %d bytes, the reference's %d", len(mine), len(theirs))
		}
		reader, refReader := openTable(t, theirs, o), openRefTable(t, mine, ref)
		for _, e := range entries {
			at := kv.Seq(rapid.IntRange(0, 60).Draw(t, "at"))
			for _, key := range []string{string(e.Key.User), string(e.Key.User) + "?", fmt.Sprintf("absent%d", at)} {
				expectAnswer(t, reader, key, at, tableAnswer(refReader, key, at))
			}
		}
	})
}
