package timeseries

import (
	"encoding/binary"
	"math"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
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
func (c *coder) putTime(w *bitWriter, t int64) {
	// TODO(week 3, day 6, bonus): implement putTime. Chapter: book/week3/day6-time-series.md#chunk
	//
	// Hint: Which numbers have 7 bits of two's complement? From -64 to 63.
	// Hint: c.time and c.delta are those of the point before. For the next one they are this one's.
	panic(todo.Reached("week 3 day 6 bonus", "coder.putTime"))
}

// putValue writes the value of a further point.
func (c *coder) putValue(w *bitWriter, v uint64) {
	// TODO(week 3, day 6, bonus): implement putValue. Chapter: book/week3/day6-time-series.md#chunk
	//
	// Hint: bits.LeadingZeros64 and bits.TrailingZeros64 of what differs. 5 bits hold no more than 31.
	// Hint: Does all that differs lie in the window of c.leading and c.width? And before the first window, of width 0?
	panic(todo.Reached("week 3 day 6 bonus", "coder.putValue"))
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
func (c *coder) nextTime(r *bitReader) bool {
	// TODO(week 3, day 6, bonus): implement nextTime. Chapter: book/week3/day6-time-series.md#chunk
	//
	// Hint: Ones before the first 0 tell the class. More than four do not come.
	// Hint: A number of n bits is signed: shift it to the left end, and back as an int64.
	panic(todo.Reached("week 3 day 6 bonus", "coder.nextTime"))
}

// nextValue reads the value of a further point. It returns false if it is not all there, or cannot be.
func (c *coder) nextValue(r *bitReader) bool {
	// TODO(week 3, day 6, bonus): implement nextValue. Chapter: book/week3/day6-time-series.md#chunk
	//
	// Hint: Bytes from the disk may name a window that reaches beyond 64 bits, or the last window before there was one.
	panic(todo.Reached("week 3 day 6 bonus", "coder.nextValue"))
}
