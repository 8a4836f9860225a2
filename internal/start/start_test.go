package start

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/fixture"
	"lsmlab/internal/report"
	"lsmlab/internal/workspace"
)

// dayZeroFile stands in for the check of day 0, which the tiny lab has no packages for.
const dayZeroFile = `
-- internal/start/dayzero/doc.go --
package dayzero
-- internal/start/dayzero/dayzero_test.go --
package dayzero

import "testing"

func TestSetUp_OrdersVersions(t *testing.T) {}
`

func TestCommand_ShowsTheFirstRedTest(t *testing.T) {
	root := fixture.Lab(t)
	fixture.Write(t, root, dayZeroFile)
	var out bytes.Buffer
	require.NoError(t, Command(context.Background(), &out, root, report.Style{Width: 100}))
	for _, text := range []string{
		"day 0           a test was compiled, run, and is green", "You are at week 1 day 1", "✗ Add adds", "Two and two are four",
		"not implemented yet: week 1 day 1 task 1 (Add)", "book/week1/day1-memtable.md", "go tool mage scheck -week=1 -day=1",
	} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("%q is missing:\n%s", text, &out)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "week1", "iterator", "w1d2_twice_test.go")); err == nil {
		t.Error("tests of day 2 were copied, and day 1 is red")
	}
	s, err := workspace.Load(root)
	if err != nil || !s.HasStarted() {
		t.Errorf("the clone is not marked as a learner's: %+v, %v", s, err)
	}
}

func TestCommand_GoesOnToTheFirstDayThatIsRed(t *testing.T) {
	root := fixture.Lab(t)
	fixture.Write(t, root, dayZeroFile+strings.Replace(fixture.Solved, "memtable.Add(a, a)", "a", 1))
	fixture.Write(t, root, "-- week1/iterator/twice.go --\npackage iterator\n\nfunc Twice(a int) int { return a }\n")
	var out bytes.Buffer
	require.NoError(t, Command(context.Background(), &out, root, report.Style{Width: 100}))
	for _, text := range []string{"✓ week 1 day 1", "You are at week 1 day 2", "✗ Twice doubles", "want 6, got 3"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("%q is missing:\n%s", text, &out)
		}
	}
}

func TestCheckGo_RefusesAnOldOne(t *testing.T) {
	root := t.TempDir()
	fixture.Write(t, root, "-- go.mod --\nmodule lsmlab\n\ngo 9.99.0\n")
	if err := checkGo(&bytes.Buffer{}, root); err == nil || !strings.Contains(err.Error(), "9.99.0") {
		t.Errorf("got %v", err)
	}
}
