package differ

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/course"
	"lsmlab/internal/report"
	"lsmlab/internal/run"
)

// Tag is the build tag of the comparisons.
const Tag = "labcompare"

// testName is the name of the test that every comparison is.
const testName = "TestCompare"

// subjects are the comparisons that there are: the folder below this package, by the day whose code it needs.
var subjects = map[string]string{
	"1.1": "comparememtable",
	"1.2": "compareiterator",
	"1.6": "compareengine",
	"2.7": "comparestore",
	"3.4": "comparetransactions",
}

// counts matches the line in which a comparison says how much it has compared.
var counts = regexp.MustCompile(`(?m)^compared (\d+) operations in (\d+) runs$`)

// Compare runs the comparisons of the given days. From day 6 of week 1 on, the engine stands for everything below it, from day 7
// of week 2 on the store, and from day 4 of week 3 on the store with transactions.
func Compare(ctx context.Context, c run.Config, days []course.Day) ([]report.Comparison, error) {
	chosen := choose(days)
	if len(chosen) == 0 {
		return nil, nil
	}
	c.Tags, c.Overlay, c.Bin = Tag, "", filepath.Join(c.Bin, "compare")
	c.Env = append(slices.Clone(c.Env), "RAPID_CHECKS=60")
	var pkgs []string
	for _, s := range chosen {
		if pkg := path.Join("internal/differ", s); exists(filepath.Join(c.Root, filepath.FromSlash(pkg))) {
			pkgs = append(pkgs, pkg)
		}
	}
	built, err := run.Build(ctx, c, pkgs)
	if err != nil {
		return nil, err
	}
	var list []report.Comparison
	for _, pkg := range pkgs {
		one, err := compare(ctx, c, built, pkg)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// exists reports whether there is such a file or folder.
func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// choose returns the comparisons for some days: the newest engine's if there is one, else those of each day.
func choose(days []course.Day) []string {
	var chosen []string
	for _, d := range days {
		s, ok := subjects[d.ID()]
		if !ok {
			continue
		}
		if d.ID() == "1.6" || d.ID() == "2.7" || d.ID() == "3.4" {
			chosen = nil
		}
		chosen = append(chosen, s)
	}
	return chosen
}

// compare runs one comparison.
func compare(ctx context.Context, c run.Config, built run.Built, pkg string) (report.Comparison, error) {
	out := report.Comparison{Subject: strings.TrimPrefix(path.Base(pkg), "compare")}
	bin, ok := built.Binaries[pkg]
	if !ok {
		out.Note = "your code does not compile yet"
		return out, nil
	}
	r, err := bin.Run(ctx, c, testName)
	if err != nil {
		return out, err
	}
	if m := counts.FindStringSubmatch(r.Output); m != nil {
		out.Operations, _ = strconv.Atoi(m[1])
		out.Runs, _ = strconv.Atoi(m[2])
	}
	switch {
	case r.Status == run.Todo:
		out.Operations, out.Runs, out.Note = 0, 0, r.Todo+" is not implemented yet"
	case !r.OK():
		out.Difference = r.Message
		if r.Seed != "" {
			out.Difference += "\nagain: go test -tags " + Tag + " ./" + pkg + " " + r.Seed
		}
	}
	return out, nil
}
