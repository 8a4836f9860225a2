package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"lsmlab/internal/kv"
	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// report is all that is to be said about a table's file. What follows a field that could not be read is missing.
type report struct {
	File       string       `json:"file"`
	Size       int64        `json:"size"`
	Format     int          `json:"format,omitempty"`
	Footer     *footer      `json:"footer,omitempty"`
	Properties *properties  `json:"properties,omitempty"`
	Blocks     []blockLines `json:"blocks,omitempty"`
	Damage     *damage      `json:"damage,omitempty"` // the first that was found
}

// place is where something is in the file.
type place struct {
	Offset int64 `json:"offset"`
	Size   int64 `json:"size"`
}

// footer is the table's footer.
type footer struct {
	place
	Filter     *place `json:"filter,omitempty"`
	Index      place  `json:"index"`
	Properties place  `json:"properties"`
	Codec      byte   `json:"codec"`
}

// properties are the table's.
type properties struct {
	DataBlocks uint64 `json:"data_blocks"`
	DataSize   uint64 `json:"data_size"`
	Deletes    uint64 `json:"deletes"`
	Entries    uint64 `json:"entries"`
	Filter     string `json:"filter,omitempty"`
	First      string `json:"first"`
	KeySize    uint64 `json:"key_size"`
	Last       string `json:"last"` // from the index
	MaxSeq     uint64 `json:"max_seq"`
	MinSeq     uint64 `json:"min_seq"`
	ValueSize  uint64 `json:"value_size"`
}

// blockLines is what is to be said about a block.
type blockLines struct {
	place
	Kind    string  `json:"kind"`
	Number  int     `json:"number"` // of a data block
	Entries int     `json:"entries,omitempty"`
	First   string  `json:"first,omitempty"`
	Last    string  `json:"last,omitempty"`
	Error   string  `json:"error,omitempty"`
	List    []entry `json:"list,omitempty"` // if it was asked for
}

// entry is one entry of a block.
type entry struct {
	User  string `json:"user"`
	Seq   uint64 `json:"seq"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// damage is where a file is not what was written, and why we know.
type damage struct {
	Offset int64  `json:"offset"` // -1 if not known
	Reason string `json:"reason"`
}

// note takes an error for the report's damage, if it is one and the first. Other errors it returns.
func (r *report) note(err error) error {
	var d *kv.CorruptionError
	if !errors.As(err, &d) {
		return err
	}
	if r.Damage == nil {
		r.Damage = &damage{Offset: d.Offset, Reason: d.Reason}
	}
	return nil
}

// inspect reads a table's file.
func inspect(fs vfs.FS, f sstFlags) (*report, error) {
	r := &report{File: f.File}
	file, err := fs.Open(f.File)
	if err != nil {
		return nil, err
	}
	if r.Size, err = file.Size(); err != nil {
		file.Close()
		return nil, err
	}
	t, err := subject.OpenTable(file, f.File, 0, subject.TableOptions{
		Codecs:  []subject.Codec{subject.Prefix()},
		Filters: []subject.FilterPolicy{subject.Bloom(10)},
	})
	if err != nil {
		return r, r.note(err)
	}
	defer t.Close()
	r.describe(t)
	if err := r.walk(t, f); err != nil || r.Damage != nil {
		return r, err
	}
	return r, r.note(t.Verify(context.Background()))
}

// describe fills in what an open table knows without reading data.
func (r *report) describe(t *subject.Table) {
	have, p := t.Footer(), t.Properties()
	end := have.Properties.Offset + have.Properties.Size + 5 // kind and checksum
	r.Format = subject.TableFormat
	r.Footer = &footer{
		place: place{end, t.Size() - end}, Codec: have.Codec,
		Index:      place{have.Index.Offset, have.Index.Size},
		Properties: place{have.Properties.Offset, have.Properties.Size},
	}
	if have.HasFilter() {
		r.Footer.Filter = &place{have.Filter.Offset, have.Filter.Size}
	}
	r.Properties = &properties{
		DataBlocks: p.DataBlocks, DataSize: p.DataSize, Deletes: p.Deletes, Entries: p.Entries, Filter: p.Filter,
		First: escaped(p.First), Last: escaped(t.Last()), KeySize: p.KeySize, ValueSize: p.ValueSize,
		MaxSeq: uint64(p.MaxSeq), MinSeq: uint64(p.MinSeq),
	}
}

// walk reads every block.
func (r *report) walk(t *subject.Table, f sstFlags) error {
	for info := range t.Blocks() {
		b := blockLines{place: place{info.Offset, info.Size}, Kind: info.Kind.String(), Number: info.Number}
		if info.Err != nil {
			b.Error = info.Err.Error()
			if err := r.note(info.Err); err != nil {
				return err
			}
		}
		if info.Entries != nil {
			data := info.Kind == subject.BlockData
			b.describe(info.Entries, f.Entries || data && info.Number == f.Block)
		}
		r.Blocks = append(r.Blocks, b)
	}
	return nil
}

// describe fills in what is in the block, with all entries if list is set.
func (b *blockLines) describe(have *subject.Block, list bool) {
	b.Entries = have.Len()
	it := have.NewIterator()
	for it.First(); it.Valid(); it.Next() {
		k := it.Key()
		if b.Last = b.label(k); b.First == "" {
			b.First = b.Last
		}
		if list {
			b.List = append(b.List, entry{escaped(k.User), uint64(k.Seq()), k.Kind().String(), b.value(k, it.Value())})
		}
	}
}

// value returns an entry's value as text: what it means, where the format says what that is, else its bytes.
func (b *blockLines) value(k kv.Key, v []byte) string {
	name := string(k.User)
	switch {
	case b.Kind == "index" && len(v) == 16:
		return fmt.Sprintf("offset %d, size %d", binary.LittleEndian.Uint64(v), binary.LittleEndian.Uint64(v[8:]))
	case b.Kind == "properties" && name != "first" && name != "filter":
		if number, n := binary.Uvarint(v); n == len(v) {
			return fmt.Sprint(number)
		}
	}
	return escaped(v)
}

// label returns a key as apple#7, with its kind only if that is a delete. Properties have names, not versions.
func (b *blockLines) label(k kv.Key) string {
	text := escaped(k.User)
	if b.Kind != "properties" {
		text = fmt.Sprintf("%s#%d", text, k.Seq())
	}
	if k.Kind() == kv.KindDelete {
		text += ",delete"
	}
	return text
}

// writeJSON writes a report for programs.
func writeJSON(w io.Writer, report any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(report)
}
