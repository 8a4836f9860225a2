package mutant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"lsmlab/internal/course"
)

// Timeout is how long a day's tests may run against one mutant before it counts as killed by a hang.
const Timeout = 60 * time.Second

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
	// Why says why it is broken.
	Why string
	// Elapsed is the time of compiling and running.
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
	tests, err := listTests(ctx, o.Root, mutants)
	if err != nil {
		return nil, err
	}
	if err := green(ctx, o.Root, tests, mutants); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lsmlab-mutants")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	results := make([]Result, len(mutants))
	done := make(chan int)
	told := make(chan struct{})
	go func() { // ends when done is closed
		defer close(told)
		n := 0
		for i := range done {
			if n++; o.Progress != nil {
				o.Progress(n, len(mutants), results[i])
			}
		}
	}()
	g, ctx := errgroup.WithContext(ctx)
	if g.SetLimit(o.Jobs); o.Jobs <= 0 {
		g.SetLimit(runtime.NumCPU())
	}
	for i, m := range mutants {
		g.Go(func() error {
			start := time.Now()
			results[i] = try(ctx, o.Root, filepath.Join(dir, fmt.Sprint(i)), m, tests[m.Day])
			results[i].Elapsed = time.Since(start)
			done <- i
			return ctx.Err()
		})
	}
	err = g.Wait()
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

// green runs the tests of the mutants' days without a mutant. With a red test to begin with, nothing would be proven.
func green(ctx context.Context, root string, tests map[course.Day][]testPackage, mutants []Mutant) error {
	raced := map[course.Day]bool{}
	for _, m := range mutants {
		raced[m.Day] = raced[m.Day] || m.Race
	}
	for _, d := range course.Days() {
		if len(tests[d]) == 0 {
			continue
		}
		for _, race := range []bool{false, true} {
			if race && !raced[d] {
				continue
			}
			for _, p := range tests[d] {
				o, err := goTest(ctx, root, "", race, p)
				if err == nil && o.outcome != passed {
					err = errors.New(o.describe())
				}
				if err != nil {
					return fmt.Errorf("without any mutant, the tests of %s are not green: %s: %w", d, p.path, err)
				}
			}
		}
	}
	return nil
}

// try lays one mutant over the reference and runs the tests that can see it, the package of the same name first.
func try(ctx context.Context, root, dir string, m Mutant, tests []testPackage) Result {
	broken := func(err error) Result { return Result{Mutant: m, Verdict: Broken, Why: err.Error()} }
	overlay, err := m.overlay(root, dir)
	if err != nil {
		return broken(err)
	}
	defer os.RemoveAll(dir)
	subject := course.Module + "/solution/" + path.Dir(m.File)
	seen := false
	for _, p := range nearest(tests, path.Base(path.Dir(m.File))) {
		if !p.deps[subject] {
			continue
		}
		seen = true
		o, err := goTest(ctx, root, overlay, m.Race, p)
		switch {
		case err != nil:
			return broken(err)
		case o.outcome == notBuilt:
			return broken(errors.New("it does not compile:\n" + o.output))
		case o.outcome == failed:
			return Result{Mutant: m, Verdict: Killed, By: o.by}
		}
	}
	if !seen {
		return broken(fmt.Errorf("no test of %s imports %s", m.Day, subject))
	}
	return Result{Mutant: m, Verdict: Survived}
}

// overlay writes the mutated file and the overlay that puts it in the original's place, below dir.
func (m Mutant) overlay(root, dir string) (string, error) {
	original := filepath.Join(root, "solution", filepath.FromSlash(m.File))
	src, err := os.ReadFile(original)
	if err != nil {
		return "", fmt.Errorf("there is no solution/%s", m.File)
	}
	text, err := m.Apply(src)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	changed := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(changed, text, 0o666); err != nil {
		return "", err
	}
	spec, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, spec, 0o666)
}
