//go:build mage

package main

import (
	"context"
	"os"

	"lsmlab/internal/course"
	"lsmlab/internal/hint"
	"lsmlab/internal/hunt"
	"lsmlab/internal/report"
	"lsmlab/internal/show"
	"lsmlab/internal/sitebook"
	"lsmlab/internal/today"
	"lsmlab/internal/watch"
	"lsmlab/internal/workspace"
)

// Hint shows one more hint at each call: a nudge, the idea, the pseudo-code.
//
// -week and -day name the day (default: the one you are at), -task the task (default: the first that is not written yet).
func Hint(week, day *int, task *string) error {
	root, d, err := here(week, day)
	if err != nil {
		return fail(err)
	}
	return fail(hint.Command(os.Stdout, root, d, value(task), report.StyleFor(os.Stdout)))
}

// Show draws what your own code of a day has just produced: towers, bytes, tables, a tree.
func Show(ctx context.Context, week, day *int) error {
	root, d, err := here(week, day)
	if err != nil {
		return fail(err)
	}
	return fail(show.Command(ctx, os.Stdout, root, d))
}

// Diff shows your code beside the reference, when the day is green; -spoil insists before that, and is noted.
func Diff(week, day *int, spoil *bool) error {
	root, d, err := here(week, day)
	if err != nil {
		return fail(err)
	}
	green, err := today.Green(root, d)
	if err != nil {
		return fail(err)
	}
	return fail(workspace.Diff(os.Stdout, root, d, green, value(spoil), report.StyleFor(os.Stdout).Colour))
}

// Solve fills in the reference for every day before the named one; -through includes it.
//
// What you have changed is copied to .lab/backup first.
func Solve(week, day *int, through *bool) error {
	root, d, err := named("solve", week, day)
	if err != nil {
		return fail(err)
	}
	return fail(workspace.Solve(os.Stdout, root, d, value(through)))
}

// Reset brings a day's files back to the skeleton. What you have changed is copied to .lab/backup first.
func Reset(week, day *int) error {
	root, d, err := named("reset", week, day)
	if err != nil {
		return fail(err)
	}
	return fail(workspace.Reset(os.Stdout, root, d))
}

// Break hides one bug in a scratch copy of your green tree, for you to find.
//
// -check asks whether it is mended, -reveal says what it was, -another hides a different one, -reference hunts in the
// reference where the day is not green yet.
func Break(ctx context.Context, week, day *int, check, reveal, another, reference *bool) error {
	root, d, err := here(week, day)
	if err != nil {
		return fail(err)
	}
	return fail(hunt.Command(ctx, os.Stdout, hunt.Options{
		Root: root, Day: d, Check: value(check), Reveal: value(reveal), Another: value(another), Reference: value(reference),
	}))
}

// Watch re-checks a day (default: the one you are at) at each save.
func Watch(ctx context.Context, week, day *int) error {
	root, d, err := here(week, day)
	if err != nil {
		return fail(err)
	}
	return fail(watch.Command(ctx, os.Stdout, root, d, report.StyleFor(os.Stdout)))
}

// Update brings in what a new edition of the course, which you have pulled, has changed; your files stay.
func Update() error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	return fail(workspace.Update(os.Stdout, root, report.StyleFor(os.Stdout).Colour))
}

// Book serves the book as a site, if there is Node; its files read well without.
func Book(ctx context.Context) error {
	root, err := course.Root()
	if err != nil {
		return fail(err)
	}
	return fail(sitebook.Serve(ctx, os.Stdout, root))
}

// here returns the lab's root, and the day that the flags name or that the learner is at.
func here(week, day *int) (string, course.Day, error) {
	root, err := course.Root()
	if err != nil {
		return "", course.Day{}, err
	}
	d, err := today.Day(root, value(week), value(day))
	return root, d, err
}

// named is here for commands that change files: they want to be told which day's.
func named(command string, week, day *int) (string, course.Day, error) {
	if value(week) == 0 || value(day) == 0 {
		return "", course.Day{}, today.NameIt(command)
	}
	return here(week, day)
}
