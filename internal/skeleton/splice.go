package skeleton

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"slices"
	"strings"
)

// edit replaces a span of the source by a text.
type edit struct {
	span
	text string
}

// apply makes the edits. An edit inside a larger one has no effect of its own.
func apply(src []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.from < at {
			continue
		}
		out.Write(src[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(src[at:])
	return out.Bytes()
}

// dropEdits returns the edits that take directives and markers away.
func (f *File) dropEdits() []edit {
	var edits []edit
	for line := range f.dropped {
		edits = append(edits, edit{span: f.lineSpan(line)})
	}
	return edits
}

// Reference returns the file as it is laid into the student's tree when the day is solved: without a trace of the
// annotations, importing the student's packages.
func (f *File) Reference() ([]byte, error) {
	text := apply(f.src, append(f.dropEdits(), f.retargetEdits()...))
	return f.finish(text)
}

// skeleton returns the file as the learner finds it. names tells the package names of import paths.
func (f *File) skeleton(names map[string]string) ([]byte, error) {
	edits := append(f.dropEdits(), f.retargetEdits()...)
	for _, s := range f.omitted {
		edits = append(edits, edit{span: s})
	}
	for _, t := range f.Todos {
		body := span{f.tok.Offset(t.decl.Body.Lbrace), f.tok.Offset(t.decl.Body.Rbrace) + 1}
		edits = append(edits, edit{body, t.body()})
	}
	text, err := fixImports(apply(f.src, edits), len(f.Todos) > 0, names)
	if err != nil {
		return nil, fmt.Errorf("solution/%s: its skeleton: %w", f.Path, err)
	}
	return f.finish(text)
}

// finish formats a text and makes sure that nothing of the annotations is left in it.
func (f *File) finish(text []byte) ([]byte, error) {
	out, err := format.Source(text)
	if err != nil {
		return nil, fmt.Errorf("solution/%s: what is made of it does not parse: %w", f.Path, err)
	}
	out = bytes.TrimLeft(out, "\n")
	for i, line := range strings.Split(string(out), "\n") {
		if trimmed := strings.TrimSpace(line); almost.MatchString(trimmed) || marker.MatchString(trimmed) {
			return nil, Problems{{f.Path, i + 1, "a directive is left in the generated file: " + trimmed}}
		}
	}
	return out, nil
}

// body returns the stub that stands for the function's body.
func (t *Todo) body() string {
	var b strings.Builder
	task := "task " + t.Task
	if t.Task == "bonus" {
		task = t.Task
	}
	b.WriteString("{\n")
	fmt.Fprintf(&b, "\t// TODO(week %d, day %d, %s): implement %s. Chapter: %s#%s\n",
		t.Day.Week, t.Day.Day, task, t.decl.Name.Name, t.Day.Chapter(), t.Anchor)
	b.WriteString("\t//\n")
	for _, hint := range t.Hints {
		fmt.Fprintf(&b, "\t// Hint: %s\n", hint)
	}
	if len(t.Stub) == 0 {
		fmt.Fprintf(&b, "\tpanic(todo.Reached(%q, %q))\n}", t.Name(), t.Function)
		return b.String()
	}
	fmt.Fprintf(&b, "\ttodo.Note(%q, %q)\n", t.Name(), t.Function)
	for _, line := range t.Stub {
		b.WriteString("\t" + line + "\n")
	}
	b.WriteString("}")
	return b.String()
}
