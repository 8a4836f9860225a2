package chapters

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/course"
)

// frame are the headings that every chapter has, in this order.
var frame = []string{
	"What you will be able to do",
	"Where we stand",
	"The rules",
	"Predict before coding",
	"Tasks",
	"Checkpoint",
	"Break it",
	"Test your understanding",
	"In production",
	"Bonus",
}

// minQuestions is how many questions a chapter has at least.
const minQuestions = 8

// Shapes of lines in a chapter.
var (
	question  = regexp.MustCompile(`^(?:\*\*)?(\d+)\.`)
	rule      = regexp.MustCompile(`^\d+\. `)
	minutes   = regexp.MustCompile(`\(\d+ minutes\)$`)
	taskTitle = regexp.MustCompile(`^Task (\d+)\b`)
)

// checkChapter checks a day's chapter. tasks are the numbers of the day's tasks, in order.
func checkChapter(p *page, d course.Day, tasks []string) (faults []Fault) {
	want := fmt.Sprintf("Week %d, Day %d: %s", d.Week, d.Day, d.Title)
	if len(p.headings) == 0 || p.headings[0].level != 1 || p.headings[0].title != want {
		faults = append(faults, p.fault(1, "the chapter begins with the heading %q", "# "+want))
	}
	faults = append(faults, checkFrame(p)...)
	if !slices.Contains(p.fences, "mermaid") && !slices.ContainsFunc(p.links, func(l link) bool { return l.image }) {
		faults = append(faults, p.fault(0, "the chapter has no figure: a Mermaid fence, or an image"))
	}
	faults = append(faults, checkDetails(p)...)
	for _, check := range []struct {
		title string
		run   func(p *page, h heading) []Fault
	}{
		{"The rules", checkRules},
		{"Predict before coding", checkPredictions},
		{"Checkpoint", func(p *page, h heading) []Fault { return checkHasCommand(p, h, "go ") }},
		{"Break it", func(p *page, h heading) []Fault {
			return checkHasCommand(p, h, fmt.Sprintf("go tool mage break -week=%d -day=%d", d.Week, d.Day))
		}},
		{"Test your understanding", checkQuestions},
		{"Tasks", func(p *page, h heading) []Fault { return checkTasks(p, h, tasks) }},
	} {
		if h, ok := p.find(2, check.title); ok {
			faults = append(faults, check.run(p, h)...)
		}
	}
	return faults
}

// checkFrame looks for the headings, in their order, none missing and none else.
func checkFrame(p *page) (faults []Fault) {
	var have []heading
	for _, h := range p.headings {
		if h.level == 2 {
			have = append(have, h)
		}
	}
	for i, title := range frame {
		at := slices.IndexFunc(have, func(h heading) bool { return h.title == title })
		switch {
		case at < 0:
			faults = append(faults, p.fault(0, "the heading %q is missing", "## "+title))
		case at != i && len(have) == len(frame):
			faults = append(faults, p.fault(have[at].line, "the heading %q is not in its place, which is number %d", title, i+1))
		}
	}
	for _, h := range have {
		if !slices.Contains(frame, h.title) {
			faults = append(faults, p.fault(h.line, "the heading %q is not part of the frame", h.title))
		}
	}
	return faults
}

// checkDetails makes sure that collapsed parts are closed, and that Markdown works inside of them.
func checkDetails(p *page) (faults []Fault) {
	open := 0 // line of the details that is open
	for i, line := range p.lines {
		if p.fenced[i] {
			continue
		}
		if strings.Contains(line, "<details>") {
			if open > 0 {
				faults = append(faults, p.fault(i+1, "<details> inside the one of line %d", open))
			}
			open = i + 1
		}
		closed := strings.Contains(line, "</details>")
		if strings.Contains(line, "<summary>") && !closed && i+1 < len(p.lines) && strings.TrimSpace(p.lines[i+1]) != "" {
			faults = append(faults, p.fault(i+1, "a blank line must follow the summary, or Markdown inside does not render"))
		}
		if closed {
			if open == 0 {
				faults = append(faults, p.fault(i+1, "</details> without <details>"))
			}
			open = 0
		}
	}
	if open > 0 {
		faults = append(faults, p.fault(open, "<details> is not closed"))
	}
	return faults
}

// checkRules looks for numbered rules.
func checkRules(p *page, h heading) []Fault {
	from, to := p.section(h)
	if !slices.ContainsFunc(p.lines[from:to], rule.MatchString) {
		return []Fault{p.fault(h.line, "there are no numbered rules")}
	}
	return nil
}

// checkPredictions looks for at least one collapsed answer.
func checkPredictions(p *page, h heading) []Fault {
	if p.answers(p.section(h)) == 0 {
		return []Fault{p.fault(h.line, "there is no prediction with a collapsed answer")}
	}
	return nil
}

// answers counts the collapsed parts in the lines [from, to).
func (p *page) answers(from, to int) int {
	n := 0
	for i := from; i < to; i++ {
		if !p.fenced[i] && strings.Contains(p.lines[i], "<details>") {
			n++
		}
	}
	return n
}

// checkHasCommand looks for a command in the code of a section.
func checkHasCommand(p *page, h heading, prefix string) []Fault {
	from, to := p.section(h)
	for _, c := range p.code {
		if c.line > from && c.line <= to && strings.HasPrefix(c.text, prefix) {
			return nil
		}
	}
	return []Fault{p.fault(h.line, "the section %q has no command: %s…", h.title, prefix)}
}

// checkQuestions counts the questions, and looks for a collapsed answer after each.
func checkQuestions(p *page, h heading) (faults []Fault) {
	from, to := p.section(h)
	var starts []int
	inside := false
	for i := from; i < to; i++ {
		line := p.lines[i]
		inside = inside || strings.Contains(line, "<details>")
		if m := question.FindStringSubmatch(line); m != nil && !inside && !p.fenced[i] {
			starts = append(starts, i)
			if m[1] != strconv.Itoa(len(starts)) {
				faults = append(faults, p.fault(i+1, "question %s is the %d. one", m[1], len(starts)))
			}
		}
		inside = inside && !strings.Contains(line, "</details>")
	}
	if len(starts) < minQuestions {
		faults = append(faults, p.fault(h.line, "%d questions; a chapter has at least %d", len(starts), minQuestions))
	}
	for n, i := range starts {
		end := to
		if n+1 < len(starts) {
			end = starts[n+1]
		}
		if p.answers(i, end) == 0 {
			faults = append(faults, p.fault(i+1, "question %d has no collapsed answer", n+1))
		}
	}
	return faults
}

// checkTasks looks for a heading with minutes for each task.
func checkTasks(p *page, section heading, tasks []string) (faults []Fault) {
	from, to := p.section(section)
	seen := map[string]bool{}
	for _, h := range p.headings {
		m := taskTitle.FindStringSubmatch(h.title)
		if h.level != 3 || h.line <= from || h.line > to || m == nil {
			continue
		}
		seen[m[1]] = true
		if !minutes.MatchString(h.title) {
			faults = append(faults, p.fault(h.line, "the heading of a task ends with its time, as in (40 minutes)"))
		}
		if !slices.Contains(tasks, m[1]) {
			faults = append(faults, p.fault(h.line, "the reference has no task %s", m[1]))
		}
	}
	for _, t := range tasks {
		if !seen[t] && t != course.Bonus {
			faults = append(faults, p.fault(section.line, "task %s has no heading", t))
		}
	}
	return faults
}
