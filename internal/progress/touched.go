package progress

import (
	"bytes"
	"os"
	"path/filepath"

	"lsmlab/internal/skeleton"
)

// touchedDays returns the IDs of the days of which at least one file with a task differs from the skeleton. A file that is
// gone is touched, too: what it held may stand elsewhere.
func touchedDays(root string) map[string]bool {
	touched := map[string]bool{}
	source, err := skeleton.Load(root)
	if err != nil {
		return touched
	}
	fresh, err := source.Skeleton()
	if err != nil {
		return touched
	}
	for _, f := range source.Files {
		have, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.Path)))
		have = bytes.ReplaceAll(have, []byte("\r\n"), []byte("\n")) // a checkout on Windows
		if len(f.Todos) > 0 && (err != nil || !bytes.Equal(have, fresh[f.Path])) {
			touched[f.Day.ID()] = true
		}
	}
	return touched
}
