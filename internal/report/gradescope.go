package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// gradescope is the file results.json that Gradescope's autograder reads.
type gradescope struct {
	Score      float64          `json:"score"`
	Seconds    int              `json:"execution_time"`
	Output     string           `json:"output"`
	Visibility string           `json:"visibility"`
	Tests      []gradescopeTest `json:"tests"`
	Extra      map[string]any   `json:"extra_data,omitempty"`
}

// gradescopeTest is one test of it.
type gradescopeTest struct {
	Score      float64  `json:"score"`
	Max        float64  `json:"max_score"`
	Status     string   `json:"status"` // "passed" or "failed"
	Name       string   `json:"name"`
	Number     string   `json:"number"` // day and task: "1.6.3"
	Output     string   `json:"output,omitempty"`
	Tags       []string `json:"tags,omitempty"`
	Visibility string   `json:"visibility"`
}

// Gradescope writes the report as Gradescope's autograder wants it.
func (r *Report) Gradescope(w io.Writer) error {
	earned, all := r.Points()
	out := gradescope{
		Score: float64(earned), Seconds: int(r.Elapsed.Seconds()), Visibility: "visible", Tests: []gradescopeTest{},
		Output: fmt.Sprintf("%d of %d points", earned, all),
		Extra: map[string]any{
			"digest_tests": r.TestDigest, "digest_tree": r.TreeDigest, "spoils": list(r.Spoils), "gofmt": list(r.Format), "vet": list(r.Vet),
		},
	}
	for _, b := range r.Broken {
		out.Output += "\n" + b.Package + " does not compile"
		for _, line := range b.Lines {
			out.Output += "\n    " + line
		}
	}
	for _, c := range r.Compared {
		if c.Difference != "" {
			out.Output += "\n" + c.Subject + " differs from the reference:\n" + c.Difference
		}
	}
	for _, d := range r.Days {
		for _, t := range d.Tests {
			g := gradescopeTest{Max: float64(t.Points), Status: "failed", Name: t.Title, Number: d.Day.ID() + "." + t.Task, Tags: []string{d.Day.ID()}, Visibility: "visible"}
			if t.OK() {
				g.Score, g.Status = g.Max, "passed"
			} else {
				g.Output = t.Reason + "\n\n" + t.shown()
			}
			out.Tests = append(out.Tests, g)
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
