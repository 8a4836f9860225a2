//lab:day 3.5

package plugin

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"time"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
)

// discards is a function as an engine.CompactionFilter.
type discards func(key kv.Key, value []byte) bool

// Discard calls the function.
func (d discards) Discard(key kv.Key, value []byte) bool { return d(key, value) }

// Filters returns a filter that discards what any of the filters discards.
//
//lab:todo 5 plugins#filters
//lab:hint Without filters nothing is discarded.
func Filters(filters ...engine.CompactionFilter) engine.CompactionFilter {
	// #region filters
	return discards(func(key kv.Key, value []byte) bool {
		return slices.ContainsFunc(filters, func(f engine.CompactionFilter) bool { return f.Discard(key, value) })
	})
	// #endregion
}

// DropPrefix returns a filter that discards every key with one of the prefixes. It copies them. The empty prefix is one of every
// key.
//
//lab:todo 5 plugins#filters
//lab:hint The engine asks months from now. Whose memory are the prefixes, then?
func DropPrefix(prefixes ...[]byte) engine.CompactionFilter {
	// #region drop-prefix
	own := cloned(prefixes)
	return discards(func(key kv.Key, _ []byte) bool { return hasPrefix(key.User, own) })
	// #endregion
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
//
//lab:todo 5 plugins#ttl
//lab:hint Unstamp says when a value was stamped, or that it was not. In doubt, keep.
//lab:hint At the very moment when ttl is over, the value is too old. A stamp of tomorrow is not.
func TimeToLive(ttl time.Duration, prefixes ...[]byte) engine.CompactionFilter {
	// #region ttl
	own := cloned(prefixes)
	return discards(func(key kv.Key, value []byte) bool {
		stamped, _, ok := Unstamp(value)
		return ok && time.Since(stamped) >= ttl && (len(own) == 0 || hasPrefix(key.User, own))
	})
	// #endregion
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
//
//lab:todo 5 plugins#ttl
//lab:hint binary.LittleEndian.AppendUint64 and AppendUint32; crc32.Checksum with castagnoli.
func Stamp(t time.Time, value []byte) []byte {
	// #region stamp
	out := make([]byte, 0, stampSize+len(value))
	out = binary.LittleEndian.AppendUint64(out, uint64(t.UnixNano()))
	out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
	return append(out, value...)
	// #endregion
}

// Unstamp returns when a value was stamped, and the value without the stamp, which it borrows. For a value without a stamp it returns
// the value as it is, and false.
//
//lab:todo 5 plugins#ttl
//lab:hint Any bytes may come: none, seven, twelve that are no stamp.
func Unstamp(stamped []byte) (t time.Time, value []byte, ok bool) {
	// #region unstamp
	if len(stamped) < stampSize || binary.LittleEndian.Uint32(stamped[8:]) != crc32.Checksum(stamped[:8], castagnoli) {
		return time.Time{}, stamped, false
	}
	return time.Unix(0, int64(binary.LittleEndian.Uint64(stamped))), stamped[stampSize:], true
	// #endregion
}
