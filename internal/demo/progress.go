package demo

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Progress returns Steps for people: a bar at a terminal, nothing elsewhere.
func Progress() Steps {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return Quiet{}
	}
	return &bar{}
}

// Quiet is Steps that tell nobody.
type Quiet struct{}

// Begin does nothing.
func (Quiet) Begin(string, int) {}

// Step does nothing.
func (Quiet) Step() {}

// End does nothing.
func (Quiet) End() {}

// bar draws a progress bar on standard error.
type bar struct{ bar *progressbar.ProgressBar }

// Begin draws an empty bar.
func (b *bar) Begin(stage string, steps int) {
	b.bar = progressbar.NewOptions(steps, progressbar.OptionSetDescription(stage), progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionClearOnFinish(), progressbar.OptionShowCount(), progressbar.OptionThrottle(65e6))
}

// Step moves it on.
func (b *bar) Step() { b.bar.Add(1) }

// End removes it.
func (b *bar) End() { b.bar.Finish() }
