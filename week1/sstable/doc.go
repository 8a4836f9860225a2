// Package sstable holds sorted string tables: files of versions in order, written once, from front to back, and never
// changed.
//
//	000007.sst   [block 0: apple … cherry] [block 1: date … grape] [block 2: kiwi … plum] [filter] [index] [properties] [footer]
//
//	index        "cherry"#4 → block 0      one entry a block: the last key in it, and where it lies
//	             "grape"#9  → block 1
//	             "plum"#2   → block 2
//
// A [Writer] makes such a file from versions that come in order. A [Table] reads it. Open reads the footer and what it
// points to, and keeps index, filter and properties in memory; so a lookup asks the filter, searches the index, and then
// reads one block at most: "fig" can only be in block 1, since block 0 ends before it, and block 1 does not.
//
// A [Cache] keeps blocks that were read, for all tables of a store. Every block has a checksum, which is verified at
// each read from the file. Bytes that are not what was written give a [kv.CorruptionError], never a panic.
//
//	w := sstable.NewWriter(file, sstable.Options{})
//	w.Add(kv.MakeKey([]byte("apple"), 5, kv.KindSet), []byte("red"))
//	_, err := w.Finish() // written, synced, closed
//
//	t, err := sstable.Open(file, "000007.sst", 7, sstable.Options{Cache: cache})
//	value, kind, found, err := t.Get([]byte("apple"), kv.MaxSeq)
//
// The file format stands in format.go, byte by byte.
package sstable
