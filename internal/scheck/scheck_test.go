package scheck

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/fixture"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/run"
)

// lab returns a lab with the tests of both days copied, and files of an archive laid over it.
func lab(t *testing.T, archive string) string {
	t.Helper()
	root := fixture.Lab(t)
	d, err := course.Find(1, 2)
	require.NoError(t, err)
	_, err = graded.Copy(root, course.Through(d), false)
	require.NoError(t, err)
	fixture.Write(t, root, archive)
	return root
}

// checked checks a lab and returns the report, and what the screen shows.
func checked(t *testing.T, o Options) (*report.Report, string) {
	t.Helper()
	o.NoRace = true
	r, err := Run(context.Background(), o)
	require.NoError(t, err)
	var screen bytes.Buffer
	r.Text(&screen, report.Style{Width: 100})
	return r, screen.String()
}

// statuses returns how each graded test ended.
func statuses(r *report.Report) map[string]run.Status {
	got := map[string]run.Status{}
	for _, d := range r.Days {
		for _, t := range d.Tests {
			got[t.Name()] = t.Status
		}
	}
	return got
}

// contains complains about each text that the screen lacks.
func contains(t *testing.T, screen string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			t.Errorf("%q is not on the screen:\n%s", text, screen)
		}
	}
}

// lacks complains about each text that is on the screen.
func lacks(t *testing.T, screen string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(screen, text) {
			t.Errorf("%q is on the screen:\n%s", text, screen)
		}
	}
}

func TestRun_Skeleton_ReportsEachTestByItself(t *testing.T) {
	t.Parallel()
	r, screen := checked(t, Options{Root: lab(t, "")})
	want := map[string]run.Status{
		"TestAdd_Adds": run.Todo, "TestAdd_KnowsZero": run.Todo, "TestAdd_AgreesWithReference": run.Todo,
		"TestAdd_ReadsTestdata": run.Todo, "FuzzAdd": run.Todo, "TestTwice_Doubles": run.Todo,
	}
	if diff := cmp.Diff(want, statuses(r)); diff != "" {
		t.Errorf("statuses (-want +got)\n%s", diff)
	}
	if r.Green() {
		t.Error("green")
	}
	contains(t, screen, "not implemented yet: week 1 day 1 task 1 (Add)", "not implemented yet: week 1 day 2 task 1 (Twice)",
		"✗ Add knows zero", "0 of 5 tests, 0 of 8 points", "book/week1/day1-memtable.md")
	lacks(t, screen, "goroutine", "_test.go:", "panic")
}

func TestRun_Solved_IsGreenAndSaysWhatIsNext(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved)
	r, screen := checked(t, Options{Root: root})
	if !r.Green() {
		t.Fatalf("red:\n%s", screen)
	}
	contains(t, screen, "All green. Your iterators", "copy-test -week=1 -day=3", "5 of 5 tests, 8 of 8 points", " s cold")
	_, screen = checked(t, Options{Root: root})
	contains(t, screen, " s warm")
	results, err := LoadResults(root)
	if err != nil || !results.Days["1.1"].Green() || results.Days["1.2"].Earned != 5 {
		t.Errorf("results: %+v, %v", results, err)
	}
}

func TestRun_WrongAnswer_ShowsReasonDifferenceAndPlace(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved+`
-- week1/memtable/elsewhere.go --
package memtable

// Add was moved to a file of its own.
func Add(a, b int) int {
	return a + b + 1
}
-- week1/memtable/add.go --
package memtable
`)
	r, screen := checked(t, Options{Root: root, Week: 1, Day: 1})
	if got := statuses(r); got["TestAdd_Adds"] != run.Fail || len(got) != 5 {
		t.Errorf("statuses: %v", got)
	}
	contains(t, screen, "✗ Add adds", "task 1, 2 points", "    Two and two are four, whoever adds them.", "    (-want +got)"[4:], "+ 5",
		"elsewhere.go:4 · read book/week1/day1-memtable.md#add", "hint:  go tool mage hint -week=1 -day=1 -task=1",
		"again: go test -run TestAdd_Adds ./week1/memtable")
	lacks(t, screen, "add_test.go:", "Day 2")
}

func TestRun_CompileErrorBelow_NamesItOnceAndTestsTheRest(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved+`
-- week1/iterator/twice.go --
package iterator

func Twice(a int) int { return b }
`)
	r, screen := checked(t, Options{Root: root})
	got := statuses(r)
	if got["TestTwice_Doubles"] != run.Compile || got["TestAdd_Adds"] != run.Pass {
		t.Errorf("statuses: %v", got)
	}
	contains(t, screen, "week1/iterator (week 1 day 2): does not compile", "week1/iterator/twice.go:3:32: undefined: b", "5 of 5 tests")
	if n := strings.Count(screen, "undefined: b"); n != 1 {
		t.Errorf("the compiler's error is shown %d times:\n%s", n, screen)
	}
}

func TestRun_OwnTests_RunToo(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved+`
-- week1/memtable/mine_test.go --
package memtable

import (
	"fmt"
	"testing"
)

func TestMine(t *testing.T) { t.Error("not yet") }
func TestGood(t *testing.T) {}

func Example() {
	fmt.Println("here")
	// Output: there
}

func Example_silent() { fmt.Println("compiled only") }
`)
	r, screen := checked(t, Options{Root: root})
	if r.Green() || len(r.Own) != 3 {
		t.Errorf("want three own tests, two of them red: %+v", r.Own)
	}
	contains(t, screen, "Your own tests: 1 of 3 passed.", "✗ TestMine", "not yet", "✗ Example", "there", "5 of 5 tests")
}

func TestRun_OwnTestsThatDoNotCompile_KeepNoGradedOneBack(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved+`
-- week1/memtable/mine_test.go --
package memtable

import "testing"

func TestMine(t *testing.T) { undefined() }
`)
	r, screen := checked(t, Options{Root: root})
	if r.Green() || statuses(r)["TestAdd_Adds"] != run.Pass {
		t.Errorf("statuses: %v", statuses(r))
	}
	contains(t, screen, "your own tests do not compile", "mine_test.go:5:31: undefined: undefined", "5 of 5 tests")
}

func TestRun_ExitInInit_PassesNothing(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved+`
-- week1/memtable/exit.go --
package memtable

import "os"

func init() { os.Exit(0) }
`)
	r, screen := checked(t, Options{Root: root})
	for name, status := range statuses(r) {
		if status != run.Fail {
			t.Errorf("%s: %s", name, status)
		}
	}
	contains(t, screen, "the test process ended without saying how")
}

func TestRun_EditedCopy_IsRefreshedAndKept(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved)
	name := filepath.Join(root, "week1", "memtable", "w1d1_add_test.go")
	require.NoError(t, os.WriteFile(name, []byte("package memtable_test\n"), 0o666))
	r, screen := checked(t, Options{Root: root})
	if !r.Green() || len(statuses(r)) != 6 {
		t.Errorf("statuses: %v", statuses(r))
	}
	contains(t, screen, "week1/memtable/w1d1_add_test.go (was edited)", ".lab/backup/")
	kept, err := filepath.Glob(filepath.Join(root, ".lab", "backup", "*", "week1", "memtable", "w1d1_add_test.go"))
	if err != nil || len(kept) != 1 {
		t.Errorf("backup: %v, %v", kept, err)
	}
}

func TestRun_Untidy_IsReported(t *testing.T) {
	t.Parallel()
	root := lab(t, fixture.Solved+`
-- week1/memtable/untidy.go --
package memtable

import "fmt"

func say( ) { fmt.Printf("%d\n", "text") }
`)
	r, screen := checked(t, Options{Root: root})
	if r.Green() {
		t.Error("green")
	}
	contains(t, screen, "gofmt would change", "gofmt -w week1/memtable/untidy.go", "go vet says", "untidy.go:5", "5 of 5 tests")
}

func TestRun_NothingCopied_SaysWhatToRun(t *testing.T) {
	t.Parallel()
	root := fixture.Lab(t)
	for _, o := range []Options{{Root: root}, {Root: root, Week: 1}, {Root: root, Week: 1, Day: 2}} {
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "go tool mage copy-test -week=1 -day=") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := Run(context.Background(), Options{Root: root, Day: 2}); err == nil || !strings.Contains(err.Error(), "which week") {
		t.Errorf("a day without a week: %v", err)
	}
}

func TestFirstRed_StopsAtTheFirst(t *testing.T) {
	t.Parallel()
	d, err := course.Find(1, 1)
	require.NoError(t, err)
	red, all, err := FirstRed(context.Background(), lab(t, ""), d)
	require.NoError(t, err)
	if red == nil || red.Name() != "TestAdd_Adds" || red.Status != run.Todo || all != 5 {
		t.Errorf("got %+v of %d", red, all)
	}
	red, _, err = FirstRed(context.Background(), lab(t, fixture.Solved), d)
	if err != nil || red != nil {
		t.Errorf("solved: %+v, %v", red, err)
	}
}
