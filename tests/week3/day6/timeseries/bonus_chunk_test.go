package timeseries_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week3/timeseries"
)

// goldenPoints are the points of goldenChunk.
var goldenPoints = []timeseries.Point{
	pt(1000, 12), pt(1060, 12), pt(1120, 24), pt(1180, 15), pt(1239, 13), pt(1499, 13), pt(1499, -13), pt(-1, -13),
	pt(math.MinInt64, math.Float64frombits(0x7ff8_0000_0000_0001)),
}

// goldenChunk holds them: their number, the first of them in 16 bytes, and then bits.
//
//	point  time    change of the distance            value  differs from the one before
//	2      1060    60     10 0111100                 12     not at all               0
//	3      1120    0      0                          24     in bit 52                11 01011 000000 1
//	4      1180    0      0                          15     in bits 49, 50, 52       11 01011 000011 1011
//	5      1239    -1     10 1111111                 13     in bit 50, in the window 10 0010
//	6      1499    201    110 011001001              13     not at all               0
//	7      1499    -260   1110 111011111100          -13    in bit 63                11 00000 000000 1
//	8      -1      -1500  1110 101000100100          -13    not at all               0
//	9      -2⁶³    …      1111 80000000000005dd      NaN    in all bits from 0 to 63 11 00000 111111 bfd2000000000001
var goldenChunk = []byte{
	0x09,
	0xe8, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x28, 0x40,
	0x9e, 0x1a, 0xc0, 0xb5, 0x87, 0x77, 0xf8, 0xb3,
	0x25, 0xdd, 0xf9, 0x80, 0x0f, 0x51, 0x23, 0xe0,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x77, 0x70,
	0x7f, 0x7f, 0xa4, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x02,
}

// The bits of a chunk are a format.
//
//lab:task bonus points=3
func TestChunk_BytesAreFixed(t *testing.T) {
	labtest.DiffBytes(t, "EncodeChunk", goldenChunk, timeseries.EncodeChunk(goldenPoints))
	got, err := timeseries.DecodeChunk(goldenChunk)
	require.NoError(t, err)
	same(t, "DecodeChunk", goldenPoints, got)
}

// Where a class ends, one bit more or less decides: 63 has 7 bits of two's complement, and 64 has not, -64 has. And a
// window of 64 bits, or with more than 31 zeros before it, has to fit into 6 and 5 bits.
//
//lab:task bonus points=3
func TestChunk_EdgesOfClasses(t *testing.T) {
	for _, edge := range []int64{0, 1, 63, 64, 65, 255, 256, 257, 2047, 2048, 2049, 1 << 31, 1 << 32, math.MaxInt64} {
		for _, change := range []int64{edge, -edge, -edge - 1} {
			points := []timeseries.Point{pt(100, 1), pt(110, 1), pt(120+change, 1), pt(130+2*change, 2)}
			chunkHolds(t, fmt.Sprintf("a distance that changes by %d", change), points)
		}
	}
	for leading := range 64 {
		for _, low := range []int{0, 1, 63 - leading} {
			if low > 63-leading {
				continue
			}
			differs := uint64(1)<<(63-leading) | uint64(1)<<low
			a, b := math.Float64bits(1.5), math.Float64bits(1.5)^differs
			points := []timeseries.Point{{Value: 1.5}, {Time: 1, Value: math.Float64frombits(b)},
				{Time: 2, Value: math.Float64frombits(a)}}
			chunkHolds(t, fmt.Sprintf("values that differ in bits %d and %d", 63-leading, low), points)
		}
	}
	chunkHolds(t, "no points", nil)
	chunkHolds(t, "one point", []timeseries.Point{pt(math.MinInt64, -inf)})
}

// A change of the distance is written in the first class that has room for it: -64 in the first one, and 64 in the second.
//
//lab:task bonus points=1
func TestChunk_FirstClassWithRoom(t *testing.T) {
	for class, changes := range map[string][]int64{
		"0": {0}, "10": {-64, -1, 1, 63}, "110": {-256, -65, 64, 255}, "1110": {-2048, -257, 256, 2047},
		"1111": {math.MinInt64, -2049, 2048, math.MaxInt64},
	} {
		for _, change := range changes {
			chunk := timeseries.EncodeChunk([]timeseries.Point{pt(0, 1), pt(change, 1)})
			bits := fmt.Sprintf("%08b", chunk[17])
			require.Equal(t, class, bits[:len(class)], "first bits of a distance that changes by %d", change)
		}
	}
}

// chunkHolds fails the test unless a chunk of points gives them back.
func chunkHolds(t labtest.TB, what string, points []timeseries.Point) {
	t.Helper()
	got, err := timeseries.DecodeChunk(timeseries.EncodeChunk(points))
	require.NoError(t, err, "DecodeChunk of %s", what)
	same(t, what, points, got)
}

// What it is for: a point at a regular time with the value of the one before costs two bits, and a thousand of them
// 17 bytes and a quarter of a thousand. One that changes in a few bits only costs little more than these.
//
//lab:task bonus points=2
func TestChunk_IsSmall(t *testing.T) {
	still := timeseries.EncodeChunk(every(1001, func(int) float64 { return 21.5 }))
	require.LessOrEqual(t, len(still), 2+16+1+250, "bytes of 1,001 points with the same value")
	steps := timeseries.EncodeChunk(every(1001, func(i int) float64 { return 16 + float64(i%5) }))
	require.LessOrEqual(t, len(steps), 2+16+1+1000,
		"bytes of 1,001 points with five values, which differ in three bits")
}

// Bytes from the disk are not always a chunk. None of them makes it panic or hands out points that nobody has
// measured: cut off anywhere, with something behind the last point, with more points announced than there are bits.
//
//lab:task bonus points=3
func TestDecodeChunk_RefusesOtherBytes(t *testing.T) {
	bad := map[string][]byte{
		"one byte more": append(append([]byte{}, goldenChunk...), 0),
		"a bit in the padding": append(append([]byte{}, goldenChunk[:len(goldenChunk)-1]...),
			goldenChunk[len(goldenChunk)-1]|1),
		"no point, and a byte":       {0, 0},
		"a number that does not end": {0x80},
		"2⁶³ points": append([]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
			0x01}, goldenChunk[1:]...),
		"a window before there was one": append(append([]byte{2}, goldenChunk[1:17]...), 0b0_10_00000),
		"a window that reaches beyond the bits": append(append([]byte{2}, goldenChunk[1:17]...), 0b0_11_11111,
			0b111111_11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0b111111_00),
	}
	regular := timeseries.EncodeChunk([]timeseries.Point{pt(0, 1), pt(100, 1), pt(200, 1), pt(300, 1)})
	require.Len(t, regular, 1+16+3, "bytes of four points, the last of which ends with bit 17")
	bad["all but the last bit, which is 0"] = regular[:len(regular)-1]
	for n := range goldenChunk {
		bad[fmt.Sprintf("the first %d bytes", n)] = goldenChunk[:n]
	}
	for what, data := range bad {
		points, err := timeseries.DecodeChunk(data)
		require.ErrorIs(t, err, kv.ErrCorrupt, "DecodeChunk of %s, which says %q", what, lines(points))
	}
}

// Any points, in any order, with any bits.
//
//lab:task bonus points=3 random
func TestChunk_GivesBackAnyPoints(t *testing.T) {
	at := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-300, 300), rapid.SampledFrom(times))
	value := rapid.OneOf(rapid.Map(rapid.Uint64(), math.Float64frombits),
		rapid.Map(rapid.IntRange(-8, 8), func(i int) float64 { return float64(i) }))
	rapid.Check(t, func(t *rapid.T) {
		var points []timeseries.Point
		for range rapid.IntRange(0, 50).Draw(t, "points") {
			points = append(points, pt(at.Draw(t, "time"), value.Draw(t, "value")))
		}
		chunkHolds(t, "a chunk", points)
	})
}

// FuzzDecodeChunk looks whether any bytes make it panic, and whether what is taken for a chunk holds points that a
// chunk gives back.
//
//lab:task bonus points=1
func FuzzDecodeChunk(f *testing.F) {
	f.Add(goldenChunk)
	f.Add([]byte{0})
	f.Add(goldenChunk[:17])
	f.Fuzz(func(t *testing.T, data []byte) {
		if points, err := timeseries.DecodeChunk(data); err == nil {
			chunkHolds(t, "what was decoded", points)
		}
	})
}
