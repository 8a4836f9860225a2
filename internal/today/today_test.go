package today_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/today"
)

// The day is the one named; without a name, the first that is not green.
func TestDay(t *testing.T) {
	root := t.TempDir()
	d, err := today.Day(root, 1, 6)
	require.NoError(t, err)
	require.Equal(t, "1.6", d.ID())
	_, err = today.Day(root, 0, 6)
	require.ErrorContains(t, err, "-week=1 -day=6")
	_, err = today.Day(root, 1, 9)
	require.Error(t, err)

	d, err = today.Day(root, 0, 0)
	require.NoError(t, err)
	require.Equal(t, "1.1", d.ID())
	require.NoError(t, os.Mkdir(filepath.Join(root, ".lab"), 0o777))
	results := `{"days": {"1.1": {"tests": 3, "passed": 3}, "1.2": {"tests": 3, "passed": 2}, "1.3": {"tests": 3, "passed": 3}}}`
	require.NoError(t, os.WriteFile(filepath.Join(root, ".lab", "results.json"), []byte(results), 0o666))
	d, err = today.Day(root, 0, 0)
	require.NoError(t, err)
	require.Equal(t, "1.2", d.ID())

	for id, want := range map[string]bool{"1.1": true, "1.2": false, "1.4": false} {
		d, err := course.Parse(id)
		require.NoError(t, err)
		green, err := today.Green(root, d)
		require.NoError(t, err)
		require.Equal(t, want, green, id)
	}
}
