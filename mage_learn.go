//go:build mage

package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/magefile/mage/mg"

	"lsmlab/internal/course"
	"lsmlab/internal/grade"
	"lsmlab/internal/graded"
	"lsmlab/internal/progress"
	"lsmlab/internal/report"
	"lsmlab/internal/scheck"
	"lsmlab/internal/start"
)

// CopyTest copies a day's graded tests, and those of all earlier days, beside your packages.
//
// -week=1 -day=6 copies days 1 to 6, -week=1 alone the whole week; -bonus adds the bonus tests.
func CopyTest(week, day *int, bonus *bool) error {
	return fail(graded.Command(os.Stdout, value(week), value(day), value(bonus)))
}

// Scheck checks your tree: format, vet, graded tests, your own tests, comparison with the reference.
//
// -week and -day narrow it, -format=json|junit|gradescope writes a report, -all shows every failure in full, -norace leaves
// the race detector out, -limit=30s is the time that one test may take.
func Scheck(week, day *int, format *string, all, norace *bool, limit *time.Duration) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	o := scheck.Options{Root: root, Week: value(week), Day: value(day), NoRace: value(norace), Limit: value(limit)}
	green, err := scheck.Command(o, value(format), value(all))
	if err == nil && !green {
		os.Exit(1) // all that there is to say stands in the report
	}
	return fail(err)
}

// Start is the first thing to run: it checks the set-up, says where you are, and shows the first red test.
func Start(ctx context.Context) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	return fail(start.Command(ctx, os.Stdout, root, report.StyleFor(os.Stdout)))
}

// Progress shows the 21 days: green, red, untouched, not started; and the points.
//
// It tells what the last checks found; -run checks all copied days first.
func Progress(ctx context.Context, run *bool) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	return fail(progress.Command(ctx, os.Stdout, root, value(run), report.StyleFor(os.Stdout)))
}

// Grade grades a folder of student trees, many at once.
//
// -dir=SUBMISSIONS holds a folder a tree; -out=PREFIX says where CSV and JSON go; -week and -day choose the tests that count;
// -bonus adds the bonus tests, -race the race detector; -limit=10s is for one test, -budget=2m for all of one tree.
func Grade(dir, out *string, week, day *int, bonus, race *bool, limit, budget *time.Duration) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	o := grade.Options{Root: root, Dir: value(dir), Bonus: value(bonus), Race: value(race), Limit: value(limit), Budget: value(budget)}
	return fail(grade.Command(os.Stdout, o, value(week), value(day), value(out)))
}

// fail turns an error into mage's way to end with exit code 1 and a message.
func fail(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled): // by Ctrl-C: nothing else cancels
		return mg.Fatal(1, "interrupted")
	}
	return mg.Fatal(1, err.Error())
}

// value returns what an optional flag was set to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
