//go:build reference

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/internal/todo"
)

// fakeEnv makes the test binary play a child process: see TestMain.
const fakeEnv = "LSMLAB_CLI_FAKE"

// TestMain runs the tests, or plays a child that ends as the variable says.
func TestMain(m *testing.M) {
	switch os.Getenv(fakeEnv) {
	case "":
		os.Exit(m.Run())
	case "todo":
		fmt.Println("lsm-cli over your tree")
		todo.Note("week 1 day 6 bonus", "Engine.stallLocked")
		todo.Note("week 1 day 6 task 2", "Engine.wake")
		done := make(chan struct{})
		go func() { panic(todo.Reached("week 1 day 2 task 1", "Merging.build")) }()
		<-done
	case "bug":
		fmt.Fprintln(os.Stderr, "a line of its own")
		var nothing *session
		nothing.fills++
	case "bonus":
		todo.Note("week 1 day 6 bonus", "Engine.stallLocked")
	}
}

// talk holds a session with the given lines and returns what it says, without the line that names the directory, and the
// exit status.
func talk(t *testing.T, dir string, lines ...string) (out []string, status int) {
	t.Helper()
	labtest.NoLeaks(t)
	f, err := parse([]string{"--path", dir})
	require.NoError(t, err)
	var b bytes.Buffer
	status = run(f, &plain{lines: bufio.NewReader(strings.NewReader(strings.Join(lines, "\n")))}, &b)
	out = strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if strings.HasPrefix(out[0], "lsm-cli over ") {
		out = out[1:]
	}
	return out, status
}

// expect holds a session and compares what it says.
func expect(t *testing.T, lines []string, want ...string) {
	t.Helper()
	got, status := talk(t, t.TempDir(), lines...)
	require.Equal(t, 0, status, "exit status")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the session says (-want +got)\n%s", diff)
	}
}

// The session with which day 1.6 ends, twice: each begins with an empty store of its own.
func TestSession_OfTheWritePath(t *testing.T) {
	lines := []string{"fill 1000 3000", "get 2333", "flush", "fill 1000 3030", "get 2333", "flush", "get 2333", "scan 2000 2333", "quit", "get 1"}
	want := []string{
		"filled 1000 … 3000: 2,001 entries, 1000 = value1000@1",
		"2333 = value2333@1",
		"flushed to 000003.sst [1000 … 3000] 2,001 entries, SIZE",
		"filled 1000 … 3030: 2,031 entries, 1000 = value1000@2",
		"2333 = value2333@2",
		"flushed to 000005.sst [1000 … 3030] 2,031 entries, SIZE",
		"2333 = value2333@2",
	}
	for i := 2000; i <= 2333; i++ {
		want = append(want, fmt.Sprintf("%d = value%d@2", i, i))
	}
	want = append(want, "334 entries")
	for range 2 {
		got, status := talk(t, t.TempDir(), lines...)
		require.Equal(t, 0, status, "exit status")
		for i, line := range got {
			if before, _, ok := strings.Cut(line, "entries, "); ok && strings.HasPrefix(line, "flushed") {
				got[i] = before + "entries, SIZE"
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("the session says (-want +got)\n%s", diff)
		}
	}
}

// Errors are printed and do not end the session; nor does the end of input count as one.
func TestSession_GoesOnAfterErrors(t *testing.T) {
	expect(t, []string{"", "# nothing", "foo", "get", "fill 3 1", "fill a 1", `put "x`, "full_compaction", "compact", "get k"},
		`error: unknown command "foo"; help lists the commands`,
		"error: usage: get KEY [VERSION]",
		"error: fill 3 1: the first number is larger than the second",
		`error: "a" is not a number from 0 to 1,000,000,000,000,000`,
		`error: a quote that does not end, or an unknown escape, in "x`,
		"error: full_compaction: there is no compactor yet: merging tables comes in week 2, day 1",
		"error: full_compaction: there is no compactor yet: merging tables comes in week 2, day 1",
		"k not found")
	got, status := talk(t, t.TempDir(), `put "" v`, "load "+filepath.ToSlash(filepath.Join(t.TempDir(), "none")), "put k v")
	require.Equal(t, 0, status)
	require.Regexp(t, "^error: put: .*key is empty$", got[0])
	require.Regexp(t, "^error: load: open .*none: ", got[1])
	require.Equal(t, "put k = v", got[2])
}

// Keys and values are bytes; quotes let one write any of them.
func TestSession_WritesReadsAndDeletes(t *testing.T) {
	expect(t, []string{`put a ""`, "get a", `put "two words" "\xff\n"`, `get "two words"`, "put b 2", "del a", "get a", "scan", "scan b b", "scan c", "scan 9 10", "fill 9 10"},
		`put a = ""`, `a = ""`, `put two words = "\xff\n"`, `two words = "\xff\n"`, "put b = 2", "deleted a", "a not found",
		"b = 2", `two words = "\xff\n"`, "2 entries", "b = 2", "1 entry", `two words = "\xff\n"`, "1 entry",
		"0 entries", "note: keys are ordered as text, and 9 comes behind 10",
		"filled 9 … 10: 2 entries, 9 = value9@1", "note: keys are ordered as text, so 10 comes before 9; numbers of one length keep their order")
}

// A file of lines becomes keys and values; what is not such a line is left out, and said to be.
func TestSession_LoadsAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fruit.tsv")
	require.NoError(t, os.WriteFile(name, []byte("apple\tred\nno tab\r\nfig\tvio\tlet\r\n\tno key\nplum\t\nlast\tline"), 0o600))
	expect(t, []string{fmt.Sprintf("load %q", filepath.ToSlash(name)), "scan"},
		"loaded 4 entries, 30 B", "note: 2 lines left out; the first is line 2: there is no tab in it",
		"apple = red", "fig = \"vio\\tlet\"", "last = line", `plum = ""`, "4 entries")
}

// The tree is drawn from the top, and what overlaps in the drawing overlaps in the tree.
func TestSession_DrawsTheTree(t *testing.T) {
	got, _ := talk(t, t.TempDir(), "dump", "put a 1", "put m 1", "flush", "put g 1", "put z 1", "flush", "put m 2", "flush", "put q 1", "dump", "stats")
	text := strings.Join(got, "\n")
	require.Contains(t, text, "no tables yet")
	for _, line := range []string{
		"  000007.sst  1 entry    ",
		"····················│···········  m … m",
		"··········├────────────────────┤  g … z",
		"├───────────────────┤···········  a … m",
		"memtables    1, of which 0 frozen: 1 entry, ",
		"tables       3 in 3 runs: 5 entries, ",
	} {
		require.Contains(t, text, line)
	}
	require.Contains(t, text, "flush")
}

// The engine of week 1 does not survive a restart; it says so instead of mixing two runs' tables.
func TestSession_RefusesTablesOfAnEarlierRun(t *testing.T) {
	dir := t.TempDir()
	_, status := talk(t, dir, "put a 1", "flush")
	require.Equal(t, 0, status)
	out, status := talk(t, dir, "get a")
	require.Equal(t, 1, status)
	require.Contains(t, out[0], "earlier run")
}

// A path that cannot be a store's directory is told, and left alone: it is the user's.
func TestSession_LeavesANamedFileAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.txt")
	require.NoError(t, os.WriteFile(file, []byte("precious"), 0o644))
	out, status := talk(t, file, "quit")
	require.Equal(t, 1, status)
	require.Contains(t, out[0], "notes.txt")
	held, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "precious", string(held))
}

// The command line is checked before a store is opened.
func TestParse_ChecksValues(t *testing.T) {
	for _, bad := range [][]string{{"--compaction", "wild"}, {"--wal", "perhaps"}, {"--wal"}} {
		_, err := parse(bad)
		require.Error(t, err, bad)
	}
	f, err := parse([]string{"--no-prefix-keys", "--filter-bits=0"})
	require.NoError(t, err)
	require.Equal(t, flags{Compaction: "none", WAL: "off", Versions: "off", MemtableSize: 4 << 20}, f)
}

// watchFake runs the test binary as a child that ends as the mode says.
func watchFake(t *testing.T, mode string) (stderr string, status int) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(exe)
	child.Env = append(os.Environ(), fakeEnv+"="+mode, todo.NotesEnv+"=1")
	var b bytes.Buffer
	status = watch(child, &b)
	return b.String(), status
}

// A task that is not done reads as such, though it was a goroutine that panicked: no stack trace, and a place to begin.
func TestGuard_TellsWhatIsNotImplemented(t *testing.T) {
	got, status := watchFake(t, "todo")
	want := `Not implemented yet in your tree:
  week 1 day 2 task 1 (Merging.build)
  week 1 day 6 task 2 (Engine.wake)
Where to begin: book/week1/day2-merging-iterators.md, or go tool mage start.
What it will be like: go run -tags reference ./cmd/lsm-cli
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the guard says (-want +got)\n%s", diff)
	}
	require.Equal(t, 1, status)
}

// A learner's own bug is shown as it is: there the stack trace helps.
func TestGuard_ShowsOtherPanics(t *testing.T) {
	got, status := watchFake(t, "bug")
	require.Contains(t, got, "a line of its own\n")
	require.Contains(t, got, "nil pointer dereference")
	require.Contains(t, got, "TestMain")
	require.Equal(t, 2, status)
}

// Bonus tasks are not missed.
func TestGuard_DoesNotMissBonusTasks(t *testing.T) {
	got, status := watchFake(t, "bonus")
	require.Empty(t, got)
	require.Equal(t, 0, status)
}
