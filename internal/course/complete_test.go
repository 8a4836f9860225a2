package course_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/chapters"
	"lsmlab/internal/course"
	"lsmlab/internal/graded"
	"lsmlab/internal/mutant"
	"lsmlab/internal/skeleton"
)

// minima of a released day.
const (
	minTasks        = 3
	minTestsPerTask = 3
	minMutants      = 8
)

// Every released day is complete: a reference with numbered tasks, graded tests and points for each task, one of them
// random, hints of three levels, a chapter in its frame, and a zoo of seeded bugs.
func TestReleasedDays_AreComplete(t *testing.T) {
	root, err := course.Root()
	require.NoError(t, err)
	source, err := skeleton.Load(root)
	require.NoError(t, err)
	book, err := chapters.Check(root)
	require.NoError(t, err)
	for _, d := range course.Released() {
		t.Run(d.ID(), func(t *testing.T) {
			if len(source.Of(d)) == 0 {
				t.Fatalf("there is no file of %s in solution/", d)
			}
			tests, err := graded.ScanDay(root, d)
			require.NoError(t, err)
			checkTasks(t, root, source, d, tests)
			mutants, err := mutant.Load(root, d)
			require.NoError(t, err)
			if len(mutants) < minMutants {
				t.Errorf("%d mutants in %s; a day has at least %d", len(mutants), d.Mutants(), minMutants)
			}
			for _, f := range book {
				if f.File == d.Chapter() || f.File == d.Hints() {
					t.Error(f)
				}
			}
		})
	}
}

// checkTasks looks at each task of a day: numbered without a gap, to be written by the learner, and well tested.
func checkTasks(t *testing.T, root string, source *skeleton.Source, d course.Day, tests []graded.Test) {
	t.Helper()
	tasks, err := chapters.Tasks(root, source, d)
	require.NoError(t, err)
	numbered := slices.DeleteFunc(slices.Clone(tasks), func(task string) bool { return task == course.Bonus })
	if len(numbered) < minTasks {
		t.Errorf("%d numbered tasks; a day has at least %d", len(numbered), minTasks)
	}
	for i, task := range numbered {
		if want := string(rune('1' + i)); task != want {
			t.Errorf("task %s stands where task %s should", task, want)
		}
	}
	for _, task := range tasks {
		if !slices.ContainsFunc(source.Todos(d), func(todo *skeleton.Todo) bool { return todo.Task == task }) {
			t.Errorf("%s has no function to write", d.TaskText(task))
		}
		n, random, points := 0, 0, 0
		for _, test := range tests {
			if test.Task == task {
				n++
				points += test.Points
				if test.Random {
					random++
				}
			}
		}
		if task != course.Bonus && (n < minTestsPerTask || random == 0) {
			t.Errorf("%s has %d graded tests, %d of them random; a task has at least %d, one of them random", d.TaskText(task), n, random, minTestsPerTask)
		}
		if n == 0 || points == 0 {
			t.Errorf("%s has no points", d.TaskText(task))
		}
	}
}
