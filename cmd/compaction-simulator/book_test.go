//go:build reference

package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// command finds the commands of the book that make its charts.
var command = regexp.MustCompile(`(?m)^ +go run -tags reference \./cmd/compaction-simulator (.* --svg=(book/\S+\.svg))$`)

// The charts in the book are what the commands beside them make. After a change that makes them different, run the commands
// again, and look at the numbers in the text, too.
func TestBook_ChartsAreCurrent(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the last digit of a coordinate may be another one here")
	}
	root := filepath.Join("..", "..")
	chapters, err := filepath.Glob(filepath.Join(root, "book", "week2", "*.md"))
	require.NoError(t, err)
	found := 0
	for _, chapter := range chapters {
		text, err := os.ReadFile(chapter)
		require.NoError(t, err)
		for _, match := range command.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
			found++
			want, err := os.ReadFile(filepath.Join(root, match[2]))
			require.NoError(t, err)
			drawn := filepath.Join(t.TempDir(), "drawn.svg")
			args := append(strings.Fields(match[1]), "--svg="+drawn)
			f, err := parse(t, args...)
			require.NoError(t, err)
			require.NoError(t, run(f, args, io.Discard))
			got, err := os.ReadFile(drawn)
			require.NoError(t, err)
			if string(got) != strings.ReplaceAll(string(want), "\r\n", "\n") {
				t.Errorf("%s is out of date; from the lab's root:\n  go run -tags reference ./cmd/compaction-simulator %s",
					match[2], match[1])
			}
		}
	}
	require.NotZero(t, found, "the chapters have charts")
}
