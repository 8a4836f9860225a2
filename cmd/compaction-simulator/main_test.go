//go:build reference

package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/simulator"
	"lsmlab/internal/todo"
)

// parse reads a command line.
func parse(t *testing.T, args ...string) (flags, error) {
	t.Helper()
	var f flags
	parser, err := kong.New(&f, variables())
	require.NoError(t, err)
	_, err = parser.Parse(args)
	return f, err
}

// output runs a command line that must succeed, and returns what it writes.
func output(t *testing.T, args ...string) string {
	t.Helper()
	f, err := parse(t, args...)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, run(f, args, &out))
	return out.String()
}

func TestRun_OnePolicy(t *testing.T) {
	for _, policy := range []string{"simple", "tiered", "leveled"} {
		got := output(t, policy, "--steps=20", "--rows=4", "--workload=hot", "--seed=3")
		require.Contains(t, got, policy+", workload hot, seed 3\n")
		for _, step := range []string{"\n       5 ", "\n      10 ", "\n      15 ", "\n      20 "} {
			require.Contains(t, got, step)
		}
		require.Contains(t, got, " merges, and ")
		require.Contains(t, got, "space amp  bytes in tables for each byte that is live")
	}
	require.Contains(t, output(t, "simple", "--steps=3"), "\n       3 ", "more rows than steps: each step once")
}

func TestRun_Trace(t *testing.T) {
	got := output(t, "simple", "--steps=9", "--trace", "--quiescent")
	require.Contains(t, got, "# simple\nworkload uniform, seed 1\n\n1 flush 3 into L0@1\n")
	require.Contains(t, got, "into L1: level 0 has 4 runs\n")
}

func TestRun_AllWithFiles(t *testing.T) {
	dir := t.TempDir()
	svg, data := filepath.Join(dir, "all.svg"), filepath.Join(dir, "all.csv")
	got := output(t, "all", "--steps=40", "--svg", svg, "--csv", data, "--average", "--pace=32MiB")
	for _, want := range []string{"simple", "tiered", "leveled", "chart: " + svg, "measurements: " + data} {
		require.Contains(t, got, want)
	}
	picture, err := os.ReadFile(svg)
	require.NoError(t, err)
	for _, want := range []string{"What the policies of compaction cost", ">tiered<", "32MiB merged for each flush"} {
		require.Contains(t, string(picture), want)
	}
	file, err := os.Open(data)
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+3*40)
	require.Equal(t, "policy", rows[0][0])
	require.Equal(t, []string{"leveled", "40"}, rows[120][:2])
}

func TestRun_SaysWhatIsWrong(t *testing.T) {
	for want, args := range map[string][]string{
		"--ratio is a setting of simple, not of tiered":         {"tiered", "--ratio=4"},
		"--levels is a setting of simple and leveled, not of t": {"tiered", "--levels=4"},
		"count from 1":         {"simple", "--steps=0"},
		"write CSV":            {"simple", "--steps=2", "--csv", filepath.Join(t.TempDir(), "no", "file")},
		"draw chart":           {"simple", "--steps=2", "--svg", filepath.Join(t.TempDir(), "no", "file")},
		"make the steps fewer": {"simple", "--steps=2000000", "--workload=queue"},
		"write it like --sweep=multiplier=4,8,16": {"leveled", "--sweep=multiplier"},
		"--sweep: unknown flag --colour":          {"leveled", "--sweep=colour=1,2"},
		"with --steps=0: steps, rows, keys":       {"leveled", "--sweep=steps=0"},
		"with --ratio=2: --ratio is a setting of": {"leveled", "--sweep=ratio=2,3"},
	} {
		f, err := parse(t, args...)
		require.NoError(t, err)
		require.ErrorContains(t, run(f, args, &bytes.Buffer{}), want)
	}
	for want, args := range map[string][]string{
		`must be one of "simple","tiered","leveled","all"`: {"none"},
		`"uniform","hot","sequential","queue"`:             {"simple", "--workload=odd"},
		"can't be used together":                           {"simple", "--quiescent", "--pace=3"},
		`"4 MB" is not a size: write 64KiB, 4MiB`:          {"simple", "--flush-size=4 MB"},
	} {
		_, err := parse(t, args...)
		require.ErrorContains(t, err, want)
	}
}

func TestRun_Sweep(t *testing.T) {
	svg := filepath.Join(t.TempDir(), "sweep.svg")
	got := output(t, "leveled", "--steps=40", "--base-size=8MiB", "--sweep=multiplier=2,4,8", "--svg", svg)
	for _, want := range []string{"\n multiplier  policy ", "\n 2           leveled ", "\n 8           leveled ", "chart: "} {
		require.Contains(t, got, want)
	}
	picture, err := os.ReadFile(svg)
	require.NoError(t, err)
	require.Contains(t, string(picture), "What multiplier changes")

	got = output(t, "all", "--steps=20", "--sweep=workload=hot,queue", "--svg", svg)
	require.Regexp(t, `(?s)hot +simple.* hot +tiered.* hot +leveled.* queue +simple.* queue +tiered.* queue +leveled`, got)
	picture, err = os.ReadFile(svg)
	require.NoError(t, err)
	require.Contains(t, string(picture), ">queue<", "values that are no numbers are named below the axis")
}

// A stub prints its line and panics; one with a harmless default only prints. Both are told in a sentence.
func TestCatch_TellsWhatIsNotDoneYet(t *testing.T) {
	t.Setenv(todo.NotesEnv, "1")
	missing, err := catch(func() error {
		todo.Note("week 2 day 2 task 3", "Policy.levels")
		todo.Note("week 2 day 4 bonus", "Policy.overlap")
		panic(todo.Reached("week 2 day 2 task 2", "Policy.levelZero"))
	})
	require.NoError(t, err)
	want := []string{"week 2 day 2 task 3 (Policy.levels)", "week 2 day 2 task 2 (Policy.levelZero)"}
	require.Equal(t, want, missing, "bonus work is left out")
	var out strings.Builder
	tellMissing(&out, missing)
	require.Contains(t, out.String(), "Not implemented yet in your tree:\n  week 2 day 2 task 2 (Policy.levelZero)\n")
	require.Contains(t, out.String(), "go run -tags reference ./cmd/compaction-simulator all\n")
}

func TestCatch_LetsEverythingElseThrough(t *testing.T) {
	missing, err := catch(func() error { return errors.New("a rule is broken") })
	require.ErrorContains(t, err, "a rule is broken")
	require.Empty(t, missing)
	require.PanicsWithValue(t, "index out of range", func() { catch(func() error { panic("index out of range") }) })
	var copied strings.Builder
	require.Equal(t, []string{"x"}, readMissing(strings.NewReader("hello\n"+todo.Marker+"x\n"+todo.Marker+"x\n"), &copied))
	require.Equal(t, "hello\n", copied.String())
}

// Each workload works with each policy: a sound one breaks no rule whatever it is given.
func TestRun_Workloads(t *testing.T) {
	for _, w := range simulator.Workloads() {
		got := output(t, "all", "--steps=30", fmt.Sprintf("--workload=%s", w))
		require.Contains(t, got, "workload "+string(w))
	}
}
