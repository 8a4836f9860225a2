package skeleton

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"lsmlab/internal/course"
)

// Import paths that the generator knows of.
const (
	todoPath      = course.Module + "/internal/todo"
	referencePath = course.Module + "/solution/"
	studentPath   = course.Module + "/"
)

// retargetEdits returns the edits that turn imports of the reference into imports of the student's packages.
func (f *File) retargetEdits() []edit {
	var edits []edit
	for _, spec := range f.tree.Imports {
		if rest, ok := strings.CutPrefix(importPath(spec), referencePath); ok {
			s := span{f.tok.Offset(spec.Path.Pos()), f.tok.Offset(spec.Path.End())}
			edits = append(edits, edit{s, strconv.Quote(studentPath + rest)})
		}
	}
	return edits
}

// importPath returns the path of an import.
func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
	return p
}

// fixImports writes the import block anew: without what the text no longer uses, and with package todo if it is needed.
func fixImports(src []byte, needsTodo bool, names map[string]string) ([]byte, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, "", src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	file := fset.File(tree.FileStart)
	used := selected(tree)
	var kept []string
	for _, spec := range tree.Imports {
		name := names[importPath(spec)]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "_" || name == "." || used[name] {
			kept = append(kept, specText(src, file, spec))
		}
		needsTodo = needsTodo && importPath(spec) != todoPath
	}
	if needsTodo {
		kept = append(kept, strconv.Quote(todoPath))
	}
	var edits []edit
	for _, decl := range tree.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
			edits = append(edits, edit{span: span{file.Offset(gen.Pos()), file.Offset(gen.End())}})
		}
	}
	block := importBlock(kept)
	if len(edits) == 0 {
		at := file.Offset(tree.Name.End())
		edits = append(edits, edit{span{at, at}, "\n\n" + block})
	} else {
		edits[0].text = block
	}
	return apply(src, edits), nil
}

// specText returns an import as the source writes it, with its comment at the end of the line.
func specText(src []byte, file *token.File, spec *ast.ImportSpec) string {
	end := spec.End()
	if spec.Comment != nil {
		end = spec.Comment.End()
	}
	return string(src[file.Offset(spec.Pos()):file.Offset(end)])
}

// importBlock writes imports in two groups, the standard library's first.
func importBlock(specs []string) string {
	if len(specs) == 0 {
		return ""
	}
	if len(specs) == 1 {
		return "import " + specs[0]
	}
	var groups [2][]string
	for _, spec := range specs {
		g := 0
		if _, p, _ := strings.Cut(spec, `"`); strings.HasPrefix(p, studentPath) || strings.Contains(strings.SplitN(p, "/", 2)[0], ".") {
			g = 1
		}
		groups[g] = append(groups[g], spec)
	}
	var b bytes.Buffer
	b.WriteString("import (\n")
	for i, group := range groups {
		slices.SortFunc(group, func(a, b string) int {
			return strings.Compare(a[strings.Index(a, `"`):], b[strings.Index(b, `"`):])
		})
		if i > 0 && len(group) > 0 && len(groups[0]) > 0 {
			b.WriteString("\n")
		}
		for _, spec := range group {
			b.WriteString("\t" + spec + "\n")
		}
	}
	b.WriteString(")")
	return b.String()
}

// selected returns the names x of all x.y in the file that are not declared in it: those that may be packages.
func selected(tree *ast.File) map[string]bool {
	used := map[string]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil {
				used[x.Name] = true
			}
		}
		return true
	})
	return used
}

// packageNames asks the go command for the names of the packages behind import paths. Those of the reference are known
// from its files; a path that cannot be found goes by its last element, and the compiler will say more.
func packageNames(root string, files []*File) (map[string]string, error) {
	names := map[string]string{}
	for _, f := range files {
		names[studentPath+path.Dir(f.Path)] = f.Package
	}
	var ask []string
	for _, f := range files {
		for _, spec := range f.tree.Imports {
			p := studentPath + strings.TrimPrefix(importPath(spec), referencePath)
			if !strings.HasPrefix(importPath(spec), referencePath) {
				p = importPath(spec)
			}
			if names[p] == "" {
				names[p] = path.Base(p)
				ask = append(ask, p)
			}
		}
	}
	if len(ask) == 0 {
		return names, nil
	}
	found, err := packages.Load(&packages.Config{Mode: packages.NeedName, Dir: root}, ask...)
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		if p.Name != "" {
			names[p.PkgPath] = p.Name
		}
	}
	return names, nil
}
