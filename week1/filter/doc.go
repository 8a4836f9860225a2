// Package filter answers, from a few bits a key, whether a table may hold a user key, so that a table that does not is
// left alone without reading any of its blocks.
//
// The answer "no" is certain; the answer "perhaps" is wrong now and then. Such a filter was described by Burton H. Bloom
// in 1970 (Space/Time Trade-offs in Hash Coding with Allowable Errors).
//
// A filter block is
//
//	bits             (length of the block - 1) bytes; bit i is bit i%8, from the lowest, of byte i/8
//	probes           1 byte    how many bits each key sets: 1 to 30
//
// A key sets, for i = 0 … probes-1, the bit that stands at the fraction g(i)/2⁶⁴ of all bits, where
//
//	g(i) = h + i*d  mod 2⁶⁴       h = Hash(user key), d = h rotated by 32 bits, with the lowest bit set
//
// so that one hash gives all positions (Kirsch and Mitzenmacher 2006, Less Hashing, Same Performance). Only the user key
// is hashed, never its sequence number: who asks does not know under which number the key was written. And the hash is
// written out here, because a filter is read by other processes than the one that wrote it.
//
// With b bits a key, b*ln 2 probes are best, and about 0.62 to the power of b of all absent keys are answered "perhaps":
// 0.8 in a hundred for 10 bits.
//
//	o := sstable.Options{Filter: filter.Bloom(10)}
package filter
