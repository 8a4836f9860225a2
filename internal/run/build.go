package run

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"lsmlab/internal/course"
)

// Binary is the compiled tests of one package.
type Binary struct {
	Package string // as a path below the root: "week1/engine"
	Path    string // of the executable
	Dir     string // where its tests run
}

// Failure is a package whose tests could not be compiled.
type Failure struct {
	Package string   // as a path below the root
	Lines   []string // what the compiler said; empty if only a package that it imports does not compile
}

// Built is what Build could compile and what it could not.
type Built struct {
	Binaries map[string]Binary // by package
	Failures []Failure
}

// Failure returns why a package has no binary.
func (b Built) Failure(pkg string) (Failure, bool) {
	for _, f := range b.Failures {
		if f.Package == pkg {
			return f, true
		}
	}
	return Failure{}, false
}

// Build compiles the tests of packages, given as paths below the root, in one call of the go command; what is up to date
// is not linked again. A package that does not compile keeps none of the others from it. Packages without tests have
// neither a binary nor a failure.
func Build(ctx context.Context, c Config, pkgs []string) (Built, error) {
	built := Built{Binaries: map[string]Binary{}}
	if len(pkgs) == 0 {
		return built, nil
	}
	if err := os.MkdirAll(c.Bin, 0o777); err != nil {
		return built, err
	}
	said, ok, err := c.compile(ctx, pkgs)
	if err != nil {
		return built, err
	}
	if !ok {
		// Binaries of last time must not stand in for what does not compile now.
		for _, pkg := range pkgs {
			os.Remove(c.binary(pkg))
		}
		if said, _, err = c.compile(ctx, pkgs); err != nil {
			return built, err
		}
	}
	for _, pkg := range pkgs {
		if _, err := os.Stat(c.binary(pkg)); err == nil && (ok || len(said[pkg]) == 0) {
			built.Binaries[pkg] = Binary{Package: pkg, Path: c.binary(pkg), Dir: c.dir(pkg)}
		} else if !ok && c.hasTests(pkg) {
			built.Failures = append(built.Failures, Failure{Package: pkg, Lines: said[pkg]})
		}
	}
	// A package may fail only because another one of the student's does that has no tests of its own here.
	for pkg, lines := range said {
		if _, known := built.Failure(pkg); !known && len(lines) > 0 && !ok {
			built.Failures = append(built.Failures, Failure{Package: pkg, Lines: lines})
		}
	}
	return built, ctx.Err()
}

// binary returns where the binary of a package goes.
func (c Config) binary(pkg string) string {
	name := path.Base(pkg) + ".test"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(c.Bin, name)
}

// dir returns the working directory of a package's tests.
func (c Config) dir(pkg string) string {
	if c.Dir != "" {
		return c.Dir
	}
	return filepath.Join(c.Root, filepath.FromSlash(pkg))
}

// hasTests reports whether a package's folder holds test files. An overlay may add some, so with one it always does.
func (c Config) hasTests(pkg string) bool {
	if c.Overlay != "" {
		return true
	}
	names, _ := filepath.Glob(filepath.Join(c.Root, filepath.FromSlash(pkg), "*_test.go"))
	return len(names) > 0
}

// compile calls go test -c once. It returns what was said about each package, and whether all went well. The error is
// one of calling the go command.
func (c Config) compile(ctx context.Context, pkgs []string) (said map[string][]string, ok bool, err error) {
	args := append([]string{"test", "-c", "-vet=off", "-json", "-o", c.Bin + string(filepath.Separator)}, c.BuildFlags()...)
	if c.Linker != "" {
		args = append(args, "-ldflags="+c.Linker)
	}
	for _, pkg := range pkgs {
		args = append(args, "./"+pkg)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = c.Root
	// A test binary's path and its packages' do not depend on the caller's flags.
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, false, fmt.Errorf("go test -c: %w", err)
	}
	said = buildEvents(out.Bytes(), pkgs)
	if rest := strings.TrimSpace(errOut.String()); err != nil && rest != "" && !mentioned(said, pkgs) {
		c.blame(said, pkgs, rest)
	}
	return said, err == nil, ctx.Err()
}

// BuildFlags returns the flags that all calls of the go command over the same code share, so that they share its cache.
func (c Config) BuildFlags() []string {
	var flags []string
	if c.Race {
		flags = append(flags, "-race")
	}
	if c.Overlay != "" {
		flags = append(flags, "-overlay="+c.Overlay)
	}
	if c.Tags != "" {
		flags = append(flags, "-tags="+c.Tags)
	}
	return flags
}

// buildEvents collects what go's build events say, by package. The package is the one that the heading of the compiler's
// lines names: of an import that does not exist, the event itself names the import.
func buildEvents(out []byte, pkgs []string) map[string][]string {
	said := map[string][]string{}
	headings := map[string]string{}
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var e struct{ ImportPath, Action, Output string }
		if dec.Decode(&e) != nil {
			return said
		}
		if e.Action != "build-output" {
			continue
		}
		for _, line := range strings.Split(strings.TrimRight(e.Output, "\n"), "\n") {
			if heading, ok := strings.CutPrefix(line, "# "); ok {
				headings[e.ImportPath] = heading
			} else if line != "" {
				name := packageOf(cmp.Or(headings[e.ImportPath], e.ImportPath), pkgs)
				said[name] = append(said[name], line)
			}
		}
	}
}

// packageOf returns the package, as a path below the root, that the go command calls by one of its names:
// "lsmlab/week1/engine", "lsmlab/week1/engine_test [lsmlab/week1/engine.test]".
func packageOf(name string, pkgs []string) string {
	name, _, _ = strings.Cut(name, " ")
	name = strings.TrimSuffix(strings.TrimPrefix(name, course.Module+"/"), ".test")
	if pkg := strings.TrimSuffix(name, "_test"); contains(pkgs, pkg) {
		return pkg
	}
	return name
}

// contains reports whether list holds s.
func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// mentioned reports whether something was said about one of the packages.
func mentioned(said map[string][]string, pkgs []string) bool {
	for _, pkg := range pkgs {
		if len(said[pkg]) > 0 {
			return true
		}
	}
	return len(said) > 0
}

// blame files what the go command said without a package's name: under those whose path it holds, else under all.
func (c Config) blame(said map[string][]string, pkgs []string, text string) {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "go: downloading ") {
			lines = append(lines, line)
		}
	}
	found := false
	for _, pkg := range pkgs {
		if strings.Contains(text, filepath.FromSlash(pkg)+string(filepath.Separator)) || strings.Contains(text, pkg+"/") {
			said[pkg], found = lines, true
		}
	}
	for _, pkg := range pkgs {
		if !found {
			said[pkg] = lines
		}
	}
}
