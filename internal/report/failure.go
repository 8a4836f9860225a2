package report

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/run"
)

// messageLines is how many lines of a test's message are shown.
const messageLines = 18

// day writes what is wrong with a day: failures, then what is not implemented yet.
func (p *printer) day(d Day) {
	if d.Green() {
		return
	}
	var failed, todo, compile, unrun []Test
	for _, t := range d.Tests {
		switch {
		case t.OK():
		case t.Status == run.Todo:
			todo = append(todo, t)
		case t.Status == run.Compile:
			compile = append(compile, t)
		case t.Status == run.NotRun:
			unrun = append(unrun, t)
		default:
			failed = append(failed, t)
		}
	}
	if len(failed) > 0 && p.firstRed != "" && !p.s.All {
		p.line("")
		p.line("%s of %s red as well, which may come from %s; scheck -week=%d -day=%d shows them.",
			plural(len(failed), "test"), d.Day, p.firstRed, d.Day.Week, d.Day.Day)
		failed = nil
	}
	slices.SortStableFunc(failed, func(a, b Test) int { return rank(a) - rank(b) })
	for _, t := range failed {
		p.failure(t)
		p.firstRed = d.Day.String()
	}
	p.todos(d.Day, todo)
	if len(compile) > 0 {
		p.line("")
		p.line("%s: not tested, because their package does not compile (%s)", plural(len(compile), "test")+" of "+d.Day.String(), compile[0].Package)
	}
	if len(unrun) > 0 {
		p.line("")
		p.line("%s of %s: not run, because too many of their package hang (%s)", plural(len(unrun), "test"), d.Day, unrun[0].Package)
	}
}

// rank is 0 for a test that shows one rule in one small case, and 1 for a random one: it finds more, and says less about
// where to look, so it is not what a learner should read first.
func rank(t Test) int {
	if t.Random {
		return 1
	}
	return 0
}

// failure writes a failed test: in full while there is room, then in one line.
func (p *printer) failure(t Test) {
	if !p.s.All && p.shown > 0 && (p.room <= 0 || p.told[t.tale()]) {
		if !p.listing {
			p.line("")
		}
		p.title(t)
		p.hidden++
		p.listing = true
		return
	}
	lines := p.details(t)
	if !p.s.All && p.shown > 0 && len(lines) > p.room {
		p.room = 0
		p.failure(t)
		return
	}
	p.told[t.tale()] = true
	p.listing = false
	p.line("")
	p.title(t)
	for _, line := range lines {
		p.line("%s", line)
	}
	p.shown++
	p.room -= len(lines) + 2
}

// tale returns what the test tells a learner. Tests that hang in one place tell the same, however long each was waited for.
func (t Test) tale() string {
	if t.Status == run.Timeout && len(t.Where) > 0 {
		return strings.Join(t.Where, "\n")
	}
	return t.Message
}

// title writes a failed test's name and what it counts.
func (p *printer) title(t Test) {
	p.line("%s", p.s.apart("✗ "+t.Title, t.counts(), p.s.bad, plain))
}

// counts returns a test's task and points, nothing for one of the learner's own.
func (t Test) counts() string {
	if t.Task == "" {
		return t.Package
	}
	label := "task " + t.Task
	if t.Task == course.Bonus {
		label = "bonus"
	}
	return label + ", " + plural(t.Points, "point")
}

// details returns the lines below a failed test's name.
func (p *printer) details(t Test) []string {
	var out []string
	add := func(lines ...string) {
		for _, line := range lines {
			if line != "" {
				line = "    " + line
			}
			out = append(out, line)
		}
	}
	if t.Reason != "" {
		add(Wrap(t.Reason, p.s.Width-4)...)
		add("")
	}
	if message := p.clip(t.shown(), messageLines); len(message) > 0 {
		add(message...)
		add("")
	}
	if where := t.where(); where != "" {
		add(where)
	}
	if t.Hint != "" {
		add("hint:  " + t.Hint)
	}
	add("again: " + t.Again)
	return out
}

// shown returns the test's message, or what stands for one.
func (t Test) shown() string {
	if t.Status == run.Todo {
		return "not implemented yet: " + t.Todo
	}
	return t.Message
}

// where returns where to look: the student's code, the chapter.
func (t Test) where() string {
	var parts []string
	if len(t.Where) > 0 && !strings.Contains(t.shown(), t.Where[0]) {
		parts = append(parts, path.Base(t.Where[0]))
	} else if len(t.Where) == 0 && len(t.Subject) > 0 {
		parts = append(parts, strings.Join(t.Subject, ", "))
	}
	if t.Chapter != "" {
		parts = append(parts, "read "+t.Chapter)
	}
	return strings.Join(parts, " · ")
}

// clip splits text into lines, at most n of them, with tabs expanded and diffs coloured.
func (p *printer) clip(text string, n int) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n")
	if !p.s.All && len(lines) > n {
		left := len(lines) - n + 1
		lines = append(lines[:n-1:n-1], "… and "+plural(left, "more line"))
	}
	for i, line := range lines {
		if width := p.s.Width + 60; len(line) > width && !p.s.All {
			line = strings.ToValidUTF8(line[:width], "") + " …"
		}
		lines[i] = p.diffed(line)
	}
	return lines
}

// diffed colours a line of a diff.
func (p *printer) diffed(line string) string {
	switch t := strings.TrimLeft(line, " "); {
	case strings.HasPrefix(t, "- "), strings.HasPrefix(t, "-\t"):
		return p.s.good(line)
	case strings.HasPrefix(t, "+ "), strings.HasPrefix(t, "+\t"):
		return p.s.bad(line)
	}
	return line
}

// indented writes at most n lines of text.
func (p *printer) indented(indent, text string, n int) {
	for _, line := range p.clip(text, n) {
		p.line("%s", indent+line)
	}
}

// todos writes the tests that reached a task which is not done yet, grouped by that task.
func (p *printer) todos(day course.Day, tests []Test) {
	var order []string
	groups := map[string][]Test{}
	for _, t := range tests {
		if groups[t.Todo] == nil {
			order = append(order, t.Todo)
		}
		groups[t.Todo] = append(groups[t.Todo], t)
	}
	for _, todo := range order {
		p.line("")
		p.line("%s", p.s.strong("not implemented yet: "+todo)+p.whatToRead(groups[todo]))
		for _, t := range groups[todo] {
			p.line("%s", p.s.apart("  ✗ "+t.Title, t.counts(), p.s.bad, p.s.quiet))
		}
	}
	if len(tests) > 0 {
		t := tests[0]
		p.line("")
		p.wrapped("", fmt.Sprintf("%s · a hint: %s", p.s.quiet("read "+day.Chapter()), t.Hint))
	}
}

// whatToRead returns the anchor of the chapter that belongs to a group of tests, if they have one in common.
func (p *printer) whatToRead(tests []Test) string {
	chapter := tests[0].Chapter
	for _, t := range tests {
		if t.Chapter != chapter {
			return ""
		}
	}
	_, anchor, ok := strings.Cut(chapter, "#")
	if !ok {
		return ""
	}
	return p.s.quiet("  #" + anchor)
}

// Failure writes one failed test in full.
func Failure(w io.Writer, s Style, t Test) {
	s.All = true
	p := &printer{w: w, s: s, told: map[string]bool{}}
	p.failure(t)
}
