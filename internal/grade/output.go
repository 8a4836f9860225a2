package grade

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"lsmlab/internal/run"
)

// ticker returns a function that counts calls and tells progress, one caller at a time.
func ticker(progress func(done, all int), all int) func() {
	var mu sync.Mutex // guards done, and keeps calls apart
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done, all)
		}
	}
}

// Remarks returns what stands out, in a few words.
func (g Grade) Remarks() string {
	counts := map[run.Status]int{}
	for _, d := range g.Days {
		for _, t := range d.Tests {
			counts[t.Result.Status]++
		}
	}
	var parts []string
	for _, s := range []run.Status{run.Compile, run.Timeout, run.Memory, run.Todo, run.Fail} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], words[s]))
		}
	}
	left := len(g.Notes)
	if slices.Contains(g.Notes, noTree) {
		left--
		parts = append(parts, noTree)
	}
	if left > 0 {
		parts = append(parts, fmt.Sprintf("%d left out", left))
	}
	if g.SameAs != "" {
		parts = append(parts, "same as "+g.SameAs)
	}
	return strings.Join(parts, ", ")
}

// words says how a test ended, for the table.
var words = map[run.Status]string{
	run.Compile: "not compiled", run.Timeout: "hung", run.Memory: "out of memory", run.Todo: "to do", run.Fail: "red",
}

// Table writes the grades as a table.
func Table(w io.Writer, grades []Grade) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Format.Header = text.FormatDefault
	header := table.Row{"Submission"}
	configs := []table.ColumnConfig{}
	if len(grades) > 0 {
		for _, d := range grades[0].Days {
			header = append(header, d.Day.ID())
			configs = append(configs, table.ColumnConfig{Number: len(header), Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	header = append(header, "Points", "")
	configs = append(configs, table.ColumnConfig{Number: len(header) - 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	for _, g := range grades {
		row := table.Row{g.Name}
		for _, d := range g.Days {
			row = append(row, d.Earned)
		}
		t.AppendRow(append(row, fmt.Sprintf("%d of %d", g.Earned, g.Points), g.Remarks()))
	}
	fmt.Fprintln(w, t.Render())
}

// CSV writes the grades as comma-separated values: a line a submission.
func CSV(w io.Writer, grades []Grade) error {
	out := csv.NewWriter(w)
	header := []string{"submission", "earned", "points"}
	if len(grades) > 0 {
		for _, d := range grades[0].Days {
			header = append(header, d.Day.ID())
		}
	}
	out.Write(append(header, "remarks", "notes", "digest"))
	for _, g := range grades {
		row := []string{g.Name, fmt.Sprint(g.Earned), fmt.Sprint(g.Points)}
		for _, d := range g.Days {
			row = append(row, fmt.Sprint(d.Earned))
		}
		out.Write(append(row, g.Remarks(), strings.Join(g.Notes, "; "), g.Digest))
	}
	out.Flush()
	return out.Error()
}

// jsonGrade is the JSON form of a grade.
type jsonGrade struct {
	Submission string     `json:"submission"`
	Earned     int        `json:"earned"`
	Points     int        `json:"points"`
	Digest     string     `json:"digest"`
	SameAs     string     `json:"same_as,omitempty"`
	Notes      []string   `json:"notes"`
	Tests      []jsonTest `json:"tests"`
}

// jsonTest is one test of it.
type jsonTest struct {
	Day     string  `json:"day"`
	Task    string  `json:"task"`
	Name    string  `json:"name"`
	Package string  `json:"package"`
	Points  int     `json:"points"`
	Earned  int     `json:"earned"`
	Status  string  `json:"status"`
	Message string  `json:"message,omitempty"`
	Seconds float64 `json:"seconds"`
}

// JSON writes the grades, test by test.
func JSON(w io.Writer, grades []Grade) error {
	all := []jsonGrade{}
	for _, g := range grades {
		out := jsonGrade{Submission: g.Name, Earned: g.Earned, Points: g.Points, Digest: g.Digest, SameAs: g.SameAs, Notes: append([]string{}, g.Notes...), Tests: []jsonTest{}}
		for _, d := range g.Days {
			for _, t := range d.Tests {
				out.Tests = append(out.Tests, t.json())
			}
		}
		all = append(all, out)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(all)
}

// json returns the JSON form of a test.
func (t Test) json() jsonTest {
	out := jsonTest{Day: t.Day.ID(), Task: t.Task, Name: t.Name, Package: t.Package, Points: t.Points, Status: string(t.Result.Status), Seconds: t.Result.Elapsed.Seconds()}
	switch {
	case t.Result.OK():
		out.Earned = t.Points
	case t.Result.Status == run.Todo:
		out.Message = "not implemented yet: " + t.Result.Todo
	default:
		out.Message = t.Result.Message
	}
	return out
}
