package story

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
)

// The story comes to its end, with what each chapter has to show, and leaves nothing behind.
func TestRun(t *testing.T) {
	labtest.NoLeaks(t)
	t.Setenv("TMPDIR", t.TempDir())
	var out strings.Builder
	require.NoError(t, Run(&out))
	for _, line := range []string{
		"version 1: 1.00  version 2: 1.20  version 3: 0.90",
		"shop 1000, baker 500; in a second the baker has 1200",
		"under snapshot isolation 0 of them is told to try again, and 0 stay",
		"under serializable 1 of them is told to try again, and 1 stay",
		"8 doors count 500 visitors each, in transactions: 4000, after ",
		"PUT: 100, GET: 10, DELETE: 0",
		"hold 31, mean 61.03",
		"1000 users:",
		"4/4 found",
		"finds 1000, in order",
	} {
		require.Contains(t, out.String(), line)
	}
	require.True(t, strings.HasSuffix(out.String(), "all as it should be\n"))
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

// What is not as it has to be ends the story, with its name.
func TestWant(t *testing.T) {
	require.NoError(t, want("a", 1, 1))
	require.EqualError(t, want("visitors", 4000, 3999), "visitors: 3999, and not 4000")
	require.NoError(t, errors.Join(want("a", 1, 1), want("b", "x", "x")))
}
