// Package checkpoint holds the fourth law: a day can be done with what came before.
//
// For each released day N it makes the tree "reference before N, skeleton from N on" and finds out that
//
//  1. it compiles and vets clean;
//  2. all graded tests of the days before N pass, with the race detector;
//  3. each of day N's own tests, bonus included, fails because it reaches a TODO of day N, and for no other reason.
//
// The tree "reference through N" is the tree of day N+1, so that days ≤ N pass on it is what point 2 says of N+1. The
// last day has no successor; its tree is made on its own account.
//
// Most packages are the same from one tree to the next. The compiler's cache sees that, and so does this package: a test
// binary with the same bytes is not run twice.
package checkpoint

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/overlay"
	"lsmlab/internal/run"
	"lsmlab/internal/skeleton"
)

// Options say what to check.
type Options struct {
	// Root of the lab.
	Root string
	// Days to check. A day without files is passed over.
	Days []course.Day
	// NoRace leaves the race detector out, for machines that have none.
	NoRace bool
	// Log gets a line for each tree; may be nil.
	Log io.Writer
}

// Fault is one thing that does not hold.
type Fault struct {
	// Day of the checkpoint.
	Day course.Day
	// Test is the test that did the wrong thing; "" if it is not about a test.
	Test string
	// Text says what happened instead of what.
	Text string
}

// String returns the fault in a line, or more if there is output to show.
func (f Fault) String() string {
	if f.Test == "" {
		return fmt.Sprintf("checkpoint %s: %s", f.Day.ID(), f.Text)
	}
	return fmt.Sprintf("checkpoint %s: %s: %s", f.Day.ID(), f.Test, f.Text)
}

// Run checks the days, one tree after the other, and returns what does not hold.
func Run(ctx context.Context, o Options) ([]Fault, error) {
	source, err := skeleton.Load(o.Root)
	if err != nil {
		return nil, err
	}
	tests, err := graded.Scan(o.Root)
	if err != nil {
		return nil, err
	}
	bin, err := os.MkdirTemp("", "lsmlab-checkpoint")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(bin)
	c := &checker{Options: o, source: source, tests: tests, passed: map[string]bool{}}
	c.config = run.Config{Root: o.Root, Race: !o.NoRace, Bin: bin, Limit: testLimit, Explains: graded.Explainer(tests)}
	if c.Log == nil {
		c.Log = io.Discard
	}
	for _, d := range c.present() {
		if err := c.tree(ctx, d, course.Before(d), d); err != nil {
			return c.faults, err
		}
	}
	if present := c.present(); len(present) > 0 {
		last := present[len(present)-1]
		err = c.tree(ctx, last, course.Through(last), course.Day{})
	}
	return c.faults, err
}

// testLimit is how long a test may take alone. A day's whole suite takes ten seconds at most, but machines are shared.
const testLimit = 60 * time.Second

// checker is one run.
type checker struct {
	Options
	source *skeleton.Source
	tests  []graded.Test
	config run.Config
	passed map[string]bool // digests of binaries, with the tests that passed in them
	faults []Fault
}

// present returns the days asked for that have files.
func (c *checker) present() []course.Day {
	return slices.DeleteFunc(slices.Clone(c.Days), func(d course.Day) bool { return len(c.source.Of(d)) == 0 })
}

// fault notes what does not hold.
func (c *checker) fault(d course.Day, test, text string) {
	c.faults = append(c.faults, Fault{d, test, strings.TrimRight(text, "\n")})
}

// tree checks one tree. open is the day whose tests must reach their TODOs, the zero Day if all must pass.
func (c *checker) tree(ctx context.Context, d course.Day, solved []course.Day, open course.Day) error {
	start := time.Now()
	tested := course.Through(d)
	tree, err := overlay.New(c.source, overlay.Spec{Solved: solved, Tests: tested, Bonus: true})
	if err != nil {
		return err
	}
	defer tree.Close()
	c.vet(ctx, d, tree)
	c.config.Overlay = tree.File
	pkgs := c.packages(tested)
	built, err := run.Build(ctx, c.config, pkgs)
	if err != nil {
		return err
	}
	for _, f := range built.Failures {
		c.fault(d, "", f.Package+" does not compile:\n"+tree.Clean(strings.Join(f.Lines, "\n")))
	}
	before, own := 0, 0
	for _, pkg := range pkgs {
		b, ok := built.Binaries[pkg]
		if !ok {
			continue
		}
		if b.Dir, err = tree.Dir(pkg); err != nil {
			return err
		}
		must, todo := c.split(pkg, tested, open)
		before, own = before+len(must), own+len(todo)
		if err := c.mustPass(ctx, d, b, must); err != nil {
			return err
		}
		if err := c.mustReachTodo(ctx, d, b, todo); err != nil {
			return err
		}
	}
	c.report(d, open, before, own, time.Since(start))
	return ctx.Err()
}

// report writes the tree's line to the log.
func (c *checker) report(d, open course.Day, before, own int, elapsed time.Duration) {
	if open == d {
		fmt.Fprintf(c.Log, "%s: %d earlier tests pass, %d of its own reach a TODO (%.1f s)\n", d, before, own, elapsed.Seconds())
		return
	}
	fmt.Fprintf(c.Log, "through %s: %d tests pass (%.1f s)\n", d, before, elapsed.Seconds())
}

// vet runs go vet over the tree, tests included.
func (c *checker) vet(ctx context.Context, d course.Day, tree *overlay.Tree) {
	args := []string{"vet", "-overlay=" + tree.File}
	for _, pkg := range tree.Packages() {
		args = append(args, "./"+pkg)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = c.Root
	if out, err := cmd.CombinedOutput(); err != nil {
		c.fault(d, "", "go vet: "+err.Error()+"\n"+tree.Clean(string(out)))
	}
}

// packages returns the packages that have tests of the given days, sorted.
func (c *checker) packages(days []course.Day) []string {
	var out []string
	for _, t := range c.tests {
		if slices.Contains(days, t.Day) && !slices.Contains(out, t.Package) {
			out = append(out, t.Package)
		}
	}
	slices.Sort(out)
	return out
}
