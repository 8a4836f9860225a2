package skeleton

import (
	"fmt"
	"regexp"
	"strings"
)

// marker matches a region's marker: its first group is region or endregion, its second the name.
var marker = regexp.MustCompile(`^//\s*#(region|endregion)\b\s*(.*)$`)

// readRegions pairs the markers, which may be nested, and drops their lines.
func (f *File) readRegions() (problems Problems) {
	type open struct {
		name string
		line int
	}
	var stack []open
	seen := map[string]bool{}
	for _, group := range f.tree.Comments {
		for _, c := range group.List {
			m := marker.FindStringSubmatch(c.Text)
			if m == nil {
				continue
			}
			line, name := f.tok.Line(c.Slash), strings.TrimSpace(m[2])
			f.dropped[line] = true
			switch {
			case strings.TrimSpace(f.line(line)) != c.Text:
				problems = append(problems, f.problem(c.Slash, "a region marker stands on a line of its own"))
			case m[1] == "region" && name == "":
				problems = append(problems, f.problem(c.Slash, "a region needs a name"))
			case m[1] == "region" && seen[name]:
				problems = append(problems, f.problem(c.Slash, fmt.Sprintf("region %q stands in this file twice", name)))
				stack = append(stack, open{name, line})
			case m[1] == "region":
				seen[name] = true
				stack = append(stack, open{name, line})
			case len(stack) == 0:
				problems = append(problems, f.problem(c.Slash, "#endregion without #region"))
			default:
				top := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if name != "" && name != top.name {
					problems = append(problems, f.problem(c.Slash, fmt.Sprintf("#endregion %s closes region %q", name, top.name)))
				}
				f.Regions = append(f.Regions, Region{top.name, top.line + 1, line - 1})
			}
		}
	}
	for _, o := range stack {
		problems = append(problems, Problem{"solution/" + f.Path, o.line, fmt.Sprintf("region %q is not closed", o.name)})
	}
	return problems
}

// Excerpt returns the lines of a region as the book shows them: without markers and directives, moved to the left margin.
func (f *File) Excerpt(name string) ([]byte, error) {
	for _, r := range f.Regions {
		if r.Name == name {
			return f.excerpt(r), nil
		}
	}
	return nil, fmt.Errorf("%s has no region %q", f.Path, name)
}

// excerpt cuts a region out.
func (f *File) excerpt(r Region) []byte {
	var lines []string
	for n := r.First; n <= r.Last; n++ {
		if !f.dropped[n] {
			lines = append(lines, f.line(n))
		}
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	indent := commonIndent(lines)
	var out strings.Builder
	for _, line := range lines {
		out.WriteString(strings.TrimPrefix(line, indent) + "\n")
	}
	return []byte(out.String())
}

// commonIndent returns the tabs that every line with text begins with.
func commonIndent(lines []string) string {
	indent, first := "", true
	for _, line := range lines {
		if line == "" {
			continue
		}
		own := line[:len(line)-len(strings.TrimLeft(line, "\t"))]
		if first || len(own) < len(indent) {
			indent, first = own, false
		}
	}
	return indent
}
