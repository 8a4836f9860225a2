package skeleton

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"

	"lsmlab/internal/course"
)

// Shapes of a todo's two arguments.
var (
	taskNumber = regexp.MustCompile(`^([1-9][0-9]?|` + course.Bonus + `)$`)
	anchorRef  = regexp.MustCompile(`^([a-z0-9-]+)#([a-z0-9-]+)$`)
)

// readFunc takes the directives of a function.
func (f *File) readFunc(decl *ast.FuncDecl) (problems Problems) {
	if f.readOmit(decl.Doc, decl) {
		return nil // any other directive on it is left over, and reported as misplaced
	}
	var todo *Todo
	first := token.NoPos
	for i := range f.comments[decl.Doc] {
		d := &f.comments[decl.Doc][i]
		if d.Name == "day" {
			continue
		}
		d.used = true
		if first == token.NoPos {
			first = d.Slash
		}
		switch {
		case d.Name == "todo" && todo != nil:
			problems = append(problems, f.problem(d.Slash, "a function has one //lab:todo"))
		case d.Name == "todo":
			var problem *Problem
			if todo, problem = f.newTodo(decl, d); problem != nil {
				problems = append(problems, *problem)
			}
		case d.Args == "":
			problems = append(problems, f.problem(d.Slash, "empty //lab:"+d.Name))
		case todo == nil:
			problems = append(problems, f.problem(d.Slash, "//lab:"+d.Name+" without a //lab:todo before it"))
		case d.Name == "hint":
			todo.Hints = append(todo.Hints, d.Args)
		default:
			todo.Stub = append(todo.Stub, d.Args)
			todo.stubLines = append(todo.stubLines, f.tok.Line(d.Slash))
		}
	}
	if todo == nil {
		return problems
	}
	f.Todos = append(f.Todos, todo)
	return append(problems, f.checkTodo(todo, first)...)
}

// newTodo reads the arguments of a //lab:todo. The todo it returns is never nil.
func (f *File) newTodo(decl *ast.FuncDecl, d *directive) (*Todo, *Problem) {
	t := &Todo{
		Day: f.Day, Function: functionName(decl), File: "solution/" + f.Path, Line: f.tok.Line(d.Slash), decl: decl,
	}
	words := strings.Fields(d.Args)
	if len(words) != 2 || !taskNumber.MatchString(words[0]) || !anchorRef.MatchString(words[1]) {
		p := f.problem(d.Slash, "write //lab:todo TASK CHAPTER#ANCHOR, as in //lab:todo 2 write-path#flush")
		return t, &p
	}
	t.Task = words[0]
	t.Chapter, t.Anchor, _ = strings.Cut(words[1], "#")
	if f.Day.Slug != "" && t.Chapter != f.Day.Slug {
		p := f.problem(d.Slash, fmt.Sprintf("the chapter of %s is %s, not %s", f.Day, f.Day.Slug, t.Chapter))
		return t, &p
	}
	return t, nil
}

// checkTodo looks for what a todo lacks.
func (f *File) checkTodo(t *Todo, at token.Pos) (problems Problems) {
	if len(t.Hints) == 0 {
		problems = append(problems, f.problem(at, "a task without //lab:hint: "+t.Function))
	}
	if t.decl.Body == nil {
		problems = append(problems, f.problem(at, t.Function+" has no body to write"))
	}
	if shadows(t.decl, "todo") {
		problems = append(problems, f.problem(at, t.Function+" has a parameter named todo, which its stub needs for the package"))
	}
	return append(problems, f.checkStub(t)...)
}

// checkStub parses the lines of a //lab:stub.
func (f *File) checkStub(t *Todo) (problems Problems) {
	if len(t.Stub) == 0 {
		return nil
	}
	const head = "package p; func _() {\n"
	tree, err := parser.ParseFile(token.NewFileSet(), "", head+strings.Join(t.Stub, "\n")+"\n}\n", parser.SkipObjectResolution)
	switch {
	case err == nil && len(tree.Decls) == 1:
		return nil
	case err == nil:
		return Problems{{t.File, t.stubLines[0], "the stub does not parse: it closes the function's body"}}
	}
	for _, p := range syntaxProblems("", err) {
		at := min(max(p.Line-2, 0), len(t.stubLines)-1)
		problems = append(problems, Problem{t.File, t.stubLines[at], "the stub does not parse: " + p.Text})
	}
	return problems[:1]
}

// shadows reports whether a receiver, parameter or result of the function has the given name.
func shadows(decl *ast.FuncDecl, name string) bool {
	for _, list := range []*ast.FieldList{decl.Recv, decl.Type.Params, decl.Type.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, ident := range field.Names {
				if ident.Name == name {
					return true
				}
			}
		}
	}
	return false
}

// functionName returns "name" or "Type.name".
func functionName(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return decl.Name.Name
	}
	return receiverName(decl.Recv.List[0].Type) + "." + decl.Name.Name
}

// receiverName returns the name of a receiver's type, without star and type parameters.
func receiverName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return receiverName(e.X)
	case *ast.ParenExpr:
		return receiverName(e.X)
	case *ast.IndexExpr:
		return receiverName(e.X)
	case *ast.IndexListExpr:
		return receiverName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}
