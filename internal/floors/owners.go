package floors

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"

	"golang.org/x/tools/go/packages"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/skeleton"
)

// owners knows which day declares what.
type owners struct {
	files map[string]course.Day // by path: "week1/block/prefix.go"
	decls map[string]course.Day // by "week1/block.Prefix" and "week1/block.Builder.Add"
}

// newOwners indexes all top-level declarations and methods of the reference.
func newOwners(source *skeleton.Source) owners {
	o := owners{map[string]course.Day{}, map[string]course.Day{}}
	for _, f := range source.Files {
		o.files[f.Path] = f.Day
		for _, name := range f.Declares() {
			o.decls[path.Dir(f.Path)+"."+name] = f.Day
		}
	}
	return o
}

// first returns the day on which a package, given as "week1/block", has its first file.
func (o owners) first(dir string) (course.Day, bool) {
	var first course.Day
	found := false
	for name, day := range o.files {
		if path.Dir(name) == dir && (!found || day.Less(first)) {
			first, found = day, true
		}
	}
	return first, found
}

// of returns the day that declares an object of one of the reference's packages. Local names, fields, and whatever is
// declared elsewhere belong to no day.
func (o owners) of(obj types.Object) (course.Day, bool) {
	if obj == nil || obj.Pkg() == nil {
		return course.Day{}, false
	}
	dir, ok := packageDir(obj.Pkg().Path())
	if !ok {
		return course.Day{}, false
	}
	name := obj.Name()
	if fn, isFunc := obj.(*types.Func); isFunc && fn.Signature().Recv() != nil {
		recv := fn.Signature().Recv().Type()
		if p, isPointer := recv.(*types.Pointer); isPointer {
			recv = p.Elem()
		}
		named, isNamed := recv.(*types.Named)
		if !isNamed {
			return course.Day{}, false // an interface's method has its interface's day
		}
		name = named.Obj().Name() + "." + name
	} else if obj.Parent() != obj.Pkg().Scope() {
		return course.Day{}, false
	}
	day, ok := o.decls[dir+"."+name]
	return day, ok
}

// checkUses makes sure that a file of a day uses nothing that a later day declares.
func (c *checker) checkUses(p *packages.Package, file *ast.File, day course.Day) {
	ast.Inspect(file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if owner, ok := c.owners.of(p.TypesInfo.Uses[id]); ok && day.Less(owner) {
			c.fault(p.Fset, id.Pos(), fmt.Sprintf("a file of %s uses %s, which %s declares", day, id.Name, owner))
		}
		return true
	})
}

// checkNames makes sure that the test files of all days can stand in one package once they are copied: all of them
// external tests, and no top-level name declared twice.
func (c *checker) checkNames() error {
	files, err := graded.Files(c.root, course.Released(), true)
	if err != nil {
		return err
	}
	seen := map[string]string{}
	for _, f := range files {
		if path.Ext(f.Path) != ".go" || path.Base(path.Dir(f.Path)) == "testdata" {
			continue
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, filepath.Join(c.root, filepath.FromSlash(f.Path)), f.Data, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if want := path.Base(path.Dir(f.Path)) + "_test"; tree.Name.Name != want {
			c.fault(fset, tree.Name.Pos(), fmt.Sprintf("a graded test is external: package %s, not %s", want, tree.Name.Name))
		}
		for _, d := range skeleton.Declared(tree) {
			key := path.Dir(f.Path) + "." + d.Name
			if first, again := seen[key]; again && d.Name != "_" && d.Name != "init" {
				c.fault(fset, d.Pos, fmt.Sprintf("%s is declared in %s too: names are unique in a package across days", d.Name, first))
			}
			seen[key] = f.Path
		}
	}
	return nil
}
