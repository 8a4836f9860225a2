package grade

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/fixture"
	"lsmlab/internal/run"
)

// memtable returns a submission that has day 2 done right, and this in day 1's package.
func memtable(src string) string {
	return fixture.Solved + "-- week1/memtable/add.go --\npackage memtable\n\n" + src
}

// right is what Add should be.
const right = "func Add(a, b int) int { return a + b }\n"

// forge prints the events of a run in which all is well, and ends the process.
const forge = `import (
	"fmt"
	"os"
	"strings"
)

func init() {
	for _, arg := range os.Args {
		if pattern, ok := strings.CutPrefix(arg, "-test.run=^"); ok {
			for _, name := range strings.Split(strings.Trim(pattern, "()$"), "|") {
				fmt.Printf("\n\x16=== RUN   %s\n\x16--- PASS: %s (0.00s)\n", name, name)
			}
		}
	}
	fmt.Print("\x16PASS\n")
	os.Exit(0)
}
`

// grades grades submissions, given as archives by name, and returns what each earned.
func grades(t *testing.T, submissions map[string]string) (map[string]int, []Grade) {
	t.Helper()
	root, dir := fixture.Lab(t), t.TempDir()
	for name, archive := range submissions {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, name), 0o777))
		fixture.Write(t, filepath.Join(dir, name), archive)
	}
	days, err := course.Week(1)
	require.NoError(t, err)
	all, err := Run(context.Background(), Options{Root: root, Dir: dir, Days: days[:2], Limit: 5 * time.Second})
	require.NoError(t, err)
	earned := map[string]int{}
	for _, g := range all {
		if g.Points != 13 {
			t.Errorf("%s: %d points in all, want 13", g.Name, g.Points)
		}
		earned[g.Name] = g.Earned
	}
	return earned, all
}

func TestRun_GivesEachTreeItsOwnPoints(t *testing.T) {
	t.Parallel()
	got, all := grades(t, map[string]string{
		"a solved":       fixture.Solved,
		"solved again":   fixture.Solved,
		"wrong":          memtable("func Add(a, b int) int { return a + b + 1 }\n"),
		"half":           memtable("func Add(a, b int) int {\n\tif b == 0 {\n\t\treturn a + 1\n\t}\n\treturn a + b\n}\n"),
		"not compiled":   strings.Replace(fixture.Solved, "memtable.Add(a, a)", "nope", 1),
		"exit in init":   memtable("import \"os\"\n\nfunc init() { os.Exit(0) }\n\n" + right),
		"forged":         memtable(forge + right),
		"loop in init":   memtable("func init() {\n\tfor {\n\t}\n}\n\n" + right),
		"uses reference": memtable("import solved \"lsmlab/solution/week1/memtable\"\n\nfunc Add(a, b int) int { return solved.Add(a, b) }\n"),
		"uses cgo":       memtable("import \"C\"\n\n" + right),
		"also empty":     "-- readme.txt --\nnothing either\n",
		"empty":          "-- readme.txt --\nnothing\n",
		"own tests":      fixture.Solved + "-- week1/memtable/w1d1_add_test.go --\npackage memtable_test\n-- week1/memtable/main_test.go --\nbroken\n",
		"elsewhere":      strings.ReplaceAll(fixture.Solved, "-- week1", "-- home/lab/week1"),
		"with tests dir": fixture.Solved + "-- tests/week1/day1/memtable/add_test.go --\nbroken\n-- internal/todo/todo.go --\nbroken\n",
	})
	want := map[string]int{
		"a solved": 13, "solved again": 13, "wrong": 0, "half": 8 - 3 + 5, "not compiled": 8, "exit in init": 0, "forged": 0, "also empty": 0,
		"loop in init": 0, "uses reference": 0, "uses cgo": 0, "empty": 0, "own tests": 13, "elsewhere": 13, "with tests dir": 13,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("points (-want +got)\n%s", diff)
	}
	for _, g := range all {
		switch g.Name {
		case "loop in init":
			if s := g.Days[0].Tests[0].Result.Status; s != run.Timeout {
				t.Errorf("%s: %s", g.Name, s)
			}
		case "solved again":
			if g.SameAs != "own tests" && g.SameAs != "a solved" {
				t.Errorf("%s: same as %q", g.Name, g.SameAs)
			}
		case "empty":
			if g.SameAs != "" || len(g.Notes) != 1 || g.Notes[0] != noTree {
				t.Errorf("%s: same as %q, notes %q", g.Name, g.SameAs, g.Notes)
			}
		case "uses reference":
			if len(g.Notes) != 1 || !strings.Contains(g.Notes[0], "imports lsmlab/solution/week1/memtable") {
				t.Errorf("%s: notes %q", g.Name, g.Notes)
			}
		}
	}
	checkOutput(t, all)
}

// checkOutput checks that table, CSV and JSON hold every submission.
func checkOutput(t *testing.T, all []Grade) {
	t.Helper()
	var table, comma, js bytes.Buffer
	Table(&table, all)
	require.NoError(t, CSV(&comma, all))
	require.NoError(t, JSON(&js, all))
	rows, err := csv.NewReader(&comma).ReadAll()
	require.NoError(t, err)
	var parsed []jsonGrade
	require.NoError(t, json.Unmarshal(js.Bytes(), &parsed))
	if len(rows) != len(all)+1 || len(parsed) != len(all) || len(parsed[0].Tests) != 6 {
		t.Errorf("%d rows, %d grades, %d tests", len(rows), len(parsed), len(parsed[0].Tests))
	}
	for _, g := range all {
		if !strings.Contains(table.String(), " "+g.Name+" ") {
			t.Errorf("%s is not in the table:\n%s", g.Name, &table)
		}
	}
}

func TestRun_EndsWhatHangsOrHogs(t *testing.T) {
	t.Parallel()
	got, all := grades(t, map[string]string{
		"hangs": memtable("func Add(a, b int) int {\n\tif b == 0 {\n\t\tselect {}\n\t}\n\treturn a + b\n}\n"),
		"fine":  fixture.Solved,
	})
	if got["hangs"] != 8-3+5 || got["fine"] != 13 {
		t.Errorf("points: %v", got)
	}
	for _, test := range all[1].Days[0].Tests {
		if want := test.Name == "TestAdd_KnowsZero"; (test.Result.Status == run.Timeout) != want {
			t.Errorf("%s: %s", test.Name, test.Result.Status)
		}
	}
}

func TestTake_FollowsNoLinks(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret.go")
	require.NoError(t, os.WriteFile(outside, []byte("package memtable\n"), 0o666))
	fixture.Write(t, dir, fixture.Solved)
	if err := os.Symlink(outside, filepath.Join(dir, "week1", "memtable", "link.go")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	s, err := take("x", dir)
	require.NoError(t, err)
	if _, ok := s.files["week1/memtable/link.go"]; ok || len(s.files) != 2 || len(s.notes) != 1 {
		t.Errorf("files %d, notes %q", len(s.files), s.notes)
	}
}

// What cannot be read costs its owner's points and keeps nobody else's grade back: it is noted.
func TestTake_NotesWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	s, err := take("x", filepath.Join(dir, "gone"))
	require.NoError(t, err)
	if len(s.notes) != 2 || s.notes[1] != noTree {
		t.Errorf("a folder that cannot be read: notes %q", s.notes)
	}
	fixture.Write(t, dir, fixture.Solved)
	week := filepath.Join(dir, "week1", "memtable")
	entries, err := os.ReadDir(week)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(week))
	s = &submission{files: map[string][]byte{}}
	require.NoError(t, s.takeFile(filepath.Join(week, entries[0].Name()), "week1/memtable/x.go", entries[0]))
	if len(s.files) != 0 || len(s.notes) != 1 || !strings.HasPrefix(s.notes[0], "week1/memtable/x.go left out: ") || strings.Contains(s.notes[0], dir) {
		t.Errorf("a file that cannot be read: notes %q", s.notes)
	}
}

// An instructor who has not unpacked an archive is told, and not left with a table that is too short.
func TestOthers_NamesWhatIsNoFolder(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "ann"), 0o777))
	for _, name := range []string{"bob.zip", ".hidden"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o666))
	}
	require.Equal(t, []string{"bob.zip"}, others(dir))
}

// Who has handed in nothing reads that, has nothing "left out", and is not said to have handed in the same as somebody else.
func TestRemarks_OfNothing(t *testing.T) {
	g := Grade{Notes: []string{noTree}}
	require.Equal(t, noTree, g.Remarks())
	g.Notes = append(g.Notes, "a.go left out: too large")
	require.Equal(t, noTree+", 1 left out", g.Remarks())
}

func TestKeys_DependOnlyOnWhatIsImported(t *testing.T) {
	root := fixture.Lab(t)
	days, err := course.Week(1)
	require.NoError(t, err)
	b, err := newBench(root, t.TempDir(), days, false)
	require.NoError(t, err)
	keys := func(archive string) map[string]string {
		dir := t.TempDir()
		fixture.Write(t, dir, archive)
		s, err := take("x", dir)
		require.NoError(t, err)
		return b.keys(s)
	}
	plain, below, above := keys(fixture.Solved), keys(memtable(right+"// changed\n")), keys(fixture.Solved+"-- week1/iterator/more.go --\npackage iterator\n")
	if plain["week1/memtable"] == below["week1/memtable"] || plain["week1/iterator"] == below["week1/iterator"] {
		t.Error("a change below is not seen above")
	}
	if plain["week1/memtable"] != above["week1/memtable"] || plain["week1/iterator"] == above["week1/iterator"] {
		t.Error("a change above is seen below, or not at all")
	}
}

func TestDays_SaysWhatIsWrong(t *testing.T) {
	if _, err := days(0, 3); err == nil {
		t.Error("a day without a week: no error")
	}
	if _, err := days(1, 8); err == nil {
		t.Error("day 8: no error")
	}
	if d, err := days(1, 3); err != nil || len(d) != 1 {
		t.Errorf("day 3: %v, %v", d, err)
	}
}

// What the reference imports a student may import: a list that lacks one of the given packages would cost everybody's points.
func TestForbidden_AllowsWhatTheReferenceImports(t *testing.T) {
	root, err := course.Root()
	require.NoError(t, err)
	err = filepath.WalkDir(filepath.Join(root, "solution"), func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		src, err := os.ReadFile(name)
		if bad := forbidden(bytes.ReplaceAll(src, []byte("lsmlab/solution/"), []byte("lsmlab/"))); bad != "" {
			t.Errorf("%s imports %s, which grade does not allow", name, bad)
		}
		return err
	})
	require.NoError(t, err)
}
