package graded

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/course"
)

// State is what of the graded tests stands beside the student's packages.
type State struct {
	Days  []course.Day          // days of which something is copied, in order
	Bonus map[string]bool       // by day ID: bonus tests are copied, too
	files map[string]course.Day // copied files, slash-separated below the root
}

// Has reports whether day's tests are copied.
func (s State) Has(day course.Day) bool {
	return slices.ContainsFunc(s.Days, func(d course.Day) bool { return d.ID() == day.ID() })
}

// Look finds the copied tests. A learner's own test whose name merely looks like one does not count: a copied test has
// the header, or is in the place of one.
func Look(root string) (State, error) {
	s := State{Bonus: map[string]bool{}, files: map[string]course.Day{}}
	for _, day := range course.Days() {
		n := len(s.files)
		if err := s.lookFor(root, day); err != nil {
			return s, err
		}
		if len(s.files) > n {
			s.Days = append(s.Days, day)
		}
	}
	return s, nil
}

// lookFor finds the copied tests of one day.
func (s State) lookFor(root string, day course.Day) error {
	names, err := sources(root, day)
	if err != nil {
		return err
	}
	expected := map[string]bool{}
	for _, name := range names {
		expected[CopiedPath(day, packageOf(day, name), name)] = true
	}
	top := filepath.Join(root, weekDir(day))
	return filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == top {
			return fs.SkipAll
		}
		week, number, ok := CopiedDay(name)
		if err != nil || d.IsDir() || !ok || week != day.Week || number != day.Day {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if rel = filepath.ToSlash(rel); err == nil && (expected[rel] || hasHeader(name)) {
			s.files[rel] = day
			s.Bonus[day.ID()] = s.Bonus[day.ID()] || strings.Contains(path.Base(rel), "_bonus_")
		}
		return err
	})
}

// hasHeader reports whether a file begins with the header of a copied test.
func hasHeader(name string) bool {
	data, err := os.ReadFile(name)
	return err == nil && bytes.HasPrefix(data, []byte(Header))
}

// Change is one file that Refresh set right.
type Change struct {
	Path string // slash-separated below the root
	Why  string // in words: "was edited", "a newer edition", "was missing", "is no longer part of the course"
	Old  []byte // what stood there, if somebody had edited it
}

// Refresh makes the copied tests what they must be: edited and outdated ones are written anew, missing ones of a copied
// day come back, those without a source go. It touches nothing else.
func Refresh(root string, s State) ([]Change, error) {
	var changes []Change
	wanted := map[string]bool{}
	for _, day := range s.Days {
		files, err := Files(root, []course.Day{day}, s.Bonus[day.ID()])
		if err != nil {
			return changes, err
		}
		for _, f := range files {
			wanted[f.Path] = true
			c, err := refresh(root, f)
			if err != nil {
				return changes, err
			}
			if c.Path != "" {
				changes = append(changes, c)
			}
		}
	}
	for name := range s.files {
		if !wanted[name] {
			if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil {
				return changes, err
			}
			changes = append(changes, Change{Path: name, Why: "is no longer part of the course"})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes, nil
}

// dropGone removes the copied tests of days that have no source any more, and returns which. An older edition has left them; beside
// the newer ones they do not compile, as both declare the same tests.
func dropGone(root string, days []course.Day) (gone []string, err error) {
	s, err := Look(root)
	if err != nil {
		return nil, err
	}
	files, err := Files(root, days, true)
	if err != nil {
		return nil, err
	}
	for name, day := range s.files {
		asked := slices.ContainsFunc(days, func(d course.Day) bool { return d.ID() == day.ID() })
		if !asked || slices.ContainsFunc(files, func(f File) bool { return f.Path == name }) {
			continue
		}
		if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil {
			return gone, err
		}
		gone = append(gone, name)
	}
	slices.Sort(gone)
	return gone, nil
}

// refresh sets one file right and says what was wrong, or returns a Change without a path.
func refresh(root string, f File) (Change, error) {
	name := filepath.Join(root, filepath.FromSlash(f.Path))
	old, err := os.ReadFile(name)
	if err == nil && bytes.Equal(old, f.Data) {
		return Change{}, nil
	}
	c := Change{Path: f.Path}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Why = "was missing"
	case err != nil:
		return c, err
	case path.Ext(f.Path) == ".go" && !bytes.Equal(head(old), head(f.Data)) && bytes.HasPrefix(old, []byte(Header)):
		c.Why = "a newer edition"
	default:
		c.Why, c.Old = "was edited", old
	}
	return c, write(name, f.Data)
}

// head returns the lines of a copied test that say what it was made from.
func head(data []byte) []byte {
	if i := bytes.Index(data, []byte("\n\n")); i >= 0 {
		return data[:i]
	}
	return data
}

// OwnTests returns the learner's own test files, slash-separated below the root: every _test.go in the student's packages
// that is no copied one.
func OwnTests(root string, s State) ([]string, error) {
	var own []string
	for week := 1; week <= 3; week++ {
		top := filepath.Join(root, "week"+strconv.Itoa(week))
		err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && name == top {
				return fs.SkipAll
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
				return err
			}
			rel, err := filepath.Rel(root, name)
			if rel = filepath.ToSlash(rel); err == nil {
				if _, copied := s.files[rel]; !copied {
					own = append(own, rel)
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return own, nil
}

// Copied reports whether a file, given as a path below the root, is a copied test.
func (s State) Copied(file string) bool {
	_, ok := s.files[file]
	return ok
}
