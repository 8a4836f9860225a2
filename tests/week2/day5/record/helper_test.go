package record_test

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/record"
)

// fileName and fileNumber are those of the file in most tests.
const (
	fileName   = "000012.log"
	fileNumber = 12
)

// build returns a file with that number, which holds the bodies, and where each frame ends; the first end is the header's.
func build(number uint64, bodies ...string) (data []byte, ends []int64) {
	data = record.AppendHeader(nil, number)
	ends = []int64{int64(len(data))}
	for _, body := range bodies {
		data = record.Append(data, number, int64(len(data)), []byte(body))
		ends = append(ends, int64(len(data)))
	}
	return data, ends
}

// fruits are the bodies of most tests.
func fruits() []string { return []string{"apple", "banana", "cherry"} }

// outcome is what reading a whole file comes to.
type outcome struct {
	Bodies  []string
	Offsets []int64
	End     int64
	Torn    bool
	Err     string // "" for none
}

// readAll reads data as the file fileNumber.
func readAll(t labtest.TB, data []byte) outcome {
	t.Helper()
	r := record.NewReader(fileName, fileNumber, data)
	o := outcome{Bodies: []string{}, Offsets: []int64{}}
	for r.Next() {
		o.Bodies = append(o.Bodies, string(r.Body()))
		o.Offsets = append(o.Offsets, r.Offset())
	}
	require.False(t, r.Next(), "Next after it has returned false")
	o.End, o.Torn = r.End(), r.Torn()
	if err := r.Err(); err != nil {
		o.Err = err.Error()
	}
	return o
}

// good is the outcome for a file that begins with these bodies and ends well, or torn behind them.
func good(ends []int64, torn bool, bodies ...string) outcome {
	return outcome{Bodies: append([]string{}, bodies...), Offsets: append([]int64{}, ends[:len(bodies)]...), End: ends[len(bodies)], Torn: torn}
}

// with returns a copy of data that has other bytes from offset at on.
func with(data []byte, at int64, other string) []byte {
	out := append([]byte(nil), data...)
	copy(out[at:], other)
	return out
}

// at names an offset in a message.
func at(offset int64) string { return fmt.Sprintf("corrupt at offset %d:", offset) }
