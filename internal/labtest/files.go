package labtest

import (
	"path"
	"slices"

	"lsmlab/internal/vfs"
)

// Files returns the sorted names in a directory.
func Files(t TB, fs vfs.FS, dir string) []string {
	t.Helper()
	names, err := fs.List(dir)
	if err != nil {
		t.Fatalf("list %s: %v", dir, err)
	}
	return names
}

// NoStrayFiles fails the test if the directory holds a file whose name matches none of the patterns (as in path.Match),
// for instance what a failed flush has left. It looks at once; call it in t.Cleanup to look at the end.
//
//	labtest.NoStrayFiles(t, mem, "db", "000001.sst", "LOCK")
func NoStrayFiles(t TB, fs vfs.FS, dir string, patterns ...string) {
	t.Helper()
	for _, name := range Files(t, fs, dir) {
		known := slices.ContainsFunc(patterns, func(p string) bool {
			ok, err := path.Match(p, name)
			return ok && err == nil
		})
		if !known {
			t.Errorf("stray file in %s: %s (expected only %q)", dir, name, patterns)
		}
	}
}
