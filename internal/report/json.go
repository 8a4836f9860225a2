package report

import (
	"encoding/json"
	"io"
	"time"
)

// jsonReport is the JSON form of a report. Its fields do not change their meaning from one edition to the next.
type jsonReport struct {
	Began    time.Time        `json:"began"`
	Seconds  float64          `json:"seconds"`
	Race     bool             `json:"race"`
	Green    bool             `json:"green"`
	Earned   int              `json:"earned"` // points
	Points   int              `json:"points"`
	Passed   int              `json:"passed"` // tests
	Total    int              `json:"total"`
	Days     []jsonDay        `json:"days"`
	Tests    []jsonTest       `json:"tests"`
	Own      []jsonTest       `json:"own_tests"`
	Broken   []jsonBroken     `json:"broken_packages"`
	Format   []string         `json:"gofmt"`
	Vet      []string         `json:"vet"`
	Compared []jsonComparison `json:"compared"`
	Digests  jsonDigests      `json:"digests"`
	Spoils   []string         `json:"spoils"`
	Notes    []string         `json:"notes"`
}

// jsonDay is a day's totals.
type jsonDay struct {
	Day    string `json:"day"`
	Title  string `json:"title"`
	Passed int    `json:"passed"`
	Total  int    `json:"total"`
	Earned int    `json:"earned"`
	Points int    `json:"points"`
}

// jsonTest is one test. Day, task and points are empty for one of the learner's own.
type jsonTest struct {
	Day     string   `json:"day,omitempty"`
	Task    string   `json:"task,omitempty"`
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Package string   `json:"package"`
	File    string   `json:"file"`
	Points  int      `json:"points"`
	Earned  int      `json:"earned"`
	Status  string   `json:"status"`
	Todo    string   `json:"todo,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Message string   `json:"message,omitempty"`
	Where   []string `json:"where,omitempty"`
	Chapter string   `json:"chapter,omitempty"`
	Again   string   `json:"again"`
	Seconds float64  `json:"seconds"`
}

// jsonBroken is a package that does not compile.
type jsonBroken struct {
	Package string   `json:"package"`
	Day     string   `json:"day"`
	Lines   []string `json:"lines"`
	OwnTest bool     `json:"only_own_tests"`
}

// jsonComparison is one comparison with the reference.
type jsonComparison struct {
	Subject    string `json:"subject"`
	Operations int    `json:"operations"`
	Runs       int    `json:"runs"`
	Difference string `json:"difference,omitempty"`
	Note       string `json:"note,omitempty"`
}

// jsonDigests tells which tests and which tree were checked.
type jsonDigests struct {
	Tests string `json:"tests"`
	Tree  string `json:"tree"`
}

// JSON writes the report as JSON.
func (r *Report) JSON(w io.Writer) error {
	earned, points := r.Points()
	out := jsonReport{
		Began: r.Began, Seconds: r.Elapsed.Seconds(), Race: r.Race, Green: r.Green(), Earned: earned, Points: points,
		Days: []jsonDay{}, Tests: []jsonTest{}, Own: []jsonTest{}, Broken: []jsonBroken{}, Compared: []jsonComparison{},
		Format: list(r.Format), Vet: list(r.Vet), Spoils: list(r.Spoils), Notes: list(r.Notes),
		Digests: jsonDigests{Tests: r.TestDigest, Tree: r.TreeDigest},
	}
	for _, d := range r.Days {
		e, p := d.Points()
		out.Passed, out.Total = out.Passed+d.Passed(), out.Total+len(d.Tests)
		out.Days = append(out.Days, jsonDay{Day: d.Day.ID(), Title: d.Day.Title, Passed: d.Passed(), Total: len(d.Tests), Earned: e, Points: p})
		for _, t := range d.Tests {
			out.Tests = append(out.Tests, t.json(d.Day.ID()))
		}
	}
	for _, t := range r.Own {
		out.Own = append(out.Own, t.json(""))
	}
	for _, b := range r.Broken {
		out.Broken = append(out.Broken, jsonBroken{Package: b.Package, Day: b.Day, Lines: list(b.Lines), OwnTest: b.OwnTest})
	}
	for _, c := range r.Compared {
		out.Compared = append(out.Compared, jsonComparison(c))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// json returns the JSON form of a test.
func (t Test) json(day string) jsonTest {
	out := jsonTest{
		Day: day, Task: t.Task, Name: t.Name(), Title: t.Title, Package: t.Package, File: t.File, Points: t.Points,
		Status: string(t.Status), Todo: t.Todo, Reason: t.Reason, Message: t.shown(), Where: t.Where, Chapter: t.Chapter,
		Again: t.Again, Seconds: t.Elapsed.Seconds(),
	}
	if t.OK() {
		out.Earned, out.Message = t.Points, ""
	}
	return out
}

// Name returns the name of the test's function.
func (t Test) Name() string { return t.Result.Test }

// list returns a list that JSON writes as [] when it is empty.
func list(in []string) []string { return append([]string{}, in...) }
