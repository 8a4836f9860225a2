package chapters

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/skeleton"
)

// Check checks the whole book of the lab at root, and the other texts that learners read. A released day whose chapter
// or hints are missing is a fault.
func Check(root string) ([]Fault, error) {
	source, err := skeleton.Load(root)
	if err != nil {
		return nil, err
	}
	paths, err := texts(root)
	if err != nil {
		return nil, err
	}
	known, err := readTargets(root)
	if err != nil {
		return nil, err
	}
	pages := map[string]*page{}
	for _, path := range paths {
		if pages[path], err = readPage(root, path); err != nil {
			return nil, err
		}
	}
	var faults []Fault
	for _, path := range paths {
		p := pages[path]
		faults = append(faults, checkLinks(root, p, func(path string) *page { return pages[path] })...)
		faults = append(faults, checkCommands(root, p, known)...)
	}
	for _, d := range course.Released() {
		tasks, err := Tasks(root, source, d)
		if err != nil {
			return nil, err
		}
		if p := pages[d.Chapter()]; p != nil {
			faults = append(faults, checkChapter(p, d, tasks)...)
		} else {
			faults = append(faults, Fault{d.Chapter(), 0, "the chapter is missing"})
		}
		if p := pages[d.Hints()]; p != nil {
			faults = append(faults, checkHints(p, d, tasks)...)
		} else {
			faults = append(faults, Fault{d.Hints(), 0, "the hints are missing"})
		}
	}
	faults = append(faults, problems(source.CheckAnchors())...)
	_, err = source.PlanExcerpts()
	return append(faults, problems(err)...), nil
}

// problems returns the generator's complaints as faults.
func problems(err error) (faults []Fault) {
	var list skeleton.Problems
	if !errors.As(err, &list) {
		if err != nil {
			faults = append(faults, Fault{"book", 0, err.Error()})
		}
		return faults
	}
	for _, p := range list {
		faults = append(faults, Fault{p.File, p.Line, p.Text})
	}
	return faults
}

// Tasks returns the day's tasks, from the reference and the graded tests: numbers in order, then the bonus if there is one.
func Tasks(root string, source *skeleton.Source, d course.Day) ([]string, error) {
	var tasks []string
	for _, t := range source.Todos(d) {
		tasks = append(tasks, t.Task)
	}
	tests, err := graded.ScanDay(root, d)
	for _, t := range tests {
		tasks = append(tasks, t.Task)
	}
	slices.SortFunc(tasks, func(a, b string) int {
		x, xErr := strconv.Atoi(a)
		y, yErr := strconv.Atoi(b)
		switch {
		case xErr != nil && yErr != nil:
			return 0
		case xErr != nil:
			return 1
		case yErr != nil:
			return -1
		}
		return x - y
	})
	return slices.Compact(tasks), err
}

// texts returns the Markdown files that are checked, sorted: the README, the book, and what stands in the student's tree.
func texts(root string) ([]string, error) {
	var out []string
	for _, dir := range []string{"README.md", "book", "week1", "week2", "week3"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".")) {
				return fs.SkipDir
			}
			if entry.IsDir() || !strings.HasSuffix(name, ".md") {
				return nil
			}
			rel, err := filepath.Rel(root, name)
			out = append(out, filepath.ToSlash(rel))
			return err
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	slices.Sort(out)
	return out, nil
}
