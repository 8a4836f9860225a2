package labtest

import (
	"os"
	"strings"

	"github.com/stretchr/testify/require"
)

// around is how many lines a difference between traces is shown with, before and after.
const around = 8

// Trace fails the test, and shows the first difference, unless got is what the file has. With LAB_UPDATE set it writes
// the file.
func Trace(t TB, file, got string) {
	t.Helper()
	if os.Getenv("LAB_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	want := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	have := strings.Split(got, "\n")
	at := 0
	for at < len(want) && at < len(have) && want[at] == have[at] {
		at++
	}
	if at == len(want) && at == len(have) {
		return
	}
	before := strings.Join(want[max(0, at-around):at], "\n")
	t.Errorf("the trace differs from line %d on; before it, both have\n%s\nwant:\n%s\ngot:\n%s",
		at+1, before, excerpt(want, at), excerpt(have, at))
}

// excerpt returns some lines from one on.
func excerpt(lines []string, at int) string {
	if at >= len(lines) {
		return "the end"
	}
	return strings.Join(lines[at:min(at+around, len(lines))], "\n")
}
