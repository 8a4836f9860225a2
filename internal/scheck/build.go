package scheck

import (
	"context"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/run"
)

// compilerLines is how many lines of the compiler's complaints about one package are shown.
const compilerLines = 5

// rounds is how often a build is tried again without the test files that did not compile.
const rounds = 3

// build compiles the tests of all packages of the plan. A test file that does not compile, such as one of the learner's
// own, is left out, so that the others of its package still run.
func (c *check) build(ctx context.Context) (run.Built, error) {
	built, err := run.Build(ctx, c.config, c.packages())
	var without []string
	for i := 0; i < rounds && err == nil; i++ {
		bad := brokenTests(c.Root, built)
		if len(bad) == 0 {
			break
		}
		c.noteBroken(built, bad)
		without = append(without, bad...)
		if c.config.Overlay, err = overlayWithout(c.Root, without); err == nil {
			built, err = run.Build(ctx, c.config, c.packages())
		}
	}
	c.noteBroken(built, nil)
	return built, err
}

// brokenTests returns the test files that the compiler complains about, of packages where it complains of nothing else.
func brokenTests(root string, built run.Built) []string {
	var bad []string
	for _, f := range built.Failures {
		var files []string
		for _, line := range f.Lines {
			if name := fileOf(root, f.Package, line); name != "" {
				files = append(files, name)
			}
		}
		onlyTests := !slices.ContainsFunc(files, func(name string) bool { return !strings.HasSuffix(name, "_test.go") })
		if onlyTests {
			bad = append(bad, files...)
		}
	}
	slices.Sort(bad)
	return slices.Compact(bad)
}

// fileOf returns the file, slash-separated below the root, that a line of the compiler is about, "" if it names none.
func fileOf(root, pkg, line string) string {
	name, _, ok := strings.Cut(line, ":")
	if !ok || !strings.HasSuffix(name, ".go") {
		return ""
	}
	name = strings.TrimPrefix(filepath.ToSlash(name), "./")
	if filepath.IsAbs(name) {
		if rel, err := filepath.Rel(root, filepath.FromSlash(name)); err == nil {
			name = filepath.ToSlash(rel)
		}
	}
	if path.Dir(name) == "." {
		name = path.Join(pkg, name)
	}
	return name
}

// overlayWithout writes an overlay for the go command in which the given files do not exist.
func overlayWithout(root string, files []string) (string, error) {
	replace := map[string]string{}
	for _, f := range files {
		replace[filepath.Join(root, filepath.FromSlash(f))] = ""
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(root, ".lab", "cache", "without.json")
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return "", err
	}
	return name, os.WriteFile(name, data, 0o666)
}

// noteBroken remembers packages that do not compile. Of those where only the test files bad are at fault it remembers
// that much; they are built again.
func (c *check) noteBroken(built run.Built, bad []string) {
	for _, f := range built.Failures {
		mine := func(name string) bool { return path.Dir(name) == f.Package }
		again := slices.ContainsFunc(bad, mine)
		if again == (bad == nil) {
			continue
		}
		b := report.Broken{Package: f.Package, Day: c.dayOf(f), Lines: f.Lines}
		if again {
			_, _, copied := graded.CopiedDay(bad[slices.IndexFunc(bad, mine)])
			b.OwnTest = !copied
		}
		if len(b.Lines) > compilerLines {
			b.More = len(b.Lines) - compilerLines
			b.Lines = b.Lines[:compilerLines]
		}
		c.broken = append(c.broken, b)
	}
	c.without = append(c.without, bad...)
}

// dayOf returns the day that a package that does not compile belongs to: that of the file which the compiler names first,
// else that of the package.
func (c *check) dayOf(f run.Failure) string {
	for _, line := range f.Lines {
		if d, ok := c.lookup.owner(fileOf(c.Root, f.Package, line)); ok {
			return d.String()
		}
	}
	for _, d := range course.Days() {
		if d.PackageDir() == f.Package {
			return d.String()
		}
	}
	if !strings.HasPrefix(f.Package, "week") {
		return "given by the lab"
	}
	return "your own"
}

// excluded reports whether a test file was left out because it does not compile.
func (c *check) excluded(file string) bool { return slices.Contains(c.without, file) }
