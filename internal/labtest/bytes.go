package labtest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

// rowBytes is how many bytes a line of a difference shows; maxRows is how many lines that differ are shown.
const (
	rowBytes = 16
	maxRows  = 8
)

// DiffBytes fails the test, and shows the lines of 16 bytes that differ, unless got holds the bytes wanted. Each line is
// an offset, the bytes, and the letters among them.
func DiffBytes(t TB, what string, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	var out strings.Builder
	for at, shown := 0, 0; at < max(len(want), len(got)) && shown < maxRows; at += rowBytes {
		w, g := row(want, at), row(got, at)
		if w == g {
			continue
		}
		shown++
		for _, line := range []struct{ sign, text string }{{"-", w}, {"+", g}} {
			if line.text != "" {
				fmt.Fprintf(&out, "%s %s\n", line.sign, line.text)
			}
		}
	}
	t.Errorf("%s: %d bytes wanted, got %d. Lines that differ (-want +got)\n%s", what, len(want), len(got), out.String())
}

// row returns the line of a dump that begins at byte at, nothing behind the end.
func row(data []byte, at int) string {
	if at >= len(data) {
		return ""
	}
	dump := hex.Dump(data[at:min(at+rowBytes, len(data))])
	return fmt.Sprintf("%6d%s", at, strings.TrimSuffix(dump[8:strings.IndexByte(dump, '\n')], "\n"))
}
