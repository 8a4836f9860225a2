package scheck

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/report"
)

// What earlier checks found may be cut off, by a full disk or a Ctrl-C: no command fails for that, and the next check begins
// it anew.
func TestResults_OfADamagedFileAreBegunAnew(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, ".lab"), 0o777))
	for _, text := range []string{"", "{", "[]", `{"days": {"1.1": {"tests": 3, "passed": "x"}}}`} {
		require.NoError(t, os.WriteFile(resultsFile(root), []byte(text), 0o666))
		r, err := LoadResults(root)
		require.NoError(t, err)
		require.Empty(t, r.Days, text)
		require.NotNil(t, r.Days)
		require.NotNil(t, r.Cold)
		require.NoError(t, remember(root, &report.Report{Elapsed: time.Second, Days: []report.Day{{Day: course.Released()[0]}}}))
		r, err = LoadResults(root)
		require.NoError(t, err)
		require.Len(t, r.Days, 1)
	}
}
