//lab:day 3.6

package timeseries

import (
	"encoding/binary"
	"math"
	"math/bits"

	"lsmlab/internal/kv"
)

// A chunk holds points in a few bits each, after Pelkonen et al. (Gorilla: a fast, scalable, in-memory time series
// database, 2015). It begins with the number of points, uvarint, and the first of them, time and value, 8 bytes each,
// little-endian. For each further point follow bits, the highest first:
//
//	time    the distance to the point before, minus the distance before that: 0 if points come at regular times;
//	        in the first class that has room for it
//	        0                             it is 0
//	        10    7 bits                  two's complement
//	        110   9 bits
//	        1110  12 bits
//	        1111  64 bits
//	value   the bits of the float64, xor those of the value before
//	        0                             the same value
//	        10    the window              all that differs lies in the window used last
//	        11    5 bits: zeros before the window, 6 bits: its length - 1, the window
//
// Zeros fill the last byte. All arithmetic on times is modulo 2⁶⁴, so every int64 is a time.

// chunkHead is the length in bytes of the first point.
const chunkHead = 16

// deltaBits are the lengths of the classes of time, but for the last, which is 64.
var deltaBits = [...]int{7, 9, 12}

// coder is where an encoder or a decoder stands.
type coder struct {
	time, delta    int64
	value          uint64
	leading, width int // of the window: zeros before it, and its length; 0 before the first
}

// EncodeChunk returns points in a few bits each. They may be in any order.
func EncodeChunk(points []Point) []byte {
	w := &bitWriter{buf: binary.AppendUvarint(nil, uint64(len(points)))}
	var c coder
	for i, p := range points {
		v := math.Float64bits(p.Value)
		if i > 0 {
			c.putTime(w, p.Time)
			c.putValue(w, v)
			continue
		}
		w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(p.Time))
		w.buf = binary.LittleEndian.AppendUint64(w.buf, v)
		c.time, c.value = p.Time, v
	}
	return w.buf
}

// putTime writes the time of a further point.
//
//lab:todo bonus time-series#chunk
//lab:hint Which numbers have 7 bits of two's complement? From -64 to 63.
//lab:hint c.time and c.delta are those of the point before. For the next one they are this one's.
func (c *coder) putTime(w *bitWriter, t int64) {
	// #region put-time
	delta := t - c.time
	change := delta - c.delta
	c.time, c.delta = t, delta
	if change == 0 {
		w.write(0, 1)
		return
	}
	for i, n := range deltaBits {
		if limit := int64(1) << (n - 1); -limit <= change && change < limit {
			w.write(1<<(i+2)-2, i+2)
			w.write(uint64(change), n)
			return
		}
	}
	w.write(0b1111, 4)
	w.write(uint64(change), 64)
	// #endregion
}

// putValue writes the value of a further point.
//
//lab:todo bonus time-series#chunk
//lab:hint bits.LeadingZeros64 and bits.TrailingZeros64 of what differs. 5 bits hold no more than 31.
//lab:hint Does all that differs lie in the window of c.leading and c.width? And before the first window, of width 0?
func (c *coder) putValue(w *bitWriter, v uint64) {
	// #region put-value
	differs := v ^ c.value
	c.value = v
	if differs == 0 {
		w.write(0, 1)
		return
	}
	leading, trailing := min(bits.LeadingZeros64(differs), 31), bits.TrailingZeros64(differs)
	if behind := 64 - c.leading - c.width; c.width > 0 && leading >= c.leading && trailing >= behind {
		w.write(0b10, 2)
		w.write(differs>>behind, c.width)
		return
	}
	c.leading, c.width = leading, 64-leading-trailing
	w.write(0b11, 2)
	w.write(uint64(leading), 5)
	w.write(uint64(c.width-1), 6)
	w.write(differs>>trailing, c.width)
	// #endregion
}

// DecodeChunk undoes EncodeChunk, bit by bit. What cannot be a chunk is an error that unwraps to kv.ErrCorrupt.
func DecodeChunk(data []byte) (points []Point, err error) {
	count, n := binary.Uvarint(data)
	if n == 1 && count == 0 && len(data) == 1 {
		return nil, nil
	}
	if n <= 0 || len(data) < n+chunkHead || count-1 > 4*uint64(len(data)) { // a point has 2 bits at least
		return nil, badChunk(0, "that is no number of points")
	}
	head := data[n : n+chunkHead]
	r := &bitReader{buf: data[n+chunkHead:]}
	c := coder{time: int64(binary.LittleEndian.Uint64(head)), value: binary.LittleEndian.Uint64(head[8:])}
	for {
		points = append(points, Point{c.time, math.Float64frombits(c.value)})
		if uint64(len(points)) == count {
			break
		}
		if !c.nextTime(r) || !c.nextValue(r) {
			return nil, badChunk(len(data)-len(r.buf)+r.at/8, "there is no such class, or no more of it")
		}
	}
	if left := 8*len(r.buf) - r.at; left >= 8 || r.read(left) != 0 {
		return nil, badChunk(len(data)-1, "something follows the last point")
	}
	return points, nil
}

// badChunk returns the error for a chunk that is none.
func badChunk(at int, reason string) error {
	return &kv.CorruptionError{File: "chunk", Offset: int64(at), Reason: reason}
}

// nextTime reads the time of a further point, and returns false if it is not all there.
//
//lab:todo bonus time-series#chunk
//lab:hint Ones before the first 0 tell the class. More than four do not come.
//lab:hint A number of n bits is signed: shift it to the left end, and back as an int64.
func (c *coder) nextTime(r *bitReader) bool {
	// #region next-time
	class := 0
	for class <= len(deltaBits) && r.read(1) == 1 {
		class++
	}
	n := 64
	switch {
	case class == 0:
		n = 0
	case class <= len(deltaBits):
		n = deltaBits[class-1]
	}
	c.delta += int64(r.read(n)<<(64-n)) >> (64 - n)
	c.time += c.delta
	return !r.short
	// #endregion
}

// nextValue reads the value of a further point. It returns false if it is not all there, or cannot be.
//
//lab:todo bonus time-series#chunk
//lab:hint Bytes from the disk may name a window that reaches beyond 64 bits, or the last window before there was one.
func (c *coder) nextValue(r *bitReader) bool {
	// #region next-value
	if r.read(1) == 0 {
		return !r.short
	}
	if r.read(1) == 1 {
		c.leading, c.width = int(r.read(5)), int(r.read(6))+1
	}
	behind := 64 - c.leading - c.width
	if c.width == 0 || behind < 0 {
		return false
	}
	c.value ^= r.read(c.width) << behind
	return !r.short
	// #endregion
}
