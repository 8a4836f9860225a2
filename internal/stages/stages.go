// Package stages is what mage check runs: everything that CI does, stage by stage, each with its time.
//
// A stage that fails does not keep the next from running, so that one run tells all that is wrong.
package stages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Stage is one part of the check.
type Stage struct {
	// Name is one word: "floors".
	Name string
	// Says what the stage makes sure of, in half a line.
	Says string
	// Run does it. What it writes is shown when it fails, and its last line when it passes. A Skipped error is no failure.
	Run func(ctx context.Context, w io.Writer) error
}

// Skipped is the error of a stage that could not run here, and says why.
type Skipped string

// Error returns the reason.
func (s Skipped) Error() string { return string(s) }

// maxLines is how much of a failed stage's output is shown: its end.
const maxLines = 200

// Run runs stages in order and reports each. only, if not empty, names the one to run. The error names those that failed.
func Run(ctx context.Context, w io.Writer, stages []Stage, only string) error {
	if only != "" {
		chosen := slices.DeleteFunc(slices.Clone(stages), func(s Stage) bool { return s.Name != only })
		if len(chosen) == 0 {
			return fmt.Errorf("there is no stage %q; there are %s", only, strings.Join(names(stages), ", "))
		}
		stages = chosen
	}
	begin := time.Now()
	var failed []string
	for _, s := range stages {
		if err := runOne(ctx, w, s); err != nil {
			failed = append(failed, s.Name)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	fmt.Fprintf(w, "\n%d of %d stages in %.0f s\n", len(stages)-len(failed), len(stages), time.Since(begin).Seconds())
	if len(failed) > 0 {
		return errors.New("check failed: " + strings.Join(failed, ", "))
	}
	return nil
}

// names returns the names of stages.
func names(stages []Stage) []string {
	var out []string
	for _, s := range stages {
		out = append(out, s.Name)
	}
	return out
}

// runOne runs a stage and reports it: a line if it passes, its output if it fails.
func runOne(ctx context.Context, w io.Writer, s Stage) error {
	var out strings.Builder
	begin := time.Now()
	err := s.Run(ctx, &out)
	took := fmt.Sprintf("%7.1f s", time.Since(begin).Seconds())
	var skipped Skipped
	if errors.As(err, &skipped) {
		fmt.Fprintf(w, "skip  %-12s %s  %s\n", s.Name, took, skipped)
		return nil
	}
	if err == nil {
		fmt.Fprintf(w, "ok    %-12s %s  %s\n", s.Name, took, says(s, out.String()))
		return nil
	}
	fmt.Fprintf(w, "FAIL  %-12s %s  %s\n", s.Name, took, s.Says)
	for _, line := range lastLines(out.String(), maxLines) {
		fmt.Fprintln(w, "      "+line)
	}
	fmt.Fprintln(w, "      "+strings.ReplaceAll(err.Error(), "\n", "\n      "))
	fmt.Fprintf(w, "      again: go tool mage check -only=%s\n", s.Name)
	return err
}

// says returns what is shown behind a stage that passed: what it makes sure of, and in brackets its own last line, if it
// wrote one that sums it up.
func says(s Stage, out string) string {
	if lines := lastLines(out, 1); len(lines) == 1 && strings.HasPrefix(lines[0], sumMark) {
		return s.Says + " (" + strings.TrimPrefix(lines[0], sumMark) + ")"
	}
	return s.Says
}

// sumMark begins a stage's last line if that is meant to be shown.
const sumMark = "= "

// lastLines returns the last n lines of a text, and says so if there were more.
func lastLines(text string, n int) []string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	if len(lines) > n && n > 1 {
		return append([]string{fmt.Sprintf("… %d lines left out", len(lines)-n)}, lines[len(lines)-n:]...)
	}
	return lines[max(0, len(lines)-n):]
}
