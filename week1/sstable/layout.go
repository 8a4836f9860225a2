package sstable

import (
	"context"
	"fmt"
	"iter"

	"lsmlab/internal/kv"
	"lsmlab/week1/block"
)

// BlockInfo describes one block of a table's file, for tools.
type BlockInfo struct {
	Handle
	Kind    BlockKind
	Number  int          // of a data block, from 0
	Last    kv.Key       // of a data block: its last key, as the index has it
	Entries *block.Block // parsed; nil for the filter, whose bytes only its policy understands, and if Err is not nil
	Err     error        // why the block cannot be read
}

// Footer returns the footer.
func (t *Table) Footer() Footer { return t.footer }

// Blocks iterates over the blocks in the order of the file. Each is read from the file, whatever the cache holds, and
// checked: Err says what is wrong with it.
func (t *Table) Blocks() iter.Seq[BlockInfo] {
	return func(yield func(BlockInfo) bool) {
		for i, h := range t.index.blocks {
			info := BlockInfo{Handle: h, Kind: BlockData, Number: i, Last: t.index.last[i]}
			info.Entries, info.Err = t.readData(i)
			if !yield(info) {
				return
			}
		}
		for _, info := range t.metaBlocks() {
			if !yield(info) {
				return
			}
		}
	}
}

// metaBlocks reads the blocks behind the data.
func (t *Table) metaBlocks() []BlockInfo {
	var infos []BlockInfo
	if t.footer.HasFilter() {
		info := BlockInfo{Handle: t.footer.Filter, Kind: BlockFilter}
		_, info.Err = t.readBlock(info.Handle, info.Kind)
		infos = append(infos, info)
	}
	index := BlockInfo{Handle: t.footer.Index, Kind: BlockIndex}
	index.Entries, index.Err = t.readParsed(index.Handle, index.Kind, block.Plain())
	props := BlockInfo{Handle: t.footer.Properties, Kind: BlockProperties}
	props.Entries, props.Err = t.readParsed(props.Handle, props.Kind, block.Plain())
	return append(infos, index, props)
}

// Verify reads the whole file and returns the first thing that is wrong: a checksum, a key out of order, a block that
// does not end with the key in the index, a property that does not fit the entries.
func (t *Table) Verify(ctx context.Context) error {
	if err := t.checkOpen(); err != nil {
		return err
	}
	var seen Properties
	var last kv.Key
	for info := range t.Blocks() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("verify %s: %w", t.name, err)
		}
		if info.Err != nil {
			return info.Err
		}
		if info.Kind != BlockData {
			continue
		}
		var err error
		if last, err = t.verifyData(info, last, &seen); err != nil {
			return err
		}
	}
	return t.verifyProperties(seen)
}

// verifyData checks that the entries of a data block ascend, from the key behind which they must stand to the one in the
// index, which it returns. It counts them in seen.
func (t *Table) verifyData(info BlockInfo, behind kv.Key, seen *Properties) (kv.Key, error) {
	it := info.Entries.NewIterator()
	for it.First(); it.Valid(); it.Next() {
		if seen.Entries > 0 && it.Key().Compare(behind) <= 0 {
			return kv.Key{}, t.corruptf(info.Offset, "data block %d: key %v does not stand behind %v", info.Number, it.Key(), behind)
		}
		seen.count(it.Key(), it.Value())
		behind = it.Key().Clone()
	}
	if behind.Compare(info.Last) != 0 {
		return kv.Key{}, t.corruptf(info.Offset, "data block %d ends with %v, the index says %v", info.Number, behind, info.Last)
	}
	seen.DataBlocks++
	seen.DataSize = uint64(info.end())
	return behind, nil
}

// verifyProperties compares the properties with what was seen.
func (t *Table) verifyProperties(seen Properties) error {
	have := t.props.numbers()
	for i, n := range seen.numbers() {
		if *n.value != *have[i].value {
			return t.corruptf(t.footer.Properties.Offset, "property %q is %d, the blocks have %d", n.name, *have[i].value, *n.value)
		}
	}
	if string(seen.First) != string(t.props.First) {
		return t.corruptf(t.footer.Properties.Offset, `property "first" is %q, the blocks have %q`, t.props.First, seen.First)
	}
	return nil
}
