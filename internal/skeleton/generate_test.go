package skeleton_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/skeleton"
)

// small is a lab with one task.
const small = `
-- solution/week1/block/x.go --
//lab:day 1.3

package block

// F is a task.
//
//lab:todo 1 blocks#f
//lab:hint H.
func F() int { return 1 }
-- solution/week1/filter/doc.go --
//lab:day 1.7

package filter
`

// generate generates, and returns what it says that it did.
func generate(t *testing.T, root string, force bool) []string {
	t.Helper()
	changes, err := load(t, root).Generate(force)
	require.NoError(t, err)
	var out []string
	for _, c := range changes {
		out = append(out, c.String())
	}
	return out
}

// refused generates, and returns the files because of which nothing was done.
func refused(t *testing.T, root string) []string {
	t.Helper()
	_, err := load(t, root).Generate(false)
	var edited *skeleton.EditedError
	require.ErrorAs(t, err, &edited)
	return edited.Paths
}

// The first generation writes everything, the second nothing.
func TestGenerate_WritesOnce(t *testing.T) {
	root := lay(t, small)
	require.Equal(t, []string{"wrote week1/block/x.go", "wrote week1/filter/doc.go"}, generate(t, root, false))
	require.Contains(t, get(t, root, "week1/block/x.go"), `panic(todo.Reached("week 1 day 3 task 1", "F"))`)
	require.Empty(t, generate(t, root, false))
}

// When the reference changes, a skeleton that nobody touched follows.
func TestGenerate_FollowsTheReference(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "solution/week1/block/x.go", head+"\nvar Given = 1\n")
	require.Equal(t, []string{"wrote week1/block/x.go"}, generate(t, root, false))
	require.Equal(t, "package block\n\nvar Given = 1\n", get(t, root, "week1/block/x.go"))
}

// A learner's edit is not replaced; nothing at all is written then, so that the tree is not half of one edition.
func TestGenerate_RefusesToReplaceEdits(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/block/x.go", "package block\n\n// mine\n")
	put(t, root, "solution/week1/filter/doc.go", "//lab:day 1.7\n\n// Doc.\npackage filter\n")
	require.Equal(t, []string{"week1/block/x.go"}, refused(t, root))
	require.Equal(t, "package block\n\n// mine\n", get(t, root, "week1/block/x.go"))
	require.Equal(t, "package filter\n", get(t, root, "week1/filter/doc.go"))
}

// An edit is an edit also when the reference has changed since.
func TestGenerate_RefusesAfterANewEdition(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/block/x.go", "package block\n\n// mine\n")
	put(t, root, "solution/week1/block/x.go", head+"\nvar Given = 1\n")
	require.Equal(t, []string{"week1/block/x.go"}, refused(t, root))
}

// With force the edit is replaced, and kept.
func TestGenerate_ForceBacksUp(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/block/x.go", "package block\n\n// mine\n")
	require.Equal(t, []string{"wrote week1/block/x.go"}, generate(t, root, true))
	kept, err := filepath.Glob(filepath.Join(root, ".lab", "backup", "*", "week1", "block", "x.go"))
	require.NoError(t, err)
	require.Len(t, kept, 1)
	text, err := os.ReadFile(kept[0])
	require.NoError(t, err)
	require.Equal(t, "package block\n\n// mine\n", string(text))
	require.Contains(t, get(t, root, "week1/block/x.go"), "todo.Reached")
	require.Empty(t, generate(t, root, false))
}

// A learner's file that stands where a new edition wants to put one is an edit too.
func TestGenerate_RefusesToReplaceForeignFiles(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/block/helper.go", "package block\n\n// mine\n")
	require.Empty(t, generate(t, root, false), "it is in nobody's way")
	put(t, root, "solution/week1/block/helper.go", head)
	require.Equal(t, []string{"week1/block/helper.go"}, refused(t, root))
}

// A file whose source is gone goes, and its directory with the last one; what was not generated stays.
func TestGenerate_RemovesOrphans(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/block/notes.md", "mine")
	require.NoError(t, os.RemoveAll(filepath.Join(root, "solution", "week1")))
	require.Equal(t, []string{"removed week1/block/x.go", "removed week1/filter/doc.go"}, generate(t, root, false))
	require.NoDirExists(t, filepath.Join(root, "week1", "filter"))
	require.Equal(t, "mine", get(t, root, "week1/block/notes.md"))
	require.Empty(t, generate(t, root, false))
}

// An orphan that was edited stays until forced, and is kept even then.
func TestGenerate_RefusesToRemoveEdits(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/filter/doc.go", "package filter\n\n// mine\n")
	require.NoError(t, os.RemoveAll(filepath.Join(root, "solution", "week1", "filter")))
	require.Equal(t, []string{"week1/filter/doc.go"}, refused(t, root))
	require.Equal(t, []string{"removed week1/filter/doc.go"}, generate(t, root, true))
}

// A file that somebody deleted comes back.
func TestGenerate_BringsDeletedFilesBack(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	require.NoError(t, os.RemoveAll(filepath.Join(root, "week1")))
	require.Equal(t, []string{"wrote week1/block/x.go", "wrote week1/filter/doc.go"}, generate(t, root, false))
}

// Lines that end as on Windows are no edit.
func TestGenerate_IgnoresLineEnds(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/filter/doc.go", "package filter\r\n")
	require.Empty(t, generate(t, root, false))
	edited, err := skeleton.Edited(root)
	require.NoError(t, err)
	require.Empty(t, edited)
}

// Edited names the files that were worked on, solved as well as half done.
func TestEdited(t *testing.T) {
	root := lay(t, small)
	generate(t, root, false)
	put(t, root, "week1/block/x.go", "package block\n\nfunc F() int { return 1 }\n")
	edited, err := skeleton.Edited(root)
	require.NoError(t, err)
	require.Equal(t, []string{"week1/block/x.go"}, edited)
}

// The check sees a stale tree on the authors' clone, and leaves a learner's alone; excerpts count on both.
func TestInSync(t *testing.T) {
	root := lay(t, small)
	stale := func(learner bool) []string {
		out, err := load(t, root).InSync(learner)
		require.NoError(t, err)
		return out
	}
	require.Equal(t, []string{"week1/block/x.go", "week1/filter/doc.go"}, stale(false))
	generate(t, root, false)
	require.Empty(t, stale(false))

	put(t, root, "week1/block/x.go", "package block\n\n// mine\n")
	require.Equal(t, []string{"week1/block/x.go"}, stale(false))
	require.Empty(t, stale(true))

	generate(t, root, true)
	require.NoError(t, os.WriteFile(filepath.Join(root, "internal", "skeleton", "generated.sum"), []byte("0  week1/block/x.go\n"), 0o666))
	require.Equal(t, []string{skeleton.RecordPath}, stale(false))

	generate(t, root, true)
	put(t, root, "book/x.md", "<!-- excerpt: week1/block/x.go#gone -->\n```go\n```\n")
	_, err := load(t, root).InSync(true)
	require.ErrorContains(t, err, `book/x.md:1: week1/block/x.go has no region "gone"`)
}
