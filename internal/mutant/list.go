package mutant

import (
	"bytes"
	"context"
	"fmt"
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

// subject is the directory of the package that the mutant changes, below solution/: "week1/memtable".
func (m Mutant) subject() string { return path.Dir(m.File) }

// witnesses returns the packages that can see the mutant, those that are called as its own is in front.
func (m Mutant) witnesses(tests []testPackage) []testPackage {
	var near, far []testPackage
	for _, p := range tests {
		switch {
		case !p.deps[course.Module+"/solution/"+m.subject()]:
		case path.Base(p.path) == path.Base(m.subject()):
			near = append(near, p)
		default:
			far = append(far, p)
		}
	}
	return slices.Concat(near, far)
}
