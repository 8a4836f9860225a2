package floors

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The chapter with the figure, and what stands above it there.
const (
	floorsMark    = "<!-- floors -->\n```mermaid\n"
	floorsChapter = "../../book/week3/README.md"
)

// update writes the figure into the book.
var update = flag.Bool("update", false, "write the figure into the book")

// The book draws the floors. The drawing is what Figure says, so it shows the code as it is.
func TestFigure_IsInTheBook(t *testing.T) {
	want, err := Figure("../..")
	require.NoError(t, err)
	chapter, err := os.ReadFile(floorsChapter)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(chapter), floorsMark)
	require.True(t, found, "the chapter has a figure of the floors")
	got, after, _ := strings.Cut(rest, "```\n")
	if *update {
		require.NoError(t, os.WriteFile(floorsChapter, []byte(before+floorsMark+want+"```\n"+after), 0o644))
		return
	}
	require.Equal(t, want, got, "packages of solution/ and %s differ: go test -run Figure ./internal/floors -update", floorsChapter)
}

// Where two ways lead to a package, only the longer one is drawn; packages without imports are drawn as well.
func TestFigure_LeavesOutWhatIsImplied(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"week1/a/a.go": "package a", "week1/b/b.go": "package b\nimport _ \"lsmlab/solution/week1/a\"", "week1/b/b_test.go": "package b\nimport _ \"lsmlab/solution/week2/c\"",
		"week2/c/c.go": "package c\nimport (\n_ \"fmt\"\n_ \"lsmlab/solution/week1/a\"\n_ \"lsmlab/solution/week1/b\"\n)",
	} {
		name = filepath.Join(root, "solution", filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	got, err := Figure(root)
	require.NoError(t, err)
	require.Equal(t, `flowchart TB
    subgraph week1["week 1"]
        a
        b
    end
    subgraph week2["week 2"]
        c
    end
    subgraph week3["week 3"]
    end
    b --> a
    c --> b
`, got)
}
