package mutant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"lsmlab/internal/course"
)

// Command is what mage mutants does: it tries the zoos of the days asked for (0 means all), tells how it goes, and sums
// up. With certain it leaves out the random tests. The error says how many mutants are left, if any is.
func Command(w io.Writer, root string, week, day int, name string, certain bool) error {
	days, err := choose(week, day)
	if err != nil {
		return err
	}
	start := time.Now()
	o := Options{Root: root, Days: days, Name: name, Certain: certain, Progress: Progress(w)}
	results, err := Run(context.Background(), o)
	if err != nil {
		return err
	}
	return Summary(w, results, time.Since(start))
}

// choose returns the released days that week and day ask for.
func choose(week, day int) ([]course.Day, error) {
	switch {
	case week == 0 && day != 0:
		return nil, errors.New("which week? Say, for example: go tool mage mutants -week=1 -day=1")
	case week == 0:
		return course.Released(), nil
	case day == 0:
		return course.Week(week)
	}
	d, err := course.Find(week, day)
	return []course.Day{d}, err
}

// Progress returns a callback for Run: a bar at a terminal, a line a mutant elsewhere.
func Progress(w io.Writer) func(done, all int, r Result) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(_, _ int, r Result) { fmt.Fprintln(w, r) }
	}
	var bar *progressbar.ProgressBar
	return func(done, all int, r Result) {
		if bar == nil {
			bar = progressbar.NewOptions(all, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription("mutants"),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
		}
		if r.Verdict != Killed {
			fmt.Fprintf(f, "\r\x1b[K%s\n", r)
		}
		_ = bar.Set(done) // what cannot be drawn is not missed
	}
}

// String tells what became of the mutant, in one line unless it is broken.
func (r Result) String() string {
	head := fmt.Sprintf("%-8s %-44s %5.1f s", r.Verdict, r.Mutant, r.Elapsed.Seconds())
	switch r.Verdict {
	case Killed:
		if r.Try > 1 {
			return fmt.Sprintf("%s  by %s at try %d", head, r.By, r.Try)
		}
		return head + "  by " + r.By
	case Broken:
		return head + "  " + strings.TrimSpace(r.Why)
	}
	return head + "  " + r.Story
}

// Summary prints a line a day, then what was killed by luck, and what is left. The error says the last in short.
func Summary(w io.Writer, results []Result, elapsed time.Duration) error {
	killed, all := map[course.Day]int{}, map[course.Day]int{}
	var lucky, left []Result
	alone := 0
	for _, r := range results {
		all[r.Day]++
		if r.Alone {
			alone++
		}
		if r.Verdict != Killed {
			left = append(left, r)
			continue
		}
		killed[r.Day]++
		if r.Try > 1 {
			lucky = append(lucky, r)
		}
	}
	fmt.Fprintln(w)
	for _, d := range course.Days() {
		if all[d] > 0 {
			fmt.Fprintf(w, "%s  %-28s %3d of %3d killed\n", d, d.Title, killed[d], all[d])
		}
	}
	fmt.Fprintf(w, "%d mutants in %.0f s, %d of them in builds of their own\n", len(results), elapsed.Seconds(), alone)
	list(w, "Killed by luck, which a test should make certain:", lucky)
	list(w, "Left, in full:", left)
	if len(left) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d mutants are not killed", len(left), len(results))
}

// list prints results under a heading, if there are any.
func list(w io.Writer, heading string, results []Result) {
	if len(results) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", heading)
	for _, r := range results {
		fmt.Fprintln(w, r)
	}
}
