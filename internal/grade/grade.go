package grade

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/run"
)

// memoryLimit is how many bytes one test process may hold. The largest that the graded tests need is a small part of it.
const memoryLimit = 1 << 30

// Options says what to grade, and how.
type Options struct {
	Root   string        // of the lab whose tests count
	Dir    string        // its folders are the submissions
	Days   []course.Day  // whose tests count; none: every released day's
	Bonus  bool          // bonus tests count, too
	Race   bool          // with the race detector: slower, and finds more
	Limit  time.Duration // for one test. Default 10 s, 20 s with race detector
	Budget time.Duration // for all tests of one tree, after which what is left has failed. Default 2 minutes
	Jobs   int           // trees at a time. Default: one a core

	Progress func(done, all int) // told after each tree, by one caller at a time; may be nil
}

// Grade is what one submission got.
type Grade struct {
	Name   string   // of the folder
	Digest string   // of what was taken of it
	SameAs string   // the submission before it with the same contents, "" if there is none
	Notes  []string // what was left out, and why
	Days   []Day    // in order
	Earned int      // points of all days
	Points int
}

// Day is what a submission got for one day.
type Day struct {
	Day    course.Day
	Tests  []Test
	Earned int
	Points int
}

// Test is one graded test and how it ended.
type Test struct {
	graded.Test
	Result run.Result
}

// Run grades every folder of o.Dir, in the order of their names.
func Run(ctx context.Context, o Options) ([]Grade, error) {
	if len(o.Days) == 0 {
		o.Days = course.Released()
	}
	if o.Budget == 0 {
		o.Budget = 2 * time.Minute
	}
	if o.Jobs == 0 {
		o.Jobs = runtime.NumCPU()
	}
	subs, err := takeAll(o.Dir)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "lsmlab-grade")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	if scratch, err = filepath.EvalSymlinks(scratch); err != nil {
		return nil, err
	}
	b, err := newBench(o.Root, scratch, o.Days, o.Bonus)
	if err != nil {
		return nil, err
	}
	keys, todo := b.share(subs)
	verdicts, err := b.all(ctx, o, todo, keys)
	if err != nil {
		return nil, err
	}
	if b.digest() != b.seal {
		return nil, errors.New("submitted code has changed the grader's own copy of the lab while it ran: no verdict can be trusted. Grade the submissions one by one to find it")
	}
	return b.grades(o, subs, keys, verdicts), nil
}

// takeAll reads all submissions: the folders of dir.
func takeAll(dir string) ([]*submission, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var subs []*submission
	for _, e := range entries {
		if !e.IsDir() || e.Name()[0] == '.' {
			continue
		}
		s, err := take(e.Name(), filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		subs = append(subs, s)
	}
	if len(subs) == 0 {
		return nil, errors.New(dir + " holds no folders: each submission is one")
	}
	return subs, nil
}

// others returns the entries of dir that are no folders, and so no submissions: archives that nobody has unpacked, links.
func others(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !e.IsDir() && e.Name()[0] != '.' {
			names = append(names, e.Name())
		}
	}
	return names
}

// share finds out which packages of which submissions must be run: of equal ones, the first. It returns the keys of all
// packages of all submissions, too.
func (b *bench) share(subs []*submission) (keys []map[string]string, todo []work) {
	claimed := map[string]bool{}
	for i, s := range subs {
		keys = append(keys, b.keys(s))
		w := work{sub: s, dir: filepath.Join(b.root, "submissions", strconv.Itoa(i))}
		for _, pkg := range b.packages() {
			if key := keys[i][pkg]; !claimed[key] {
				claimed[key] = true
				w.pkgs = append(w.pkgs, pkg)
			}
		}
		todo = append(todo, w)
	}
	return keys, todo
}

// all does all the work, some at a time, and returns the verdicts by key.
func (b *bench) all(ctx context.Context, o Options, todo []work, keys []map[string]string) (map[string]verdict, error) {
	tests := slices.Concat(slices.Collect(maps.Values(b.tests))...)
	c := run.Config{Race: o.Race, Limit: o.Limit, Memory: memoryLimit, Jobs: 1, Explains: graded.Explainer(tests)}
	if o.Race {
		c.Memory *= 4 // the race detector's own
	}
	found := make([]map[string]verdict, len(todo))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(o.Jobs)
	tick := ticker(o.Progress, len(todo))
	for i, w := range todo {
		g.Go(func() (err error) {
			if len(w.pkgs) > 0 {
				found[i], err = b.do(ctx, c, o.Budget, w)
			}
			tick()
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	verdicts := map[string]verdict{}
	for i := range todo {
		for pkg, v := range found[i] {
			verdicts[keys[i][pkg]] = v
		}
	}
	return verdicts, nil
}

// grades adds up what each submission got.
func (b *bench) grades(o Options, subs []*submission, keys []map[string]string, verdicts map[string]verdict) []Grade {
	var out []Grade
	first := map[string]string{}
	for i, s := range subs {
		g := Grade{Name: s.name, Digest: s.digest(), Notes: s.notes}
		if g.SameAs = first[g.Digest]; g.SameAs == "" && len(s.files) > 0 { // to have handed in nothing is not to have copied
			first[g.Digest] = s.name
		}
		for _, d := range o.Days {
			day := Day{Day: d}
			for _, pkg := range b.packages() {
				for _, t := range b.tests[pkg] {
					if t.Day == d {
						day.add(Test{t, verdicts[keys[i][pkg]][t.Name]})
					}
				}
			}
			g.Days = append(g.Days, day)
			g.Earned, g.Points = g.Earned+day.Earned, g.Points+day.Points
		}
		out = append(out, g)
	}
	return out
}

// add adds a test to a day.
func (d *Day) add(t Test) {
	d.Tests = append(d.Tests, t)
	if d.Points += t.Points; t.Result.OK() {
		d.Earned += t.Points
	}
}
