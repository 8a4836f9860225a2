package hunt

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/skeleton"
)

// leftOut are the directories at the root that a hunt does not need.
var leftOut = []string{"book", "bench"}

// copy makes the scratch copy anew: the module with the learner's tree, or with the reference in its place, and the day's
// tests beside it. It returns the reference.
func (h *hunt) copy(reference bool) (*skeleton.Source, error) {
	if err := os.RemoveAll(h.scratch()); err != nil {
		return nil, err
	}
	if err := copyTree(h.root, h.scratch()); err != nil {
		return nil, err
	}
	src, err := skeleton.Load(h.root)
	if err != nil {
		return nil, err
	}
	if reference {
		for _, f := range src.Files {
			text, err := f.Reference()
			if err != nil {
				return nil, err
			}
			if err := writeFile(filepath.Join(h.scratch(), filepath.FromSlash(f.Path)), text); err != nil {
				return nil, err
			}
		}
	}
	_, err = graded.Copy(h.scratch(), []course.Day{h.day}, false)
	return src, err
}

// copyTree copies the files of a module, hidden ones and what no test needs left out.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == from {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if e.IsDir() {
			if strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" || slices.Contains(leftOut, rel) {
				return fs.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return writeFile(filepath.Join(to, rel), data)
	})
}

// writeFile writes a file and makes the directories above it.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}
