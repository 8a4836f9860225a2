package workspace

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// collision is a file that declares again what a file declares that a command writes, so that the package no longer
// compiles: the learner has moved a function there, say.
type collision struct {
	path string // slash-separated below the root
	name string // "Table.Get"
	own  bool   // it is not part of the course, but the learner's own file
}

// collisions looks in the packages of the written files for declarations that these have, too.
func (t *tree) collisions(written []string) ([]collision, error) {
	declared := map[string]map[string]bool{} // by directory
	for _, p := range written {
		dir := path.Dir(p)
		if declared[dir] == nil {
			declared[dir] = map[string]bool{}
		}
		text, err := t.read(p)
		if err != nil {
			return nil, err
		}
		for name := range declarations(text) {
			declared[dir][name] = true
		}
	}
	var found []collision
	for dir, names := range declared {
		entries, err := os.ReadDir(abs(t.root, dir))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			p := dir + "/" + e.Name()
			if path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") || slices.Contains(written, p) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(t.root, filepath.FromSlash(p)))
			if err != nil {
				return nil, err
			}
			for name := range declarations(text) {
				if names[name] {
					found = append(found, collision{p, name, t.src.Find(p) == nil})
					break
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b collision) int { return strings.Compare(a.path, b.path) })
	return found, nil
}

// declarations returns what a file declares at top level, methods with their type, as far as it can be parsed.
func declarations(text []byte) map[string]bool {
	names := map[string]bool{}
	file, _ := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if file == nil {
		return names
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && len(d.Recv.List) == 1 {
				names[receiver(d.Recv.List[0].Type)+"."+d.Name.Name] = true
			} else if d.Name.Name != "init" {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range s.Names {
						names[n.Name] = true
					}
				}
			}
		}
	}
	delete(names, "_")
	return names
}

// receiver returns the name of a method's type.
func receiver(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
