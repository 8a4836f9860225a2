package mutant

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
)

// Timeout is how long a package's tests may run on the reference. Against a mutant they may take some times what they
// took there, and Grace on top, before it counts as killed by a hang.
const (
	Timeout = 60 * time.Second
	Grace   = 8 * time.Second
)

// Tries is how often a mutant that survives is tried, each time with another seed for the random tests. The seeds are
// the same in every run, so that a verdict is, too.
const Tries = 3

// Verdict is what became of a mutant.
type Verdict string

// The verdicts. Broken is a mutant that could not be tried.
const (
	Killed   Verdict = "killed"
	Survived Verdict = "survived"
	Broken   Verdict = "broken"
)

// Result is what became of one mutant.
type Result struct {
	Mutant
	Verdict Verdict
	// By is the test that killed it, with "(timeout)" or "(race)" where that is how.
	By string
	// Try counts the tries. Killed at the second or later was luck.
	Try int
	// Alone tells that the mutant did not fit into a build with others, or survived there, and got one of its own.
	Alone bool
	// Why says why it is broken.
	Why string
	// Elapsed is the time of running, and of compiling if it was built alone.
	Elapsed time.Duration
}

// Options say which mutants to try.
type Options struct {
	// Root of the lab.
	Root string
	// Days whose zoos are tried.
	Days []course.Day
	// Name tries only the mutant of that name; "" tries all.
	Name string
	// Certain leaves out the random tests: what survives then is killed by luck only.
	Certain bool
	// Jobs at a time. Default: one a core.
	Jobs int
	// Progress is called after each mutant, by one caller at a time; may be nil.
	Progress func(done, all int, r Result)
}

// Run makes sure that the days' tests pass on the reference as it is, then tries every mutant. Its error is about the
// whole run; what is wrong with a mutant stands in its result. Results come in the order of the zoos.
func Run(ctx context.Context, o Options) ([]Result, error) {
	mutants, err := LoadAll(o.Root, o.Days)
	if err != nil {
		return nil, err
	}
	mutants, err = named(mutants, o.Name)
	if err != nil || len(mutants) == 0 {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lsmlab-mutants")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	groups, places, err := divide(ctx, o, dir, mutants)
	if err != nil {
		return nil, err
	}
	if o.Jobs <= 0 {
		o.Jobs = runtime.NumCPU()
	}
	preparing, sub := errgroup.WithContext(ctx)
	preparing.SetLimit(o.Jobs)
	for _, g := range groups {
		preparing.Go(func() error { return g.prepare(sub) })
	}
	if err := preparing.Wait(); err != nil {
		return nil, err
	}
	return o.tryAll(ctx, places)
}

// place is where a mutant belongs.
type place struct {
	*group
	*suspect
}

// divide puts the mutants into groups. It returns these, and the mutants in their old order.
func divide(ctx context.Context, o Options, dir string, mutants []Mutant) ([]*group, []place, error) {
	tests, err := listTests(ctx, o.Root, mutants)
	if err != nil {
		return nil, nil, err
	}
	var groups []*group
	var places []place
	for i, m := range mutants {
		at := slices.IndexFunc(groups, func(g *group) bool { return g.day == m.Day && g.race == m.Race })
		if at < 0 {
			at = len(groups)
			g := &group{root: o.Root, dir: filepath.Join(dir, fmt.Sprint(at)), day: m.Day, race: m.Race, tests: tests[m.Day]}
			if o.Certain {
				if g.random, err = random(o.Root, m.Day); err != nil {
					return nil, nil, err
				}
			}
			groups = append(groups, g)
		}
		g, s := groups[at], newSuspect(o.Root, i+1, m, tests[m.Day])
		g.suspects = append(g.suspects, s)
		places = append(places, place{g, s})
	}
	return groups, places, nil
}

// random returns the names of a day's random tests by package.
func random(root string, day course.Day) (map[string][]string, error) {
	tests, err := graded.ScanDay(root, day)
	out := map[string][]string{}
	for _, t := range tests {
		if t.Random {
			p := day.TestDir() + "/" + filepath.Base(t.Package)
			out[p] = append(out[p], t.Name)
		}
	}
	return out, err
}

// tryAll tries mutants, some at a time, and tells how it goes.
func (o Options) tryAll(ctx context.Context, places []place) ([]Result, error) {
	results := make([]Result, len(places))
	done := make(chan int)
	told := make(chan struct{})
	go func() { // ends when done is closed
		defer close(told)
		n := 0
		for i := range done {
			if n++; o.Progress != nil {
				o.Progress(n, len(places), results[i])
			}
		}
	}()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(o.Jobs)
	for i, p := range places {
		g.Go(func() error {
			start := time.Now()
			results[i] = p.try(ctx, p.suspect)
			results[i].Elapsed = time.Since(start)
			done <- i
			return ctx.Err()
		})
	}
	err := g.Wait()
	close(done)
	<-told
	return results, err
}

// named returns the mutants of a name, all if it is empty.
func named(mutants []Mutant, name string) ([]Mutant, error) {
	if name == "" {
		return mutants, nil
	}
	var out []Mutant
	for _, m := range mutants {
		if m.Name == name {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no mutant is named %q", name)
	}
	return out, nil
}
