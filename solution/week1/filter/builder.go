//lab:day 1.7

package filter

// minBits is the size of the smallest filter: in fewer bits a handful of keys would cover each other.
const minBits = 64

// builder collects the hashes of one table's user keys. Only when the last one has come is it known how many bits there
// must be.
type builder struct {
	bitsPerKey int
	hashes     []uint64
}

// Add takes user into the filter. The same key twice in a row counts once.
//
//lab:todo 1 filters-and-prefixes#add
//lab:hint Keep the hash, not the key: 8 bytes, however long the key is, and the caller may use its memory again.
//lab:hint A hash that is the same as the one before sets no other bits: counting it again would only make the filter larger.
func (b *builder) Add(user []byte) {
	// #region add
	h := Hash(user)
	if n := len(b.hashes); n == 0 || b.hashes[n-1] != h {
		b.hashes = append(b.hashes, h)
	}
	// #endregion
}

// Finish returns the filter block: bitsPerKey bits for each key, at least minBits, rounded up to whole bytes, then the
// number of probes.
//
//lab:todo 1 filters-and-prefixes#finish
//lab:hint How many bytes are 21 bits? And who counts the positions: the bits you wanted, or the bits that are there?
//lab:hint For each hash: newPositions, then set the bit that next returns, once for each probe.
func (b *builder) Finish() []byte {
	// #region finish
	size := (max(len(b.hashes)*b.bitsPerKey, minBits) + 7) / 8
	data, k := make([]byte, size+1), probes(b.bitsPerKey)
	for _, h := range b.hashes {
		at := newPositions(h, 8*size)
		for range k {
			bit := at.next()
			data[bit/8] |= 1 << (bit % 8)
		}
	}
	data[size] = byte(k)
	return data
	// #endregion
}
