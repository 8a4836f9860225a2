package sstable

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"lsmlab/internal/kv"
	"lsmlab/week1/block"
)

// Properties describe a table as a whole. In the file they are pairs of a name, given here behind each field, and a value.
type Properties struct {
	DataBlocks uint64 // "data-blocks", a number
	DataSize   uint64 // "data-size": bytes of all data blocks in the file, with their 5 bytes each
	Deletes    uint64 // "deletes": how many of the entries are tombstones
	Entries    uint64 // "entries": versions
	Filter     string // "filter": name of the filter policy; absent if there is no filter
	First      []byte // "first": the smallest user key. The largest is the last one of the index.
	KeySize    uint64 // "key-size": bytes of all user keys, each version counted
	MaxSeq     kv.Seq // "max-seq": the highest sequence number
	MinSeq     kv.Seq // "min-seq": the lowest sequence number
	ValueSize  uint64 // "value-size": bytes of all values
}

// count takes one more version into account.
func (p *Properties) count(key kv.Key, value []byte) {
	if p.Entries == 0 {
		p.First = bytes.Clone(key.User)
		p.MinSeq = key.Seq()
	}
	p.Entries++
	if key.Kind() == kv.KindDelete {
		p.Deletes++
	}
	p.KeySize += uint64(len(key.User))
	p.ValueSize += uint64(len(value))
	p.MinSeq = min(p.MinSeq, key.Seq())
	p.MaxSeq = max(p.MaxSeq, key.Seq())
}

// number is a property that is a number: its name and its place in a Properties.
type number struct {
	name  string
	value *uint64
}

// numbers returns the properties that are numbers.
func (p *Properties) numbers() []number {
	return []number{
		{"data-blocks", &p.DataBlocks},
		{"data-size", &p.DataSize},
		{"deletes", &p.Deletes},
		{"entries", &p.Entries},
		{"key-size", &p.KeySize},
		{"max-seq", (*uint64)(&p.MaxSeq)},
		{"min-seq", (*uint64)(&p.MinSeq)},
		{"value-size", &p.ValueSize},
	}
}

// pair is a property as it stands in the file.
type pair struct {
	name  string
	value []byte
}

// encode returns the contents of the properties block.
func (p *Properties) encode() []byte {
	pairs := []pair{{"first", p.First}}
	if p.Filter != "" {
		pairs = append(pairs, pair{"filter", []byte(p.Filter)})
	}
	for _, n := range p.numbers() {
		pairs = append(pairs, pair{n.name, binary.AppendUvarint(nil, *n.value)})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.name, b.name) })
	b := block.NewBuilder(block.Plain(), metaTarget)
	for _, pair := range pairs {
		b.Add(kv.MakeKey([]byte(pair.name), 0, kv.KindSet), pair.value)
	}
	return b.Finish()
}

// decodeProperties undoes encode. It returns the name of a property that makes no sense or is missing, "" if there is none.
func decodeProperties(b *block.Block) (p Properties, wrong string) {
	missing := map[string]bool{"first": true}
	for _, n := range p.numbers() {
		missing[n.name] = true
	}
	it := b.NewIterator()
	for it.First(); it.Valid(); it.Next() {
		name := string(it.Key().User)
		if !p.set(name, it.Value()) {
			return Properties{}, name
		}
		delete(missing, name)
	}
	for name := range missing {
		return Properties{}, name
	}
	return p, ""
}

// set takes over one property from the file. It returns false for a value that makes no sense.
func (p *Properties) set(name string, value []byte) bool {
	switch name {
	case "first":
		p.First = bytes.Clone(value)
		return len(value) > 0
	case "filter":
		p.Filter = string(value)
		return true
	}
	numbers := p.numbers()
	i := slices.IndexFunc(numbers, func(n number) bool { return n.name == name })
	if i < 0 {
		return true // of a later version of the program
	}
	x, n := binary.Uvarint(value)
	*numbers[i].value = x
	return n == len(value) && n > 0
}
