package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/run"
)

// sample returns a report with one test of each kind.
func sample(t *testing.T) *Report {
	t.Helper()
	d, err := course.Find(1, 6)
	require.NoError(t, err)
	test := func(name string, status run.Status, message string) Test {
		return Test{
			Result: run.Result{Test: name, Status: status, Message: message, Elapsed: 1500 * time.Millisecond},
			Title:  name + " title", Reason: "Because " + name + ".", Task: "3", Points: 2, Package: "week1/engine",
			Chapter: "book/week1/day6-write-path.md#pruning", Hint: "go tool mage hint", Again: "go test -run " + name + " ./week1/engine",
			Subject: []string{"prune.go:14"},
		}
	}
	todo := test("TestTodo", run.Todo, "")
	todo.Todo = "week 1 day 6 task 2 (Engine.flush)"
	return &Report{
		Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Elapsed: 1900 * time.Millisecond, Cold: 12100 * time.Millisecond,
		Days: []Day{{Day: d, Tests: []Test{
			test("TestPass", run.Pass, ""), test("TestFail", run.Fail, "(-want +got)\n- a\x00\n+ b"), todo, test("TestSlow", run.Timeout, "still running"),
		}}},
		Own:      []Test{{Result: run.Result{Test: "TestMine", Status: run.Pass}, Title: "TestMine", Package: "week1/engine"}},
		Compared: []Comparison{{Subject: "engine", Operations: 4200, Runs: 60}},
		Format:   []string{"week1/engine/a.go"}, TestDigest: "t", TreeDigest: "w", Spoils: []string{"2026-01-01 1.6 solve"},
	}
}

func TestText_IsWhatTheExampleShows(t *testing.T) {
	var got bytes.Buffer
	r := sample(t)
	r.Days[0].Tests = r.Days[0].Tests[:2]
	r.Own, r.Format = nil, nil
	r.Days[0].Tests[1].Message = "(-want +got)\n- a\n+ b"
	r.Text(&got, Style{Width: 80})
	want := `Week 1 Day 6  The write path                       1 of 2 tests, 2 of 4 points ✗

✗ TestFail title                                                task 3, 2 points
    Because TestFail.

    (-want +got)
    - a
    + b

    prune.go:14 · read book/week1/day6-write-path.md#pruning
    hint:  go tool mage hint
    again: go test -run TestFail ./week1/engine

Compared with the reference: 4,200 operations in 60 random runs, no difference.
12.1 s cold · 1.9 s warm
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("screen (-want +got)\n%s", diff)
	}
}

func TestText_ListsWithoutDetailsWhatDoesNotFit(t *testing.T) {
	r := sample(t)
	fail := r.Days[0].Tests[1]
	r.Days[0].Tests = nil
	for i := range 12 {
		fail.Title, fail.Message = strings.Repeat("x", i+1), strings.Repeat("line\n", 3+i)
		r.Days[0].Tests = append(r.Days[0].Tests, fail)
	}
	var short, full bytes.Buffer
	r.Text(&short, Style{Width: 80})
	r.Text(&full, Style{Width: 80, All: true})
	if n := strings.Count(short.String(), "\n"); n > 60 {
		t.Errorf("%d lines:\n%s", n, &short)
	}
	for i := range 12 {
		if title := "✗ " + strings.Repeat("x", i+1) + " "; !strings.Contains(short.String(), title) {
			t.Errorf("%q is missing:\n%s", title, &short)
		}
	}
	if n := strings.Count(full.String(), "again:"); n != 12 {
		t.Errorf("-all shows %d of 12 in full", n)
	}
}

// Scheck waits less and less for tests of a package that hang. The place is what tells, and it is told once; a failure that is
// listed behind one in full stands apart from it.
func TestText_ShowsOneHangOnce(t *testing.T) {
	r := sample(t)
	hung, fail := r.Days[0].Tests[3], r.Days[0].Tests[1]
	hung.Where, hung.Message = []string{"week1/engine/flush.go:9 (sync.Mutex.Lock)"}, "still running after 5s\n  flush.go:9"
	brief := hung
	brief.Message = "still running after 1s\n  flush.go:9"
	r.Days[0].Tests = []Test{hung, brief, fail, brief}
	var got bytes.Buffer
	r.Text(&got, Style{Width: 80})
	if n := strings.Count(got.String(), "still running"); n != 1 {
		t.Errorf("one hang is shown %d times\n%s", n, &got)
	}
	if want := "again: " + fail.Again + "\n\n✗ " + brief.Title; !strings.Contains(got.String(), want) {
		t.Errorf("want %q in\n%s", want, &got)
	}
}

func TestText_SaysOfWhatWasNotRunWhyInOneLine(t *testing.T) {
	r := sample(t)
	hung := r.Days[0].Tests[3]
	none := hung
	none.Status, none.Title, none.Message = run.NotRun, "never began", "8 tests of this package hang"
	r.Days[0].Tests = []Test{hung, none, none}
	var got bytes.Buffer
	r.Text(&got, Style{Width: 80, All: true})
	want := "\n2 tests of week 1 day 6: not run, because too many of their package hang (week1/engine)\n"
	if !strings.Contains(got.String(), want) || strings.Contains(got.String(), none.Title) {
		t.Errorf("want %q once and no test that was not run\n%s", want, &got)
	}
}

func TestJSON_HoldsEverything(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sample(t).JSON(&out))
	var got jsonReport
	dec := json.NewDecoder(&out)
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&got))
	if got.Earned != 2 || got.Points != 8 || got.Passed != 1 || got.Total != 4 || got.Green || got.Digests != (jsonDigests{"t", "w"}) || len(got.Spoils) != 1 {
		t.Errorf("totals: %+v", got)
	}
	want := jsonTest{
		Day: "1.6", Task: "3", Name: "TestTodo", Title: "TestTodo title", Package: "week1/engine", Points: 2, Status: "todo",
		Todo: "week 1 day 6 task 2 (Engine.flush)", Reason: "Because TestTodo.", Message: "not implemented yet: week 1 day 6 task 2 (Engine.flush)",
		Chapter: "book/week1/day6-write-path.md#pruning", Again: "go test -run TestTodo ./week1/engine", Seconds: 1.5,
	}
	if diff := cmp.Diff(want, got.Tests[2]); diff != "" {
		t.Errorf("test (-want +got)\n%s", diff)
	}
}

func TestJUnit_CanBeParsedAndCountsAddUp(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sample(t).JUnit(&out))
	var got junitSuites
	require.NoError(t, xml.Unmarshal(out.Bytes(), &got))
	if len(got.Suites) != 3 || got.Tests != 4+1+4 || got.Failures != 2+1 || got.Errors != 1 {
		t.Errorf("suites %d, tests %d, failures %d, errors %d:\n%s", len(got.Suites), got.Tests, got.Failures, got.Errors, &out)
	}
	c := got.Suites[0].Cases[1]
	if c.Name != "TestFail" || c.Class != "week1.engine" || c.Failure == nil || !strings.Contains(c.Failure.Text, "- a\ufffd") {
		t.Errorf("case: %+v", c)
	}
}

func TestGradescope_HasItsFields(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sample(t).Gradescope(&out))
	var got struct {
		Score      *float64
		Visibility string
		Tests      []struct {
			Score, Max_score                         *float64
			Name, Number, Output, Status, Visibility string
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	if got.Score == nil || *got.Score != 2 || len(got.Tests) != 4 || got.Visibility != "visible" {
		t.Fatalf("got %+v", got)
	}
	for i, test := range got.Tests {
		passed := i == 0
		if test.Score == nil || test.Max_score == nil || *test.Max_score != 2 || (*test.Score == 2) != passed || (test.Status == "passed") != passed || test.Number != "1.6.3" || test.Name == "" || (test.Output == "") != passed {
			t.Errorf("test %d: %+v", i, test)
		}
	}
}

func TestWrap_KeepsIndentedLines(t *testing.T) {
	got := Wrap("one two three four\n\n\tkeep   this line however long it is\nfive", 9)
	want := []string{"one two", "three", "four", "", "\tkeep   this line however long it is", "five"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWriter_KnowsItsFormats(t *testing.T) {
	for _, f := range []string{"", "text", "json", "junit", "gradescope"} {
		if _, err := Writer(f); err != nil {
			t.Errorf("%q: %v", f, err)
		}
	}
	if _, err := Writer("yaml"); err == nil || !strings.Contains(err.Error(), "junit") {
		t.Errorf("yaml: %v", err)
	}
}
