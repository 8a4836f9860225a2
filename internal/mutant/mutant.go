// Package mutant proves the graders: each day has a zoo of seeded bugs, and the day's own graded tests must kill every
// one. A test that no bug can fail is no test.
//
// A mutant is a small replacement in a file of the reference, written in tests/week1/dayN/mutants.toml:
//
//	[[mutant]]
//	name  = "oldest-first"
//	story = "frozen tables are probed oldest first, so an old value hides a new one"
//	file  = "week1/memtable/stack.go"
//	find  = '''for _, t := range s.tables {'''
//	put   = '''for _, t := range backwards(s.tables) {'''
//
// It is laid over the reference with go's -overlay, so the tree itself never changes, and the day's tests run against
// it as they stand. Killed is what fails a test, panics, races or hangs; what does not compile is no mutant but an
// error.
//
// Compiling takes longer than testing. So all mutants of a day that only change what functions do go into one build,
// called a schema: every changed function is there in each of its variants, behind a dispatcher that takes the one of
// the mutant whose number stands in the environment. Without a number it is the reference, and must be green. The few
// mutants that change more, such as a type or a constant, are compiled and tested alone.
package mutant

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"lsmlab/internal/course"
)

// Mutant is one seeded bug.
type Mutant struct {
	// Day whose graded tests must kill it.
	Day course.Day `toml:"-"`
	// Name is unique within the day, in kebab case.
	Name string `toml:"name"`
	// Story says what the bug does, in one line.
	Story string `toml:"story"`
	// File is the path below solution/, and so of the student's file too: "week1/memtable/stack.go".
	File string `toml:"file"`
	// Find occurs exactly once in the file; Put takes its place.
	Find string `toml:"find"`
	Put  string `toml:"put"`
	// Also are further replacements in the same file, such as an import that the bug needs.
	Also []Replacement `toml:"also"`
	// Race tells that only the race detector can see it.
	Race bool `toml:"race"`
	// Hidden keeps it from being planted by mage break.
	Hidden bool `toml:"hidden"`
}

// Replacement is one more text to replace.
type Replacement struct {
	Find string `toml:"find"`
	Put  string `toml:"put"`
}

// String names the mutant among all: "1.1 oldest-first".
func (m Mutant) String() string { return m.Day.ID() + " " + m.Name }

// zoo is the shape of mutants.toml.
type zoo struct {
	Mutant []Mutant `toml:"mutant"`
}

// kebab is how a mutant's name is written.
var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Load reads a day's zoo and checks that each mutant is well described. A day without the file has none.
func Load(root string, day course.Day) ([]Mutant, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(day.Mutants())))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var z zoo
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&z); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return nil, fmt.Errorf("%s: unknown field:\n%s", day.Mutants(), strict.String())
		}
		return nil, fmt.Errorf("%s: %w", day.Mutants(), err)
	}
	var errs []error
	seen := map[string]bool{}
	for i := range z.Mutant {
		m := &z.Mutant[i]
		m.Day = day
		if err := m.check(seen); err != nil {
			errs = append(errs, fmt.Errorf("%s: mutant %s: %w", day.Mutants(), cmp.Or(m.Name, fmt.Sprint("number ", i+1)), err))
		}
		seen[m.Name] = true
	}
	return z.Mutant, errors.Join(errs...)
}

// check says what is wrong with a mutant's description.
func (m *Mutant) check(seen map[string]bool) error {
	switch {
	case !kebab.MatchString(m.Name):
		return errors.New("its name is not in kebab case")
	case seen[m.Name]:
		return errors.New("the day has another one of that name")
	case m.Story == "" || strings.Contains(m.Story, "\n"):
		return errors.New("it needs a story of one line")
	case m.File == "" || filepath.ToSlash(filepath.Clean(m.File)) != m.File || !strings.HasPrefix(m.File, m.Day.WeekDir()+"/"):
		return fmt.Errorf("its file must be a path such as %s/x.go, below solution/", m.Day.PackageDir())
	case m.Find == "":
		return errors.New("it has nothing to find")
	case m.Find == m.Put:
		return errors.New("it changes nothing")
	}
	return nil
}

// Apply returns a file's contents with the bug in it. src may be the reference's file, or a student's: the text must be
// there exactly once.
func (m Mutant) Apply(src []byte) ([]byte, error) {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	out := src
	for _, r := range append([]Replacement{{m.Find, m.Put}}, m.Also...) {
		switch n := bytes.Count(src, []byte(r.Find)); {
		case r.Find == "" || n == 0:
			return nil, fmt.Errorf("its text is not found in %s: %q", m.File, r.Find)
		case n > 1:
			return nil, fmt.Errorf("its text is found %d times in %s, make it longer: %q", n, m.File, r.Find)
		}
		out = bytes.Replace(out, []byte(r.Find), []byte(r.Put), 1)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), m.File, out, parser.SkipObjectResolution); err != nil {
		return nil, fmt.Errorf("it does not parse: %w", err)
	}
	return out, nil
}

// LoadAll reads the zoos of several days, and reports everything that is wrong in any of them.
func LoadAll(root string, days []course.Day) ([]Mutant, error) {
	var all []Mutant
	var errs []error
	for _, d := range days {
		more, err := Load(root, d)
		all, errs = append(all, more...), append(errs, err)
	}
	return slices.Clip(all), errors.Join(errs...)
}
