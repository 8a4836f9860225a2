package hunt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/hunt"
	"lsmlab/internal/workspace"
)

// A small course of one day, with a learner who has solved it in their own way.
var files = map[string]string{
	"go.mod": "module lsmlab\n\ngo 1.26.0\n",
	"solution/week1/memtable/max.go": `//lab:day 1.1

// Package memtable is small.
package memtable

// Max returns the larger number.
//
//lab:todo 1 memtable#max
//lab:hint Compare.
func Max(a, b int) int {
	if a > b {
		return a
	}
	return b
}
`,
	"week1/memtable/max.go": `package memtable

func Max(a, b int) int { return max(a, b) }
`,
	"tests/week1/day1/memtable/max_test.go": `package memtable_test

import (
	"testing"

	"lsmlab/solution/week1/memtable"
)

// The larger number is the larger one.
//
//lab:task 1 points=1
func TestMax(t *testing.T) {
	if got := memtable.Max(1, 2); got != 2 {
		t.Errorf("Max(1, 2) = %d", got)
	}
}

// Equal numbers are no problem.
//
//lab:task 1 points=1
func TestMax_Equal(t *testing.T) {
	if got := memtable.Max(2, 2); got != 2 {
		t.Errorf("Max(2, 2) = %d", got)
	}
}
`,
	"tests/week1/day1/mutants.toml": `
[[mutant]]
name  = "smaller"
story = "the comparison is upside down, so the smaller number wins"
file  = "week1/memtable/max.go"
find  = '''a > b'''
put   = '''a < b'''

[[mutant]]
name  = "unseen"
story = "this one changes nothing that a test sees"
file  = "week1/memtable/max.go"
find  = '''a > b'''
put   = '''a >= b'''

[[mutant]]
name   = "hidden"
story  = "not for hunters"
file   = "week1/memtable/max.go"
find   = '''return b'''
put    = '''return 0'''
hidden = true
`,
	".lab/results.json": `{"days": {"1.1": {"tests": 2, "passed": 2}}}`,
}

// newRoot returns the clone.
func newRoot(t *testing.T) (string, course.Day) {
	root := t.TempDir()
	for path, text := range files {
		put(t, root, path, text)
	}
	d, err := course.Find(1, 1)
	require.NoError(t, err)
	return root, d
}

func put(t *testing.T, root, path, text string) {
	name := filepath.Join(root, filepath.FromSlash(path))
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

// A hunt from the planting to the mending: the bug goes into the scratch copy and nowhere else, the text tells what is
// red and not where, and the end tells what it was.
func TestCommand_AHunt(t *testing.T) {
	root, d := newRoot(t)
	call := func(o hunt.Options) string {
		o.Root, o.Day = root, d
		var out strings.Builder
		require.NoError(t, hunt.Command(t.Context(), &out, o))
		return out.String()
	}
	said := call(hunt.Options{})
	require.Contains(t, said, ".lab/break/w1d1, a scratch copy of your tree")
	require.Contains(t, said, "What its users see: the smaller number wins.")
	require.Contains(t, said, "✗ TestMax\n        Max(1, 2) = 1\n")
	require.Contains(t, said, "1 of 2 tests")
	require.NotContains(t, said, "upside down")
	require.NotContains(t, said, "max.go")
	mine, err := os.ReadFile(filepath.Join(root, "week1", "memtable", "max.go"))
	require.NoError(t, err)
	require.Equal(t, files["week1/memtable/max.go"], string(mine))

	require.Contains(t, call(hunt.Options{}), "A hunt is on already")
	require.Contains(t, call(hunt.Options{Check: true}), "Red: 1 of 2 tests of week 1 day 1\n")

	put(t, root, ".lab/break/w1d1/week1/memtable/max.go", files["week1/memtable/max.go"])
	said = call(hunt.Options{Check: true})
	require.Contains(t, said, "✓ Found and mended")
	require.Contains(t, said, "upside down")

	err = hunt.Command(t.Context(), &strings.Builder{}, hunt.Options{Root: root, Day: d, Check: true})
	require.ErrorContains(t, err, "no bug of week 1 day 1 is hidden")
}

// Who gives up is told what it was, as a difference.
func TestCommand_Reveal(t *testing.T) {
	root, d := newRoot(t)
	put(t, root, "week1/memtable/max.go", strings.ReplaceAll(files["solution/week1/memtable/max.go"], "//lab", "// lab"))
	require.NoError(t, hunt.Command(t.Context(), &strings.Builder{}, hunt.Options{Root: root, Day: d}))
	var out strings.Builder
	require.NoError(t, hunt.Command(t.Context(), &out, hunt.Options{Root: root, Day: d, Reveal: true}))
	require.Contains(t, out.String(), "-\tif a < b {\n+\tif a > b {\n")
	require.Contains(t, out.String(), "// lab:hint", "the bug was in the learner's own file")
}

// In a day that is not green there is nothing to hunt, but for those who want the reference; that is noted.
func TestCommand_NeedsAGreenDay(t *testing.T) {
	root, d := newRoot(t)
	require.NoError(t, os.Remove(filepath.Join(root, ".lab", "results.json")))
	o := hunt.Options{Root: root, Day: d}
	require.ErrorContains(t, hunt.Command(t.Context(), &strings.Builder{}, o), "not green yet")
	o.Reference = true
	var out strings.Builder
	require.NoError(t, hunt.Command(t.Context(), &out, o))
	require.Contains(t, out.String(), "a scratch copy of the reference")
	s, err := workspace.Load(root)
	require.NoError(t, err)
	require.Len(t, s.Spoils, 1)
}
