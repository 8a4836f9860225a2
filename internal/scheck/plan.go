package scheck

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"lsmlab/internal/graded"
	"lsmlab/internal/run"
)

// planned is one test that is to run.
type planned struct {
	name   string       // of the function
	pkg    string       // as a path below the root
	file   string       // slash-separated below the root
	graded *graded.Test // nil for one of the learner's own
	result run.Result
}

// planTests lists the graded tests of the chosen days and the learner's own tests.
func (c *check) planTests() error {
	for _, d := range c.days {
		tests, err := graded.ScanDay(c.Root, d)
		if err != nil {
			return err
		}
		// In the order of the tasks: if tests begin to hang and the rest is not run, what comes first is what was run.
		slices.SortStableFunc(tests, func(a, b graded.Test) int { return strings.Compare(a.Task, b.Task) }) // "bonus" last
		for _, t := range tests {
			if !t.Bonus || c.state.Bonus[d.ID()] {
				c.plan = append(c.plan, planned{name: t.Name, pkg: t.Package, file: t.Copied(), graded: &t})
			}
		}
	}
	files, err := graded.OwnTests(c.Root, c.state)
	if err != nil {
		return err
	}
	for _, file := range files {
		if pkg := path.Dir(file); !c.report.Narrowed || c.touches(pkg) {
			for _, name := range testFunctions(filepath.Join(c.Root, filepath.FromSlash(file))) {
				c.plan = append(c.plan, planned{name: name, pkg: pkg, file: file})
			}
		}
	}
	c.config.Explains = c.explainer()
	return nil
}

// explainer returns which stubs explain the failure of which planned test.
func (c *check) explainer() func(pkg, test, stub string) bool {
	var tests []graded.Test
	for _, p := range c.plan {
		if p.graded != nil {
			tests = append(tests, *p.graded)
		}
	}
	return graded.Explainer(tests)
}

// touches reports whether a graded test of the plan is in a package, or a chosen day has its work there.
func (c *check) touches(pkg string) bool {
	for _, d := range c.days {
		if d.PackageDir() == pkg {
			return true
		}
	}
	return slices.ContainsFunc(c.plan, func(p planned) bool { return p.pkg == pkg })
}

// packages returns the packages of the plan, sorted.
func (c *check) packages() []string {
	var pkgs []string
	for _, p := range c.plan {
		pkgs = append(pkgs, p.pkg)
	}
	slices.Sort(pkgs)
	return slices.Compact(pkgs)
}

// testFunctions returns the names of the tests, fuzz targets and examples with an output of a file, as far as it can be parsed.
func testFunctions(file string) []string {
	parsed, _ := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution|parser.ParseComments)
	if parsed == nil {
		return nil
	}
	var names []string
	for _, decl := range parsed.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || fn.Name.Name == "TestMain" {
			continue
		}
		for _, prefix := range []string{"Test", "Fuzz"} {
			rest, ok := strings.CutPrefix(fn.Name.Name, prefix)
			if ok && (rest == "" || !unicode.IsLower(rune(rest[0]))) {
				names = append(names, fn.Name.Name)
			}
		}
	}
	for _, e := range doc.Examples(parsed) {
		if e.Output != "" || e.EmptyOutput { // the others are compiled and not run
			names = append(names, "Example"+e.Name)
		}
	}
	return names
}

// counted returns a callback for run.Each that tells progress how many tests are done.
func counted(progress func(done, all int), all int) func(int, run.Result) {
	if progress == nil {
		return nil
	}
	var mu sync.Mutex // guards done, and keeps calls apart
	done := 0
	return func(int, run.Result) {
		mu.Lock()
		defer mu.Unlock()
		done++
		progress(done, all)
	}
}
