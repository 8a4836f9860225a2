package skeleton

import (
	"go/ast"
	"go/token"
)

// Declaration is a name that a file declares at its top level. A method's is "Type.name".
type Declaration struct {
	Name string
	Pos  token.Pos
}

// Declared returns what a parsed file declares at its top level, in order.
func Declared(tree *ast.File) []Declaration {
	var out []Declaration
	for _, decl := range tree.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			out = append(out, Declaration{functionName(decl), decl.Name.Pos()})
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					out = append(out, Declaration{spec.Name.Name, spec.Name.Pos()})
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						out = append(out, Declaration{name.Name, name.Pos()})
					}
				}
			}
		}
	}
	return out
}

// Declares returns the names that the file declares at its top level.
func (f *File) Declares() []string {
	var out []string
	for _, d := range Declared(f.tree) {
		out = append(out, d.Name)
	}
	return out
}
