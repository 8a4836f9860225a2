package mutant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// rapidPath is the import path of the library of random tests, whose flags only binaries with it understand.
const rapidPath = "pgregory.net/rapid"

// binary is the compiled tests of one package.
type binary struct {
	testPackage
	file  string        // the executable
	dir   string        // where its tests run
	limit time.Duration // for a run
	skip  []string      // tests that are left out
}

// notBuilt is the error of code that does not compile: what the compiler says.
type notBuilt string

// Error repeats the compiler.
func (e notBuilt) Error() string { return "it does not compile:\n" + string(e) }

// build compiles the tests of a package into dir, over an overlay if there is one. What does not compile is notBuilt.
// Stripped binaries link in half the time; vet has a stage of its own.
func build(ctx context.Context, root, dir, overlay string, race bool, p testPackage) (*binary, error) {
	b := &binary{testPackage: p, dir: filepath.Join(root, filepath.FromSlash(p.path)), limit: Timeout}
	b.file = filepath.Join(dir, path.Base(path.Dir(p.path))+"-"+path.Base(p.path)+".test.exe")
	args := []string{"test", "-c", "-vet=off", "-o", b.file}
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
	}
	if race {
		args = append(args, "-race")
	} else {
		args = append(args, "-ldflags=-s -w")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+p.path)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &exit):
		return nil, notBuilt(out)
	}
	return b, err
}

// ran is what a run of a test binary came to.
type ran struct {
	passed bool
	took   time.Duration
	by     string   // the test that failed first, with how in brackets
	failed []string // all that failed
	output string   // what it printed
}

// run runs the tests of a binary with one mutant of a schema active, 0 for none. With all it does not stop at the first
// that fails. The seed is that of random tests, which need not shrink what they find.
func (b *binary) run(ctx context.Context, number int, seed int, all bool) (ran, error) {
	args := []string{"-test.v=test2json", "-test.paniconexit0", "-test.timeout=" + b.limit.String()}
	if !all {
		args = append(args, "-test.failfast")
	}
	if len(b.skip) > 0 {
		args = append(args, "-test.skip=^("+strings.Join(b.skip, "|")+")$")
	}
	if b.deps[rapidPath] {
		args = append(args, fmt.Sprint("-rapid.seed=", seed), "-rapid.nofailfile", "-rapid.shrinktime=1ms")
	}
	cmd := exec.CommandContext(ctx, b.file, args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", fmt.Sprintf("%s=%d", chosen, number))
	start := time.Now()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ran{}, ctx.Err()
	case err != nil && !errors.As(err, &exit):
		return ran{}, err
	}
	r := read(string(out))
	r.passed, r.took = r.passed && err == nil, time.Since(start)
	return r, nil
}

// frame is the byte that the testing package puts before its own lines, so that nothing a test prints is taken for one.
const frame = "\x16"

// read makes sense of what a test binary printed. It has passed if it says so at its end and no test has failed: a
// process that ends early says nothing, and has failed in the test that was running.
func read(out string) ran {
	r := ran{output: strings.ReplaceAll(out, frame, "")}
	running := ""
	for i, part := range strings.Split(out, frame) {
		line, _, _ := strings.Cut(part, "\n")
		if i == 0 {
			continue
		}
		if name, ok := strings.CutPrefix(line, "=== RUN "); ok {
			running, _, _ = strings.Cut(strings.TrimSpace(name), "/")
		} else if name, ok := strings.CutPrefix(line, "--- FAIL: "); ok {
			name, _, _ = strings.Cut(name, " ")
			name, _, _ = strings.Cut(name, "/")
			r.failed = append(r.failed, name)
		}
		r.passed = line == "PASS"
	}
	if len(r.failed) > 0 {
		r.by, r.passed = r.failed[0], false
	} else if !r.passed && running != "" {
		r.by, r.failed = running, []string{running}
	}
	switch {
	case strings.Contains(out, "panic: test timed out after"):
		r.by += " (timeout)"
	case strings.Contains(out, "WARNING: DATA RACE"):
		r.by += " (race)"
	}
	return r
}

// layer writes files and the overlay that puts them in their places below solution/, and returns the overlay's name.
func layer(root, dir string, files map[string][]byte) (string, error) {
	replace := map[string]string{}
	for name, text := range files {
		contents := filepath.Join(dir, "src", filepath.FromSlash(name))
		replace[filepath.Join(root, "solution", filepath.FromSlash(name))] = contents
		if err := os.MkdirAll(filepath.Dir(contents), 0o777); err != nil {
			return "", err
		}
		if err := os.WriteFile(contents, text, 0o666); err != nil {
			return "", err
		}
	}
	spec, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, spec, 0o666)
}
