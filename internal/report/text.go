package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// screen is how many lines of failures are shown in full; what does not fit is listed, a line each.
const screen = 32

// plain leaves text as it is.
func plain(text string) string { return text }

// Text writes the report for the learner's screen.
func (r *Report) Text(w io.Writer, s Style) {
	p := &printer{w: w, s: s, room: screen, told: map[string]bool{}}
	for _, note := range r.Notes {
		p.wrapped("", note)
	}
	if len(r.Notes) > 0 {
		p.line("")
	}
	p.broken(r.Broken)
	if s.Terminal && len(r.Days) > 1 {
		r.summary(w, s)
	} else {
		for _, d := range r.Days {
			p.headline(d)
		}
	}
	p.findings("gofmt would change", r.Format, "gofmt -w "+strings.Join(r.Format, " "))
	p.findings("go vet says", r.Vet, "")
	for _, d := range r.Days {
		p.day(d)
	}
	p.own(r.Own)
	if p.hidden > 0 {
		p.line("")
		p.line("%s listed without details: go tool mage scheck -all shows them all.", plural(p.hidden, "failure"))
	}
	p.line("")
	p.compared(r.Compared)
	p.ending(r)
}

// printer writes a report line by line.
type printer struct {
	w        io.Writer
	s        Style
	room     int             // lines left for failures in full
	shown    int             // failures shown in full
	hidden   int             // failures listed without details
	listing  bool            // the last failure was one of those
	firstRed string          // the first day with a failed test; later days rest on it
	told     map[string]bool // messages shown: the same one again is not worth the room
}

// line writes one line.
func (p *printer) line(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	fmt.Fprintln(p.w, strings.TrimRight(text, " \t"))
}

// wrapped writes a paragraph, each line after an indentation.
func (p *printer) wrapped(indent, text string) {
	for _, line := range Wrap(text, p.s.Width-len(indent)) {
		p.line("%s", indent+line)
	}
}

// headline writes a day's name and counts.
func (p *printer) headline(d Day) {
	earned, all := d.Points()
	left := fmt.Sprintf("Week %d Day %d  %s", d.Day.Week, d.Day.Day, d.Day.Title)
	right := fmt.Sprintf("%d of %s, %d of %s", d.Passed(), plural(len(d.Tests), "test"), earned, plural(all, "point"))
	if d.Green() {
		p.line("%s", p.s.apart(left, right+" ✓", p.s.strong, p.s.good))
		return
	}
	p.line("%s", p.s.apart(left, right+" ✗", p.s.strong, p.s.bad))
}

// findings writes a short list of complaints about the tree.
func (p *printer) findings(title string, list []string, remedy string) {
	const most = 6
	if len(list) == 0 {
		return
	}
	p.line("")
	p.line("%s %s:", p.s.bad("✗"), title)
	for _, f := range list[:min(len(list), most)] {
		p.line("    %s", f)
	}
	if len(list) > most {
		p.line("    … and %d more", len(list)-most)
	}
	if remedy != "" && len(list) <= most {
		p.line("    set right by: %s", remedy)
	}
}

// broken writes what does not compile.
func (p *printer) broken(list []Broken) {
	var waiting []string
	for _, b := range list {
		if len(b.Lines) == 0 {
			waiting = append(waiting, b.Package)
			continue
		}
		what := "does not compile"
		if b.OwnTest {
			what = "your own tests do not compile; the graded ones ran without them"
		}
		p.line("%s %s (%s): %s", p.s.bad("✗"), p.s.strong(b.Package), b.Day, what)
		for _, line := range b.Lines {
			p.line("    %s", line)
		}
		if b.More > 0 {
			p.line("    … and %s", plural(b.More, "more line"))
		}
	}
	if len(waiting) > 0 {
		p.wrapped("    ", "Not tested, because they import it: "+strings.Join(waiting, ", ")+".")
	}
	if len(list) > 0 {
		p.line("")
	}
}

// own writes how the learner's own tests ended.
func (p *printer) own(tests []Test) {
	if len(tests) == 0 {
		return
	}
	passed := 0
	for _, t := range tests {
		if t.OK() {
			passed++
		}
	}
	p.line("")
	p.line("Your own tests: %d of %d passed.", passed, len(tests))
	for _, t := range tests {
		if !t.OK() {
			p.failure(t)
		}
	}
}

// compared writes how the comparison with the reference went.
func (p *printer) compared(list []Comparison) {
	ops, runs, differs := 0, 0, false
	for _, c := range list {
		ops, runs = ops+c.Operations, runs+c.Runs
		if c.Difference == "" {
			continue
		}
		differs = true
		p.line("%s %s", p.s.bad("✗"), p.s.strong("Compared with the reference: "+c.Subject+" differs"))
		p.indented("    ", c.Difference, 24)
		p.line("")
	}
	switch {
	case ops > 0 && !differs:
		p.line("Compared with the reference: %s in %s, no difference.", plural(ops, "operation"), plural(runs, "random run"))
	case ops == 0 && !differs && len(list) > 0:
		p.line("Not compared with the reference: %s.", list[len(list)-1].Note)
	}
}

// ending writes the times and, if all is green, what can be done now and what comes next.
func (p *printer) ending(r *Report) {
	p.line("%s", p.s.quiet(r.times()))
	if r.Green() && len(r.Can) > 0 {
		p.line("")
		p.wrapped("", p.s.good("✓")+" All green. "+strings.Join(r.Can, " "))
	}
	if r.Next != "" {
		p.line("%s", "Next: "+r.Next)
	}
}

// times says how long the check took.
func (r *Report) times() string {
	race := ""
	if r.Race {
		race = ", with the race detector"
	}
	if r.Cold == 0 {
		return seconds(r.Elapsed) + " cold" + race
	}
	return seconds(r.Cold) + " cold · " + seconds(r.Elapsed) + " warm" + race
}

// seconds returns a duration as "1.9 s".
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
