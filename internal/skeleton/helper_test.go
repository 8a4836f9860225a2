package skeleton_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"lsmlab/internal/skeleton"
)

// lay writes the files of a txtar archive to a new directory, together with the lab's go.mod, and returns it.
func lay(t *testing.T, archive string) string {
	t.Helper()
	root := t.TempDir()
	put(t, root, "go.mod", "module lsmlab\n\ngo 1.26\n")
	for _, f := range txtar.Parse([]byte(archive)).Files {
		put(t, root, f.Name, string(f.Data))
	}
	return root
}

// put writes one file below root.
func put(t *testing.T, root, path, text string) {
	t.Helper()
	name := filepath.Join(root, filepath.FromSlash(path))
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

// get reads one file below root.
func get(t *testing.T, root, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	require.NoError(t, err)
	return string(text)
}

// load loads a lab that has nothing wrong with it.
func load(t *testing.T, root string) *skeleton.Source {
	t.Helper()
	s, err := skeleton.Load(root)
	require.NoError(t, err)
	return s
}

// lines puts a program together that is easier to read as a list of lines.
func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }
