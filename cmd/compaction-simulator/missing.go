package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/todo"
)

// catch calls f while standard error is read, and returns the tasks that stubs have named there, each once. Other lines are
// passed on. A stub's panic ends f; any other is the learner's own bug, and goes on.
func catch(f func() error) (missing []string, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	stderr := os.Stderr
	os.Stderr = w
	named := make(chan []string)
	go func() { named <- readMissing(r, stderr) }()
	defer func() {
		os.Stderr = stderr
		w.Close()
		missing = <-named
		r.Close()
		todo.Recovered(recover()) // what is not a stub's panic goes on from here
	}()
	return nil, f()
}

// readMissing returns the tasks named in lines of stubs, and copies all other lines.
func readMissing(from io.Reader, to io.Writer) (missing []string) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		task, marked := strings.CutPrefix(lines.Text(), todo.Marker)
		if !marked {
			task, marked = strings.CutPrefix(lines.Text(), todo.NoteMarker)
		}
		switch {
		case !marked:
			fmt.Fprintln(to, lines.Text())
		case !strings.Contains(task, " bonus ") && !slices.Contains(missing, task):
			missing = append(missing, task)
		}
	}
	return missing
}

// tellMissing says which tasks were met, and where to read about them.
func tellMissing(w io.Writer, missing []string) {
	slices.Sort(missing)
	fmt.Fprintln(w, "Not implemented yet in your tree:")
	for _, task := range missing {
		fmt.Fprintf(w, "  %s\n", task)
	}
	var d course.Day
	fmt.Sscanf(missing[0], "week %d day %d", &d.Week, &d.Day)
	if known, err := course.Find(d.Week, d.Day); err == nil {
		fmt.Fprintf(w, "Where to begin: %s, or go tool mage start.\n", known.Chapter())
	}
	fmt.Fprintln(w, "What it will be like: go run -tags reference ./cmd/compaction-simulator all")
}
