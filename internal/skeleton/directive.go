package skeleton

import (
	"fmt"
	"go/ast"
	"regexp"
	"strings"

	"lsmlab/internal/course"
)

// directive is one //lab: line.
type directive struct {
	ast.Directive
	used bool // some reader has taken it
}

// known are the directives that solution/ may hold.
var known = map[string]bool{"day": true, "todo": true, "hint": true, "stub": true, "omit": true}

// almost matches a line that somebody meant as a directive: with a blank before lab:, or a wrong name behind it.
var almost = regexp.MustCompile(`^//\s*lab:`)

// readDirectives finds every directive, checks its name and its place within its comment, and marks its line, and the
// empty comment line before it, to be dropped.
func (f *File) readDirectives() (problems Problems) {
	for _, group := range f.tree.Comments {
		last := -1 // index of the last directive in the group
		for i, c := range group.List {
			d, ok := ast.ParseDirective(c.Slash, c.Text)
			switch {
			case ok && d.Tool == "lab" && known[d.Name]:
				f.comments[group] = append(f.comments[group], directive{Directive: d})
				problems = append(problems, f.dropDirective(group, i)...)
				last = i
			case ok && d.Tool == "lab":
				problems = append(problems, f.problem(c.Slash, "unknown directive //lab:"+d.Name))
			case almost.MatchString(c.Text):
				problems = append(problems, f.problem(c.Slash, "not a directive: write //lab:name without blanks, the name in lower case"))
			case last >= 0 && f.tok.Line(group.List[last].Slash) != 1 && !marker.MatchString(c.Text):
				problems = append(problems, f.problem(c.Slash, "text after a directive: directives are a comment's last lines"))
				last = -1
			}
		}
	}
	return problems
}

// dropDirective marks the line of the group's i-th comment, and an empty comment line that leads to it. The header
// takes the blank line that follows it along.
func (f *File) dropDirective(group *ast.CommentGroup, i int) Problems {
	line := f.tok.Line(group.List[i].Slash)
	if strings.TrimSpace(f.line(line)) != group.List[i].Text {
		return Problems{f.problem(group.List[i].Slash, "a directive stands on a line of its own")}
	}
	f.dropped[line] = true
	for j := i - 1; j >= 0 && group.List[j].Text == "//"; j-- {
		f.dropped[f.tok.Line(group.List[j].Slash)] = true
	}
	for next := line + 1; line == 1 && next <= f.tok.LineCount() && f.line(next) == ""; next++ {
		f.dropped[next] = true
	}
	return nil
}

// readDay takes the header.
func (f *File) readDay() (problems Problems) {
	found := false
	for _, group := range f.tree.Comments {
		for i := range f.comments[group] {
			d := &f.comments[group][i]
			if d.Name != "day" {
				continue
			}
			d.used = true
			if f.tok.Line(d.Slash) != 1 {
				problems = append(problems, f.problem(d.Slash, "//lab:day is the first line of its file, once"))
				continue
			}
			found = true
			day, err := course.Parse(d.Args)
			if err != nil {
				problems = append(problems, f.problem(d.Slash, err.Error()))
				continue
			}
			f.Day = day
			if !strings.HasPrefix(f.Path, day.WeekDir()+"/") {
				problems = append(problems, f.problem(d.Slash, "a file of "+day.String()+" stands in "+day.WeekDir()+"/"))
			}
		}
	}
	if !found {
		problems = append(problems, f.problem(f.tree.FileStart, "no owner: the first line is //lab:day WEEK.DAY"))
	}
	return problems
}

// readDeclarations takes the directives of every declaration, then complains of those that nobody took.
func (f *File) readDeclarations() (problems Problems) {
	for _, decl := range f.tree.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			problems = append(problems, f.readFunc(decl)...)
		case *ast.GenDecl:
			f.readOmit(decl.Doc, decl)
			for _, spec := range decl.Specs {
				f.readOmit(specDoc(spec), spec)
			}
		}
	}
	for _, group := range f.tree.Comments {
		for _, d := range f.comments[group] {
			if !d.used {
				where := "function's"
				if d.Name == "omit" {
					where = "declaration's"
				}
				text := fmt.Sprintf("//lab:%s belongs in a %s doc comment", d.Name, where)
				problems = append(problems, f.problem(d.Slash, text))
			}
		}
	}
	return problems
}

// specDoc returns the doc comment of one specification in a parenthesised declaration.
func specDoc(spec ast.Spec) *ast.CommentGroup {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		return spec.Doc
	case *ast.TypeSpec:
		return spec.Doc
	}
	return nil
}

// readOmit takes a //lab:omit out of doc, and marks the whole declaration to be left out.
func (f *File) readOmit(doc *ast.CommentGroup, decl ast.Node) bool {
	omit := false
	for i := range f.comments[doc] {
		d := &f.comments[doc][i]
		if d.Name == "omit" {
			d.used, omit = true, true
		}
	}
	if omit {
		first, last := f.tok.Line(doc.Pos()), f.tok.Line(decl.End())
		f.omitted = append(f.omitted, span{f.lineSpan(first).from, f.lineSpan(last).to})
	}
	return omit
}
