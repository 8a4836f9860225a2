package grade

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/scheck"
)

// pristine are the parts of the lab that tests are compiled with. The student's packages come by overlay.
var pristine = []string{"go.mod", "go.sum", "internal", "solution"}

// proofFile is the file that makes the main function of a test binary tell that it came to its end.
const proofFile = "zz_lab_main_test.go"

// bench is the grader's workplace: a scratch copy of the lab, and the tests.
type bench struct {
	root  string                   // of the scratch copy
	tests map[string][]graded.Test // by package
	files map[string][]graded.File // copied tests, by package; testdata not among them
	proof string                   // the line that proves a proper end
	seal  string                   // digest of the pristine copy
}

// newBench copies what grading needs into a scratch directory.
func newBench(lab, scratch string, days []course.Day, bonus bool) (*bench, error) {
	b := &bench{root: scratch, tests: map[string][]graded.Test{}, files: map[string][]graded.File{}, proof: "lab: the end: " + rand.Text()}
	for _, part := range pristine {
		if err := copyTree(filepath.Join(lab, part), filepath.Join(scratch, part)); err != nil {
			return nil, err
		}
	}
	for _, d := range days {
		tests, err := graded.ScanDay(lab, d)
		if err != nil {
			return nil, err
		}
		for _, t := range tests {
			if !t.Bonus || bonus {
				b.tests[t.Package] = append(b.tests[t.Package], t)
			}
		}
	}
	files, err := graded.Files(lab, days, bonus)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".go") {
			if err := write(filepath.Join(scratch, filepath.FromSlash(f.Path)), f.Data); err != nil {
				return nil, err
			}
			continue
		}
		pkg := path.Dir(f.Path)
		b.files[pkg] = append(b.files[pkg], f)
	}
	b.addProofs()
	b.seal = b.digest()
	return b, b.writeTests()
}

// addProofs gives each package's tests a main function that prints the proof. A package whose graded tests have a main
// function of their own does without.
func (b *bench) addProofs() {
	for pkg, files := range b.files {
		name := ""
		for _, f := range files {
			file, err := parser.ParseFile(token.NewFileSet(), "", f.Data, parser.SkipObjectResolution)
			if err == nil && strings.HasSuffix(file.Name.Name, "_test") {
				name = file.Name.Name
			}
		}
		src := fmt.Sprintf("package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) {\n\tcode := m.Run()\n\tos.Stdout.WriteString(\"\\n\" + %q + strconv.Itoa(code) + \"\\n\")\n\tos.Exit(code)\n}\n", name, b.proof+" ")
		b.files[pkg] = append(files, graded.File{Path: path.Join(pkg, proofFile), Data: []byte(src)})
	}
}

// writeTests writes the copied tests to where overlays find them. They do not stand in the packages' own folders, so that a
// package without a student's file is not one.
func (b *bench) writeTests() error {
	for _, files := range b.files {
		for _, f := range files {
			if err := write(b.testPath(f.Path), f.Data); err != nil {
				return err
			}
		}
	}
	return nil
}

// testPath returns where a copied test is kept.
func (b *bench) testPath(rel string) string {
	return filepath.Join(b.root, "overlay-tests", filepath.FromSlash(rel))
}

// packages returns the packages that have tests, sorted.
func (b *bench) packages() []string {
	var pkgs []string
	for pkg := range b.tests {
		pkgs = append(pkgs, pkg)
	}
	slices.Sort(pkgs)
	return pkgs
}

// overlay writes a submission's files and an overlay that lays them, and the tests, into the scratch copy.
func (b *bench) overlay(s *submission, dir string) (string, error) {
	replace := map[string]string{}
	for rel, data := range s.files {
		name := filepath.Join(dir, filepath.FromSlash(rel))
		if err := write(name, data); err != nil {
			return "", err
		}
		replace[filepath.Join(b.root, filepath.FromSlash(rel))] = name
	}
	for _, files := range b.files {
		for _, f := range files {
			replace[filepath.Join(b.root, filepath.FromSlash(f.Path))] = b.testPath(f.Path)
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, write(name, data)
}

// digest returns the digest of the pristine copy.
func (b *bench) digest() string { return scheck.Digest(b.root, pristine, nil) }

// copyTree copies a file or a folder, regular files only.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return write(filepath.Join(to, rel), data)
	})
}

// write writes a file and makes the folders above it.
func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}
