//lab:day 3.6

package timeseries

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"lsmlab/internal/kv"
)

const (
	escape    = 0x00 // begins a pair: escape escaped is a byte 0x00 of the name, escape endOfName its end
	escaped   = 0xff // higher than endOfName: a name stands before all that go on where it ends
	endOfName = 0x01
	timeSize  = 8
)

// appendName appends the encoded name of a series to dst. Encoded names are in the order of names, and none is the
// beginning of another.
//
//lab:todo 1 time-series#keys
//lab:hint Which byte may not stand for itself, if 0x00 0x01 is to end a name and nothing else?
//lab:hint Range over the bytes of the name; range over a string gives runes.
func appendName(dst []byte, series string) []byte {
	// #region append-name
	for _, c := range []byte(series) {
		dst = append(dst, c)
		if c == escape {
			dst = append(dst, escaped)
		}
	}
	return append(dst, escape, endOfName)
	// #endregion
}

// cutName splits what appendName has made off the beginning of key, and returns the name and what stands behind. It
// returns false if key begins otherwise.
//
//lab:todo 1 time-series#keys
//lab:hint Look for the next escape. Up to there the bytes stand for themselves; what counts is the byte behind it.
//lab:hint A key comes from the disk: the byte behind the escape may be missing, or any other.
func cutName(key []byte) (series string, rest []byte, ok bool) {
	// #region cut-name
	var name []byte
	for {
		plain, behind, found := bytes.Cut(key, []byte{escape})
		name = append(name, plain...)
		switch {
		case !found || len(behind) == 0:
			return "", nil, false
		case behind[0] == endOfName:
			return string(name), behind[1:], true
		case behind[0] != escaped:
			return "", nil, false
		}
		name = append(name, escape)
		key = behind[1:]
	}
	// #endregion
}

// appendTime appends an encoded time to dst: later times come before earlier ones.
//
//lab:todo 1 time-series#keys
//lab:hint As they are in memory, -1 is 0xffff… and stands behind all others. One bit puts that right.
//lab:hint The newest is to come first: what happens to the order of numbers if all their bits are flipped?
func appendTime(dst []byte, t int64) []byte {
	// #region append-time
	return binary.BigEndian.AppendUint64(dst, uint64(t)^math.MaxInt64)
	// #endregion
}

// timeOf undoes appendTime. It needs 8 bytes.
//
//lab:todo 1 time-series#keys
//lab:hint Which bits were flipped? Flip them again.
func timeOf(enc []byte) int64 {
	// #region time-of
	return int64(binary.BigEndian.Uint64(enc) ^ math.MaxInt64)
	// #endregion
}

// Key returns the key under which the store has a point, for people who look into it.
func (d *DB) Key(series string, t int64) []byte { return appendTime(d.head(series), t) }

// head returns what the keys of a series begin with.
func (d *DB) head(series string) []byte {
	return appendName(d.prefix[:len(d.prefix):len(d.prefix)], series)
}

// ParseKey undoes Key. It returns false for what is no key of a point.
func (d *DB) ParseKey(key []byte) (series string, t int64, ok bool) {
	rest, ok := bytes.CutPrefix(key, d.prefix)
	if ok {
		series, rest, ok = cutName(rest)
	}
	if !ok || len(rest) != timeSize {
		return "", 0, false
	}
	return series, timeOf(rest), true
}

// notAPoint returns the error for a key or value that stands among points and is none.
func notAPoint(key, value []byte) error {
	return &kv.CorruptionError{File: "time series", Offset: -1, Reason: fmt.Sprintf("%q = %q is no point", key, value)}
}
