package scheck

import (
	"context"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"lsmlab/internal/course"
	"lsmlab/internal/differ"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/run"
)

// Options says what to check, and how.
type Options struct {
	Root     string              // of the lab
	Week     int                 // 0: every copied week
	Day      int                 // 0: every copied day
	NoRace   bool                // leave the race detector out even where there is one
	Limit    time.Duration       // for one test; 0: run's default
	Progress func(done, all int) // told after each test, by one caller at a time; may be nil
}

// check is one check while it runs.
type check struct {
	Options
	config  run.Config
	state   graded.State
	days    []course.Day
	plan    []planned // graded tests, then the learner's own
	broken  []report.Broken
	without []string // test files that were left out because they do not compile
	lookup  *lookup
	report  *report.Report
}

// Run checks the student's tree. An error means that nothing could be checked; what is wrong with the tree stands in the
// report.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	c := &check{Options: o, report: &report.Report{Began: time.Now(), Narrowed: o.Day != 0 || o.Week != 0}}
	if err := c.prepare(ctx); err != nil {
		return nil, err
	}
	built, err := c.build(ctx)
	if err != nil {
		return nil, err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.lint(ctx) })
	g.Go(func() error {
		if err := c.run(ctx, built); err != nil {
			return err
		}
		c.report.Compared, err = differ.Compare(ctx, c.config, c.days)
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	c.assemble()
	return c.report, nil
}

// prepare finds out what is to be checked and sets the copied tests right.
func (c *check) prepare(ctx context.Context) error {
	var err error
	if c.state, err = graded.Look(c.Root); err != nil {
		return err
	}
	if c.days, err = choose(c.state, c.Week, c.Day); err != nil {
		return err
	}
	changes, err := graded.Refresh(c.Root, c.state)
	if err != nil {
		return err
	}
	note, err := tell(c.Root, changes)
	if err != nil {
		return err
	}
	c.report.Notes = append(c.report.Notes, note...)
	if c.state, err = graded.Look(c.Root); err != nil { // as it is now that it is set right
		return err
	}
	c.config = run.Config{Root: c.Root, Race: true, Limit: c.Limit, Impatient: true, Bin: filepath.Join(c.Root, ".lab", "cache", "tests")}
	if ok, why := run.RaceDetector(ctx); !ok || c.NoRace {
		c.config.Race = false
		if c.config.Bin += "-norace"; !c.NoRace {
			c.report.Notes = append(c.report.Notes, "Data races are not looked for: "+why+".")
		}
	}
	c.report.Race = c.config.Race
	c.lookup = newLookup(c.Root)
	return c.planTests()
}

// run runs every planned test that has a binary.
func (c *check) run(ctx context.Context, built run.Built) error {
	var jobs []run.Job
	var at []int // of each job, its place in the plan
	for i, p := range c.plan {
		bin, ok := built.Binaries[p.pkg]
		if !ok || c.excluded(p.file) {
			c.plan[i].result = run.Result{Test: p.name, Status: run.Compile}
			continue
		}
		jobs, at = append(jobs, run.Job{Binary: bin, Test: p.name}), append(at, i)
	}
	results, err := run.Each(ctx, c.config, jobs, counted(c.Progress, len(jobs)))
	for j, r := range results {
		c.plan[at[j]].result = r
	}
	return err
}

// assemble writes what was found into the report.
func (c *check) assemble() {
	r := c.report
	for _, d := range c.days {
		day := report.Day{Day: d}
		for _, p := range c.plan {
			if p.graded != nil && p.graded.Day == d {
				day.Tests = append(day.Tests, c.lookup.graded(p, c.config.Race))
			}
		}
		r.Days = append(r.Days, day)
	}
	for _, p := range c.plan {
		if p.graded == nil && p.result.Status != run.Compile {
			r.Own = append(r.Own, own(p, c.config.Race))
		}
	}
	r.Broken = c.broken
	r.TestDigest, r.TreeDigest = digests(c.Root, c.state)
	r.Spoils = spoils(c.Root)
	r.Elapsed = time.Since(r.Began)
	if r.Green() {
		r.Can, r.Next = outlook(c.days)
	}
	remember(c.Root, r)
}
