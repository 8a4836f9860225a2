package grade

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lsmlab/internal/graded"
	"lsmlab/internal/run"
)

// patience is how many tests of one package may hang before the others are given impatientLimit only.
const (
	patience       = 2
	impatientLimit = 4 * time.Second
)

// verdict is how the tests of one package ended, by the test's name.
type verdict map[string]run.Result

// work is what one submission is built for: the packages whose verdict no submission before it gives.
type work struct {
	sub  *submission
	pkgs []string
	dir  string // scratch directory of its own
}

// do builds a submission and runs the tests of its packages. Only a failure of the grader itself is an error.
func (b *bench) do(ctx context.Context, c run.Config, budget time.Duration, w work) (map[string]verdict, error) {
	defer os.RemoveAll(w.dir)
	overlay, err := b.overlay(w.sub, w.dir)
	if err != nil {
		return nil, err
	}
	c.Root, c.Overlay, c.Bin, c.Proof = b.root, overlay, filepath.Join(w.dir, "bin"), b.proof
	c.Linker = "-s -w" // half the time; positions in a panic are there all the same
	built, err := run.Build(ctx, c, w.pkgs)
	if err != nil {
		return nil, err
	}
	verdicts := map[string]verdict{}
	deadline := time.Now().Add(budget)
	for _, pkg := range w.pkgs {
		bin, ok := built.Binaries[pkg]
		if !ok {
			verdicts[pkg] = b.compile(built, pkg)
			continue
		}
		bin.Dir = filepath.Join(w.dir, "run", filepath.FromSlash(pkg))
		if err := b.prepare(pkg, bin.Dir); err != nil {
			return nil, err
		}
		if verdicts[pkg], err = judge(ctx, c, bin, b.tests[pkg], deadline); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

// prepare makes the directory in which a package's tests run, with its testdata.
func (b *bench) prepare(pkg, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	from := filepath.Join(b.root, filepath.FromSlash(pkg), "testdata")
	if _, err := os.Stat(from); err != nil {
		return nil
	}
	return copyTree(from, filepath.Join(dir, "testdata"))
}

// compile returns the verdict on a package that does not compile.
func (b *bench) compile(built run.Built, pkg string) verdict {
	message := "the package does not compile"
	if f, ok := built.Failure(pkg); ok && len(f.Lines) > 0 {
		message += "\n" + strings.Join(f.Lines[:min(len(f.Lines), 5)], "\n")
	} else {
		message = "a package that this one imports does not compile"
	}
	v := verdict{}
	for _, t := range b.tests[pkg] {
		v[t.Name] = run.Result{Test: t.Name, Status: run.Compile, Message: message}
	}
	return v
}

// judge runs a package's tests: all in one process, and those that did not pass there each in one of its own.
func judge(ctx context.Context, c run.Config, bin run.Binary, tests []graded.Test, deadline time.Time) (verdict, error) {
	var names []string
	for _, t := range tests {
		names = append(names, t.Name)
	}
	passed, err := bin.RunTogether(ctx, c, names)
	if err != nil {
		return nil, err
	}
	v := verdict(passed)
	hung := 0
	for _, name := range names {
		if v[name].OK() {
			continue
		}
		if time.Now().After(deadline) {
			v[name] = run.Result{Test: name, Status: run.Timeout, Message: "not run: tests of this tree had used up its time"}
			continue
		}
		one := c
		if hung >= patience {
			one.Limit = min(c.Limit, impatientLimit)
		}
		if v[name], err = bin.Run(ctx, one, name); err != nil {
			return nil, err
		}
		if stuck := v[name].Status == run.Timeout || v[name].Status == run.Memory; stuck {
			if hung++; !v[name].Began {
				return v.all(names, v[name]), nil // it hangs in an init: so will all the others
			}
		}
	}
	return v, nil
}

// all gives every test that has not passed the same result.
func (v verdict) all(names []string, r run.Result) verdict {
	for _, name := range names {
		if !v[name].OK() {
			r.Test = name
			v[name] = r
		}
	}
	return v
}
