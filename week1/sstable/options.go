package sstable

import (
	"sync/atomic"

	"lsmlab/week1/block"
)

// Options says how tables are written and read. The zero Options are usable.
type Options struct {
	// BlockSize is the size in bytes at which a data block is full. An entry that is larger gets a block of its own.
	// Default 4 KiB.
	BlockSize int
	// Codec is how keys are written in data blocks. Default block.Plain. It is also known for reading.
	Codec block.Codec
	// Codecs are further codecs known for reading. The footer says which one a file needs; block.Plain is always known.
	Codecs []block.Codec
	// Filter is the policy with which filters are written, and read. Default nil: tables are written without filter.
	Filter FilterPolicy
	// Filters are further policies known for reading. A table whose filter has an unknown policy is read without it.
	Filters []FilterPolicy
	// Cache holds data blocks for all tables that are opened with it; their numbers must differ. Default nil: every block
	// is read from the file each time.
	Cache *Cache
	// Metrics counts what tables do. Tables that share it are counted together. Default nil: nobody looks.
	Metrics *Metrics
}

// defaultBlockSize is the default of Options.BlockSize: the page of most machines and file systems.
const defaultBlockSize = 4 << 10

// withDefaults returns o with every default filled in.
func (o Options) withDefaults() Options {
	if o.BlockSize == 0 {
		o.BlockSize = defaultBlockSize
	}
	if o.Codec == nil {
		o.Codec = block.Plain()
	}
	if o.Metrics == nil {
		o.Metrics = &Metrics{}
	}
	return o
}

// codec returns the known codec with that ID, nil if there is none.
func (o Options) codec(id byte) block.Codec {
	if o.Codec != nil && o.Codec.ID() == id {
		return o.Codec
	}
	for _, c := range o.Codecs {
		if c.ID() == id {
			return c
		}
	}
	if plain := block.Plain(); plain.ID() == id {
		return plain
	}
	return nil
}

// filter returns the known policy of that name, nil if there is none.
func (o Options) filter(name string) FilterPolicy {
	if o.Filter != nil && o.Filter.Name() == name {
		return o.Filter
	}
	for _, p := range o.Filters {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

// FilterPolicy is a way to ask, without reading data, whether a table may hold a user key.
type FilterPolicy interface {
	// Name is stored in the table. It changes whenever the filter's bytes change their meaning.
	Name() string
	// NewBuilder returns a builder for the filter of one table.
	NewBuilder() FilterBuilder
	// Parse returns the filter that was built as data. It may keep data. It returns an error for bytes that no builder
	// has made.
	Parse(data []byte) (Filter, error)
}

// FilterBuilder makes the filter of one table.
type FilterBuilder interface {
	// Add is called once for each user key, in order, however many versions it has. It does not keep user.
	Add(user []byte)
	// Finish returns the filter's bytes. It is called once.
	Finish() []byte
}

// Filter answers for one table. Any number of goroutines may ask it.
type Filter interface {
	// MayContain reports whether the table may hold a version of user. False is certain; true is not.
	MayContain(user []byte) bool
}

// Metrics counts what tables do.
type Metrics struct {
	BlockReads      atomic.Int64 // data blocks read from files
	CacheHits       atomic.Int64 // data blocks found in the cache
	CacheMisses     atomic.Int64 // data blocks looked for in the cache and not found
	FilterChecks    atomic.Int64 // lookups for which a filter was asked
	FilterNegatives atomic.Int64 // lookups that a filter answered: certainly not there
}
