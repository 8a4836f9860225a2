package sstable_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/sstable"
)

// sstMagic is what the last 8 bytes of a table are.
var sstMagic = []byte("LSMLabT\xb5")

// sstChecksum is CRC-32C.
func sstChecksum(data []byte) uint32 { return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) }

// sstForge returns a table with another footer, whose checksum is right: edit may change its first 60 bytes.
func sstForge(data []byte, edit func(footer []byte)) []byte {
	out := bytes.Clone(data)
	footer := out[len(out)-72:]
	edit(footer)
	binary.LittleEndian.PutUint32(footer[60:], sstChecksum(footer[:60]))
	return out
}

// A checksum tells that bytes are as they were written. It does not tell that a program wrote sense: another one, or an
// old mistake, may have left a footer with a right checksum that points behind the end of the file, to nowhere, or to 2^62
// bytes. Reserving memory by such a number would bring the machine down. It is compared with the file's size first.
//
//lab:task 2 points=3
func TestOpen_RefusesHandlesThatPointOutOfTheFile(t *testing.T) {
	data := sstRefFruit(t)
	size := uint64(len(data))
	for _, handle := range []int{0, 16, 32} { // filter, index, properties
		for _, field := range []int{0, 8} { // offset, size
			for _, number := range []uint64{1, size - 72, size, size + 1, 1 << 31, 1 << 62, 1 << 63, 1<<64 - 1, 1<<64 - 5} {
				forged := sstForge(data, func(footer []byte) { binary.LittleEndian.PutUint64(footer[handle+field:], number) })
				sstCorrupt(t, sstVerify(forged, sstable.Options{}), fmt.Sprintf("a footer with %d at byte %d", number, handle+field))
			}
		}
	}
}

// sstSeal returns a block as it stands in a file: contents, kind, checksum.
func sstSeal(kind byte, contents []byte) []byte {
	out := append(bytes.Clone(contents), kind)
	return binary.LittleEndian.AppendUint32(out, sstChecksum(out))
}

// sstHandle returns an encoded handle.
func sstHandle(offset, size int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(offset))
	return binary.LittleEndian.AppendUint64(out, uint64(size))
}

// sstWithIndex returns the fruit table with another index: the pairs of keys and values given. All checksums are right.
func sstWithIndex(t sstTB, entries ...labtest.Entry) []byte {
	b := block.NewBuilder(block.Plain(), 1<<20)
	for _, e := range entries {
		b.Add(e.Key, e.Value)
	}
	return sstWithIndexContents(sstRefFruit(t), b.Finish())
}

// sstWithIndexContents returns a table without filter with other bytes in its index block. All checksums are right.
func sstWithIndexContents(data, contents []byte) []byte {
	footer := data[len(data)-72:]
	index := int(binary.LittleEndian.Uint64(footer[16:]))
	props := data[binary.LittleEndian.Uint64(footer[32:]) : len(data)-72]
	out := append(bytes.Clone(data[:index]), sstSeal(3, contents)...)
	at := len(out)
	out = append(out, props...)
	out = append(out, footer...)
	return sstForge(out, func(footer []byte) {
		copy(footer[16:], sstHandle(index, len(contents)))
		copy(footer[32:], sstHandle(at, len(props)-5))
	})
}

// sstIndexEntries returns the fruit table's own index entries.
func sstIndexEntries(t sstTB) []labtest.Entry {
	var out []labtest.Entry
	for _, info := range sstRefBlocks(t, sstRefFruit(t)) {
		out = append(out, labtest.Entry{Key: info.Last, Value: sstHandle(int(info.Offset), int(info.Size))})
	}
	return out
}

// Every search begins in the index. So Open makes sure that it is one: keys ascend, each value is a handle, and the blocks lie
// one behind the other from byte 0 to the end of the data. Then no handle can point outside of the file or into the middle
// of a block, and no block can be left out.
//
//lab:task 2 points=3
func TestOpen_RefusesIndexThatMakesNoSense(t *testing.T) {
	good := sstIndexEntries(t)
	require.Len(t, good, 6)
	_, err := sstable.Open(newSSTFile(sstWithIndex(t, good...)), "000001.sst", 1, sstable.Options{})
	require.NoError(t, err, "the index as it was")

	with := func(i int, e labtest.Entry) []labtest.Entry {
		out := append([]labtest.Entry(nil), good...)
		out[i] = e
		return out
	}
	at := func(i, offset, size int) labtest.Entry {
		return labtest.Entry{Key: good[i].Key, Value: sstHandle(offset, size)}
	}
	for name, entries := range map[string][]labtest.Entry{
		"no entries":                            nil,
		"the first block is missing":            good[1:],
		"the last block is missing":             good[:5],
		"a block in the middle is missing":      append(append([]labtest.Entry(nil), good[:2]...), good[3:]...),
		"a block is there twice":                append(append([]labtest.Entry(nil), good...), labtest.E("zoo", 1, string(good[5].Value))),
		"two keys are equal":                    with(3, labtest.Entry{Key: good[2].Key, Value: good[3].Value}),
		"keys descend":                          with(3, labtest.Entry{Key: kv.MakeKey([]byte("aaa"), 1, kv.KindSet), Value: good[3].Value}),
		"the first two keys descend":            with(1, labtest.Entry{Key: kv.MakeKey([]byte("aaa"), 1, kv.KindSet), Value: good[1].Value}),
		"a value of 15 bytes":                   with(0, labtest.Entry{Key: good[0].Key, Value: good[0].Value[:15]}),
		"a value of no bytes":                   with(5, labtest.Entry{Key: good[5].Key}),
		"a value of 17 bytes":                   with(5, labtest.Entry{Key: good[5].Key, Value: append(bytes.Clone(good[5].Value), 0)}),
		"a block that begins one byte late":     with(2, at(2, int(good[2].Value[0])+1, 40)),
		"a block of 2^62 bytes":                 with(5, at(5, 1<<62, 1<<62)),
		"a block of -1 byte":                    with(0, at(0, 0, -1)),
		"a block of -5 bytes before all others": append([]labtest.Entry{labtest.E("a", 1, string(sstHandle(0, -5)))}, good...),
		"a block that begins at -5":             with(0, at(0, -5, 40)),
		"one block of the size of all blocks":   {good[5]},
	} {
		_, err := sstable.Open(newSSTFile(sstWithIndex(t, entries...)), "000001.sst", 1, sstable.Options{})
		sstCorrupt(t, err, name)
	}
}

// Index and properties are both intact, but the footer has them mixed up. The checksum cannot tell, since it covers only
// what is in a block. The kind that stands behind each block's contents can.
//
//lab:task 2 points=2
func TestOpen_RefusesBlockOfAnotherKind(t *testing.T) {
	data := sstRefFruit(t)
	forgeKind := func(handle int, kind byte) []byte {
		out := bytes.Clone(data)
		footer := out[len(out)-72:]
		offset, size := binary.LittleEndian.Uint64(footer[handle:]), binary.LittleEndian.Uint64(footer[handle+8:])
		copy(out[offset:], sstSeal(kind, out[offset:offset+size]))
		return out
	}
	for name, forged := range map[string][]byte{
		"an index block of kind data":       forgeKind(16, 1),
		"an index block of kind properties": forgeKind(16, 4),
		"properties of kind index":          forgeKind(32, 3),
		"properties of kind 0":              forgeKind(32, 0),
	} {
		_, err := sstable.Open(newSSTFile(forged), "000001.sst", 1, sstable.Options{})
		sstCorrupt(t, err, name)
	}
}

// Verify reads everything, as a nightly check does: the entries must ascend across all blocks, and agree with index and
// properties. Here all checksums are right, and a block's last key is not the one in the index.
//
//lab:task 2 points=1
func TestVerify_ComparesBlocksWithIndex(t *testing.T) {
	entries := sstIndexEntries(t)
	require.NoError(t, sstVerify(sstWithIndex(t, entries...), sstable.Options{}))
	entries[2].Key = kv.MakeKey([]byte("figs"), 6, kv.KindSet)
	damage := sstCorrupt(t, sstVerify(sstWithIndex(t, entries...), sstable.Options{}), "block 2 ends with fig, the index says figs")
	require.Equal(t, sstRefBlocks(t, sstRefFruit(t))[2].Offset, damage.Offset)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	table, _ := sstOpen(t, sstRefFruit(t), sstable.Options{})
	require.ErrorIs(t, table.Verify(ctx), context.Canceled)
}

// FuzzOpen seldom gets past a checksum. Here the checksums are always right, and the bytes of the index or of the
// properties are whatever the fuzzer likes. Nothing that Open takes for a table may then bring a reader down.
//
//lab:task 2 points=1
func FuzzOpen_RightChecksums(f *testing.F) {
	data := sstRefFruit(f)
	footer := data[len(data)-72:]
	index, props := binary.LittleEndian.Uint64(footer[16:]), binary.LittleEndian.Uint64(footer[32:])
	f.Add(false, data[index:props-5])
	f.Add(true, data[props:len(data)-77])
	f.Add(false, []byte{0, 0, 0, 0})
	f.Add(true, []byte{1, 0, 0, 0})
	f.Add(false, []byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, inProps bool, contents []byte) {
		forged := sstWithIndexContents(data, contents)
		if inProps {
			forged = append(bytes.Clone(data[:props]), sstSeal(4, contents)...)
			forged = sstForge(append(forged, footer...), func(footer []byte) {
				copy(footer[32:], sstHandle(int(props), len(contents)))
			})
		}
		sstVerify(forged, sstable.Options{})
	})
}
