package filter

import "lsmlab/internal/todo"

// minBits is the size of the smallest filter: in fewer bits a handful of keys would cover each other.
const minBits = 64

// builder collects the hashes of one table's user keys. Only when the last one has come is it known how many bits there
// must be.
type builder struct {
	bitsPerKey int
	hashes     []uint64
}

// Add takes user into the filter. The same key twice in a row counts once.
func (b *builder) Add(user []byte) {
	// TODO(week 1, day 7, task 1): implement Add. Chapter: book/week1/day7-filters-and-prefixes.md#add
	//
	// Hint: Keep the hash, not the key: 8 bytes, however long the key is, and the caller may use its memory again.
	// Hint: A hash that is the same as the one before sets no other bits: counting it again would only make the filter larger.
	panic(todo.Reached("week 1 day 7 task 1", "builder.Add"))
}

// Finish returns the filter block: bitsPerKey bits for each key, at least minBits, rounded up to whole bytes, then the
// number of probes.
func (b *builder) Finish() []byte {
	// TODO(week 1, day 7, task 1): implement Finish. Chapter: book/week1/day7-filters-and-prefixes.md#finish
	//
	// Hint: How many bytes are 21 bits? And who counts the positions: the bits you wanted, or the bits that are there?
	// Hint: For each hash: newPositions, then set the bit that next returns, once for each probe.
	panic(todo.Reached("week 1 day 7 task 1", "builder.Finish"))
}
