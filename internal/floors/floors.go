// Package floors holds the third law: a day uses only earlier days, and the student's packages stand on nothing but the
// standard library, each other, and the given parts.
//
// Imports alone cannot tell: one package may hold files of several days, such as block with its plain codec of day 3 and
// its prefix codec of day 7. So each identifier is followed, with go/types, to the file that declares it, and that file's
// owner must not come later than the file that uses it.
package floors

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"lsmlab/internal/course"
	"lsmlab/internal/skeleton"
)

// Fault is one thing that stands on the wrong floor.
type Fault struct {
	// File is relative to the root, with slashes.
	File string
	Line int
	Text string
}

// String returns the fault as compilers write theirs.
func (f Fault) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// Import paths that the rules know of.
const (
	referencePath = course.Module + "/solution/"
	givenPath     = course.Module + "/internal/"
)

// Given are the packages below internal/ that the student's packages may import, and testGiven those that only their
// tests may.
var (
	given     = course.Given
	testGiven = []string{givenPath + "labtest", givenPath + "simulator", givenPath + "crashlab", givenPath + "history"}
)

// testLibraries are the modules that graded tests may import from.
var testLibraries = []string{"github.com/stretchr/testify", "github.com/google/go-cmp", "pgregory.net/rapid"}

// Check looks at the reference, the graded tests and the given packages of the lab at root, and returns every fault.
func Check(root string) ([]Fault, error) {
	source, err := skeleton.Load(root)
	if err != nil {
		return nil, err
	}
	c := &checker{root: root, owners: newOwners(source)}
	for _, check := range []func() error{c.checkReference, c.checkTests, c.checkGiven, c.checkNames} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.faults, func(a, b Fault) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return slices.Compact(c.faults), nil
}

// checker collects faults.
type checker struct {
	root   string
	owners owners
	faults []Fault
}

// fault notes a fault at a position.
func (c *checker) fault(fset *token.FileSet, pos token.Pos, text string) {
	p := fset.Position(pos)
	c.faults = append(c.faults, Fault{c.rel(p.Filename), p.Line, text})
}

// rel returns a file's path from the root, with slashes.
func (c *checker) rel(name string) string {
	rel, err := filepath.Rel(c.root, name)
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// load type-checks packages, given as patterns from the root. What does not compile is an error.
func (c *checker) load(tests bool, patterns ...string) ([]*packages.Package, error) {
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
		Dir: c.root, Tests: tests,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			if !strings.Contains(e.Msg, "matched no packages") {
				return nil, fmt.Errorf("%s does not compile: %s", p.PkgPath, e)
			}
		}
	}
	return pkgs, nil
}

// checkReference looks at each file of the reference: its imports, and the owners of what it uses.
func (c *checker) checkReference() error {
	pkgs, err := c.load(false, "./solution/...")
	if err != nil {
		return err
	}
	for _, p := range pkgs {
		for _, file := range p.Syntax {
			name := c.rel(p.Fset.Position(file.FileStart).Filename)
			day, ok := c.owners.files[strings.TrimPrefix(name, "solution/")]
			if !ok {
				continue // _old, or not part of any day
			}
			for _, spec := range file.Imports {
				imported := unquote(spec)
				if !isStd(imported) && !slices.Contains(given, imported) {
					c.checkStudentImport(p.Fset, spec, day, imported)
				}
			}
			c.checkUses(p, file, day)
		}
	}
	return nil
}

// checkStudentImport makes sure that an import is one of the reference's packages that exist on the day.
func (c *checker) checkStudentImport(fset *token.FileSet, spec *ast.ImportSpec, day course.Day, imported string) {
	rest, ok := strings.CutPrefix(imported, referencePath)
	if !ok {
		c.fault(fset, spec.Pos(), fmt.Sprintf("%s is not for student packages: standard library, each other, kv, vfs and shape only", imported))
		return
	}
	first, ok := c.owners.first(rest)
	if !ok {
		c.fault(fset, spec.Pos(), imported+" belongs to no day")
	} else if day.Less(first) {
		c.fault(fset, spec.Pos(), fmt.Sprintf("a file of %s imports %s, which begins on %s", day, imported, first))
	}
}

// checkTests looks at the graded tests of each day.
func (c *checker) checkTests() error {
	if _, err := os.Stat(filepath.Join(c.root, "tests")); err != nil {
		return nil // a lab without tests has other faults than this
	}
	pkgs, err := c.load(true, "./tests/...")
	if err != nil {
		return err
	}
	for _, p := range pkgs {
		for _, file := range p.Syntax {
			name := c.rel(p.Fset.Position(file.FileStart).Filename)
			day, ok := testDay(name)
			if !ok {
				continue // the main package that go test makes
			}
			for _, spec := range file.Imports {
				c.checkTestImport(p.Fset, spec, day)
			}
			c.checkUses(p, file, day)
		}
	}
	return nil
}

// testDay returns the day that a file of graded tests belongs to.
func testDay(name string) (course.Day, bool) {
	for _, d := range course.Days() {
		if strings.HasPrefix(name, d.TestDir()+"/") {
			return d, true
		}
	}
	return course.Day{}, false
}

// checkTestImport makes sure that a graded test imports nothing but what it may.
func (c *checker) checkTestImport(fset *token.FileSet, spec *ast.ImportSpec, day course.Day) {
	imported := unquote(spec)
	if isStd(imported) || slices.Contains(given, imported) || slices.Contains(testGiven, imported) {
		return
	}
	for _, lib := range testLibraries {
		if imported == lib || strings.HasPrefix(imported, lib+"/") {
			return
		}
	}
	c.checkStudentImport(fset, spec, day, imported)
}

// checkGiven makes sure that the given packages know neither the reference, nor the student's tree, nor the machinery.
func (c *checker) checkGiven() error {
	var patterns []string
	all := append(append(slices.Clone(given), testGiven...), givenPath+"todo")
	for _, p := range all {
		dir := strings.TrimPrefix(p, course.Module+"/")
		if _, err := os.Stat(filepath.Join(c.root, filepath.FromSlash(dir))); err == nil {
			patterns = append(patterns, "./"+dir+"/...")
		}
	}
	pkgs, err := c.load(true, patterns...)
	if err != nil {
		return err
	}
	for _, p := range pkgs {
		if strings.HasSuffix(p.PkgPath, ".test") {
			continue // the main package that go test makes
		}
		for _, file := range p.Syntax {
			for _, spec := range file.Imports {
				imported := unquote(spec)
				if strings.HasPrefix(imported, course.Module+"/") && !slices.Contains(all, imported) &&
					!slices.ContainsFunc(all, func(g string) bool { return strings.HasPrefix(imported, g+"/") }) {
					c.fault(p.Fset, spec.Pos(), "a given package imports "+imported)
				}
			}
		}
	}
	return nil
}

// unquote returns the path of an import.
func unquote(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
	return p
}

// isStd reports whether a path is the standard library's: its first element has no dot and is not our module.
func isStd(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".") && first != course.Module
}

// packageDir returns "week1/block" for the path of one of the reference's packages.
func packageDir(pkgPath string) (string, bool) {
	rest, ok := strings.CutPrefix(pkgPath, referencePath)
	return path.Clean(rest), ok
}
