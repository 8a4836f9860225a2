package report

import (
	"time"

	"lsmlab/internal/course"
	"lsmlab/internal/run"
)

// Report is what one check has found.
type Report struct {
	Began      time.Time     // when the check began
	Elapsed    time.Duration // how long it took
	Cold       time.Duration // how long the first check of the same days took, 0 if this was it
	Race       bool          // the tests ran under the race detector
	Narrowed   bool          // only one day or week was asked for
	Notes      []string      // what the learner should know: no race detector, copied tests that were refreshed
	Days       []Day         // in order
	Own        []Test        // the learner's own tests
	Broken     []Broken      // packages that do not compile
	Format     []string      // files that gofmt would change
	Vet        []string      // findings of go vet
	Compared   []Comparison  // with the reference
	TestDigest string        // of the graded tests
	TreeDigest string        // of the student's tree
	Spoils     []string      // when the reference was looked at or filled in
	Can        []string      // what the engine can do now, if all is green
	Next       string        // the command to go on with
}

// Day is one day's graded tests.
type Day struct {
	Day   course.Day
	Tests []Test
}

// Test is one test and how it ended.
type Test struct {
	run.Result
	Title   string   // the name as a sentence
	Reason  string   // why the rule holds
	Task    string   // "3", or "bonus"
	Points  int      // what it counts
	Random  bool     // random: has a seed
	Package string   // as a path below the root
	File    string   // the copied test, or the learner's own
	Chapter string   // with anchor, of the test's task
	Subject []string // where the student's code for the task stands: "prune.go:14"
	Hint    string   // the command for a hint
	Again   string   // the command that runs this test alone
}

// Broken is a package that does not compile.
type Broken struct {
	Package string
	Day     string   // whose the package is: "week 1 day 4"
	Lines   []string // what the compiler said first; empty if the fault is in a package that it imports
	More    int      // lines left out
	OwnTest bool     // only the learner's own test files do not compile
}

// Comparison is one random comparison of the student's code with the reference.
type Comparison struct {
	Subject    string // "engine"
	Operations int    // how many were compared
	Runs       int    // in how many random runs
	Difference string // the shrunk list of operations, and what they gave; "" if there was none
	Note       string // why nothing was compared; "" if something was
}

// Passed returns how many of the day's tests passed.
func (d Day) Passed() int {
	n := 0
	for _, t := range d.Tests {
		if t.OK() {
			n++
		}
	}
	return n
}

// Points returns the points that the day's tests earned, and how many there are.
func (d Day) Points() (earned, all int) {
	for _, t := range d.Tests {
		all += t.Points
		if t.OK() {
			earned += t.Points
		}
	}
	return earned, all
}

// Green reports whether all of the day's tests passed.
func (d Day) Green() bool { return d.Passed() == len(d.Tests) }

// Points returns the points of all days.
func (r *Report) Points() (earned, all int) {
	for _, d := range r.Days {
		e, a := d.Points()
		earned, all = earned+e, all+a
	}
	return earned, all
}

// Green reports whether nothing at all is to be complained of.
func (r *Report) Green() bool {
	for _, d := range r.Days {
		if !d.Green() {
			return false
		}
	}
	for _, t := range r.Own {
		if !t.OK() && t.Status != run.Skip {
			return false
		}
	}
	for _, c := range r.Compared {
		if c.Difference != "" {
			return false
		}
	}
	return len(r.Broken)+len(r.Format)+len(r.Vet) == 0
}
