package stages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/run"
)

// studentDir matches the directories of the student's tree, as they appear from the root.
var studentDir = regexp.MustCompile(`^week[0-9]+(/|$)`)

// gofmt looks at every Go file, but at a learner's own.
func (l *lab) gofmt(_ context.Context, w io.Writer) error {
	bad := 0
	err := filepath.WalkDir(l.root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(l.root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if entry.IsDir() {
			if hidden := strings.HasPrefix(entry.Name(), ".") && rel != "."; hidden || entry.Name() == "node_modules" || l.learner && studentDir.MatchString(rel) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.Contains(rel, "/testdata/") {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
		if out, err := format.Source(src); err != nil || !bytes.Equal(out, src) {
			bad++
			fmt.Fprintln(w, rel)
		}
		return nil
	})
	if err == nil && bad > 0 {
		err = fmt.Errorf("%d files are not as gofmt would have them", bad)
	}
	return err
}

// vet runs go vet, then once more with each tag that hides files from it.
func (l *lab) vet(ctx context.Context, w io.Writer) error {
	pkgs, err := l.packages(ctx)
	if err != nil {
		return err
	}
	errs := []error{l.command(ctx, w, nil, "go", append([]string{"vet"}, pkgs...)...)}
	errs = append(errs, l.command(ctx, w, nil, "go", "vet", "-tags=mage", "."))
	if l.exists("cmd") {
		errs = append(errs, l.command(ctx, w, nil, "go", "vet", "-tags=reference", "./cmd/..."))
	}
	return errors.Join(errs...)
}

// lint runs staticcheck, a tool of go.mod, over what the lab's authors write.
func (l *lab) lint(ctx context.Context, w io.Writer) error {
	args := []string{"tool", "staticcheck"}
	for _, dir := range []string{"solution", "internal", "cmd", "tests"} {
		if l.exists(dir) {
			args = append(args, "./"+dir+"/...")
		}
	}
	return l.command(ctx, w, nil, "go", args...)
}

// tidy asks whether go mod tidy would change anything.
func (l *lab) tidy(ctx context.Context, w io.Writer) error {
	return l.command(ctx, w, nil, "go", "mod", "tidy", "-diff")
}

// test runs all tests. What passed a moment ago comes from the cache.
func (l *lab) test(ctx context.Context, w io.Writer) error {
	pkgs, err := l.packages(ctx)
	if err != nil {
		return err
	}
	return l.command(ctx, w, nil, "go", append([]string{"test"}, pkgs...)...)
}

// reference runs the tests that need the tools to stand over the reference.
func (l *lab) reference(ctx context.Context, w io.Writer) error {
	if !l.exists("cmd") {
		return Skipped("there are no tools yet")
	}
	return l.command(ctx, w, nil, "go", "test", "-tags=reference", "./cmd/...")
}

// race runs the tests of the given packages and the reference's own under the race detector. The graded tests meet it in
// the checkpoints.
func (l *lab) race(ctx context.Context, w io.Writer) error {
	if ok, why := run.RaceDetector(ctx); !ok {
		return Skipped("without the race detector: " + why)
	}
	return l.command(ctx, w, nil, "go", "test", "-race", "./internal/kv/...", "./internal/vfs/...", "./internal/labtest/...",
		"./internal/shape/...", "./internal/simulator", "./internal/crashlab/...", "./solution/...")
}

// other returns a stage that vets everything for another operating system.
func (l *lab) other(system string) func(ctx context.Context, w io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		pkgs, err := l.packages(ctx)
		if err != nil {
			return err
		}
		return l.command(ctx, w, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "go", append([]string{"vet"}, pkgs...)...)
	}
}

// bench builds the nested module, which has dependencies of its own.
func (l *lab) bench(ctx context.Context, w io.Writer) error {
	if !l.exists("bench/go.mod") {
		return Skipped("there is no module bench yet")
	}
	return l.command(ctx, w, nil, "go", "vet", "-C", "bench", "./...")
}

// site builds the book with VitePress, which fails on a dead link.
func (l *lab) site(ctx context.Context, w io.Writer) error {
	if !l.exists("book/package.json") {
		return Skipped("the book has no site yet")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return Skipped("without Node the site is not built; CI has it")
	}
	if !l.exists("book/node_modules") {
		if err := l.command(ctx, w, nil, "npm", "ci", "--prefix", "book", "--no-audit", "--no-fund"); err != nil {
			return err
		}
	}
	return l.command(ctx, w, nil, "npm", "run", "build", "--prefix", "book")
}

// packages returns the import paths of the module's packages, without a learner's own.
func (l *lab) packages(ctx context.Context) ([]string, error) {
	if !l.learner {
		return []string{"./..."}, nil
	}
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "./...")
	cmd.Dir = l.root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var pkgs []string
	for line := range strings.Lines(string(out)) {
		p := strings.TrimSpace(line)
		if !studentDir.MatchString(strings.TrimPrefix(p, course.Module+"/")) {
			pkgs = append(pkgs, p)
		}
	}
	return pkgs, nil
}

// exists reports whether there is a file or directory at a path from the root.
func (l *lab) exists(path string) bool {
	_, err := os.Stat(filepath.Join(l.root, filepath.FromSlash(path)))
	return err == nil
}

// command runs a program in the root. The lines of go test that tell of success are left out.
func (l *lab) command(ctx context.Context, w io.Writer, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = l.root
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "ok  \t") && !strings.Contains(line, "[no test files]") && !strings.HasPrefix(line, "go: downloading ") {
			fmt.Fprintln(w, strings.TrimRight(line, "\r\n"))
		}
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(shorten(args), " "), err)
	}
	return nil
}

// shorten leaves out the middle of a long list of arguments.
func shorten(args []string) []string {
	if len(args) <= 8 {
		return args
	}
	return append(append([]string{}, args[:7]...), "…")
}
