//lab:day 1.7

package filter

import (
	"fmt"
	"math"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/sstable"
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
//
//lab:todo 1 filters-and-prefixes#probes
//lab:hint Rounded, not cut off: 10 bits a key give 6.93, and that is 7.
func probes(bitsPerKey int) int {
	// #region probes
	k := int(math.Round(float64(bitsPerKey) * math.Ln2))
	return min(max(k, 1), maxProbes)
	// #endregion
}

// Parse returns the filter in a block that a builder of any Bloom policy has finished. It keeps data. Bytes that cannot be
// one are a *kv.CorruptionError with a reason; the file is "filter", since the table that asks knows its own name and adds it.
//
//lab:todo 2 filters-and-prefixes#parse
//lab:hint The last byte is the number of probes. What would a filter do with 0 of them, or without any bits?
func (bloom) Parse(data []byte) (sstable.Filter, error) {
	// #region parse
	last := len(data) - 1
	if last < 1 {
		return nil, &kv.CorruptionError{File: "filter", Offset: 0, Reason: fmt.Sprintf("%d bytes are too few for a filter", len(data))}
	}
	if data[last] < 1 || data[last] > maxProbes {
		return nil, &kv.CorruptionError{File: "filter", Offset: int64(last), Reason: fmt.Sprintf("%d probes, not 1 to %d", data[last], maxProbes)}
	}
	return &filter{bits: data[:last:last], probes: int(data[last])}, nil
	// #endregion
}

// filter is a parsed filter block. It never changes, so any number of goroutines may ask it.
type filter struct {
	bits   []byte // never empty
	probes int    // 1 to maxProbes
}

// MayContain returns false if user has certainly not been added.
//
//lab:todo 2 filters-and-prefixes#check
//lab:hint One bit that is not set is proof enough.
//lab:hint The positions are those of the builder: newPositions, then next for each probe.
func (f *filter) MayContain(user []byte) bool {
	// #region check
	at := newPositions(Hash(user), 8*len(f.bits))
	for range f.probes {
		if bit := at.next(); f.bits[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
	}
	return true
	// #endregion
}
