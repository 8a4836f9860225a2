package simulator

import (
	"fmt"
	"strings"

	"lsmlab/internal/shape"
)

// traceTask tells that a task begins.
func (m *sim) traceTask(what string, task shape.Task) {
	if m.Trace == nil {
		return
	}
	reason := task.Reason
	task.Reason = ""
	text := strings.TrimSuffix(task.String(), ": ")
	if m.Reasons {
		text += ": " + reason
	}
	m.tracef("%d %s %s", m.step, what, text)
}

// traceDone tells what a task made, and draws the tree.
func (m *sim) traceDone(moved bool, outputs []shape.Table) {
	if m.Trace == nil {
		return
	}
	what := "merged to"
	if moved {
		what = "moved"
	}
	var numbers strings.Builder
	for _, t := range outputs {
		fmt.Fprintf(&numbers, " %d", t.Number)
	}
	if len(outputs) == 0 {
		numbers.WriteString(" nothing")
	}
	m.tracef("%d %s%s\n%s", m.step, what, numbers.String(), strings.TrimSuffix(draw(m.tree), "\n"))
}

// draw returns a tree, a run a line: its place, its size, its tables with their first and last keys.
func draw(t shape.Tree) string {
	var b strings.Builder
	for _, r := range t.Runs {
		fmt.Fprintf(&b, "  %s\n", drawRun(r))
	}
	if len(t.Runs) == 0 {
		b.WriteString("  no tables\n")
	}
	return b.String()
}

// drawRun returns a run in one line.
func drawRun(r shape.Run) string {
	return fmt.Sprintf("%-6s %9s %s", r.Place, size(r.Size()), drawTables(r.Tables))
}

// drawTables returns tables with their first and last keys.
func drawTables(tables []shape.Table) string {
	var b strings.Builder
	for _, t := range tables {
		fmt.Fprintf(&b, " %d[%s…%s]", t.Number, t.First, t.Last)
	}
	return b.String()
}

// shortEnd is how many tables at either end of a long run sketch shows.
const shortEnd = 4

// sketch returns a tree like draw, but leaves out the middle of long runs.
func sketch(t shape.Tree) string {
	var b strings.Builder
	for _, r := range t.Runs {
		n := len(r.Tables)
		if n <= 2*shortEnd+1 {
			fmt.Fprintf(&b, "  %s\n", drawRun(r))
			continue
		}
		fmt.Fprintf(&b, "  %-6s %9s %s … %d more …%s\n", r.Place, size(r.Size()),
			drawTables(r.Tables[:shortEnd]), n-2*shortEnd, drawTables(r.Tables[n-shortEnd:]))
	}
	if len(t.Runs) == 0 {
		b.WriteString("  no tables\n")
	}
	return b.String()
}

// size returns a number of bytes for people, cut and never rounded, so that it is the same everywhere.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d.%d MiB", n>>20, n%(1<<20)*10>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d.%d KiB", n>>10, n%(1<<10)*10>>10)
	}
	return fmt.Sprintf("%d B", n)
}
