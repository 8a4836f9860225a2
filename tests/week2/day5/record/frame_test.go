package record_test

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/record"
)

// goldenFields is a file of records, field by field. It is testdata/w2d5_golden.log, too. The checksums were computed by another
// program.
var goldenFields = []struct{ name, hex string }{
	{"header: magic", "4c 53 4d 4c 61 62 52 b5"},
	{"header: format version", "01 00 00 00"},
	{"header: file number 12", "0c 00 00 00 00 00 00 00"},
	{"header: CRC-32C of the 20 bytes before", "23 0b f0 3e"},
	{"frame at 24: length of the body, 5", "05 00 00 00"},
	{"frame at 24: CRC-32C of number 12, offset 24, length 5", "fa d7 15 ef"},
	{"frame at 24: CRC-32C of the same and the body", "16 84 8e 33"},
	{"frame at 24: body, apple", "61 70 70 6c 65"},
	{"frame at 41: length of the body, 1", "01 00 00 00"},
	{"frame at 41: CRC-32C of number 12, offset 41, length 1", "0c 5a 3c 8e"},
	{"frame at 41: CRC-32C of the same and the body", "db a0 b0 1f"},
	{"frame at 41: body, a byte of zero", "00"},
}

// goldenBytes returns the golden file.
func goldenBytes(t labtest.TB) []byte {
	t.Helper()
	var all []byte
	for _, f := range goldenFields {
		raw, err := hex.DecodeString(strings.ReplaceAll(f.hex, " ", ""))
		require.NoError(t, err, "%s", f.name)
		all = append(all, raw...)
	}
	return all
}

// A file outlives the program that wrote it. So its bytes are laid down here, one field a line: whoever changes the order of two
// checksums, the polynomial, or what they cover, can no longer read what is on people's disks.
//
//lab:task 1 points=3
func TestAppend_GoldenBytes(t *testing.T) {
	got, _ := build(fileNumber, "apple", "\x00")
	at := 0
	for _, f := range goldenFields {
		size := (len(f.hex) + 1) / 3
		field := ""
		if at < len(got) {
			field = strings.TrimSpace(spaced(got[at:min(at+size, len(got))]))
		}
		if diff := cmp.Diff(f.hex, field); diff != "" {
			t.Errorf("%s, offset %d (-want +got)\n%s", f.name, at, diff)
		}
		at += size
	}
	require.Len(t, got, at, "bytes in all")
	large, err := hex.DecodeString("05000000" + "4a20618f" + "3189205f" + "6170706c65")
	require.NoError(t, err)
	labtest.DiffBytes(t, "frame of apple in file 2^32+12 at offset 2^33+24: all 64 bits of both are in the checksums", large,
		record.Append(nil, 1<<32+12, 1<<33+24, []byte("apple")))
	onDisk, err := os.ReadFile("testdata/w2d5_golden.log")
	require.NoError(t, err)
	labtest.DiffBytes(t, "testdata/w2d5_golden.log", goldenBytes(t), onDisk)
}

// spaced returns bytes as hexadecimal numbers with a space behind each.
func spaced(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteString(hex.EncodeToString([]byte{c}) + " ")
	}
	return b.String()
}

// Append appends: what dst holds already stays, and body is not kept. A log collects many records in one buffer before it
// writes them.
//
//lab:task 1 points=1
func TestAppend_KeepsWhatIsThere(t *testing.T) {
	body := []byte("apple")
	alone := record.Append(nil, fileNumber, 24, body)
	behind := record.Append([]byte("before"), fileNumber, 24, body)
	body[0] = 'X'
	labtest.DiffBytes(t, "frame behind other bytes", append([]byte("before"), alone...), behind)
	require.Equal(t, "apple", string(alone[record.FrameSize:]), "body in the frame after the caller has changed its own")
}

// What is written is read: bodies, where their frames begin, and where the last one ends. A file that ends behind a frame has
// nothing torn in it, and neither has one that has only its header.
//
//lab:task 1 points=2
func TestReader_ReadsWhatWasWritten(t *testing.T) {
	for n := range len(fruits()) + 1 {
		data, ends := build(fileNumber, fruits()[:n]...)
		if diff := cmp.Diff(good(ends, false, fruits()[:n]...), readAll(t, data)); diff != "" {
			t.Errorf("a file of %d records (-want +got)\n%s", n, diff)
		}
	}
}

// The body borrows from the file's bytes, and cannot be appended to: whoever decodes it in place must not be able to run into
// the next frame by accident.
//
//lab:task 1 points=1
func TestReader_BodyIsClipped(t *testing.T) {
	data, _ := build(fileNumber, fruits()...)
	r := record.NewReader(fileName, fileNumber, data)
	require.True(t, r.Next())
	require.Equal(t, len(r.Body()), cap(r.Body()), "capacity of the body")
	require.Same(t, &data[record.HeaderSize+record.FrameSize], &r.Body()[0], "the body lies in the file's bytes")
}

// Any bodies, of any bytes, large ones too, come back as they were.
//
//lab:task 1 points=2 random
func TestReader_RoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bodies := rapid.SliceOfN(recBody(), 0, 20).Draw(rt, "bodies")
		data, ends := build(fileNumber, bodies...)
		if diff := cmp.Diff(good(ends, false, bodies...), readAll(rt, data)); diff != "" {
			rt.Fatalf("read (-want +got)\n%s", diff)
		}
	})
}
