package stages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
)

// seconds matches times, which differ from run to run.
var seconds = regexp.MustCompile(`\d+(\.\d)? s\b`)

// Every stage runs, whatever became of those before it; each has a line with its time, and a failed one its output.
func TestRun(t *testing.T) {
	list := []Stage{
		{"one", "first", func(context.Context, io.Writer) error { return nil }},
		{"two", "second", func(_ context.Context, w io.Writer) error {
			fmt.Fprintln(w, "this is wrong\nand this")
			return errors.New("2 faults")
		}},
		{"three", "third", func(_ context.Context, w io.Writer) error {
			fmt.Fprintln(w, "noise\n= 7 mutants")
			return nil
		}},
		{"four", "fourth", func(context.Context, io.Writer) error { return Skipped("not here") }},
	}
	var out strings.Builder
	err := Run(context.Background(), &out, list, "")
	require.EqualError(t, err, "check failed: two")
	require.Equal(t, strings.Join([]string{
		"ok    one              N s  first",
		"FAIL  two              N s  second",
		"      this is wrong",
		"      and this",
		"      2 faults",
		"      again: go tool mage check -only=two",
		"ok    three            N s  third (7 mutants)",
		"skip  four             N s  not here",
		"",
		"3 of 4 stages in N s",
		"",
	}, "\n"), seconds.ReplaceAllString(out.String(), "N s"))
}

// One stage can be run by itself; a name that no stage has is an error that lists them.
func TestRun_Only(t *testing.T) {
	ran := ""
	stage := func(name string) Stage {
		return Stage{name, name, func(context.Context, io.Writer) error { ran += name; return nil }}
	}
	list := []Stage{stage("a"), stage("b")}
	require.NoError(t, Run(context.Background(), io.Discard, list, "b"))
	require.Equal(t, "b", ran)
	require.EqualError(t, Run(context.Background(), io.Discard, list, "c"), `there is no stage "c"; there are a, b`)
}

// Output that fills screens is cut at its beginning.
func TestLastLines(t *testing.T) {
	require.Nil(t, lastLines("\n", 3))
	require.Equal(t, []string{"a", "b"}, lastLines("a\nb\n", 3))
	require.Equal(t, []string{"… 2 lines left out", "c", "d"}, lastLines("a\nb\nc\nd", 2))
}

// The lab has a stage for everything that the contract names.
func TestAll(t *testing.T) {
	have := names(All(t.TempDir()))
	for _, name := range []string{"gofmt", "vet", "lint", "test", "sync", "floors", "house", "checkpoints", "mutants", "chapters", "windows", "darwin", "tidy", "bench", "site"} {
		require.Contains(t, have, name)
	}
}

// gofmt names the files that are not formatted; a learner's own are nobody's business, and neither is testdata.
func TestGofmt(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"solution/good.go":         "package x\n",
		"solution/windows.go":      "package x\r\n",
		"week1/bad.go":             "package  x\n",
		"tests/testdata/bad.go":    "package  x\n",
		".lab/backup/bad.go":       "package  x\n",
		"book/node_modules/bad.go": "package  x\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	}
	var out strings.Builder
	require.Error(t, (&lab{root: root}).gofmt(context.Background(), &out))
	require.Equal(t, "week1/bad.go\n", out.String())
	require.NoError(t, (&lab{root: root, learner: true}).gofmt(context.Background(), &out))
}

// On a learner's clone the go command is asked about everything but the student's tree.
func TestPackages(t *testing.T) {
	root, err := course.Root()
	require.NoError(t, err)
	all, err := (&lab{root: root}).packages(context.Background())
	require.NoError(t, err)
	require.Equal(t, []string{"./..."}, all)
	some, err := (&lab{root: root, learner: true}).packages(context.Background())
	require.NoError(t, err)
	require.Contains(t, some, "lsmlab/internal/kv")
	require.Contains(t, some, "lsmlab/solution/week1/memtable")
	for _, p := range some {
		require.NotContains(t, p, "lsmlab/week")
	}
}
