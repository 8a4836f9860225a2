package chapters

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// targets knows the lab's commands: for each, in lower case, the flags that it takes.
type targets map[string][]string

// readTargets reads the magefiles at root: exported functions, and the names in Aliases.
func readTargets(root string) (targets, error) {
	names, err := filepath.Glob(filepath.Join(root, "mage*.go"))
	if err != nil {
		return nil, err
	}
	out := targets{}
	aliases := map[string]string{}
	for _, name := range names {
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range tree.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.IsExported() {
				out[strings.ToLower(fn.Name.Name)] = flags(fn)
			}
		}
		readAliases(tree, aliases)
	}
	for alias, name := range aliases {
		out[alias] = out[strings.ToLower(name)]
	}
	return out, nil
}

// flags returns the names of a target's optional parameters.
func flags(fn *ast.FuncDecl) []string {
	var out []string
	for _, field := range fn.Type.Params.List {
		if _, optional := field.Type.(*ast.StarExpr); optional {
			for _, name := range field.Names {
				out = append(out, strings.ToLower(name.Name))
			}
		}
	}
	return out
}

// readAliases takes the entries of the map named Aliases.
func readAliases(tree *ast.File, into map[string]string) {
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || spec.Names[0].Name != "Aliases" || len(spec.Values) != 1 {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.CompositeLit); ok {
			for _, elt := range lit.Elts {
				kv, ok := elt.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				key, isKey := kv.Key.(*ast.BasicLit)
				value, isName := kv.Value.(*ast.Ident)
				if isKey && isName {
					name, _ := strconv.Unquote(key.Value) // the parser has checked it
					into[name] = value.Name
				}
			}
		}
		return false
	})
}

// Shapes of commands.
var (
	mageCommand = regexp.MustCompile(`(?:^|go tool )mage ([a-zA-Z][a-zA-Z0-9-]*)([^&|;#]*)`)
	mageFlag    = regexp.MustCompile(`(?:^|\s)-([a-z]+)`)
	goCommand   = regexp.MustCompile(`\bgo (?:run|test|build|vet)\b([^&|;#]*)`)
	goPath      = regexp.MustCompile(`(?:^|\s)\./([^\s"'` + "`" + `]+)`)
)

// checkCommands makes sure that every command in the page's code exists, with its flags, and so do the directories that
// are given to the go command.
func checkCommands(root string, p *page, known targets) (faults []Fault) {
	for _, c := range p.code {
		for _, m := range mageCommand.FindAllStringSubmatch(c.text, -1) {
			flags, ok := known[strings.ToLower(m[1])]
			if !ok {
				faults = append(faults, p.fault(c.line, "there is no mage %s", m[1]))
				continue
			}
			for _, f := range mageFlag.FindAllStringSubmatch(m[2], -1) {
				if !slices.Contains(flags, f[1]) {
					faults = append(faults, p.fault(c.line, "mage %s has no flag -%s", m[1], f[1]))
				}
			}
		}
		for _, m := range goCommand.FindAllStringSubmatch(c.text, -1) {
			for _, arg := range goPath.FindAllStringSubmatch(m[1], -1) {
				dir := strings.TrimSuffix(strings.TrimSuffix(arg[1], "..."), "/")
				if dir == "" || strings.ContainsAny(dir, "*<N…") {
					continue
				}
				if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(dir))); err != nil {
					faults = append(faults, p.fault(c.line, "there is no ./%s", arg[1]))
				}
			}
		}
	}
	return faults
}
