package run

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/fixture"
)

// zoo is a package whose tests end in every way that there is.
const zoo = `
-- week1/zoo/zoo.go --
package zoo

import "os"

// Crash reads through a nil pointer.
func Crash() int {
	var p *int
	return *p
}

// Exit ends the process.
func Exit() { os.Exit(0) }

// Hang never returns.
func Hang() { select {} }

// Hog takes all the memory that there is.
func Hog() {
	var hog [][]byte
	for {
		b := make([]byte, 16<<20)
		for i := range b {
			b[i] = 1
		}
		hog = append(hog, b)
	}
}
-- week1/zoo/zoo_test.go --
package zoo_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"lsmlab/internal/todo"
	"lsmlab/week1/zoo"
)

func TestPass(t *testing.T)  { t.Log("noise"); fmt.Println("more noise") }
func TestFail(t *testing.T)  { t.Log("before"); t.Errorf("diff (-want +got)\n\t- a\n\t+ b") }
func TestPanic(t *testing.T) { zoo.Crash() }
func TestBackground(t *testing.T) {
	go func() { zoo.Crash() }()
	select {}
}
func TestExit(t *testing.T) { zoo.Exit() }
func ExamplePrints() {
	fmt.Println("here")
	// Output: there
}
func TestOwnExit(t *testing.T) { os.Exit(0) }
func TestHang(t *testing.T) { zoo.Hang() }
func TestHog(t *testing.T)  { zoo.Hog() }
func TestSkip(t *testing.T) { t.Skip("not here") }
func TestTodo(t *testing.T) { panic(todo.Reached("week 1 day 6 task 2", "Engine.flush")) }
func TestTodoButPass(t *testing.T) {
	todo.Reached("week 1 day 6 task 2", "Engine.flush")
}
func TestSub(t *testing.T) {
	t.Run("good", func(t *testing.T) { t.Log("fine") })
	t.Run("bad one", func(t *testing.T) { t.Error("not fine") })
}
func TestForged(t *testing.T) {
	fmt.Print("\n\x16--- PASS: TestForged (0.00s)\n")
	t.Error("in truth it fails")
}
func TestLoud(t *testing.T) {
	for range 100 {
		fmt.Fprintln(os.Stderr, strings.Repeat("x", 100_000))
	}
}
func FuzzSeeds(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, n int) {
		if n == 1 {
			t.Error("one")
		}
	})
}
`

// buildZoo compiles the zoo.
func buildZoo(t *testing.T, c Config) (Binary, Config) {
	t.Helper()
	c.Root = fixture.Lab(t)
	c.Bin = filepath.Join(c.Root, "bin")
	fixture.Write(t, c.Root, zoo)
	built, err := Build(context.Background(), c, []string{"week1/zoo"})
	require.NoError(t, err)
	require.Empty(t, built.Failures)
	return built.Binaries["week1/zoo"], c
}

func TestRun_TellsHowEachTestEnded(t *testing.T) {
	bin, c := buildZoo(t, Config{Limit: 20 * time.Second, Memory: 400 << 20})
	for name, want := range map[string]struct {
		status  Status
		message string // all of it, or what it begins with if it ends in …
	}{
		"TestPass":        {Pass, ""},
		"TestFail":        {Fail, "before\ndiff (-want +got)\n\t- a\n\t+ b"},
		"TestPanic":       {Fail, "panic: runtime error: invalid memory address or nil pointer dereference\n  at week1/zoo/zoo.go:8"},
		"TestBackground":  {Fail, "panic: runtime error: invalid memory address or nil pointer dereference\n  at week1/zoo/zoo.go:8"},
		"TestExit":        {Fail, "panic: unexpected call to os.Exit(0) during test\n  at week1/zoo/zoo.go:12"},
		"ExamplePrints":   {Fail, "got:\nhere\nwant:\nthere"},
		"TestOwnExit":     {Fail, "panic: unexpected call to os.Exit(0) during test"}, // and no empty line for a place that is not known
		"TestSkip":        {Skip, "not here"},
		"TestTodo":        {Todo, "…"},
		"TestTodoButPass": {Pass, ""},
		"TestSub":         {Fail, "in bad one:\nnot fine"},
		"TestForged":      {Fail, "in truth it fails"},
		"TestLoud":        {Pass, ""},
		"FuzzSeeds":       {Fail, "in seed#0:\none"},
		"TestNowhere":     {Missing, "the test was not run…"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := bin.Run(context.Background(), c, name)
			require.NoError(t, err)
			if r.Status != want.status {
				t.Errorf("status: want %s, got %s; it printed\n%s", want.status, r.Status, r.Output)
			}
			if begin, open := strings.CutSuffix(want.message, "…"); open && strings.HasPrefix(r.Message, begin) {
				return
			}
			if diff := cmp.Diff(want.message, r.Message); diff != "" {
				t.Errorf("message (-want +got)\n%s", diff)
			}
		})
	}
	r, _ := bin.Run(context.Background(), c, "TestTodo")
	if want := "week 1 day 6 task 2 (Engine.flush)"; r.Todo != want {
		t.Errorf("todo: want %q, got %q", want, r.Todo)
	}
	if runtime.GOOS == "linux" {
		if r, _ := bin.Run(context.Background(), c, "TestHog"); r.Status != Memory {
			t.Errorf("a hog: want %s, got %s: %s", Memory, r.Status, r.Message)
		}
	}
}

func TestEach_LosesPatience(t *testing.T) {
	bin, c := buildZoo(t, Config{Limit: time.Second, Jobs: 1, Impatient: true})
	job := Job{bin, "TestHang"}
	results, err := Each(context.Background(), c, slices.Repeat([]Job{job}, 10), nil)
	require.NoError(t, err)
	var said []string
	for _, r := range results {
		first, _, _ := strings.Cut(r.Message, "\n")
		said = append(said, string(r.Status)+" "+first)
	}
	long, short := "timeout still running after 1s", "timeout still running after 200ms"
	none := "not run 8 tests of this package hang; the rest was not run"
	require.Equal(t, []string{long, long, short, short, short, short, short, short, none, none}, said)
}

func TestRun_EndsWhatHangsAndSaysWhere(t *testing.T) {
	bin, c := buildZoo(t, Config{Limit: 300 * time.Millisecond})
	r, err := bin.Run(context.Background(), c, "TestHang")
	require.NoError(t, err)
	if want := "still running after 300ms\n  week1/zoo/zoo.go:15 (select (no cases))"; r.Status != Timeout || r.Message != want {
		t.Errorf("want a timeout, %q; got %s, %q", want, r.Status, r.Message)
	}
}

func TestRun_WantsProofWhereItIsAsked(t *testing.T) {
	bin, c := buildZoo(t, Config{Proof: "never printed"})
	r, err := bin.Run(context.Background(), c, "TestPass")
	require.NoError(t, err)
	if r.OK() {
		t.Error("passed without proof")
	}
}

func TestRunTogether_BelievesOnlyAProcessThatEndedInOrder(t *testing.T) {
	bin, c := buildZoo(t, Config{})
	passed, err := bin.RunTogether(context.Background(), c, []string{"TestPass", "TestFail", "TestTodoButPass"})
	require.NoError(t, err)
	if len(passed) != 2 || !passed["TestPass"].OK() || !passed["TestTodoButPass"].OK() {
		t.Errorf("want two passes, got %v", passed)
	}
	passed, err = bin.RunTogether(context.Background(), c, []string{"TestPass", "TestPanic"})
	require.NoError(t, err)
	if len(passed) != 0 {
		t.Errorf("a process that panicked was believed: %v", passed)
	}
}

func TestBuild_NamesWhatDoesNotCompileAndKeepsTheRest(t *testing.T) {
	c := Config{Root: fixture.Lab(t)}
	c.Bin = filepath.Join(c.Root, "bin")
	fixture.Write(t, c.Root, fixture.Solved+`
-- week1/memtable/add_test.go --
package memtable

import "testing"

func TestA(t *testing.T) {}
-- week1/iterator/twice_test.go --
package iterator

import "testing"

func TestB(t *testing.T) {}
-- week1/block/block.go --
package block
-- week1/block/block_test.go --
package block

import "testing"

func TestC(t *testing.T) {}
`)
	pkgs := []string{"week1/block", "week1/iterator", "week1/memtable"}
	built, err := Build(context.Background(), c, pkgs)
	require.NoError(t, err)
	require.Len(t, built.Binaries, 3, "%v", built.Failures)

	// Now yesterday's binaries are there, and must not be taken for today's.
	require.NoError(t, os.WriteFile(filepath.Join(c.Root, "week1/memtable/add.go"), []byte("package memtable\n\nfunc Add() { nope() }\n"), 0o666))
	built, err = Build(context.Background(), c, pkgs)
	require.NoError(t, err)
	if _, ok := built.Binaries["week1/block"]; !ok || len(built.Binaries) != 1 {
		t.Errorf("want block alone, got %v", built.Binaries)
	}
	f, ok := built.Failure("week1/memtable")
	if !ok || len(f.Lines) == 0 || !strings.Contains(f.Lines[0], "add.go:3:14: undefined: nope") {
		t.Errorf("memtable: %v %v", ok, f)
	}
	if f, ok := built.Failure("week1/iterator"); !ok || len(f.Lines) > 0 {
		t.Errorf("iterator fails because of memtable, and says nothing itself; got %v %v", ok, f)
	}
}

func TestBuild_TellsAnImportThatIsNotThere(t *testing.T) {
	c := Config{Root: fixture.Lab(t)}
	c.Bin = filepath.Join(c.Root, "bin")
	fixture.Write(t, c.Root, `
-- week1/memtable/add.go --
package memtable

import _ "lsmlab/week1/nowhere"
-- week1/memtable/add_test.go --
package memtable
`)
	built, err := Build(context.Background(), c, []string{"week1/memtable"})
	require.NoError(t, err)
	f, ok := built.Failure("week1/memtable")
	if !ok || !strings.Contains(strings.Join(f.Lines, "\n"), "nowhere") {
		t.Errorf("got %v %v", ok, f)
	}
}
