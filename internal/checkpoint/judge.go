package checkpoint

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/run"
)

// split returns the package's tests of the given days: those that must pass, and those of the open day.
func (c *checker) split(pkg string, days []course.Day, open course.Day) (must, todo []string) {
	for _, t := range c.tests {
		switch {
		case t.Package != pkg || !slices.Contains(days, t.Day):
		case t.Day == open:
			todo = append(todo, t.Name)
		default:
			must = append(must, t.Name)
		}
	}
	return must, todo
}

// mustPass runs tests in one process, and those that do not pass there each on its own, for what they have to say.
func (c *checker) mustPass(ctx context.Context, d course.Day, b run.Binary, tests []string) error {
	if len(tests) == 0 {
		return nil
	}
	key, err := digest(b.Path, tests)
	if err != nil || c.passed[key] {
		return err
	}
	together, err := b.RunTogether(ctx, c.config, tests)
	if err != nil {
		return err
	}
	all := true
	for _, t := range tests {
		if together[t].OK() {
			continue
		}
		r, err := b.Run(ctx, c.config, t)
		if err != nil {
			return err
		}
		if !r.OK() {
			all = false
			c.fault(d, b.Package+" "+t, "belongs to an earlier day or is solved, and must pass, but: "+describe(r))
		}
	}
	c.passed[key] = all
	return nil
}

// mustReachTodo runs the open day's tests, each in a process of its own.
func (c *checker) mustReachTodo(ctx context.Context, d course.Day, b run.Binary, tests []string) error {
	jobs := make([]run.Job, len(tests))
	for i, t := range tests {
		jobs[i] = run.Job{Binary: b, Test: t}
	}
	results, err := run.Each(ctx, c.config, jobs, nil)
	if err != nil {
		return err
	}
	for _, r := range results {
		if text := wrongTodo(d, r); text != "" {
			c.fault(d, b.Package+" "+r.Test, text)
		}
	}
	return nil
}

// wrongTodo says why a result is not the failure that a skeleton must give, "" if it is.
func wrongTodo(d course.Day, r run.Result) string {
	switch {
	case r.OK():
		return "passes on the skeleton: it reaches no TODO of its day"
	case r.Status != run.Todo:
		return "must fail by reaching a TODO, but: " + describe(r)
	}
	day, _, ok := course.ParseTaskText(r.Todo)
	if !ok || day != d {
		return "the first TODO that it reaches belongs to another day: " + r.Todo
	}
	return ""
}

// describe sums a result up.
func describe(r run.Result) string {
	text := string(r.Status)
	if r.Todo != "" {
		text += ", not implemented: " + r.Todo
	}
	if message := strings.TrimSpace(r.Message); message != "" {
		text += "\n" + message
	}
	return text
}

// digest names a binary and a choice of its tests by their contents.
func digest(name string, tests []string) (string, error) {
	bytes, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x %s", sha256.Sum256(bytes), strings.Join(tests, " ")), nil
}
