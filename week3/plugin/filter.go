package plugin

import (
	"bytes"
	"hash/crc32"
	"slices"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
)

// discards is a function as an engine.CompactionFilter.
type discards func(key kv.Key, value []byte) bool

// Discard calls the function.
func (d discards) Discard(key kv.Key, value []byte) bool { return d(key, value) }

// Filters returns a filter that discards what any of the filters discards.
func Filters(filters ...engine.CompactionFilter) engine.CompactionFilter {
	// TODO(week 3, day 5, task 5): implement Filters. Chapter: book/week3/day5-plugins.md#filters
	//
	// Hint: Without filters nothing is discarded.
	panic(todo.Reached("week 3 day 5 task 5", "Filters"))
}

// DropPrefix returns a filter that discards every key with one of the prefixes. It copies them. The empty prefix is one of every
// key.
func DropPrefix(prefixes ...[]byte) engine.CompactionFilter {
	// TODO(week 3, day 5, task 5): implement DropPrefix. Chapter: book/week3/day5-plugins.md#filters
	//
	// Hint: The engine asks months from now. Whose memory are the prefixes, then?
	panic(todo.Reached("week 3 day 5 task 5", "DropPrefix"))
}

// cloned returns a copy of a list of prefixes, and of each of them.
func cloned(prefixes [][]byte) (own [][]byte) {
	for _, p := range prefixes {
		own = append(own, bytes.Clone(p))
	}
	return own
}

// hasPrefix reports whether key has one of the prefixes.
func hasPrefix(key []byte, prefixes [][]byte) bool {
	return slices.ContainsFunc(prefixes, func(p []byte) bool { return bytes.HasPrefix(key, p) })
}

// TimeToLive returns a filter that discards values whose stamp is ttl old or older, of the keys with one of the prefixes, or of all
// if there are none. A value without a stamp lives for ever.
//
// What is too old goes when a merge meets it, and not before: until then it can be read. Who must not see it asks Unstamp.
func TimeToLive(ttl time.Duration, prefixes ...[]byte) engine.CompactionFilter {
	// TODO(week 3, day 5, task 5): implement TimeToLive. Chapter: book/week3/day5-plugins.md#ttl
	//
	// Hint: Unstamp says when a value was stamped, or that it was not. In doubt, keep.
	// Hint: At the very moment when ttl is over, the value is too old. A stamp of tomorrow is not.
	panic(todo.Reached("week 3 day 5 task 5", "TimeToLive"))
}

// stampSize is the length in bytes of a stamp: 8 for the time, 4 for the checksum.
const stampSize = 12

// castagnoli is the table of the checksum.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Stamp returns a value that says when it was written, in memory of its own:
//
//	time      8 bytes: nanoseconds since 1970 (UTC), little-endian, two's complement
//	checksum  4 bytes: CRC-32C of these eight, little-endian; it tells a stamp from the beginning of another value
//	value
//
// t is between the years 1678 and 2262.
func Stamp(t time.Time, value []byte) []byte {
	// TODO(week 3, day 5, task 5): implement Stamp. Chapter: book/week3/day5-plugins.md#ttl
	//
	// Hint: binary.LittleEndian.AppendUint64 and AppendUint32; crc32.Checksum with castagnoli.
	panic(todo.Reached("week 3 day 5 task 5", "Stamp"))
}

// Unstamp returns when a value was stamped, and the value without the stamp, which it borrows. For a value without a stamp it returns
// the value as it is, and false.
func Unstamp(stamped []byte) (t time.Time, value []byte, ok bool) {
	// TODO(week 3, day 5, task 5): implement Unstamp. Chapter: book/week3/day5-plugins.md#ttl
	//
	// Hint: Any bytes may come: none, seven, twelve that are no stamp.
	panic(todo.Reached("week 3 day 5 task 5", "Unstamp"))
}
