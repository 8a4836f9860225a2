// Package overlay makes student's trees that exist only for the go command: for each day the reference or the skeleton,
// with graded tests laid beside the packages, by go's -overlay.
//
// What stands in week1/ and so on does not matter to such a tree: a file there that is not part of it is hidden. So a
// checkpoint means the same in the authors' clone and in a learner's.
//
//	tree, err := overlay.New(source, overlay.Spec{Solved: course.Before(day), Tests: course.Through(day), Bonus: true})
//	defer tree.Close()
//	cmd := exec.Command("go", "test", "-overlay="+tree.File, "./week1/...")
//
// An overlay is for the compiler alone: a running test does not see it. Testdata therefore lies, as files, in a directory
// a package, from which the tests are to be run: Dir.
package overlay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/skeleton"
)

// Spec says what a tree is made of.
type Spec struct {
	// Solved are the days whose files are the reference's. All others are skeletons.
	Solved []course.Day
	// Tests are the days whose graded tests are laid beside the packages, with the bonus tests if Bonus is set.
	Tests []course.Day
	Bonus bool
}

// Tree is a student's tree for the go command. Close removes what it needs on disk.
type Tree struct {
	// File is what -overlay= takes.
	File string

	root     string
	scratch  string            // holds contents, and run/<package>/testdata
	replace  map[string]string // as in File: absolute path → where its contents are, "" if hidden
	packages map[string]bool   // with Go files
	made     []string          // directories that the go command wants to exist
}

// New writes the tree's contents to a temporary directory.
func New(source *skeleton.Source, spec Spec) (*Tree, error) {
	scratch, err := os.MkdirTemp("", "lsmlab-overlay")
	if err != nil {
		return nil, err
	}
	t := &Tree{root: source.Root, scratch: scratch, replace: map[string]string{}, packages: map[string]bool{}}
	if err := t.fill(source, spec); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Close removes the tree's files.
func (t *Tree) Close() error {
	for _, dir := range slices.Backward(t.made) {
		_ = os.Remove(dir) // fails, as it should, if somebody has put something there
	}
	return os.RemoveAll(t.scratch)
}

// Clean returns what a tool printed about the tree, with the paths that the tree stands for.
func (t *Tree) Clean(text string) string {
	return strings.ReplaceAll(text, filepath.Join(t.scratch, "src")+string(filepath.Separator), "")
}

// fill puts everything in its place.
func (t *Tree) fill(source *skeleton.Source, spec Spec) error {
	if err := t.hide(); err != nil {
		return err
	}
	files, err := source.Tree(func(d course.Day) bool { return slices.Contains(spec.Solved, d) })
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := t.lay(name, text); err != nil {
			return err
		}
	}
	tests, err := graded.Files(t.root, spec.Tests, spec.Bonus)
	if err != nil {
		return err
	}
	for _, f := range tests {
		if strings.Contains(f.Path, "/testdata/") {
			err = write(filepath.Join(t.scratch, "run", filepath.FromSlash(f.Path)), f.Data)
		} else {
			err = t.lay(f.Path, f.Data)
		}
		if err != nil {
			return err
		}
	}
	return t.writeOverlay()
}

// hide takes every Go file of the student's tree on disk out of the go command's sight, until one is laid over it.
func (t *Tree) hide() error {
	for week := 1; week <= course.Weeks; week++ {
		dir := filepath.Join(t.root, fmt.Sprintf("week%d", week))
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".go") {
				t.replace[name] = ""
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// lay puts a Go file at a path of the student's tree.
func (t *Tree) lay(name string, text []byte) error {
	contents := filepath.Join(t.scratch, "src", filepath.FromSlash(name))
	t.replace[filepath.Join(t.root, filepath.FromSlash(name))] = contents
	if !t.packages[path.Dir(name)] {
		t.packages[path.Dir(name)] = true
		if err := t.makeDir(filepath.Join(t.root, filepath.FromSlash(path.Dir(name)))); err != nil {
			return err
		}
	}
	return write(contents, text)
}

// makeDir makes a directory where there is none, and remembers what it made: go vet works inside of each package's.
func (t *Tree) makeDir(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := t.makeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	t.made = append(t.made, dir)
	return os.Mkdir(dir, 0o777)
}

// writeOverlay writes File.
func (t *Tree) writeOverlay() error {
	spec, err := json.Marshal(map[string]any{"Replace": t.replace})
	if err != nil {
		return err
	}
	t.File = filepath.Join(t.scratch, "overlay.json")
	return os.WriteFile(t.File, spec, 0o666)
}

// Packages returns the tree's packages as paths from the root, sorted: "week1/block".
func (t *Tree) Packages() []string {
	var out []string
	for p := range t.packages {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// Dir returns a directory of the tree's own in which a package's tests find their testdata.
func (t *Tree) Dir(pkg string) (string, error) {
	dir := filepath.Join(t.scratch, "run", filepath.FromSlash(pkg))
	return dir, os.MkdirAll(dir, 0o777)
}

// write writes a file and makes the directories above it.
func write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o666)
}
