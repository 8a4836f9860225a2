package hunt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/mutant"
	"lsmlab/internal/run"
	"lsmlab/internal/skeleton"
)

// hunt is what is remembered of a day's hunts, in .lab/break/w1d6.json.
type hunt struct {
	root string
	day  course.Day

	bug
	// Met are the names of the bugs that were hunted before.
	Met []string `json:"met,omitempty"`
}

// bug is the bug that is hidden now; zero if there is none.
type bug struct {
	Mutant    string   `json:"mutant,omitempty"`
	Story     string   `json:"story,omitempty"`
	File      string   `json:"file,omitempty"`
	Before    string   `json:"before,omitempty"` // the file without the bug
	After     string   `json:"after,omitempty"`  // and with it
	Race      bool     `json:"race,omitempty"`
	Reference bool     `json:"reference,omitempty"` // hidden in a copy of the reference
	Packages  []string `json:"packages,omitempty"`  // where the day's tests are
}

// load reads what is remembered.
func load(root string, d course.Day) (*hunt, error) {
	h := &hunt{root: root, day: d}
	data, err := os.ReadFile(h.record())
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err == nil {
		err = json.Unmarshal(data, h)
	}
	if err == nil && h.Mutant != "" {
		if _, missing := os.Stat(h.scratch()); missing != nil {
			h.bug = bug{} // the learner has thrown the scratch copy away
		}
	}
	return h, err
}

// save writes what is to be remembered.
func (h *hunt) save() error {
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(h.record(), data)
}

// record returns the name of the file that remembers; dir and scratch that of the scratch copy, for people and in full.
func (h *hunt) record() string  { return filepath.Join(h.root, ".lab", "break", h.day.Prefix()+".json") }
func (h *hunt) dir() string     { return ".lab/break/" + h.day.Prefix() }
func (h *hunt) scratch() string { return filepath.Join(h.root, ".lab", "break", h.day.Prefix()) }

// errNone is returned where no bug can be planted.
var errNone = errors.New("no seeded bug fits")

// plant makes the scratch copy and tries the day's mutants in random order, those that were not met before first, until
// one is noticed by the day's tests. It returns what they said.
func (h *hunt) plant(ctx context.Context, reference bool) ([]run.Result, error) {
	mutants, err := mutant.Load(h.root, h.day)
	if err != nil {
		return nil, err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant.Mutant) bool { return m.Hidden })
	rand.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	slices.SortStableFunc(mutants, func(a, b mutant.Mutant) int { return h.met(a) - h.met(b) })
	src, err := h.copy(reference)
	if err != nil {
		return nil, err
	}
	race, _ := run.RaceDetector(ctx)
	for _, m := range mutants {
		if m.Race && !race {
			continue
		}
		results, err := h.try(ctx, src, m)
		if errors.Is(err, errNone) {
			continue
		}
		h.Reference = reference
		return results, errors.Join(err, h.save())
	}
	h.bug = bug{}
	return nil, errors.Join(fmt.Errorf("%w your code of %s, or none is noticed by its tests. To hunt in the reference: %s",
		errNone, h.day, call(h.day, "-reference")), os.RemoveAll(h.scratch()))
}

// met returns 1 for a mutant that was hunted before, and 0 for others.
func (h *hunt) met(m mutant.Mutant) int {
	if slices.Contains(h.Met, m.Name) {
		return 1
	}
	return 0
}

// try puts one mutant into the scratch copy and runs the day's tests. It returns errNone, and takes the mutant back, if
// it does not fit or is not noticed.
func (h *hunt) try(ctx context.Context, src *skeleton.Source, m mutant.Mutant) ([]run.Result, error) {
	name := filepath.Join(h.scratch(), filepath.FromSlash(m.File))
	before, after, err := fit(src, m, name)
	if err != nil {
		return nil, err
	}
	original, err := os.ReadFile(name)
	if err != nil {
		return nil, errNone
	}
	if err := os.WriteFile(name, after, 0o666); err != nil {
		return nil, err
	}
	h.bug = bug{Mutant: m.Name, Story: m.Story, File: m.File, Before: string(before), After: string(after), Race: m.Race}
	results, err := h.test(ctx)
	if err != nil {
		return nil, err
	}
	broken := func(r run.Result) bool {
		return r.Status == run.Compile || r.Status == run.Missing || r.Status == run.Todo
	}
	if slices.ContainsFunc(results, broken) || !slices.ContainsFunc(results, func(r run.Result) bool { return !r.OK() }) {
		return nil, errors.Join(errNone, os.WriteFile(name, original, 0o666))
	}
	return results, nil
}

// fit returns a file without and with the bug: the learner's own if the mutant's text stands there, else the reference's.
func fit(src *skeleton.Source, m mutant.Mutant, name string) (before, after []byte, err error) {
	if before, err = os.ReadFile(name); err == nil {
		if after, err = m.Apply(before); err == nil {
			return before, after, nil
		}
	}
	f := src.Find(m.File)
	if f == nil {
		return nil, nil, errNone
	}
	if before, err = f.Reference(); err != nil {
		return nil, nil, err
	}
	if after, err = m.Apply(before); err != nil {
		return nil, nil, errNone
	}
	return before, after, nil
}

// test runs the day's graded tests in the scratch copy.
func (h *hunt) test(ctx context.Context) ([]run.Result, error) {
	tests, err := graded.ScanDay(h.scratch(), h.day)
	if err != nil {
		return nil, err
	}
	tests = slices.DeleteFunc(tests, func(t graded.Test) bool { return t.Bonus })
	h.Packages = nil
	for _, t := range tests {
		h.Packages = append(h.Packages, t.Package)
	}
	slices.Sort(h.Packages)
	h.Packages = slices.Compact(h.Packages)
	c := run.Config{Root: h.scratch(), Race: h.Race, Bin: filepath.Join(h.scratch(), ".lab", "bin")}
	built, err := run.Build(ctx, c, h.Packages)
	if err != nil {
		return nil, err
	}
	results := make([]run.Result, len(tests))
	var jobs []run.Job
	var at []int
	for i, t := range tests {
		bin, ok := built.Binaries[t.Package]
		if !ok {
			f, _ := built.Failure(t.Package)
			results[i] = run.Result{Test: t.Name, Status: run.Compile, Message: "does not compile:\n" + strings.Join(f.Lines, "\n")}
			continue
		}
		jobs, at = append(jobs, run.Job{Binary: bin, Test: t.Name}), append(at, i)
	}
	ran, err := run.Each(ctx, c, jobs, nil)
	for j, r := range ran {
		results[at[j]] = r
	}
	return results, err
}
