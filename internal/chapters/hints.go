package chapters

import (
	"fmt"
	"slices"
	"strings"

	"lsmlab/internal/course"
)

// levels is how many hints a task has: a nudge, the idea, the pseudo-code.
const levels = 3

// checkHints checks the form of a day's hints: a part for each task, in order, with three levels whose titles are
// questions, and something to read below each.
func checkHints(p *page, d course.Day, tasks []string) (faults []Fault) {
	want := fmt.Sprintf("Week %d, Day %d: hints", d.Week, d.Day)
	if len(p.headings) == 0 || p.headings[0].level != 1 || p.headings[0].title != want {
		faults = append(faults, p.fault(1, "hints begin with the heading %q", "# "+want))
	}
	var wanted, have []string
	for _, t := range tasks {
		wanted = append(wanted, hintTitle(t))
	}
	for i, h := range p.headings {
		switch h.level {
		case 2:
			have = append(have, h.title)
			if n := p.below(i); n != levels {
				faults = append(faults, p.fault(h.line, "%s has %d levels of hints instead of %d", h.title, n, levels))
			}
		case 3:
			faults = append(faults, p.checkLevel(h)...)
		}
	}
	if !slices.Equal(wanted, have) {
		faults = append(faults, p.fault(0, "there are hints for %s; the tasks are %s", strings.Join(have, ", "), strings.Join(wanted, ", ")))
	}
	return faults
}

// hintTitle returns the heading of a task's hints.
func hintTitle(task string) string {
	if task == course.Bonus {
		return "Bonus"
	}
	return "Task " + task
}

// below counts the headings of level 3 between the i-th heading and the next of level 2.
func (p *page) below(i int) int {
	n := 0
	for _, h := range p.headings[i+1:] {
		if h.level <= 2 {
			break
		}
		if h.level == 3 {
			n++
		}
	}
	return n
}

// checkLevel checks one hint.
func (p *page) checkLevel(h heading) (faults []Fault) {
	if !strings.HasSuffix(h.title, "?") {
		faults = append(faults, p.fault(h.line, "the title of a hint is a question: %q", h.title))
	}
	from, to := p.section(h)
	if strings.TrimSpace(strings.Join(p.lines[from:to], "")) == "" {
		faults = append(faults, p.fault(h.line, "there is nothing below %q", h.title))
	}
	return faults
}
