// Package house holds the house style where a program can tell: how long files and functions are, and that what the
// reference declares is explained. It also counts the reference's lines of code.
package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The limits. A function that is longer needs a reason, and so another place to be discussed than here.
const (
	maxFile     = 500 // lines of any Go file
	maxFunction = 60  // lines of a function of the reference, its braces included
)

// Fault is one thing that is against the style.
type Fault struct {
	File string // relative to the root, with slashes
	Line int
	Text string
}

// String returns the fault as compilers write theirs.
func (f Fault) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// Report is what Check has found and counted.
type Report struct {
	Faults []Fault
	// Lines of code of the reference: not blank, not a comment, not a test.
	Lines int
	// Files of the reference, tests left out, and the longest of them.
	Files    int
	Longest  Length
	Function Length // the longest function of the reference
	Median   int    // lines of its functions
}

// Length is how many lines something has.
type Length struct {
	Name  string
	Lines int
}

// String sums the counts up in a line.
func (r Report) String() string {
	return fmt.Sprintf("reference: %d lines of code in %d files; longest file %s, %d lines; longest function %s, %d lines; median %d",
		r.Lines, r.Files, r.Longest.Name, r.Longest.Lines, r.Function.Name, r.Function.Lines, r.Median)
}

// Check looks at the Go files that people have written in the lab at root.
func Check(root string) (Report, error) {
	c := &checker{fset: token.NewFileSet()}
	for _, dir := range []string{"solution", "internal", "cmd", "tests", "bench"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" {
				return err
			}
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			return c.file(name, filepath.ToSlash(rel))
		})
		if err != nil {
			return c.Report, err
		}
	}
	slices.Sort(c.functions)
	if n := len(c.functions); n > 0 {
		c.Median = c.functions[n/2]
	}
	return c.Report, nil
}

// checker walks over files.
type checker struct {
	Report
	fset      *token.FileSet
	functions []int // lines of each function of the reference
}

// fault notes a fault.
func (c *checker) fault(file string, line int, format string, args ...any) {
	c.Faults = append(c.Faults, Fault{file, line, fmt.Sprintf(format, args...)})
}

// file looks at one file.
func (c *checker) file(path, name string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := bytes.Count(src, []byte("\n"))
	if lines > maxFile {
		c.fault(name, maxFile, "%d lines; at most %d", lines, maxFile)
	}
	if !strings.HasPrefix(name, "solution/") || strings.HasSuffix(name, "_test.go") {
		return nil
	}
	c.Files++
	c.Longest = longer(c.Longest, Length{name, lines})
	c.Lines += code(src)
	file, err := parser.ParseFile(c.fset, path, src, parser.ParseComments)
	if err != nil {
		return err
	}
	for i, d := range file.Decls {
		c.declaration(name, d, i > 0 && c.line(file.Decls[i-1].End()) == c.line(d.Pos())-1)
	}
	return nil
}

// longer returns the longer of two.
func longer(a, b Length) Length {
	if b.Lines > a.Lines {
		return b
	}
	return a
}

// code counts the lines that are neither blank nor a comment.
func code(src []byte) (n int) {
	for line := range bytes.Lines(src) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			n++
		}
	}
	return n
}

// line returns the line of a position.
func (c *checker) line(p token.Pos) int { return c.fset.Position(p).Line }

// declaration looks at a declaration of the reference; close tells that it stands directly below another. Methods of one line,
// which say nothing that their interface does not say, need no comment, and functions of one line share that of the first.
func (c *checker) declaration(name string, d ast.Decl, close bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		lines := c.line(d.End()) - c.line(d.Pos()) + 1
		c.functions = append(c.functions, lines)
		c.Function = longer(c.Function, Length{d.Name.Name, lines})
		if lines > maxFunction {
			c.fault(name, c.line(d.Pos()), "%s has %d lines; at most %d", d.Name.Name, lines, maxFunction)
		}
		if d.Doc == nil && (lines > 1 || d.Recv == nil && !close) {
			c.fault(name, c.line(d.Pos()), "%s has no comment", d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok && d.Doc == nil && t.Doc == nil && t.Comment == nil {
				c.fault(name, c.line(t.Pos()), "%s has no comment", t.Name.Name)
			}
		}
		if d.Tok != token.IMPORT && d.Tok != token.TYPE && d.Doc == nil && !explained(d) {
			c.fault(name, c.line(d.Pos()), "constants or variables without a comment")
		}
	}
}

// explained reports whether one of a declaration's specifications has a comment, or none has a name: that is how the compiler is
// asked whether a type has the methods of an interface.
func explained(d *ast.GenDecl) bool {
	return slices.ContainsFunc(d.Specs, func(s ast.Spec) bool {
		v, ok := s.(*ast.ValueSpec)
		return ok && (v.Doc != nil || v.Comment != nil || v.Names[0].Name == "_")
	})
}
