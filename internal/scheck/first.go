package scheck

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/run"
)

// FirstRed runs a day's copied tests, without the race detector, in the order of the tasks, until one is red. It returns
// that one, or nil if all are green, and how many the day has.
func FirstRed(ctx context.Context, root string, day course.Day) (red *report.Test, all int, err error) {
	c := &check{Options: Options{Root: root, NoRace: true}, report: &report.Report{Began: time.Now(), Narrowed: true}, days: []course.Day{day}}
	if c.state, err = graded.Look(root); err != nil {
		return nil, 0, err
	}
	c.config = run.Config{Root: root, Bin: filepath.Join(root, ".lab", "cache", "tests-norace")}
	c.lookup = newLookup(root)
	if err := c.planTests(); err != nil {
		return nil, 0, err
	}
	c.plan = slices.DeleteFunc(c.plan, func(p planned) bool { return p.graded == nil })
	slices.SortStableFunc(c.plan, func(a, b planned) int { return strings.Compare(a.graded.Task, b.graded.Task) })
	built, err := c.build(ctx)
	if err != nil {
		return nil, 0, err
	}
	for i := range c.plan {
		p := &c.plan[i]
		bin, ok := built.Binaries[p.pkg]
		if !ok || c.excluded(p.file) {
			p.result = run.Result{Test: p.name, Status: run.Compile, Message: c.compiler(p.pkg)}
		} else if p.result, err = bin.Run(ctx, c.config, p.name); err != nil {
			return nil, 0, err
		}
		if !p.result.OK() {
			t := c.lookup.graded(*p, false)
			return &t, len(c.plan), nil
		}
	}
	return nil, len(c.plan), nil
}

// compiler returns what the compiler said about a package, or about those that keep it from compiling.
func (c *check) compiler(pkg string) string {
	lines := []string{pkg + " does not compile:"}
	for _, b := range c.broken {
		lines = append(lines, b.Lines...)
	}
	return strings.Join(lines, "\n")
}
