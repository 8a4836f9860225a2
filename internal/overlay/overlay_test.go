package overlay_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"lsmlab/internal/course"
	"lsmlab/internal/overlay"
	"lsmlab/internal/skeleton"
)

// lab has two days; in the student's tree stand an own file and a changed one.
const lab = `
-- go.mod --
module lsmlab

go 1.26
-- solution/week1/memtable/add.go --
//lab:day 1.1

package memtable

// Add adds.
//
//lab:todo 1 memtable#add
//lab:hint Add.
func Add(a, b int) int { return a + b }
-- solution/week1/iterator/sum.go --
//lab:day 1.2

package iterator

import "lsmlab/solution/week1/memtable"

// Sum sums.
//
//lab:todo 2 merging-iterators#sum
//lab:hint Sum.
func Sum(a int) int { return memtable.Add(a, a) }
-- tests/week1/day1/memtable/add_test.go --
package memtable_test

import (
	"lsmlab/solution/week1/memtable"
	refmemtable "lsmlab/solution/week1/memtable"
)

var _, _ = memtable.Add, refmemtable.Add
-- tests/week1/day1/memtable/bonus_x_test.go --
package memtable_test
-- tests/week1/day1/memtable/testdata/w1d1_golden --
golden
-- week1/memtable/add.go --
package memtable // changed
-- week1/memtable/own.go --
package memtable // own
`

// lay writes the lab and loads its reference.
func lay(t *testing.T) *skeleton.Source {
	t.Helper()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(lab)).Files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, f.Data, 0o666))
	}
	s, err := skeleton.Load(root)
	require.NoError(t, err)
	return s
}

// read returns the overlay as the go command sees it: contents by path from the root, "hidden" for what it hides.
func read(t *testing.T, root string, tree *overlay.Tree) map[string]string {
	t.Helper()
	text, err := os.ReadFile(tree.File)
	require.NoError(t, err)
	var spec struct{ Replace map[string]string }
	require.NoError(t, json.Unmarshal(text, &spec))
	out := map[string]string{}
	for name, with := range spec.Replace {
		rel, err := filepath.Rel(root, name)
		require.NoError(t, err)
		out[filepath.ToSlash(rel)] = "hidden"
		if with != "" {
			contents, err := os.ReadFile(with)
			require.NoError(t, err)
			out[filepath.ToSlash(rel)] = string(contents)
		}
	}
	return out
}

// A tree has the reference where it is solved, skeletons elsewhere, tests that look at the student's packages, and nothing
// of what stands there on disk.
func TestNew(t *testing.T) {
	s := lay(t)
	day, err := course.Find(1, 2)
	require.NoError(t, err)
	tree, err := overlay.New(s, overlay.Spec{Solved: course.Before(day), Tests: course.Through(day)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tree.Close()) })
	got := read(t, s.Root, tree)
	require.Len(t, got, 4)
	require.Equal(t, "package memtable\n\n// Add adds.\nfunc Add(a, b int) int { return a + b }\n", got["week1/memtable/add.go"])
	require.Contains(t, got["week1/iterator/sum.go"], `panic(todo.Reached("week 1 day 2 task 2", "Sum"))`)
	require.Equal(t, "hidden", got["week1/memtable/own.go"])
	require.Contains(t, got["week1/memtable/w1d1_add_test.go"],
		"\trefmemtable \"lsmlab/solution/week1/memtable\"\n\t\"lsmlab/week1/memtable\"\n", "retargeted, and in gofmt's order")
	require.Equal(t, []string{"week1/iterator", "week1/memtable"}, tree.Packages())

	dir, err := tree.Dir("week1/memtable")
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(dir, "testdata", "w1d1_golden"))
}

// Bonus tests come only when asked for.
func TestNew_Bonus(t *testing.T) {
	s := lay(t)
	tree, err := overlay.New(s, overlay.Spec{Tests: course.Released(), Bonus: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tree.Close()) })
	require.Contains(t, read(t, s.Root, tree), "week1/memtable/w1d1_bonus_x_test.go")
}

// Close leaves the student's tree as it was, down to the directories.
func TestClose(t *testing.T) {
	s := lay(t)
	tree, err := overlay.New(s, overlay.Spec{})
	require.NoError(t, err)
	require.DirExists(t, filepath.Join(s.Root, "week1", "iterator"))
	require.NoError(t, tree.Close())
	require.NoDirExists(t, filepath.Join(s.Root, "week1", "iterator"))
	require.DirExists(t, filepath.Join(s.Root, "week1", "memtable"))
	require.NoFileExists(t, tree.File)
}

// What a tool says about a file of the tree names the place that the file stands for.
func TestClean(t *testing.T) {
	s := lay(t)
	tree, err := overlay.New(s, overlay.Spec{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tree.Close()) })
	scratch := filepath.Join(filepath.Dir(tree.File), "src", "week1", "x.go")
	require.Equal(t, filepath.Join("week1", "x.go")+":3: no", tree.Clean(scratch+":3: no"))
}
