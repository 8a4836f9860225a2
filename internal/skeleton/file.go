package skeleton

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"

	"lsmlab/internal/course"
)

// File is one annotated file of the reference.
type File struct {
	// Path is where the file stands in the student's tree: "week1/memtable/stack.go". In the reference it stands at
	// solution/ and the same path.
	Path string
	// Package is the name in the package clause.
	Package string
	// Day owns the file.
	Day course.Day
	// Todos are the tasks' functions, in the order of the file.
	Todos []*Todo
	// Regions are the excerpts that the book may show.
	Regions []Region

	src  []byte
	tok  *token.File
	tree *ast.File

	omitted  []span       // whole lines of declarations that the skeleton lacks
	dropped  map[int]bool // lines of directives and region markers, and what goes with them
	comments map[*ast.CommentGroup][]directive
}

// Todo is one function that the learner writes.
type Todo struct {
	// Day is the day that owns the file.
	Day course.Day
	// Task is a number, or course.Bonus.
	Task string
	// Function is how messages name it: "overlaps", "Engine.flush".
	Function string
	// Chapter and Anchor tell where the book speaks of it: "write-path", "flush".
	Chapter, Anchor string
	// Hints are printed in the stub.
	Hints []string
	// Stub holds the lines of a harmless default, none if the stub is to panic.
	Stub []string
	// File and Line tell where the directive stands, from the lab's root.
	File string
	Line int

	stubLines []int // of the directives that Stub comes from
	decl      *ast.FuncDecl
}

// Name returns the task as stubs and messages name it: "week 1 day 6 task 2".
func (t *Todo) Name() string { return t.Day.TaskText(t.Task) }

// Region is a named run of lines, without its markers.
type Region struct {
	Name string
	// First and Last are the lines between the markers, counted from one; Last < First if there is none.
	First, Last int
}

// span is a range of bytes [from, to).
type span struct{ from, to int }

// parseFile reads one annotated file. The problems it returns are all that were found.
func parseFile(path string, src []byte) (*File, Problems) {
	f := &File{Path: path, src: src, dropped: map[int]bool{}, comments: map[*ast.CommentGroup][]directive{}}
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, path, src, parser.ParseComments)
	if err != nil {
		return f, syntaxProblems("solution/"+path, err)
	}
	f.tree, f.tok, f.Package = tree, fset.File(tree.FileStart), tree.Name.Name
	var problems Problems
	problems = append(problems, f.readDirectives()...)
	problems = append(problems, f.readDay()...)
	problems = append(problems, f.readDeclarations()...)
	problems = append(problems, f.readRegions()...)
	return f, problems
}

// syntaxProblems returns what the parser complained of, a problem each.
func syntaxProblems(file string, err error) Problems {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return Problems{{file, 1, err.Error()}}
	}
	var out Problems
	for _, e := range list {
		out = append(out, Problem{file, e.Pos.Line, e.Msg})
	}
	return out
}

// problem returns a mistake at a position of the file.
func (f *File) problem(pos token.Pos, text string) Problem {
	return Problem{"solution/" + f.Path, f.tok.Line(pos), text}
}

// lineSpan returns the bytes of a line, its newline included.
func (f *File) lineSpan(line int) span {
	s := span{f.tok.Offset(f.tok.LineStart(line)), len(f.src)}
	if line < f.tok.LineCount() {
		s.to = f.tok.Offset(f.tok.LineStart(line + 1))
	}
	return s
}

// line returns the text of a line without its newline.
func (f *File) line(n int) string {
	s := f.lineSpan(n)
	return strings.TrimRight(string(f.src[s.from:s.to]), "\r\n")
}
