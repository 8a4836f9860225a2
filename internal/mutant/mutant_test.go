package mutant_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"lsmlab/internal/course"
	"lsmlab/internal/mutant"
)

// tiny is a lab with one function and two tests of it, in two packages.
const tiny = `
-- go.mod --
module lsmlab

go 1.26
-- solution/week1/memtable/min.go --
package memtable

import "sync"

// calls is guarded by mu.
var (
	mu    sync.Mutex
	calls int
)

func Min(a, b int) int {
	mu.Lock()
	calls++
	mu.Unlock()
	if a < b {
		return a
	}
	return b
}

func Lonely() int { return 1 }
-- solution/week1/stack/stack.go --
package stack

import "lsmlab/solution/week1/memtable"

func Min3(a, b, c int) int { return memtable.Min(a, memtable.Min(b, c)) }
-- tests/week1/day1/memtable/min_test.go --
package memtable_test

import (
	"sync"
	"testing"

	"lsmlab/solution/week1/memtable"
)

func TestMin_First(t *testing.T) {
	if memtable.Min(1, 2) != 1 {
		t.Error("not 1")
	}
}

func TestMin_Together(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { memtable.Min(1, 2) })
	}
	wg.Wait()
}
-- tests/week1/day1/stack/stack_test.go --
package stack_test

import (
	"testing"

	"lsmlab/solution/week1/stack"
)

func TestMin3_Last(t *testing.T) {
	if got := stack.Min3(3, 2, 1); got != 1 {
		t.Error("not 1", got)
	}
}
`

// lay writes the tiny lab with a zoo.
func lay(t *testing.T, zoo string) (root string, day course.Day) {
	t.Helper()
	root = t.TempDir()
	day, err := course.Find(1, 1)
	require.NoError(t, err)
	files := txtar.Parse([]byte(tiny)).Files
	if zoo != "" {
		files = append(files, txtar.File{Name: day.Mutants(), Data: []byte(zoo)})
	}
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, f.Data, 0o666))
	}
	return root, day
}

// entry is a mutant of the tiny lab's file.
func entry(name, find, put, more string) string {
	return "[[mutant]]\nname = '" + name + "'\nstory = 's'\nfile = 'week1/memtable/min.go'\nfind = '''" + find +
		"'''\nput = '''" + put + "'''\n" + more + "\n"
}

// One run shows every verdict: killed by a failing test, by a panic, by a race, by another package's test; survived;
// broken in all ways.
func TestRun_Verdicts(t *testing.T) {
	root, day := lay(t, ""+
		entry("fails", "a < b", "a > b", "")+
		entry("panics", "calls++", `panic("boom")`, "")+
		entry("exits", "calls++", "os.Exit(0)", `also = [{find = 'import "sync"', put = 'import ("os"; "sync")'}]`)+
		entry("other-package", "return b\n", "return 2\n", "")+
		entry("survives", "return 1 }", "return 2 }", "")+
		entry("not-found", "a <= b", "a > b", "")+
		entry("twice", "return", "panic", "")+
		entry("no-parse", "a < b", "a <", "")+
		entry("no-compile", "a < b", `a < "b"`, "")+
		entry("races", "mu.Lock()\n", "\n", "race = true\nalso = [{find = 'mu.Unlock()', put = ''}, {find = 'mu    sync.Mutex', put = 'mu = sync.Mutex{}'}]"))
	var told int
	results, err := mutant.Run(context.Background(), mutant.Options{Root: root, Days: []course.Day{day},
		Progress: func(done, all int, _ mutant.Result) { told = done }})
	require.NoError(t, err)
	require.Equal(t, len(results), told)
	type verdict struct {
		verdict mutant.Verdict
		by      string
	}
	got := map[string]verdict{}
	why := map[string]string{}
	for _, r := range results {
		got[r.Name] = verdict{r.Verdict, r.By}
		why[r.Name] = r.Why
	}
	require.Equal(t, map[string]verdict{
		"fails":         {mutant.Killed, "TestMin_First"},
		"panics":        {mutant.Killed, "TestMin_First"},
		"exits":         {mutant.Killed, "TestMin_First"},
		"other-package": {mutant.Killed, "TestMin3_Last"},
		"survives":      {mutant.Survived, ""},
		"not-found":     {mutant.Broken, ""},
		"twice":         {mutant.Broken, ""},
		"no-parse":      {mutant.Broken, ""},
		"no-compile":    {mutant.Broken, ""},
		"races":         {mutant.Killed, "TestMin_Together (race)"},
	}, got, why)
	require.Equal(t, `its text is not found in week1/memtable/min.go: "a <= b"`, why["not-found"])
	require.Contains(t, why["twice"], "its text is found 3 times in week1/memtable/min.go, make it longer")
	require.Contains(t, why["no-parse"], "it does not parse: week1/memtable/min.go:15:")
	require.Contains(t, why["no-compile"], "it does not compile:")

	var out bytes.Buffer
	require.EqualError(t, mutant.Summary(&out, results, 0), "5 of 10 mutants are not killed")
	require.Contains(t, out.String(), "5 of  10 killed")
}

// Without green tests to begin with, nothing would be proven.
func TestRun_WantsGreenTests(t *testing.T) {
	root, day := lay(t, entry("fails", "a < b", "a > b", ""))
	name := filepath.Join(root, "tests", "week1", "day1", "memtable", "red_test.go")
	require.NoError(t, os.WriteFile(name, []byte("package memtable_test\n\nimport \"testing\"\n\nfunc TestRed(t *testing.T) { t.Fail() }\n"), 0o666))
	_, err := mutant.Run(context.Background(), mutant.Options{Root: root, Days: []course.Day{day}})
	require.ErrorContains(t, err, "without any mutant, the tests of week 1 day 1 are not green: tests/week1/day1/memtable: TestRed")
}

// A bug that no test of the day can see, because none imports the package, is a mistake in the zoo.
func TestRun_WantsATestThatSeesTheFile(t *testing.T) {
	root, day := lay(t, "[[mutant]]\nname = 'x'\nstory = 's'\nfile = 'week1/other/x.go'\nfind = '1'\nput = '2'\n")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "solution", "week1", "other"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(root, "solution", "week1", "other", "x.go"), []byte("package other\n\nvar X = 1\n"), 0o666))
	results, err := mutant.Run(context.Background(), mutant.Options{Root: root, Days: []course.Day{day}})
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.Equal(t, mutant.Broken, results[0].Verdict)
	require.Equal(t, "no test of week 1 day 1 imports lsmlab/solution/week1/other", results[0].Why)
}

// A zoo that is not well described is not tried; every mistake in it is reported.
func TestLoad_Errors(t *testing.T) {
	for _, test := range []struct{ zoo, want string }{
		{"[[mutant]]\nname = 'x'\nstory = 's'\nfile = 'week1/a/b.go'\nfind = 'a'\nput = 'b'\nsize = 1\n", "unknown field"},
		{"[[mutant]\n", "tests/week1/day1/mutants.toml: toml:"},
		{entry("Not_Kebab", "a", "b", ""), "mutant Not_Kebab: its name is not in kebab case"},
		{entry("", "a", "b", ""), "mutant number 1: its name is not in kebab case"},
		{entry("x", "a", "b", "") + entry("x", "a", "c", ""), "mutant x: the day has another one of that name"},
		{entry("x", "", "b", ""), "mutant x: it has nothing to find"},
		{entry("x", "a", "a", ""), "mutant x: it changes nothing"},
		{"[[mutant]]\nname = 'x'\nfile = 'week1/a/b.go'\nfind = 'a'\nput = 'b'\n", "mutant x: it needs a story of one line"},
		{"[[mutant]]\nname = 'x'\nstory = 's'\nfile = 'solution/week1/a/b.go'\nfind = 'a'\nput = 'b'\n",
			"mutant x: its file must be a path such as week1/memtable/x.go, below solution/"},
	} {
		root, day := lay(t, test.zoo)
		_, err := mutant.Load(root, day)
		require.ErrorContains(t, err, test.want)
	}
}

// A day without a zoo has no mutants, and Load does not mind.
func TestLoad_NoZoo(t *testing.T) {
	root, day := lay(t, "")
	mutants, err := mutant.Load(root, day)
	require.NoError(t, err)
	require.Empty(t, mutants)
}
