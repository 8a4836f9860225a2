package mutant

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"

	"lsmlab/internal/course"
)

// testPackage is one package of graded tests.
type testPackage struct {
	// path from the root, with slashes: "tests/week1/day6/engine".
	path string
	// deps are the import paths of all packages that its test binary is made of.
	deps map[string]bool
}

// rapidPath is the import path of the library of random tests, whose flags only binaries with it understand.
const rapidPath = "pgregory.net/rapid"

// listTests asks the go command for the test packages of the mutants' days.
func listTests(ctx context.Context, root string, mutants []Mutant) (map[course.Day][]testPackage, error) {
	args := []string{"list", "-test", "-f", `{{.ImportPath}} {{join .Deps " "}}`}
	asked := map[course.Day]bool{}
	for _, m := range mutants {
		if !asked[m.Day] {
			asked[m.Day] = true
			args = append(args, "./"+m.Day.TestDir()+"/...")
		}
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the graded tests: %w\n%s", err, stderr.Bytes())
	}
	tests := map[course.Day][]testPackage{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		name, isTest := strings.CutSuffix(words[0], ".test")
		if !isTest {
			continue
		}
		p := testPackage{path: strings.TrimPrefix(name, course.Module+"/"), deps: map[string]bool{}}
		for _, dep := range words[1:] {
			p.deps[dep] = true
		}
		for d := range asked {
			if strings.HasPrefix(p.path+"/", d.TestDir()+"/") {
				tests[d] = append(tests[d], p)
			}
		}
	}
	return tests, nil
}

// nearest returns the packages with those of the given name in front.
func nearest(tests []testPackage, name string) []testPackage {
	out := slices.Clone(tests)
	slices.SortStableFunc(out, func(a, b testPackage) int {
		switch aNear, bNear := path.Base(a.path) == name, path.Base(b.path) == name; {
		case aNear && !bNear:
			return -1
		case bNear && !aNear:
			return 1
		}
		return 0
	})
	return out
}

// outcome is how a run of go test ended.
type outcome int

// The outcomes.
const (
	passed outcome = iota
	failed
	notBuilt
)

// ran is what a run of go test came to.
type ran struct {
	outcome outcome
	by      string // the test that failed
	output  string // what it printed, or the compiler
}

// describe says in one message what a run came to.
func (r ran) describe() string {
	if r.outcome == notBuilt {
		return "it does not compile:\n" + r.output
	}
	return r.by + "\n" + r.output
}

// goTest runs one package of graded tests, over an overlay if there is one. The error is one of calling the go command.
// Stripped binaries link in half the time; vet has a stage of its own; a random test that fails need not shrink.
func goTest(ctx context.Context, root, overlay string, race bool, p testPackage) (ran, error) {
	args := []string{"test", "-json", "-vet=off", "-failfast", "-timeout=" + Timeout.String()}
	if overlay != "" {
		args = append(args, "-overlay="+overlay, "-p=1")
	}
	if race {
		args = append(args, "-race")
	} else {
		args = append(args, "-ldflags=-s -w")
	}
	args = append(args, "./"+p.path)
	if overlay != "" && p.deps[rapidPath] {
		args = append(args, "-rapid.nofailfile", "-rapid.shrinktime=1ms")
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return ran{}, ctx.Err()
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return ran{}, err
	}
	r := read(out)
	if err != nil && r.outcome == passed { // go itself complained
		return ran{}, fmt.Errorf("go test: %w\n%s%s", err, stderr.Bytes(), r.output)
	}
	return r, nil
}

// event is one line of go test -json.
type event struct {
	Action, Test, Output, FailedBuild string
}

// read makes sense of what go test -json printed: whether a test failed, and which one first.
func read(out []byte) ran {
	var r ran
	var text strings.Builder
	running, hung, raced := "", false, false
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			text.WriteString(lines.Text() + "\n")
			continue
		}
		text.WriteString(e.Output)
		hung = hung || strings.Contains(e.Output, "panic: test timed out after")
		raced = raced || strings.Contains(e.Output, "WARNING: DATA RACE")
		switch {
		case e.Action == "build-fail" || e.FailedBuild != "":
			r.outcome = notBuilt
		case e.Action == "run":
			running = e.Test
		case e.Action == "fail" && r.outcome == passed:
			r.outcome, r.by = failed, e.Test
			if e.Test == "" { // the process ended and took the test with it
				r.by = running
			}
		}
	}
	if r.by, _, _ = strings.Cut(r.by, "/"); hung {
		r.by += " (timeout)"
	} else if raced {
		r.by += " (race)"
	}
	r.output = text.String()
	return r
}
