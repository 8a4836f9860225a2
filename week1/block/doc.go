// Package block writes and reads one data block: a few kilobytes of sorted entries, the unit in which a table is read,
// checked and cached.
//
// A block is its entries, one behind the other, then where each of them begins, then how many there are:
//
//	entries          as below, sorted by kv.Key.Compare
//	offset           4 bytes, little-endian    where entry 0 begins in the block: always 0
//	…                                          one offset for each entry
//	offset           4 bytes, little-endian    where the last entry begins
//	number           4 bytes, little-endian    how many entries there are
//
// An entry is
//
//	user key         as the block's codec writes it
//	trailer          8 bytes, little-endian    sequence number and kind: kv.Trailer
//	value size       uvarint
//	value
//
// and the plain codec, number 0, writes a user key as
//
//	key size         uvarint
//	key
//
// So the block that holds "apple"#7,set = "red" and "apple"#4,delete is these 45 bytes:
//
//	 0  05                        key size 5
//	 1  61 70 70 6c 65            "apple"
//	 6  01 07 00 00 00 00 00 00   trailer: kind 1 (set), sequence number 7
//	14  03                        value size 3
//	15  72 65 64                  "red"
//	18  05                        key size 5
//	19  61 70 70 6c 65            "apple"
//	24  00 04 00 00 00 00 00 00   trailer: kind 0 (delete), sequence number 4
//	32  00                        value size 0
//	33  00 00 00 00               entry 0 begins at 0
//	37  12 00 00 00               entry 1 begins at 18
//	41  02 00 00 00               2 entries
//
// The offsets are what a binary search needs: entries have different lengths, so without them nobody could jump to the
// middle one. They have 4 bytes, because one entry alone may be a gigabyte long.
//
// Two rules carry the package. Whoever parses a block checks every length in it once; from then on iterating and
// searching need no checks, and bytes from a disk cannot make them panic. And nothing is decoded into fresh memory:
// keys and values are slices of the block, compared where they lie.
//
// A checksum is not part of a block: the table that stores it adds one.
package block
