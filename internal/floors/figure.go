package floors

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/course"
)

// graph says of each of the reference's packages, such as "week1/engine", which others it imports.
type graph map[string][]string

// Figure draws the reference's packages as a Mermaid flowchart, a box a week. An arrow means "imports"; it is left out
// where another way leads to the same package.
func Figure(root string) (string, error) {
	g, err := imports(root)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("flowchart TB\n")
	for week := range course.Weeks {
		dir := "week" + strconv.Itoa(week+1) + "/"
		fmt.Fprintf(&out, "    subgraph week%d[\"week %d\"]\n", week+1, week+1)
		for _, from := range slices.Sorted(maps.Keys(g)) {
			if strings.HasPrefix(from, dir) {
				fmt.Fprintf(&out, "        %s\n", path.Base(from))
			}
		}
		out.WriteString("    end\n")
	}
	for _, from := range slices.Sorted(maps.Keys(g)) {
		for _, to := range g[from] {
			if !g.around(from, to) {
				fmt.Fprintf(&out, "    %s --> %s\n", path.Base(from), path.Base(to))
			}
		}
	}
	return out.String(), nil
}

// around reports whether another import of from leads to the package to.
func (g graph) around(from, to string) bool {
	return slices.ContainsFunc(g[from], func(via string) bool { return via != to && g.reaches(via, to) })
}

// reaches reports whether from imports to, or something that does. Imports have no cycles.
func (g graph) reaches(from, to string) bool {
	return slices.ContainsFunc(g[from], func(next string) bool { return next == to || g.reaches(next, to) })
}

// imports reads the import clauses of the reference's files, tests left out.
func imports(root string) (graph, error) {
	g, base := graph{}, filepath.Join(root, "solution")
	err := filepath.WalkDir(base, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(base, filepath.Dir(name))
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := filepath.ToSlash(rel)
		g[from] = slices.Concat(g[from], nil)
		for _, spec := range file.Imports {
			if to, ok := strings.CutPrefix(unquote(spec), referencePath); ok {
				g[from] = append(g[from], to)
			}
		}
		return nil
	})
	for from := range g {
		slices.Sort(g[from])
		g[from] = slices.Compact(g[from])
	}
	return g, err
}
