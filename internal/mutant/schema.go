package mutant

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
)

// variant is a mutant that changes nothing but the bodies of functions, so that one binary can hold it beside others.
type variant struct {
	number int    // that chooses it at run time, from 1
	pkg    string // the name of its package
	// imports are the specifications that the bodies need: `"sync"`, `m "math"`.
	imports []string
	// funcs are the changed functions, as the mutant has them.
	funcs []function
}

// function is the text of a function's declaration, cut where a schema has to put something in.
type function struct {
	// name is unique in the package: "Block.Search", "New".
	name string
	// head is all before the name, tail all behind it: "func (b *Block) ", "(target kv.Key) int {…}".
	head, tail string
}

// source is a Go file taken apart.
type source struct {
	text  []byte
	files *token.FileSet
	ast   *ast.File
}

// parse takes a file apart.
func parse(text []byte) (source, error) {
	s := source{text: text, files: token.NewFileSet()}
	var err error
	s.ast, err = parser.ParseFile(s.files, "", text, parser.SkipObjectResolution)
	return s, err
}

// cut returns the text from one position to another.
func (s source) cut(from, to token.Pos) string {
	return string(s.text[s.offset(from):s.offset(to)])
}

// offset returns where in the text a position is.
func (s source) offset(p token.Pos) int { return s.files.Position(p).Offset }

// newVariant compares a file with what a mutant makes of it. It says why the mutant is more than other bodies.
func newVariant(number int, original, mutated []byte) (*variant, error) {
	before, err := parse(original)
	if err != nil {
		return nil, err
	}
	after, err := parse(mutated)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(original, []byte("//go:build")) {
		return nil, errors.New("the file is not part of every build")
	}
	changed, err := compare(before, after)
	if err != nil {
		return nil, err
	}
	v := &variant{number: number, pkg: after.ast.Name.Name}
	if v.imports, err = after.imports(changed); err != nil {
		return nil, err
	}
	for _, f := range changed {
		v.funcs = append(v.funcs, after.function(f))
	}
	return v, nil
}

// compare returns the functions, as they stand in after, whose bodies differ. Nothing else may.
func compare(before, after source) ([]*ast.FuncDecl, error) {
	a, b := before.declarations(), after.declarations()
	if len(a) != len(b) {
		return nil, errors.New("it declares something new, or less")
	}
	var changed []*ast.FuncDecl
	for i := range a {
		if before.cut(a[i].Pos(), a[i].End()) == after.cut(b[i].Pos(), b[i].End()) {
			continue
		}
		f, ok := a[i].(*ast.FuncDecl)
		g, both := b[i].(*ast.FuncDecl)
		switch {
		case !ok || !both || f.Body == nil || g.Body == nil:
			return nil, errors.New("it changes a type, a constant or a variable")
		case before.cut(f.Pos(), f.Body.Pos()) != after.cut(g.Pos(), g.Body.Pos()):
			return nil, errors.New("it changes what a function takes or returns")
		case f.Name.Name == "init" || f.Name.Name == "_":
			return nil, errors.New("it changes a function that nobody can call")
		case minds(f) || minds(g):
			return nil, errors.New("its function minds by whom it is called")
		}
		changed = append(changed, g)
	}
	if len(changed) == 0 {
		return nil, errors.New("it changes no function")
	}
	return changed, nil
}

// declarations returns all declarations but the imports.
func (s source) declarations() []ast.Decl {
	var out []ast.Decl
	for _, d := range s.ast.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			out = append(out, d)
		}
	}
	return out
}

// minds reports whether a function would notice that a dispatcher stands between it and its caller: recover works only
// in the function that was deferred, and runtime.Caller counts frames.
func minds(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			found = found || id.Name == "recover" || id.Name == "Caller" || id.Name == "Callers"
		}
		return !found
	})
	return found
}

// imports returns the imports that some functions of the file use. An import that nothing in the file uses is an error:
// such a mutant does not compile, though its bodies alone would.
func (s source) imports(funcs []*ast.FuncDecl) ([]string, error) {
	everywhere, here := qualifiers(s.ast), map[string]bool{}
	for _, f := range funcs {
		for name := range qualifiers(f) {
			here[name] = true
		}
	}
	var out []string
	for _, spec := range s.ast.Imports {
		name := importName(spec)
		if !everywhere[name] {
			return nil, fmt.Errorf("it may be that nothing uses the import %s", spec.Path.Value)
		}
		if here[name] {
			out = append(out, s.cut(spec.Pos(), spec.End()))
		}
	}
	return out, nil
}

// qualifiers returns the names that stand before a dot.
func qualifiers(n ast.Node) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

// importName returns the name by which a file calls an import. It guesses from the path; a wrong guess costs time only.
func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	p := strings.Trim(spec.Path.Value, "`\"")
	if name := path.Base(p); len(name) < 2 || name[0] != 'v' || strings.Trim(name[1:], "0123456789") != "" {
		return name
	}
	return path.Base(path.Dir(p))
}

// function cuts a declaration around its name.
func (s source) function(f *ast.FuncDecl) function {
	return function{name: key(f), head: s.cut(f.Pos(), f.Name.Pos()), tail: s.cut(f.Name.End(), f.End())}
}

// key names a function among all of a package: "New", "Block.Search".
func key(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + f.Name.Name
		default:
			return "?." + f.Name.Name // does not compile anyway
		}
	}
}
