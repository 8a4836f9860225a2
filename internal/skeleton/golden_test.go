package skeleton_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"lsmlab/internal/course"
)

// update rewrites the golden parts: go test ./internal/skeleton -update. Read the difference before you commit it.
var update = flag.Bool("update", false, "rewrite the golden files")

// Each archive in testdata holds files below solution/, and below skeleton/ and reference/ what comes of them.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			require.NoError(t, err)
			got := generateAll(t, archive)
			if *update {
				require.NoError(t, os.WriteFile(name, txtar.Format(got), 0o666))
				return
			}
			if diff := cmp.Diff(string(txtar.Format(archive)), string(txtar.Format(got))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// generateAll returns the archive with its golden parts as they are generated now.
func generateAll(t *testing.T, archive *txtar.Archive) *txtar.Archive {
	t.Helper()
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "solution/") || strings.HasPrefix(f.Name, "internal/") {
			out.Files = append(out.Files, f)
		}
	}
	s := load(t, lay(t, string(txtar.Format(out))))
	skeletons, err := s.Skeleton()
	require.NoError(t, err)
	references, err := s.Tree(func(course.Day) bool { return true })
	require.NoError(t, err)
	for _, f := range s.Files {
		out.Files = append(out.Files, txtar.File{Name: "skeleton/" + f.Path, Data: skeletons[f.Path]})
	}
	for _, f := range s.Files {
		out.Files = append(out.Files, txtar.File{Name: "reference/" + f.Path, Data: references[f.Path]})
	}
	return out
}

// A golden file that holds a directive would prove nothing.
func TestGolden_HasNoTrace(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		require.NoError(t, err)
		i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "skeleton/") })
		require.GreaterOrEqual(t, i, 0, name)
		for _, f := range archive.Files[i:] {
			for _, trace := range []string{"lab:", "#region", "#endregion", "lsmlab/solution", "Code generated"} {
				require.NotContains(t, string(f.Data), trace, f.Name)
			}
		}
	}
}
