package graded

import (
	"errors"
	"go/ast"
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

// Scan reads the graded tests of every day that has some, in the order of days, packages, files and functions. Tests
// that lack a doc comment, a task or points, and names that would collide once copied, are all reported, each as a
// [SourceError].
func Scan(root string) ([]Test, error) {
	var tests []Test
	var errs []error
	for _, day := range course.Days() {
		more, err := ScanDay(root, day)
		tests = append(tests, more...)
		errs = append(errs, err)
	}
	errs = append(errs, checkNames(tests)...)
	return tests, errors.Join(errs...)
}

// ScanDay reads the graded tests of one day. A day without a folder has none.
func ScanDay(root string, day course.Day) ([]Test, error) {
	var tests []Test
	var errs []error
	files, err := sources(root, day)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			return nil, err
		}
		more, err := scanFile(day, file, src)
		tests = append(tests, more...)
		errs = append(errs, err)
	}
	return tests, errors.Join(errs...)
}

// sources returns the day's test files, slash-separated below the root, sorted.
func sources(root string, day course.Day) ([]string, error) {
	var files []string
	dir := filepath.Join(root, filepath.FromSlash(day.TestDir()))
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == dir {
			return fs.SkipAll
		}
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(name, "_test.go") {
			rel, err := filepath.Rel(root, name)
			files = append(files, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// scanFile reads the graded tests of one file.
func scanFile(day course.Day, file string, src []byte) ([]Test, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var tests []Test
	var errs []error
	for _, decl := range parsed.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || !isTest(fn) {
			continue
		}
		t, err := describe(day, file, fn)
		if t.Line = fset.Position(fn.Pos()).Line; err != nil {
			errs = append(errs, &SourceError{File: file, Line: t.Line, Reason: fn.Name.Name + ": " + err.Error()})
			continue
		}
		tests = append(tests, t)
	}
	return tests, errors.Join(errs...)
}

// isTest reports whether go test would run fn as a test or a fuzz target.
func isTest(fn *ast.FuncDecl) bool {
	if fn.Recv != nil || fn.Type.Params.NumFields() != 1 {
		return false
	}
	star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "T" && hasPrefix(fn.Name.Name, "Test") || sel.Sel.Name == "F" && hasPrefix(fn.Name.Name, "Fuzz"))
}

// hasPrefix reports whether name is prefix, or goes on with anything but a small letter.
func hasPrefix(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	return ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z')
}

// describe reads what a test's doc comment says.
func describe(day course.Day, file string, fn *ast.FuncDecl) (Test, error) {
	t := Test{Name: fn.Name.Name, Day: day, File: file, Package: packageOf(day, file)}
	if fn.Doc != nil {
		t.Doc = unwrap(fn.Doc.Text())
	}
	task, err := taskDirective(fn.Doc)
	if err != nil {
		return t, err
	}
	if t.Doc == "" {
		return t, errors.New("no doc comment says why the rule holds")
	}
	t.Task, t.Points, t.Random, t.Race = task.task, task.points, task.random, task.race
	t.Bonus = t.Task == "bonus"
	if bonus := strings.HasPrefix(path.Base(file), "bonus_"); bonus != t.Bonus {
		return t, errors.New("bonus tests, and no others, stand in files named bonus_…_test.go")
	}
	return t, nil
}

// packageOf returns the student's package that a test file is for: the folder below the day's.
func packageOf(day course.Day, file string) string {
	rel := strings.TrimPrefix(path.Dir(file), day.TestDir())
	return path.Join("week"+strconv.Itoa(day.Week), rel)
}

// checkNames reports tests of different files that would have the same name in one package.
func checkNames(tests []Test) []error {
	var errs []error
	seen := map[string]Test{}
	for _, t := range tests {
		key := t.Package + "." + t.Name
		if first, ok := seen[key]; ok {
			errs = append(errs, &SourceError{File: t.File, Line: t.Line, Reason: t.Name + " is also a test of " + first.File + ": they meet in one package once they are copied"})
		}
		seen[key] = t
	}
	return errs
}

// unwrap joins the lines of each paragraph of a doc comment. Indented lines, which are examples, keep their breaks.
func unwrap(doc string) string {
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(doc), "\n") {
		n := len(out)
		flowing := line != "" && !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, " ")
		if flowing && n > 0 && out[n-1] != "" && !strings.HasPrefix(out[n-1], "\t") && !strings.HasPrefix(out[n-1], " ") {
			out[n-1] += " " + line
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
