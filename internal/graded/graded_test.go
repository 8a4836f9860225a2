package graded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/fixture"
)

// day returns a released day.
func day(t *testing.T, week, number int) course.Day {
	t.Helper()
	d, err := course.Find(week, number)
	require.NoError(t, err)
	return d
}

func TestHumanise(t *testing.T) {
	for name, want := range map[string]string{
		"TestGet_StopsAtTombstone":  "Get stops at tombstone",
		"TestScan_LooksAtL0Tables":  "Scan looks at L0 tables",
		"TestTable_ChecksCRCOfEach": "Table checks CRC of each",
		"FuzzParse":                 "Parse",
		"TestA_IsAKey":              "A is a key",
	} {
		if got := Humanise(name); got != want {
			t.Errorf("%s: want %q, got %q", name, want, got)
		}
	}
}

func TestScan_ReadsEverythingThatATestSaysOfItself(t *testing.T) {
	tests, err := Scan(fixture.Lab(t))
	require.NoError(t, err)
	require.Len(t, tests, 7)
	want := Test{
		Name: "TestAdd_Adds", Doc: "Two and two are four, whoever adds them.", Day: day(t, 1, 1), Task: "1", Points: 2,
		Package: "week1/memtable", File: "tests/week1/day1/memtable/add_test.go", Line: 15,
	}
	if diff := cmp.Diff(want, tests[0]); diff != "" {
		t.Errorf("first test (-want +got)\n%s", diff)
	}
	if !tests[2].Random || !tests[5].Bonus || tests[5].Task != "bonus" {
		t.Errorf("random or bonus not seen: %+v", tests)
	}
}

func TestScan_ReportsEachMistakeWithItsPlace(t *testing.T) {
	head := "package memtable_test\n\nimport \"testing\"\n\n"
	for name, c := range map[string]struct{ file, src, want string }{
		"no doc":      {"a_test.go", "//lab:task 1 points=2\nfunc TestA(t *testing.T) {}", "a_test.go:6: TestA: no doc comment"},
		"no task":     {"a_test.go", "// Why.\nfunc TestA(t *testing.T) {}", "a_test.go:6: TestA: no //lab:task line"},
		"no points":   {"a_test.go", "// Why.\n//\n//lab:task 1\nfunc TestA(t *testing.T) {}", "says no points=N"},
		"no number":   {"a_test.go", "// Why.\n//\n//lab:task one points=1\nfunc TestA(t *testing.T) {}", "a task is a number from 1, or bonus"},
		"bad points":  {"a_test.go", "// Why.\n//\n//lab:task 1 points=0\nfunc TestA(t *testing.T) {}", "points=0 is not a number from 1"},
		"odd word":    {"a_test.go", "// Why.\n//\n//lab:task 1 points=1 quick\nfunc TestA(t *testing.T) {}", `unknown word "quick"`},
		"odd line":    {"a_test.go", "// Why.\n//\n//lab:todo 1\nfunc TestA(t *testing.T) {}", "unknown directive //lab:todo"},
		"bonus file":  {"bonus_a_test.go", "// Why.\n//\n//lab:task 1 points=1\nfunc TestA(t *testing.T) {}", "bonus tests, and no others"},
		"fuzz target": {"a_test.go", "func FuzzA(f *testing.F) {}", "a_test.go:5: FuzzA: no //lab:task line"},
		"same name":   {"a_test.go", "// Why.\n//\n//lab:task 1 points=1\nfunc TestAdd_Adds(t *testing.T) {}", "TestAdd_Adds is also a test of"},
	} {
		t.Run(name, func(t *testing.T) {
			root := fixture.Lab(t)
			fixture.Write(t, root, "-- tests/week1/day1/memtable/"+c.file+" --\n"+head+c.src+"\n")
			_, err := Scan(root)
			require.Error(t, err)
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q in\n%v", c.want, err)
			}
		})
	}
}

func TestScan_LeavesHelpersAlone(t *testing.T) {
	root := fixture.Lab(t)
	fixture.Write(t, root, "-- tests/week1/day1/memtable/help_test.go --\npackage memtable_test\n\nimport \"testing\"\n\nfunc Testify(t *testing.T) {}\n\nfunc helper(t *testing.T) {}\n")
	tests, err := Scan(root)
	require.NoError(t, err)
	require.Len(t, tests, 7)
}

func TestRetarget_SwapsOnlyTheSubject(t *testing.T) {
	src := `package x_test

import (
	"testing"

	"lsmlab/internal/kv" // given
	refx "lsmlab/solution/week1/x"
	y "lsmlab/solution/week2/y"
	"lsmlab/solution/week1/x"
)

const text = "lsmlab/solution/week1/x"   // untouched
`
	want := strings.Replace(src, "\ty \"lsmlab/solution/week2/y\"\n\t\"lsmlab/solution/week1/x\"", "\ty \"lsmlab/week2/y\"\n\t\"lsmlab/week1/x\"", 1)
	got, err := Retarget([]byte(src))
	require.NoError(t, err)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("retargeted (-want +got)\n%s", diff)
	}
}

func TestCopied_HasHeaderAndNoDirectives(t *testing.T) {
	got, err := Copied("tests/a_test.go", []byte("package a\n\n// Why.\n//\n//lab:task 1 points=2\nfunc TestA() {}\n"))
	require.NoError(t, err)
	want := Header + "\n//\n// Source: tests/a_test.go 8c4\n\npackage a\n\n// Why.\nfunc TestA() {}\n"
	if cut := strings.Index(want, "8c4"); string(got[:cut]) != want[:cut] || !strings.HasSuffix(string(got), "\n\npackage a\n\n// Why.\nfunc TestA() {}\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestCopy_BringsTestdataAndLeavesBonusUnlessAsked(t *testing.T) {
	root := fixture.Lab(t)
	days := course.Through(day(t, 1, 2))
	written, err := Copy(root, days, false)
	require.NoError(t, err)
	want := []string{"week1/memtable/w1d1_add_test.go", "week1/memtable/testdata/w1d1_golden", "week1/iterator/w1d2_twice_test.go"}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("written (-want +got)\n%s", diff)
	}
	again, err := Copy(root, days, true)
	require.NoError(t, err)
	if diff := cmp.Diff([]string{"week1/iterator/w1d2_bonus_twice_test.go"}, again); diff != "" {
		t.Errorf("written the second time (-want +got)\n%s", diff)
	}
}

func TestDropGone_RemovesWhatAnOlderEditionHasLeft(t *testing.T) {
	root := fixture.Lab(t)
	days := course.Through(day(t, 1, 1))
	_, err := Copy(root, days, true)
	require.NoError(t, err)
	const own = "package memtable\n"
	fixture.Write(t, root, "-- week1/memtable/w1d1_mine_test.go --\n"+own+
		"-- week1/memtable/w1d1_gone_test.go --\n"+Header+"\npackage memtable\n"+
		"-- week1/iterator/w1d2_gone_test.go --\n"+Header+"\npackage iterator\n")
	gone, err := dropGone(root, days)
	require.NoError(t, err)
	if diff := cmp.Diff([]string{"week1/memtable/w1d1_gone_test.go"}, gone); diff != "" {
		t.Errorf("removed: of the days asked for, what has no source and is no learner's own (-want +got)\n%s", diff)
	}
	gone, err = dropGone(root, days)
	require.NoError(t, err)
	require.Empty(t, gone, "removed the second time")
}

func TestRefresh_SetsCopiesRightAndTouchesNothingElse(t *testing.T) {
	root := fixture.Lab(t)
	_, err := Copy(root, course.Through(day(t, 1, 2)), true)
	require.NoError(t, err)
	path := func(rel string) string { return filepath.Join(root, filepath.FromSlash(rel)) }
	const own = "package memtable\n"
	fixture.Write(t, root, "-- week1/memtable/w1d1_mine_test.go --\n"+own+"-- week1/memtable/my_test.go --\n"+own+
		"-- week1/memtable/w1d1_gone_test.go --\n"+Header+"\npackage memtable\n")
	edited, err := os.ReadFile(path("week1/memtable/w1d1_add_test.go"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path("week1/memtable/w1d1_add_test.go"), append(edited, "// mine\n"...), 0o666))
	require.NoError(t, os.Remove(path("week1/iterator/w1d2_twice_test.go")))
	fixture.Write(t, root, "-- tests/week1/day2/iterator/bonus_twice_test.go --\npackage iterator_test\n")

	state, err := Look(root)
	require.NoError(t, err)
	changes, err := Refresh(root, state)
	require.NoError(t, err)
	got := map[string]string{}
	for _, c := range changes {
		got[c.Path] = c.Why
	}
	want := map[string]string{
		"week1/memtable/w1d1_add_test.go":         "was edited",
		"week1/memtable/w1d1_gone_test.go":        "is no longer part of the course",
		"week1/iterator/w1d2_twice_test.go":       "was missing",
		"week1/iterator/w1d2_bonus_twice_test.go": "a newer edition",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got)\n%s", diff)
	}
	for _, name := range []string{"w1d1_mine_test.go", "my_test.go"} {
		if data, err := os.ReadFile(path("week1/memtable/" + name)); err != nil || string(data) != own {
			t.Errorf("%s was touched: %q %v", name, data, err)
		}
	}
	state, err = Look(root)
	require.NoError(t, err)
	if changes, err = Refresh(root, state); err != nil || len(changes) > 0 {
		t.Errorf("a second refresh changed %v, %v", changes, err)
	}
	files, err := OwnTests(root, state)
	require.NoError(t, err)
	if diff := cmp.Diff([]string{"week1/memtable/my_test.go", "week1/memtable/w1d1_mine_test.go"}, files); diff != "" {
		t.Errorf("own tests (-want +got)\n%s", diff)
	}
}

func TestChosen_SaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ week, day int }{{0, 0}, {1, 9}, {4, 0}, {9, 1}} {
		if _, err := chosen(c.week, c.day); err == nil {
			t.Errorf("week %d day %d: no error", c.week, c.day)
		}
	}
	days, err := chosen(1, 6)
	if err != nil || len(days) != 6 {
		t.Errorf("week 1 day 6: %v, %v", days, err)
	}
}
