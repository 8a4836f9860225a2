package scheck

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/skeleton"
)

// lookup knows where a task stands: in the book, and in the student's code.
type lookup struct {
	root   string
	source *skeleton.Source             // nil if the reference cannot be read
	places map[string]map[string]string // by package, then function: "prune.go:14"
}

// newLookup reads the reference's annotations. Without them, reports say less and are still right.
func newLookup(root string) *lookup {
	source, err := skeleton.Load(root)
	if err != nil {
		source = nil
	}
	return &lookup{root: root, source: source, places: map[string]map[string]string{}}
}

// todos returns the functions of a task.
func (l *lookup) todos(d course.Day, task string) []*skeleton.Todo {
	var out []*skeleton.Todo
	if l.source == nil {
		return nil
	}
	for _, t := range l.source.Todos(d) {
		if t.Task == task {
			out = append(out, t)
		}
	}
	return out
}

// chapter returns the chapter of a task, with the anchor of the function that was reached, or else of its first one.
func (l *lookup) chapter(d course.Day, task, reached string) string {
	todos := l.todos(d, task)
	for _, t := range todos {
		if strings.HasSuffix(reached, "("+t.Function+")") {
			return d.Chapter() + "#" + t.Anchor
		}
	}
	if len(todos) > 0 {
		return d.Chapter() + "#" + todos[0].Anchor
	}
	return d.Chapter()
}

// subject returns where the student's functions of a task stand, at most three of them: "stack.go:54", and of the same
// file just "63".
func (l *lookup) subject(d course.Day, task string) []string {
	var out []string
	last := ""
	for _, t := range l.todos(d, task) {
		pkg := strings.TrimPrefix(path.Dir(filepath.ToSlash(t.File)), "solution/")
		at, ok := l.functions(pkg)[t.Function]
		if !ok || len(out) == 3 {
			continue
		}
		file, line, _ := strings.Cut(at, ":")
		if file == last {
			at = line
		}
		out, last = append(out, at), file
	}
	return out
}

// owner returns the day of a file of the student's tree: that of a copied test, or of the reference's file of that name.
func (l *lookup) owner(file string) (course.Day, bool) {
	if week, day, ok := graded.CopiedDay(file); ok {
		d, err := course.Find(week, day)
		return d, err == nil
	}
	if l.source != nil {
		if f := l.source.Find(file); f != nil {
			return f.Day, true
		}
	}
	return course.Day{}, false
}

// functions returns where the functions of one of the student's packages stand.
func (l *lookup) functions(pkg string) map[string]string {
	if found, ok := l.places[pkg]; ok {
		return found
	}
	found := map[string]string{}
	l.places[pkg] = found
	dir := filepath.Join(l.root, filepath.FromSlash(pkg))
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, _ := parser.ParseFile(fset, filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if file == nil {
			continue
		}
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				found[functionName(fn)] = fmt.Sprintf("%s:%d", e.Name(), fset.Position(fn.Pos()).Line)
			}
		}
	}
	return found
}

// functionName returns "flush", or "Engine.flush" for a method.
func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}

// graded returns what the report says of a graded test.
func (l *lookup) graded(p planned, race bool) report.Test {
	g := p.graded
	t := report.Test{
		Result: p.result, Title: g.Title(), Reason: g.Doc, Task: g.Task, Points: g.Points, Random: g.Random,
		Package: p.pkg, File: p.file, Again: again(p, race),
		Chapter: l.chapter(g.Day, g.Task, p.result.Todo),
		Subject: l.subject(g.Day, g.Task),
		Hint:    fmt.Sprintf("go tool mage hint -week=%d -day=%d -task=%s", g.Day.Week, g.Day.Day, g.Task),
	}
	if g.Bonus {
		t.Hint = fmt.Sprintf("go tool mage hint -week=%d -day=%d", g.Day.Week, g.Day.Day)
	}
	if d, task, ok := course.ParseTaskText(p.result.Todo); ok && (d != g.Day || task != g.Task) {
		t.Chapter = l.chapter(d, task, p.result.Todo)
	}
	return t
}

// own returns what the report says of one of the learner's own tests.
func own(p planned, race bool) report.Test {
	return report.Test{Result: p.result, Title: p.name, Package: p.pkg, File: p.file, Again: again(p, race)}
}

// again returns the command that runs a test alone, with the race detector if that is what found it wanting.
func again(p planned, race bool) string {
	words := []string{"go", "test"}
	if race && (strings.HasPrefix(p.result.Message, "data race") || p.graded != nil && p.graded.Race) {
		words = append(words, "-race")
	}
	words = append(words, "-run", p.name, "./"+p.pkg)
	if p.result.Seed != "" {
		words = append(words, p.result.Seed)
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
