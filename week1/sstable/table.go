package sstable

import (
	"fmt"
	"sync/atomic"

	"lsmlab/internal/vfs"
	"lsmlab/week1/block"
)

// Table is an open table. Footer, filter, index and properties are in memory; data blocks are read when they are needed.
// Any number of goroutines may use it.
//
//  1. Nothing of a Table changes after Open but closed, which is atomic.
//  2. The file is only read, with ReadAt, which has no position that two goroutines could fight over.
//  3. A block never changes once it is parsed, and its memory is never used again. So a value that was handed out stays
//     good, even when the cache drops its block or the table is closed: the collector keeps what somebody holds.
type Table struct {
	source
	number  uint64
	footer  Footer
	codec   block.Codec // of the data blocks
	index   index
	filter  Filter // nil if there is none, or one of an unknown policy
	props   Properties
	cache   *Cache // nil if there is none
	metrics *Metrics
	closed  atomic.Bool
}

// Open opens the table in f. The file belongs to the table from then on, and is closed at once if Open fails. The name is
// for errors; the number is what the cache knows the table by. Open reads footer, filter, index and properties, and no
// data. Bytes that are no table give a *kv.CorruptionError with the offset of what is wrong.
func Open(f vfs.File, name string, number uint64, o Options) (*Table, error) {
	o = o.withDefaults()
	t := &Table{source: source{file: f, name: name}, number: number, cache: o.Cache, metrics: o.Metrics}
	if err := t.load(o); err != nil {
		f.Close()
		return nil, fmt.Errorf("open table: %w", err)
	}
	return t, nil
}

// load reads everything but the data.
func (t *Table) load(o Options) (err error) {
	if t.size, err = t.file.Size(); err != nil {
		return err
	}
	if t.footer, err = t.readFooter(); err != nil {
		return err
	}
	if t.codec = o.codec(t.footer.Codec); t.codec == nil {
		return fmt.Errorf("%s: key codec %d is not known; is it missing in the options?", t.name, t.footer.Codec)
	}
	if err = t.loadIndex(); err != nil {
		return err
	}
	if err = t.loadProperties(); err != nil {
		return err
	}
	return t.loadFilter(o)
}

// loadIndex reads and checks the index.
func (t *Table) loadIndex() error {
	b, err := t.readParsed(t.footer.Index, BlockIndex, block.Plain())
	if err != nil {
		return err
	}
	x, entry, wrong := parseIndex(b, t.footer.dataEnd())
	if wrong != "" {
		return t.corruptf(t.footer.Index.Offset, "index entry %d: %s", entry, wrong)
	}
	t.index = x
	return nil
}

// loadProperties reads and checks the properties.
func (t *Table) loadProperties() error {
	b, err := t.readParsed(t.footer.Properties, BlockProperties, block.Plain())
	if err != nil {
		return err
	}
	var wrong string
	if t.props, wrong = decodeProperties(b); wrong != "" {
		return t.corruptf(t.footer.Properties.Offset, "property %q is missing or makes no sense", wrong)
	}
	return nil
}

// loadFilter reads the filter, if there is one. That its bytes are undamaged is checked in any case; what they mean is
// known only to its policy.
func (t *Table) loadFilter(o Options) error {
	if !t.footer.HasFilter() {
		return nil
	}
	data, err := t.readBlock(t.footer.Filter, BlockFilter)
	if err != nil {
		return err
	}
	policy := o.filter(t.props.Filter)
	if policy == nil {
		return nil
	}
	if t.filter, err = policy.Parse(data); err != nil {
		return t.corruptf(t.footer.Filter.Offset, "filter %s: %v", t.props.Filter, err)
	}
	return nil
}

// Number returns the number given to Open.
func (t *Table) Number() uint64 { return t.number }

// Name returns the file name given to Open.
func (t *Table) Name() string { return t.name }

// Size returns the file's length in bytes.
func (t *Table) Size() int64 { return t.size }

// Properties describes the table as a whole. The caller must not change its slices.
func (t *Table) Properties() Properties { return t.props }

// First returns the smallest user key. The caller must not change it.
func (t *Table) First() []byte { return t.props.First }

// Last returns the largest user key. The caller must not change it.
func (t *Table) Last() []byte { return t.index.last[len(t.index.last)-1].User }

// String returns the table for people, as in "000007.sst [apple … plum]".
func (t *Table) String() string { return fmt.Sprintf("%s [%s … %s]", t.name, t.First(), t.Last()) }

// Close closes the file. Whoever reads afterwards gets kv.ErrClosed. What the cache holds stays there until it is
// evicted. A second Close does nothing.
func (t *Table) Close() error {
	if t.closed.Swap(true) {
		return nil
	}
	return t.file.Close()
}
