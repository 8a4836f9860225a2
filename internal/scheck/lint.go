package scheck

import (
	"bytes"
	"context"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"lsmlab/internal/course"
)

// lint asks gofmt and go vet about the student's tree.
func (c *check) lint(ctx context.Context) error {
	var g errgroup.Group
	g.Go(func() (err error) {
		c.report.Format, err = c.gofmt()
		return err
	})
	g.Go(func() (err error) {
		c.report.Vet, err = c.vet(ctx)
		return err
	})
	return g.Wait()
}

// goFiles returns the student's Go files, slash-separated below the root, without the copied tests; of a narrowed check,
// those of its packages.
func (c *check) goFiles() ([]string, error) {
	var files []string
	pkgs := c.packages()
	for _, week := range []string{"week1", "week2", "week3"} {
		top := filepath.Join(c.Root, week)
		err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) && name == top {
				return fs.SkipAll
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
				return err
			}
			rel, err := filepath.Rel(c.Root, name)
			rel = filepath.ToSlash(rel)
			if err == nil && !c.state.Copied(rel) && (!c.report.Narrowed || slices.Contains(pkgs, path.Dir(rel))) {
				files = append(files, rel)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// gofmt returns the files that gofmt would change. Files that cannot be parsed are the compiler's business.
func (c *check) gofmt() ([]string, error) {
	files, err := c.goFiles()
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, f := range files {
		src, err := os.ReadFile(filepath.Join(c.Root, filepath.FromSlash(f)))
		if err != nil {
			return nil, err
		}
		src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")) // a checkout on Windows
		if out, err := format.Source(src); err == nil && !bytes.Equal(out, src) {
			bad = append(bad, f)
		}
	}
	return bad, nil
}

// vet returns what go vet finds in packages that compile.
func (c *check) vet(ctx context.Context) ([]string, error) {
	files, err := c.goFiles()
	if err != nil {
		return nil, err
	}
	var pkgs []string
	for _, f := range files {
		if pkg := "./" + path.Dir(f); !slices.Contains(pkgs, pkg) {
			pkgs = append(pkgs, pkg)
		}
	}
	if len(pkgs) == 0 {
		return nil, nil
	}
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"vet"}, c.config.BuildFlags()...), pkgs...)...)
	cmd.Dir = c.Root
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, _ := cmd.CombinedOutput() // its exit code says no more than its output
	return findings(string(out)), ctx.Err()
}

// findings returns the lines of go vet's output that are findings, and not headings or the compiler's errors. The compiler's
// are those below a heading with their package's name; what vet has found in other packages may follow without one.
func findings(out string) []string {
	var list []string
	compiler := "" // the folder of the package that the heading names
	for _, line := range strings.Split(out, "\n") {
		line = strings.TrimRight(line, "\r")
		switch {
		case strings.HasPrefix(line, "# ["): // vet's own heading, after the compiler's
			compiler = ""
		case strings.HasPrefix(line, "# "):
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "# "), " ")
			compiler = strings.TrimSuffix(strings.TrimPrefix(name, course.Module+"/"), "_test")
		case compiler != "" && within(line, compiler):
		case strings.HasPrefix(line, "vet: "), !strings.Contains(line, ".go:"), strings.HasPrefix(line, "\t"):
		default:
			list = append(list, strings.TrimPrefix(line, "./"))
		}
	}
	return list
}

// within reports whether a line begins with the name of a file in the folder.
func within(line, folder string) bool {
	file, _, _ := strings.Cut(line, ":")
	return path.Dir(filepath.ToSlash(file)) == folder
}
