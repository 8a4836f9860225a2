// Package start is the first thing that a learner runs: it sees that the set-up works, says where they are, and shows the
// first test that waits for them.
package start

import (
	"context"
	"fmt"
	"go/version"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/run"
	"lsmlab/internal/scheck"
	"lsmlab/internal/workspace"
)

// Command is what mage start does.
func Command(ctx context.Context, w io.Writer, root string, style report.Style) error {
	fmt.Fprintf(w, "LSM Lab, in %s\n\n", root)
	if err := checkGo(w, root); err != nil {
		return err
	}
	if err := dayZero(ctx, w, root); err != nil {
		return err
	}
	if ok, why := run.RaceDetector(ctx); ok {
		fmt.Fprintln(w, "✓ race detector   here, and scheck will use it")
	} else {
		fmt.Fprintf(w, "· race detector   not here: %s; scheck goes on without\n", why)
	}
	if err := begin(root); err != nil {
		return err
	}
	day, red, err := next(ctx, w, root)
	if err != nil {
		return err
	}
	fmt.Fprintln(w)
	if red == nil {
		fmt.Fprintln(w, "Every day that there is so far is green. What is left is to look at what you have built: go tool mage demo")
		return nil
	}
	show(w, style, day, *red)
	return nil
}

// checkGo compares Go's version with the one that go.mod asks for.
func checkGo(w io.Writer, root string) error {
	need, err := needed(root)
	if err != nil {
		return err
	}
	have := runtime.Version()
	if version.IsValid(have) && version.Compare(have, "go"+need) < 0 {
		return fmt.Errorf("this is %s, and the lab needs Go %s or later: see https://go.dev/dl/", have, need)
	}
	fmt.Fprintf(w, "✓ Go              %s (the lab needs %s or later)\n", strings.TrimPrefix(have, "go"), need)
	return nil
}

// needed returns the version of Go in go.mod.
func needed(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(line, "go "); ok {
			return strings.TrimSpace(v), nil
		}
	}
	return "", fmt.Errorf("go.mod names no version of Go")
}

// dayZero compiles and runs a test that is green, so that the set-up is seen to work.
func dayZero(ctx context.Context, w io.Writer, root string) error {
	began := time.Now()
	const pkg = "internal/start/dayzero"
	c := run.Config{Root: root, Bin: filepath.Join(root, ".lab", "cache", "tests-norace"), Limit: time.Minute}
	built, err := run.Build(ctx, c, []string{pkg})
	if err != nil {
		return err
	}
	bin, ok := built.Binaries[pkg]
	if !ok {
		f, _ := built.Failure(pkg)
		return fmt.Errorf("the check of day 0 does not compile:\n%s", strings.Join(f.Lines, "\n"))
	}
	r, err := bin.Run(ctx, c, "TestSetUp_OrdersVersions")
	if err != nil {
		return err
	}
	if !r.OK() {
		return fmt.Errorf("the check of day 0 is red, and it should be green on every machine:\n%s\n%s", r.Message, r.Output)
	}
	fmt.Fprintf(w, "✓ day 0           a test was compiled, run, and is green (%.1f s)\n", time.Since(began).Seconds())
	return nil
}

// begin marks the clone as a learner's, and keeps the skeleton that they begin with, so that an update can show what changes.
func begin(root string) error {
	_, err := workspace.Begin(root)
	return err
}

// next finds the first day that has a red test. It copies the tests of the days up to that one.
func next(ctx context.Context, w io.Writer, root string) (course.Day, *report.Test, error) {
	for _, day := range course.Released() {
		if tests, err := graded.ScanDay(root, day); err != nil || len(tests) == 0 {
			return day, nil, err
		}
		if _, err := graded.Copy(root, course.Through(day), false); err != nil {
			return day, nil, err
		}
		red, all, err := scheck.FirstRed(ctx, root, day)
		if err != nil || red != nil {
			return day, red, err
		}
		fmt.Fprintf(w, "✓ %s  %s: %d tests, all green\n", day, day.Title, all)
	}
	return course.Day{}, nil, nil
}

// show writes where the learner is, and the first red test.
func show(w io.Writer, style report.Style, day course.Day, red report.Test) {
	fmt.Fprintf(w, "You are at %s: %s. Its tests stand in %s/ now, and the first red one is:\n", day, day.Title, day.PackageDir())
	report.Failure(w, style, red)
	fmt.Fprintf(w, "\nNow read %s, do its first task, and run\n\n    go tool mage scheck -week=%d -day=%d\n", day.Chapter(), day.Week, day.Day)
}
