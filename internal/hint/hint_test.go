package hint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/hint"
	"lsmlab/internal/report"
)

const hints = `# Week 1, Day 6: hints

## Task 1

### Which table leaves first?

A nudge that
goes on.

### What must a reader never see?

The idea.

### How do the steps follow each other?

    first this
    then that

## Task 2
### A?
a
### B?
b
### C?
` + "```" + `
### not a heading
` + "```" + `
`

// newRoot returns a clone with hints for day 1.6, and a stub of its second task.
func newRoot(t *testing.T) (string, course.Day) {
	root := t.TempDir()
	d, err := course.Find(1, 6)
	require.NoError(t, err)
	write := func(path, text string) {
		name := filepath.Join(root, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	}
	write(d.Hints(), hints)
	write("week1/engine/worker.go", "package engine\n\nfunc f() { panic(todo.Reached(\"week 1 day 6 task 2\", \"f\")) }\n")
	return root, d
}

func TestParse(t *testing.T) {
	tasks, err := hint.Parse(hints)
	require.NoError(t, err)
	require.Len(t, tasks, 2)
	require.Len(t, tasks[0].Levels, 3)
	require.Equal(t, hint.Level{Title: "Which table leaves first?", Text: "A nudge that\ngoes on."}, tasks[0].Levels[0])
	require.Equal(t, "    first this\n    then that", tasks[0].Levels[2].Text)
	require.Equal(t, "```\n### not a heading\n```", tasks[1].Levels[2].Text)
	_, err = hint.Parse("## Exercise 1\n")
	require.ErrorContains(t, err, "line 1")
	_, err = hint.Parse("### Why?\n")
	require.ErrorContains(t, err, "before the first task")
}

// Each call shows one level more, with the questions before it; the fourth shows all.
func TestCommand_OneMoreLevelEachTime(t *testing.T) {
	root, d := newRoot(t)
	call := func(task string) string {
		var out strings.Builder
		require.NoError(t, hint.Command(&out, root, d, task, report.Style{Width: 100}))
		return out.String()
	}
	first := call("1")
	require.Contains(t, first, "Hint 1 of 3. Which table leaves first?\n\n    A nudge that goes on.\n")
	require.NotContains(t, first, "never see")
	require.Contains(t, first, "go tool mage hint -week=1 -day=6 -task=1")
	second := call("1")
	require.Contains(t, second, "Hint 1 of 3. Which")
	require.NotContains(t, second, "nudge")
	require.Contains(t, second, "The idea.")
	require.Contains(t, call("1"), "        first this\n        then that\n")
	all := call("1")
	require.Contains(t, all, "nudge")
	require.Contains(t, all, "then that")
	require.Contains(t, all, "That is all")
	require.Contains(t, call(""), "task 2", "the first task with a stub left")
}

func TestCommand_Errors(t *testing.T) {
	root, d := newRoot(t)
	err := hint.Command(&strings.Builder{}, root, d, "9", report.Style{})
	require.ErrorContains(t, err, "it has 1, 2")
	other, err := course.Find(1, 5)
	require.NoError(t, err)
	require.ErrorContains(t, hint.Command(&strings.Builder{}, root, other, "", report.Style{}), "no hints yet")
	require.NoError(t, os.RemoveAll(filepath.Join(root, "week1")))
	require.ErrorContains(t, hint.Command(&strings.Builder{}, root, d, "", report.Style{}), "-task=1")
}
