package mutant

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// chosen is the environment variable that holds the number of the mutant that is to be active; without it, none is.
const chosen = "LSMLAB_MUTANT"

// chooser is the Go file that every package with mutants gets: the number, read before anything can ask for it.
const chooser = `package %s

import (
	"os"
	"strconv"
)

var labMutant, _ = strconv.Atoi(os.Getenv(%q))
`

// text returns the Go file that holds a variant's functions, each under a name of its own:
//
//	func (b *Block) Search__lab17(target kv.Key) int {…}
func (v *variant) text() string {
	var w strings.Builder
	fmt.Fprintf(&w, "package %s\n", v.pkg)
	for _, spec := range v.imports {
		fmt.Fprintf(&w, "\nimport %s\n", spec)
	}
	for _, f := range v.funcs {
		fmt.Fprintf(&w, "\n%s%s%s\n", f.head, lab(plain(f.name), v.number), f.tail)
	}
	return w.String()
}

// plain takes the receiver off a function's name.
func plain(name string) string { return name[strings.Index(name, ".")+1:] }

// lab is how a function is called in a mutant; number 0 is the reference.
func lab(name string, number int) string { return fmt.Sprintf("%s__lab%d", name, number) }

// dispatch returns a file of the reference in which every function that some variant changes has got a new name, and
// under the old one stands a dispatcher:
//
//	func (labR *Block) Search(lab0 kv.Key) int {
//		switch labMutant {
//		case 17:
//			return labR.Search__lab17(lab0)
//		default:
//			return labR.Search__lab0(lab0)
//		}
//	}
//
// So the bodies stand on their old lines, and whoever calls the function, itself included, gets the active one.
func dispatch(original []byte, variants []*variant) ([]byte, error) {
	s, err := parse(original)
	if err != nil {
		return nil, err
	}
	numbers := map[string][]int{}
	for _, v := range variants {
		for _, f := range v.funcs {
			numbers[f.name] = append(numbers[f.name], v.number)
		}
	}
	text := slices.Clone(original)
	var more strings.Builder
	for _, d := range slices.Backward(s.ast.Decls) { // so that offsets stay right
		f, ok := d.(*ast.FuncDecl)
		if !ok || numbers[key(f)] == nil {
			continue
		}
		more.WriteString(s.dispatcher(f, numbers[key(f)]))
		text = slices.Insert(text, s.offset(f.Name.End()), []byte(lab("", 0))...)
	}
	return append(text, more.String()...), nil
}

// dispatcher returns a function that looks like f and calls that one of its variants that is active.
func (s source) dispatcher(f *ast.FuncDecl, numbers []int) string {
	var w strings.Builder
	receiver := ""
	w.WriteString("\nfunc ")
	if f.Recv != nil {
		receiver = "labR."
		fmt.Fprintf(&w, "(labR %s) ", s.of(f.Recv.List[0].Type))
	}
	w.WriteString(f.Name.Name)
	instance := ""
	if p := f.Type.TypeParams; p != nil {
		w.WriteString(s.cut(p.Pos(), p.End()))
		instance = "[" + strings.Join(names(p), ", ") + "]"
	}
	declared, passed := s.parameters(f.Type.Params)
	fmt.Fprintf(&w, "(%s)", declared)
	answer := ""
	if r := f.Type.Results; r != nil && len(r.List) > 0 {
		answer = "return "
		fmt.Fprintf(&w, " %s", s.of(r))
	}
	w.WriteString(" {\n\tswitch labMutant {\n")
	for _, n := range append(slices.Clone(numbers), 0) {
		if n > 0 {
			fmt.Fprintf(&w, "\tcase %d:\n", n)
		} else {
			w.WriteString("\tdefault:\n")
		}
		fmt.Fprintf(&w, "\t\t%s%s%s%s(%s)\n", answer, receiver, lab(f.Name.Name, n), instance, passed)
	}
	w.WriteString("\t}\n}\n")
	return w.String()
}

// parameters returns a list of parameters under new names, as it is declared and as it is passed on.
func (s source) parameters(list *ast.FieldList) (declared, passed string) {
	var in, out []string
	for _, field := range list.List {
		for range max(1, len(field.Names)) {
			name := fmt.Sprint("lab", len(in))
			in = append(in, name+" "+s.of(field.Type))
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				name += "..."
			}
			out = append(out, name)
		}
	}
	return strings.Join(in, ", "), strings.Join(out, ", ")
}

// names returns the names that a list declares.
func names(list *ast.FieldList) []string {
	var out []string
	for _, field := range list.List {
		for _, id := range field.Names {
			out = append(out, id.Name)
		}
	}
	return out
}

// of returns the text of a node.
func (s source) of(n ast.Node) string { return s.cut(n.Pos(), n.End()) }
