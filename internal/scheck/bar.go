package scheck

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"lsmlab/internal/report"
)

// Bar is a progress line at a terminal, and nothing elsewhere.
type Bar struct {
	file *os.File // nil if it is no terminal
	what string
	bar  *progressbar.ProgressBar // nil until there is something to count
}

// NewBar returns a bar that says what is being done, on f if that is a terminal.
func NewBar(f *os.File, what string) *Bar {
	if !report.StyleFor(f).Terminal {
		return &Bar{}
	}
	fmt.Fprint(f, "compiling …\r")
	return &Bar{file: f, what: what}
}

// Set moves the bar.
func (b *Bar) Set(done, all int) {
	if b.file == nil {
		return
	}
	if b.bar == nil {
		b.bar = progressbar.NewOptions(all, progressbar.OptionSetWriter(b.file), progressbar.OptionSetDescription(b.what),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false))
	}
	b.bar.Set(done)
}

// Clear takes the bar off the screen.
func (b *Bar) Clear() {
	if b.file != nil {
		fmt.Fprint(b.file, "\r\x1b[K")
	}
}
