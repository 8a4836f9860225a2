// Package hint gives hints, one more level at each call: a nudge, the idea, the pseudo-code.
//
// They stand in book/hints/week1-day6.md:
//
//	## Task 1
//	### Which table leaves first?              level 1: a nudge
//	### What must a reader never see?          level 2: the idea
//	### How do the steps follow each other?    level 3: pseudo-code
//	## Bonus
//	…
package hint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/report"
	"lsmlab/internal/workspace"
)

// Task is the hints of one task.
type Task struct {
	Name   string // "1", or course.Bonus
	Levels []Level
}

// Level is one hint.
type Level struct {
	Title string // a question
	Text  string // Markdown, without blank lines at its ends
}

// Load reads the hints of a day. A day without any has none.
func Load(root string, d course.Day) ([]Task, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(d.Hints())))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tasks, err := Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Hints(), err)
	}
	return tasks, nil
}

// Parse reads hints as a day's file holds them. Headings in fenced code are no headings.
func Parse(text string) ([]Task, error) {
	var tasks []Task
	fenced := false
	for n, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		task, isTask := strings.CutPrefix(line, "## ")
		title, isTitle := strings.CutPrefix(line, "### ")
		switch {
		case !fenced && isTask:
			name, err := taskName(task)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			tasks = append(tasks, Task{Name: name})
		case !fenced && isTitle && len(tasks) == 0:
			return nil, fmt.Errorf("line %d: a hint before the first task", n+1)
		case !fenced && isTitle:
			last := &tasks[len(tasks)-1]
			last.Levels = append(last.Levels, Level{Title: strings.TrimSpace(title)})
		case len(tasks) > 0 && len(tasks[len(tasks)-1].Levels) > 0:
			levels := tasks[len(tasks)-1].Levels
			levels[len(levels)-1].Text += line + "\n"
		}
	}
	for _, t := range tasks {
		for i := range t.Levels {
			t.Levels[i].Text = strings.Trim(t.Levels[i].Text, "\n")
		}
	}
	return tasks, nil
}

// taskName returns the name of a task from its heading: "Task 2", "Bonus".
func taskName(heading string) (string, error) {
	number, isTask := strings.CutPrefix(strings.TrimSpace(heading), "Task ")
	if n, err := strconv.Atoi(number); isTask && err == nil && n > 0 {
		return number, nil
	}
	if strings.TrimSpace(heading) == "Bonus" {
		return course.Bonus, nil
	}
	return "", fmt.Errorf("heading %q is neither Task N nor Bonus", heading)
}

// Command is what mage hint does: it shows one more level of a task's hints. Without a task it takes the first of the day
// that is not written yet.
func Command(w io.Writer, root string, d course.Day, task string, style report.Style) error {
	tasks, err := Load(root, d)
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		return fmt.Errorf("%s has no hints yet", d)
	}
	t, err := choose(root, d, tasks, task)
	if err != nil {
		return err
	}
	state, err := workspace.Load(root)
	if err != nil {
		return err
	}
	key := d.ID() + "/" + t.Name
	shown := min(state.Hints[key], len(t.Levels))
	show(w, d, t, shown, style)
	if shown == len(t.Levels) {
		return nil
	}
	state.Hints[key] = shown + 1
	return state.Save(root)
}

// choose returns the task asked for; without one, the first that has a stub left in the student's tree.
func choose(root string, d course.Day, tasks []Task, name string) (Task, error) {
	var names []string
	for _, t := range tasks {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	if name != "" {
		return Task{}, fmt.Errorf("%s has no task %s with hints; it has %s", d, name, strings.Join(names, ", "))
	}
	open := stubs(root, d)
	for _, t := range tasks {
		if open[t.Name] {
			return t, nil
		}
	}
	return Task{}, fmt.Errorf("no stub of %s is left in your tree, so I cannot see which task you are at. Say: go tool mage hint -week=%d -day=%d -task=%s",
		d, d.Week, d.Day, names[0])
}

// stubs returns the day's tasks of which a stub is left in the student's tree.
func stubs(root string, d course.Day) map[string]bool {
	open := map[string]bool{}
	top := filepath.Join(root, d.WeekDir())
	_ = filepath.WalkDir(top, func(name string, e fs.DirEntry, err error) error { // what cannot be read has no stub
		if err != nil || e.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		text, _ := os.ReadFile(name)
		for _, part := range strings.Split(string(text), "todo.")[1:] {
			for _, call := range []string{`Reached("`, `Note("`} {
				rest, ok := strings.CutPrefix(part, call)
				if day, task, found := course.ParseTaskText(rest); ok && found && day == d {
					open[task] = true
				}
			}
		}
		return nil
	})
	return open
}

// show writes the next level below the titles of those that were shown before; all of them again when none is left.
func show(w io.Writer, d course.Day, t Task, shown int, style report.Style) {
	name := "task " + t.Name
	if t.Name == course.Bonus {
		name = "the bonus"
	}
	fmt.Fprintf(w, "%s, %s: %s\n", d, name, d.Title)
	for i, l := range t.Levels[:min(shown+1, len(t.Levels))] {
		fmt.Fprintf(w, "\nHint %d of %d. %s\n", i+1, len(t.Levels), l.Title)
		if i < shown && shown < len(t.Levels) {
			continue // seen before: the title is enough to remember it by
		}
		fmt.Fprintln(w)
		for _, line := range render(l.Text, style.Width) {
			fmt.Fprintln(w, strings.TrimRight("    "+line, " "))
		}
	}
	flag := "-task=" + t.Name
	switch {
	case shown == len(t.Levels):
		fmt.Fprintf(w, "\nThat is all there is for this task. The chapter is %s; a walk, or an explanation to somebody else, helps too.\n", d.Chapter())
		fmt.Fprintf(w, "As the very last resort: go tool mage diff -week=%d -day=%d -spoil\n", d.Week, d.Day)
	case shown+1 < len(t.Levels):
		fmt.Fprintf(w, "\nOne more: go tool mage hint -week=%d -day=%d %s\n", d.Week, d.Day, flag)
	default:
		fmt.Fprintln(w, "\nThat was the last hint for this task. Called once more, the command shows all of them again.")
	}
}

// render sets Markdown for a terminal: paragraphs are joined and wrapped, everything else keeps its lines.
func render(text string, width int) []string {
	var out, par []string
	flush := func() {
		if len(par) > 0 {
			out = append(out, report.Wrap(strings.Join(par, " "), max(width-4, 40))...)
			par = nil
		}
	}
	fenced := false
	for _, line := range strings.Split(text, "\n") {
		fence := strings.HasPrefix(line, "```")
		if fence {
			fenced = !fenced
		}
		if plain := line != "" && !fence && !fenced && !strings.ContainsAny(line[:1], " \t-*|>#0123456789"); plain {
			par = append(par, line)
			continue
		}
		flush()
		if !fence {
			out = append(out, line)
		}
	}
	flush()
	return out
}
