package workspace_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/skeleton"
	"lsmlab/internal/workspace"
)

// The reference of a small course.
const (
	tableGo = `//lab:day 1.1

// Package memtable is small.
package memtable

// Get gets.
//
//lab:todo 1 memtable#get
//lab:hint Look.
func Get() int { return 42 }

// Put puts.
//
//lab:todo 2 memtable#put
//lab:hint Do.
func Put() int { return helper() }

// helper helps.
func helper() int { return 7 }
`
	mergeGo = `//lab:day 1.2

// Package iterator is small.
package iterator

// Merge merges.
//
//lab:todo 1 merging-iterators#merge
//lab:hint Merge.
func Merge() string { return "merged" }
`
)

// newClone returns a clone of a small course, its student's tree generated.
func newClone(t *testing.T) string {
	root := t.TempDir()
	put(t, root, "go.mod", "module lsmlab\n\ngo 1.26.0\n")
	put(t, root, "internal/todo/todo.go", "package todo\n\nfunc Reached(task, function string) string { return task + function }\n")
	put(t, root, "solution/week1/memtable/table.go", tableGo)
	put(t, root, "solution/week1/iterator/merge.go", mergeGo)
	generate(t, root)
	return root
}

// generate writes the student's tree as an author's mage generate does.
func generate(t *testing.T, root string) {
	src, err := skeleton.Load(root)
	require.NoError(t, err)
	_, err = src.Generate(false)
	require.NoError(t, err)
}

func put(t *testing.T, root, path, text string) {
	name := filepath.Join(root, filepath.FromSlash(path))
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

func get(t *testing.T, root, path string) string {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	require.NoError(t, err)
	return string(text)
}

// find returns a released day.
func find(t *testing.T, week, day int) course.Day {
	d, err := course.Find(week, day)
	require.NoError(t, err)
	return d
}

// backups returns the contents of all backups, by path below their directories.
func backups(t *testing.T, root string) map[string]string {
	all := map[string]string{}
	top := filepath.Join(root, ".lab", "backup")
	_ = filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, err := filepath.Rel(top, name)
			require.NoError(t, err)
			_, rel, _ = strings.Cut(filepath.ToSlash(rel), "/")
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			all[rel] = string(text)
		}
		return nil
	})
	return all
}

const (
	tablePath = "week1/memtable/table.go"
	mergePath = "week1/iterator/merge.go"
)

// State is what was saved; without a file it is zero, and a broken file is an error that says which.
func TestState_SaveAndLoad(t *testing.T) {
	root := t.TempDir()
	s, err := workspace.Load(root)
	require.NoError(t, err)
	require.False(t, s.HasStarted())
	s.Hints["1.6/3"] = 2
	s.Spoiled("1.6", "diff -spoil")
	require.NoError(t, s.Save(root))
	again, err := workspace.Load(root)
	require.NoError(t, err)
	require.Equal(t, s, again)
	put(t, root, ".lab/state.json", "{")
	_, err = workspace.Load(root)
	require.ErrorContains(t, err, "state.json")
}

// Begin marks the clone and keeps the skeleton, once.
func TestBegin(t *testing.T) {
	root := newClone(t)
	s, err := workspace.Begin(root)
	require.NoError(t, err)
	require.True(t, s.HasStarted())
	require.Equal(t, skeleton.Digest([]byte(get(t, root, tablePath))), s.Edition[tablePath])
	require.Equal(t, get(t, root, tablePath), get(t, root, ".lab/edition/"+tablePath))
	again, err := workspace.Begin(root)
	require.NoError(t, err)
	require.Equal(t, s, again)
}

// Solve fills in the days before, and with through the day itself; nothing is lost, and untouched skeletons need no backup.
func TestSolve(t *testing.T) {
	root := newClone(t)
	var out strings.Builder
	require.NoError(t, workspace.Solve(&out, root, find(t, 1, 1), false))
	require.Contains(t, out.String(), "no day before week 1 day 1")
	require.Contains(t, get(t, root, tablePath), "TODO")

	out.Reset()
	require.NoError(t, workspace.Solve(&out, root, find(t, 1, 2), false))
	require.Contains(t, get(t, root, tablePath), "return 42")
	require.NotContains(t, get(t, root, tablePath), "lab:")
	require.Contains(t, get(t, root, mergePath), "TODO")
	require.Empty(t, backups(t, root))
	require.Contains(t, out.String(), "copy-test -week=1 -day=2")

	out.Reset()
	require.NoError(t, workspace.Solve(&out, root, find(t, 1, 2), true))
	require.Contains(t, get(t, root, mergePath), "merged")
	out.Reset()
	require.NoError(t, workspace.Solve(&out, root, find(t, 1, 2), true))
	require.Contains(t, out.String(), "nothing was changed")

	s, err := workspace.Load(root)
	require.NoError(t, err)
	require.Len(t, s.Spoils, 2)
	require.Equal(t, "1.1 solve", s.Spoils[0].Day+" "+s.Spoils[0].What)
	require.Equal(t, "1.2 solve -through", s.Spoils[1].Day+" "+s.Spoils[1].What)
}

// A learner's work is in a backup before anything is written over it, as often as need be.
func TestSolveAndReset_KeepWork(t *testing.T) {
	root := newClone(t)
	day := find(t, 1, 1)
	put(t, root, tablePath, "package memtable // first try\n")
	var out strings.Builder
	require.NoError(t, workspace.Solve(&out, root, day, true))
	require.Contains(t, out.String(), ".lab/backup/")
	require.Equal(t, map[string]string{tablePath: "package memtable // first try\n"}, backups(t, root))

	require.NoError(t, workspace.Reset(&out, root, day))
	require.Contains(t, get(t, root, tablePath), "TODO")
	require.Len(t, backups(t, root), 1, "the reference is nobody's work")

	put(t, root, tablePath, "package memtable // second try\n")
	require.NoError(t, workspace.Reset(&out, root, day))
	entries, err := os.ReadDir(filepath.Join(root, ".lab", "backup"))
	require.NoError(t, err)
	require.Len(t, entries, 2, "a backup has a directory of its own, even within one second")
}

// A checkout with the line ends of Windows is not a change.
func TestSolve_LineEnds(t *testing.T) {
	root := newClone(t)
	put(t, root, tablePath, strings.ReplaceAll(get(t, root, tablePath), "\n", "\r\n"))
	require.NoError(t, workspace.Solve(&strings.Builder{}, root, find(t, 1, 1), true))
	require.Empty(t, backups(t, root))
	require.Contains(t, get(t, root, tablePath), "return 42")
}

// A file of the learner's own that now declares something twice is moved away and kept; others stay.
func TestSolve_MovesWhatWouldNotCompile(t *testing.T) {
	root := newClone(t)
	put(t, root, "week1/memtable/mine.go", "package memtable\n\nfunc helper() int { return 0 }\n")
	put(t, root, "week1/memtable/other.go", "package memtable\n\nfunc other() {}\n")
	var out strings.Builder
	require.NoError(t, workspace.Solve(&out, root, find(t, 1, 1), true))
	require.NoFileExists(t, filepath.Join(root, "week1", "memtable", "mine.go"))
	require.FileExists(t, filepath.Join(root, "week1", "memtable", "other.go"))
	require.Contains(t, backups(t, root), "week1/memtable/mine.go")
	require.Contains(t, out.String(), "declares helper as well")
}

// The reference is shown to those who are done, and to those who insist; the latter is noted.
func TestDiff(t *testing.T) {
	root := newClone(t)
	day := find(t, 1, 2)
	var out strings.Builder
	err := workspace.Diff(&out, root, day, false, false, false)
	require.ErrorContains(t, err, "not green yet")
	require.ErrorContains(t, err, "mage hint -week=1 -day=2")
	require.Empty(t, out.String())

	put(t, root, "week1/iterator/own.go", "package iterator\n")
	require.NoError(t, workspace.Diff(&out, root, day, false, true, false))
	require.Contains(t, out.String(), `+func Merge() string { return "merged" }`)
	require.Contains(t, out.String(), "Only yours: week1/iterator/own.go")
	s, err := workspace.Load(root)
	require.NoError(t, err)
	require.Len(t, s.Spoils, 1)
	require.Equal(t, "diff -spoil", s.Spoils[0].What)

	out.Reset()
	require.NoError(t, workspace.Solve(&strings.Builder{}, root, day, true))
	require.NoError(t, os.Remove(filepath.Join(root, "week1", "iterator", "own.go")))
	require.NoError(t, workspace.Diff(&out, root, day, true, false, false))
	require.Contains(t, out.String(), "to the letter")
}

// A new edition brings new files in, carries untouched ones along, and leaves the learner's alone, showing what changed.
func TestUpdate(t *testing.T) {
	root := newClone(t)
	_, err := workspace.Begin(root)
	require.NoError(t, err)
	require.NoError(t, workspace.Solve(&strings.Builder{}, root, find(t, 1, 2), false)) // day 1.1 is filled in
	mine := strings.Replace(get(t, root, mergePath), "panic(", "/* mine */ panic(", 1)
	put(t, root, mergePath, mine)

	// The pull.
	put(t, root, "solution/week1/memtable/table.go", strings.Replace(tableGo, "42", "43", 1))
	put(t, root, "solution/week1/iterator/merge.go", strings.Replace(mergeGo, "Merge merges.", "Merge merges well.", 1))
	put(t, root, "solution/week1/block/block.go", "//lab:day 1.3\n\n// Package block is new.\npackage block\n")

	var out strings.Builder
	require.NoError(t, workspace.Update(&out, root, false))
	require.Contains(t, get(t, root, tablePath), "return 43")
	require.Equal(t, mine, get(t, root, mergePath))
	require.Contains(t, out.String(), mergePath+" is yours and stays as it is")
	require.Contains(t, out.String(), "-// Merge merges.\n+// Merge merges well.\n")
	require.Equal(t, "// Package block is new.\npackage block\n", get(t, root, "week1/block/block.go"))

	out.Reset()
	require.NoError(t, workspace.Update(&out, root, false))
	require.Contains(t, out.String(), "Everything is up to date")
}

// A file that is no longer part of the course goes, unless it is the learner's by now. One that they removed stays removed.
func TestUpdate_FilesThatGo(t *testing.T) {
	root := newClone(t)
	_, err := workspace.Begin(root)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(root, filepath.FromSlash(mergePath))))
	require.NoError(t, os.RemoveAll(filepath.Join(root, "solution", "week1", "memtable")))
	var out strings.Builder
	require.NoError(t, workspace.Update(&out, root, false))
	require.NoFileExists(t, filepath.Join(root, filepath.FromSlash(tablePath)))
	require.NoFileExists(t, filepath.Join(root, filepath.FromSlash(mergePath)))
}
