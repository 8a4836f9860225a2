package hunt

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"lsmlab/internal/course"
	"lsmlab/internal/report"
	"lsmlab/internal/run"
	"lsmlab/internal/today"
	"lsmlab/internal/workspace"
)

// Options says what mage break is asked for.
type Options struct {
	Root      string
	Day       course.Day
	Check     bool // is the bug mended?
	Reveal    bool // say what it was
	Reference bool // hunt in the reference, where the day is not green yet
	Another   bool // give the present hunt up for another one
}

// Command is what mage break does.
func Command(ctx context.Context, w io.Writer, o Options) error {
	h, err := load(o.Root, o.Day)
	if err != nil {
		return err
	}
	switch {
	case (o.Check || o.Reveal) && h.Mutant == "":
		return fmt.Errorf("no bug of %s is hidden anywhere. To hide one: %s", o.Day, call(o.Day, ""))
	case o.Check:
		return h.check(ctx, w)
	case o.Reveal:
		return h.reveal(w)
	case h.Mutant != "" && !o.Another:
		fmt.Fprintf(w, "A hunt is on already: one bug is hidden in %s.\n", h.dir())
		h.how(w)
		fmt.Fprintf(w, "For another bug: %s\n", call(o.Day, "-another"))
		return nil
	}
	if err := allowed(o); err != nil {
		return err
	}
	fmt.Fprintln(w, "Planting a bug, and running the tests over it …")
	results, err := h.plant(ctx, o.Reference)
	if err != nil {
		return err
	}
	h.announce(w, results)
	return nil
}

// allowed makes sure that there is a green tree to plant the bug in.
func allowed(o Options) error {
	if o.Reference {
		state, err := workspace.Load(o.Root)
		if err != nil {
			return err
		}
		state.Spoiled(o.Day.ID(), "break -reference")
		return state.Save(o.Root)
	}
	green, err := today.Green(o.Root, o.Day)
	if err == nil && !green {
		err = fmt.Errorf("a bug is planted in a green tree, and %s is not green yet, as far as the last check knows.\n"+
			"Check it: go tool mage scheck -week=%d -day=%d\n"+
			"Or hunt in a copy of the reference: %s (it is noted, as it shows the reference)", o.Day, o.Day.Week, o.Day.Day, call(o.Day, "-reference"))
	}
	return err
}

// call returns the command with a flag.
func call(d course.Day, flag string) string {
	return strings.TrimSpace(fmt.Sprintf("go tool mage break -week=%d -day=%d %s", d.Week, d.Day, flag))
}

// announce tells what there is to know at the beginning of a hunt.
func (h *hunt) announce(w io.Writer, results []run.Result) {
	fmt.Fprintf(w, "\nOne bug is hidden in %s, a scratch copy of %s.\n", h.dir(), h.whose())
	if s := symptom(h.Story); s != "" {
		fmt.Fprintf(w, "What its users see: %s.\n", s)
	}
	red(w, h.day, results)
	h.how(w)
}

// whose says what the scratch copy is a copy of.
func (h *hunt) whose() string {
	if h.Reference {
		return "the reference"
	}
	return "your tree"
}

// how says how to hunt.
func (h *hunt) how(w io.Writer) {
	fmt.Fprintf(w, "\nRead, reason, add a test, print; and mend it there:\n\n    cd %s\n", h.dir())
	for _, pkg := range h.Packages {
		fmt.Fprintf(w, "    go test ./%s\n", pkg)
	}
	fmt.Fprintf(w, "\nMended?     %s\nGiving up?  %s\n", call(h.day, "-check"), call(h.day, "-reveal"))
}

// red lists the tests that are not green, the first with what it said.
func red(w io.Writer, d course.Day, results []run.Result) {
	bad := slices.DeleteFunc(slices.Clone(results), run.Result.OK)
	fmt.Fprintf(w, "Red: %d of %d tests of %s\n", len(bad), len(results), d)
	for i, r := range bad {
		if i == 5 {
			fmt.Fprintf(w, "    … and %d more\n", len(bad)-i)
			break
		}
		fmt.Fprintf(w, "    ✗ %s\n", r.Test)
		if i == 0 {
			for _, line := range first(report.Wrap(r.Message, 90), 16) {
				fmt.Fprintf(w, "        %s\n", line)
			}
		}
	}
}

// first returns at most n lines.
func first(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	return append(slices.Clone(lines[:n]), "…")
}

// check runs the tests in the scratch copy. If all are green, the hunt is over.
func (h *hunt) check(ctx context.Context, w io.Writer) error {
	results, err := h.test(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(results, func(r run.Result) bool { return !r.OK() }) {
		red(w, h.day, results)
		h.how(w)
		return nil
	}
	fmt.Fprintf(w, "✓ Found and mended: all %d tests of %s are green again.\nThe bug was: %s.\n", len(results), h.day, h.Story)
	return h.over(w)
}

// reveal says what the bug was. The hunt is over.
func (h *hunt) reveal(w io.Writer) error {
	fmt.Fprintf(w, "The bug was: %s.\n\n%s\n", h.Story, udiff.Unified("with the bug/"+h.File, "without it/"+h.File, h.After, h.Before))
	return h.over(w)
}

// over ends the hunt, and remembers which bug it was, so that the next is another one.
func (h *hunt) over(w io.Writer) error {
	fmt.Fprintf(w, "Another one? %s\n", call(h.day, ""))
	h.Met = append(h.Met, h.Mutant)
	h.bug = bug{}
	return h.save()
}

// symptom returns what of a mutant's story its users notice, "" if the story speaks of the cause alone.
func symptom(story string) string {
	for _, word := range []string{", so that ", ", so ", ", and so ", "; so "} {
		if _, after, ok := strings.Cut(story, word); ok {
			return strings.TrimSuffix(after, ".")
		}
	}
	return ""
}
