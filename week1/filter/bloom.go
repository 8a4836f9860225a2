package filter

import (
	"lsmlab/internal/todo"
	"lsmlab/week1/sstable"
)

// maxProbes is the largest number of bits that a key sets; more cost time and gain nothing.
const maxProbes = 30

// bloom is the policy of a Bloom filter with a number of bits for each key.
type bloom struct{ bitsPerKey int }

// Bloom returns the policy of a Bloom filter with so many bits for each user key, at least 1. The number is needed for
// building only: a filter block says itself how it is read, so tables written with other numbers stay readable.
func Bloom(bitsPerKey int) sstable.FilterPolicy { return bloom{bitsPerKey: max(bitsPerKey, 1)} }

// Name returns the name of the format, which a table records.
func (bloom) Name() string { return "lsmlab.bloom.v1" }

// NewBuilder returns a builder of one table's filter.
func (p bloom) NewBuilder() sstable.FilterBuilder { return &builder{bitsPerKey: p.bitsPerKey} }

// probes returns how many bits a key sets in a filter of bitsPerKey: bitsPerKey times the logarithm of 2, rounded, the
// number at which half of the bits end up set and the fewest absent keys pass. It is at least 1 and at most maxProbes.
func probes(bitsPerKey int) int {
	// TODO(week 1, day 7, task 1): implement probes. Chapter: book/week1/day7-filters-and-prefixes.md#probes
	//
	// Hint: Rounded, not cut off: 10 bits a key give 6.93, and that is 7.
	panic(todo.Reached("week 1 day 7 task 1", "probes"))
}

// Parse returns the filter in a block that a builder of any Bloom policy has finished. It keeps data. Bytes that cannot be
// one are a *kv.CorruptionError with a reason; the file is "filter", since the table that asks knows its own name and adds it.
func (bloom) Parse(data []byte) (sstable.Filter, error) {
	// TODO(week 1, day 7, task 2): implement Parse. Chapter: book/week1/day7-filters-and-prefixes.md#parse
	//
	// Hint: The last byte is the number of probes. What would a filter do with 0 of them, or without any bits?
	panic(todo.Reached("week 1 day 7 task 2", "bloom.Parse"))
}

// filter is a parsed filter block. It never changes, so any number of goroutines may ask it.
type filter struct {
	bits   []byte // never empty
	probes int    // 1 to maxProbes
}

// MayContain returns false if user has certainly not been added.
func (f *filter) MayContain(user []byte) bool {
	// TODO(week 1, day 7, task 2): implement MayContain. Chapter: book/week1/day7-filters-and-prefixes.md#check
	//
	// Hint: One bit that is not set is proof enough.
	// Hint: The positions are those of the builder: newPositions, then next for each probe.
	panic(todo.Reached("week 1 day 7 task 2", "filter.MayContain"))
}
