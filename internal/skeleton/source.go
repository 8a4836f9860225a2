package skeleton

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"lsmlab/internal/course"
)

// Source is the whole annotated reference.
type Source struct {
	// Root is the lab's root directory.
	Root string
	// Files are all files of solution/week*/ that the student's tree has too, in order of their paths: Go files, tests
	// left out. (The reference's own tests and benchmarks stay with it.)
	Files []*File
}

// Load reads solution/. Its error, a Problems, holds every mistake in the annotations.
func Load(root string) (*Source, error) {
	s := &Source{Root: root}
	var problems Problems
	for week := 1; week <= course.Weeks; week++ {
		dir := filepath.Join(root, "solution", fmt.Sprintf("week%d", week))
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return skipHidden(entry, err)
			}
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			src, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(filepath.Join(root, "solution"), name)
			if err != nil {
				return err
			}
			f, found := parseFile(filepath.ToSlash(rel), src)
			s.Files = append(s.Files, f)
			problems = append(problems, found...)
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return s, nil
}

// skipHidden passes an error on, and keeps the walk out of directories that the go command ignores.
func skipHidden(entry fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if name := entry.Name(); strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") || name == "testdata" {
		return fs.SkipDir
	}
	return nil
}

// Of returns the files that a day owns.
func (s *Source) Of(d course.Day) []*File {
	var out []*File
	for _, f := range s.Files {
		if f.Day == d {
			out = append(out, f)
		}
	}
	return out
}

// Todos returns the functions that a day asks for.
func (s *Source) Todos(d course.Day) []*Todo {
	var out []*Todo
	for _, f := range s.Of(d) {
		out = append(out, f.Todos...)
	}
	return out
}

// Find returns the file that stands at a path of the student's tree, nil if there is none.
func (s *Source) Find(path string) *File {
	for _, f := range s.Files {
		if f.Path == path {
			return f
		}
	}
	return nil
}

// Skeleton returns the student's tree as it is before anything is solved: contents by path ("week1/memtable/stack.go").
func (s *Source) Skeleton() (map[string][]byte, error) {
	return s.Tree(func(course.Day) bool { return false })
}

// Tree returns a student's tree in which some days are solved as the reference does, and the others are skeletons.
func (s *Source) Tree(solved func(course.Day) bool) (map[string][]byte, error) {
	names, err := packageNames(s.Root, s.Files)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]byte, len(s.Files))
	for _, f := range s.Files {
		text, err := f.skeleton(names)
		if solved(f.Day) {
			text, err = f.Reference()
		}
		if err != nil {
			return nil, err
		}
		out[f.Path] = text
	}
	return out, nil
}

// anchor matches the places in a chapter that a todo may point to.
var anchor = regexp.MustCompile(`<a id="([^"]+)">`)

// CheckAnchors looks each todo's anchor up in its chapter. A chapter that is not written yet is not this check's concern.
func (s *Source) CheckAnchors() error {
	var problems Problems
	chapters := map[string]map[string]bool{}
	for _, f := range s.Files {
		for _, t := range f.Todos {
			chapter := t.Day.Chapter()
			if _, read := chapters[chapter]; !read {
				text, err := os.ReadFile(filepath.Join(s.Root, filepath.FromSlash(chapter)))
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
				chapters[chapter] = anchors(text, err)
			}
			if has := chapters[chapter]; has != nil && !has[t.Anchor] {
				text := fmt.Sprintf("%s has no <a id=%q></a>, which %s points to", chapter, t.Anchor, t.Function)
				problems = append(problems, Problem{t.File, t.Line, text})
			}
		}
	}
	return problems.orNil()
}

// anchors returns the anchors of a chapter, nil if it could not be read.
func anchors(text []byte, err error) map[string]bool {
	if err != nil {
		return nil
	}
	out := map[string]bool{}
	for _, m := range anchor.FindAllSubmatch(text, -1) {
		out[string(m[1])] = true
	}
	return out
}
