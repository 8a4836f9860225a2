package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"

	"github.com/peterh/liner"

	"lsmlab/internal/course"
	"lsmlab/internal/todo"
)

// childEnv is set in the environment of the process in which the session runs.
const childEnv = "LSMLAB_CLI_CHILD"

// guard runs the session in a child process and returns its exit status. A skeleton's stub prints a line before it panics;
// guard turns these lines into what a learner can use, and keeps the stack trace of such a panic back. Any other panic is
// the learner's own bug, and its trace is shown as it is.
//
// The session ends with status 1 if it met a task that is not done, also one whose stub has a harmless default. Bonus tasks
// do not count.
func guard(args []string, stderr io.Writer) int {
	exe, err := os.Executable()
	if err != nil {
		fmt.Fprintln(stderr, "lsm-cli:", err)
		return 1
	}
	child := exec.Command(exe, args...)
	child.Env = append(os.Environ(), childEnv+"=1", todo.NotesEnv+"=1")
	child.Stdin, child.Stdout = os.Stdin, os.Stdout
	return watch(child, stderr)
}

// watch runs the child to its end.
func watch(child *exec.Cmd, stderr io.Writer) int {
	// Ctrl-C goes to both processes. The child decides; this one stays to tell what happened, and to set the terminal right.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	if mode, err := liner.TerminalMode(); err == nil {
		defer mode.ApplyMode()
	}
	pipe, err := child.StderrPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "lsm-cli:", err)
		return 1
	}
	r := relay{to: stderr}
	r.copy(pipe)
	err = child.Wait()
	if len(r.missing) > 0 {
		r.tellMissing()
		return 1
	}
	io.WriteString(stderr, r.crash.String())
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(1, exit.ExitCode())
	}
	return 0
}

// relay reads what a child writes to its standard error.
type relay struct {
	to      io.Writer
	missing []string        // tasks that were reached and are not done, as in "week 1 day 6 task 1 (Engine.flush)"
	crash   strings.Builder // from the first line of a panic on
}

// copy passes lines on as they come, but for stubs' lines and crashes, which are kept.
func (r *relay) copy(from io.Reader) {
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
func (r *relay) line(line string) {
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

// tellMissing says which tasks the session has met, the earliest day first, and where to read about them.
func (r *relay) tellMissing() {
	slices.SortStableFunc(r.missing, func(a, b string) int { return cmp.Compare(dayOf(a).ID(), dayOf(b).ID()) })
	fmt.Fprintln(r.to, "Not implemented yet in your tree:")
	for _, task := range r.missing {
		fmt.Fprintf(r.to, "  %s\n", task)
	}
	first := dayOf(r.missing[0])
	fmt.Fprintf(r.to, "Where to begin: %s, or go tool mage start.\n", first.Chapter())
	fmt.Fprintln(r.to, "What it will be like: go run -tags reference ./cmd/lsm-cli")
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
