package grade

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/course"
)

// fileLimit is the size in bytes of the largest file that is taken. The reference's largest has a hundredth of it.
const fileLimit = 1 << 20

// depthLimit is how many folders down in a submission its tree is looked for.
const depthLimit = 4

// submission is one student's tree.
type submission struct {
	name  string
	files map[string][]byte // path below the lab's root → contents
	notes []string          // what was left out, and why
}

// noTree is the note of a submission in which there is nothing to grade.
const noTree = "no week1 folder found"

// take reads a submission: the Go files, without tests, of the week*/ folders of the lab that lies in dir or deeper. What
// cannot be read is noted, and keeps nobody else's grade back.
func take(name, dir string) (*submission, error) {
	s := &submission{name: name, files: map[string][]byte{}}
	root := s.findTree(dir)
	if root == "" {
		s.notes = append(s.notes, noTree)
		return s, nil
	}
	for week := 1; week <= course.Weeks; week++ {
		if err := s.takeWeek(root, "week"+strconv.Itoa(week)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// findTree returns the uppermost folder below dir, itself included, that holds a week1 folder; "" if there is none.
func (s *submission) findTree(dir string) string {
	level := []string{dir}
	for range depthLimit {
		var next []string
		for _, d := range level {
			entries, err := os.ReadDir(d)
			if err != nil {
				s.unread(dir, d, err)
			}
			for _, e := range entries {
				if e.IsDir() && e.Name() == "week1" { // a symbolic link is no directory here
					return d
				}
				if e.IsDir() && !skipped(e.Name()) {
					next = append(next, filepath.Join(d, e.Name()))
				}
			}
		}
		level = next
	}
	return ""
}

// skipped reports whether a folder cannot hold a submission's tree: hidden ones, and the reference's and the tests', which
// have weeks of their own.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || name == "solution" || name == "tests" || name == "book" || name == "node_modules"
}

// takeWeek reads one week's folder.
func (s *submission) takeWeek(root, week string) error {
	top := filepath.Join(root, week)
	return filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == top {
			return fs.SkipAll
		}
		if err != nil {
			s.unread(root, name, err)
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		return s.takeFile(name, filepath.ToSlash(rel), d)
	})
}

// takeFile reads one file, or notes why not.
func (s *submission) takeFile(name, rel string, d fs.DirEntry) error {
	switch {
	case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
		return fs.SkipDir
	case d.IsDir(), path.Ext(rel) != ".go", strings.HasSuffix(rel, "_test.go"):
		return nil
	case !d.Type().IsRegular():
		s.leaveOut(rel, "not a regular file")
		return nil
	}
	info, err := d.Info()
	if err != nil {
		s.leaveOut(rel, reason(err))
		return nil
	}
	if info.Size() > fileLimit {
		s.leaveOut(rel, "too large")
		return nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		s.leaveOut(rel, reason(err))
		return nil
	}
	if bad := forbidden(data); bad != "" {
		s.leaveOut(rel, "imports "+bad)
		return nil
	}
	s.files[rel] = data
	return nil
}

// leaveOut notes a file that is not taken.
func (s *submission) leaveOut(rel, why string) { s.notes = append(s.notes, rel+" left out: "+why) }

// unread notes a folder or file below root that cannot be read.
func (s *submission) unread(root, name string, err error) {
	rel, relErr := filepath.Rel(root, name)
	if relErr != nil {
		rel = name
	}
	s.leaveOut(filepath.ToSlash(rel), reason(err))
}

// reason returns why a file cannot be read, without its name, which differs from machine to machine.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// given are the lab's own packages that a student's package may import.
var given = append(slices.Clone(course.Given), course.Module+"/internal/todo")

// forbidden returns the first import of a file that the course does not allow, "" if there is none: allowed are the
// standard library without cgo, the student's packages, and the given ones. A file that cannot be parsed has none; the
// compiler will tell.
func forbidden(src []byte) string {
	file, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if file == nil {
		return ""
	}
	for _, imp := range file.Imports {
		name, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			continue
		}
		first, _, _ := strings.Cut(name, "/")
		switch {
		case name == "C", strings.Contains(first, "."):
			return name
		case first == course.Module && !strings.HasPrefix(name, course.Module+"/week") && !slices.Contains(given, name):
			return name
		}
	}
	return ""
}
