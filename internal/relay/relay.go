// Package relay stands between a tool over the student's tree and its user, and tells tasks that are not done yet in a sentence.
//
// Such a tool runs in a child process. A skeleton's stub prints a line before it panics, perhaps in a goroutine of the engine's,
// where nobody can recover. The relay reads what the child writes to its standard error, keeps these lines and the trace that
// follows them back, and says in the end which tasks were met:
//
//	Not implemented yet in your tree:
//	  week 1 day 6 task 2 (Engine.wake)
//	Where to begin: book/week1/day6-write-path.md, or go tool mage start.
//	What it will be like: go run -tags reference ./cmd/lsm-cli
//
// Any other panic is the learner's own bug, and is shown as it is.
package relay

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/todo"
)

// Relay reads what one child writes to its standard error.
type Relay struct {
	to      io.Writer
	missing []string        // tasks that were reached and are not done, as in "week 1 day 6 task 1 (Engine.flush)"
	crash   strings.Builder // from the first line of a panic on
}

// New returns a relay that writes to what the user sees.
func New(to io.Writer) *Relay { return &Relay{to: to} }

// Copy passes lines on as they come, but for stubs' lines and crashes, which are kept. It returns at the end of what it reads.
func (r *Relay) Copy(from io.Reader) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		r.line(line)
		if err != nil {
			return
		}
	}
}

// line deals with one line.
func (r *Relay) line(line string) {
	task, marked := strings.CutPrefix(line, todo.Marker)
	if !marked {
		task, marked = strings.CutPrefix(line, todo.NoteMarker)
	}
	switch {
	case marked:
		task = strings.TrimSpace(task)
		if !strings.Contains(task, " bonus ") && !slices.Contains(r.missing, task) {
			r.missing = append(r.missing, task)
		}
	case r.crash.Len() > 0, strings.HasPrefix(line, "panic: "), strings.HasPrefix(line, "fatal error: "):
		r.crash.WriteString(line)
	default:
		io.WriteString(r.to, line)
	}
}

// Tell says what there is to say when the child has ended: which tasks it has met that are not done, the earliest day first, and
// where to read about them; or else how it has crashed, if it has. It reports whether tasks were met. Bonus tasks do not count.
// tool is the package of the tool: "./cmd/lsm-cli".
func (r *Relay) Tell(tool string) bool {
	if len(r.missing) == 0 {
		io.WriteString(r.to, r.crash.String())
		return false
	}
	slices.SortStableFunc(r.missing, func(a, b string) int { return cmp.Compare(dayOf(a).ID(), dayOf(b).ID()) })
	fmt.Fprintln(r.to, "Not implemented yet in your tree:")
	for _, task := range r.missing {
		fmt.Fprintf(r.to, "  %s\n", task)
	}
	fmt.Fprintf(r.to, "Where to begin: %s, or go tool mage start.\n", dayOf(r.missing[0]).Chapter())
	fmt.Fprintf(r.to, "What it will be like: go run -tags reference %s\n", tool)
	return true
}

// dayOf returns the day of a task that a stub has named.
func dayOf(task string) course.Day {
	var d course.Day
	fmt.Sscanf(task, "week %d day %d", &d.Week, &d.Day)
	if known, err := course.Find(d.Week, d.Day); err == nil {
		return known
	}
	return d
}
