package course_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
)

// The table has every day once and in order, and no two chapters of one name.
func TestDays_AreComplete(t *testing.T) {
	days := course.Days()
	require.Len(t, days, course.Weeks*course.DaysPerWeek)
	slugs := map[string]bool{}
	for i, d := range days {
		require.Equal(t, i/course.DaysPerWeek+1, d.Week)
		require.Equal(t, i%course.DaysPerWeek+1, d.Day)
		require.NotEmpty(t, d.Title)
		require.NotEmpty(t, d.Package)
		require.False(t, slugs[d.Slug], d.Slug)
		slugs[d.Slug] = true
	}
}

// A day's paths and names are those that the layout promises.
func TestDay_Names(t *testing.T) {
	d, err := course.Find(1, 6)
	require.NoError(t, err)
	require.Equal(t, "1.6", d.ID())
	require.Equal(t, "week 1 day 6", d.String())
	require.Equal(t, "w1d6", d.Prefix())
	require.Equal(t, "week1/engine", d.PackageDir())
	require.Equal(t, "book/week1/day6-write-path.md", d.Chapter())
	require.Equal(t, "book/hints/week1-day6.md", d.Hints())
	require.Equal(t, "tests/week1/day6/mutants.toml", d.Mutants())
	require.Equal(t, "week 1 day 6 task 2", d.TaskText("2"))
	require.Equal(t, "week 1 day 6 bonus", d.TaskText("bonus"))
}

// What a stub prints is understood again.
func TestParseTaskText_InvertsTaskText(t *testing.T) {
	want, err := course.Parse("1.6")
	require.NoError(t, err)
	for _, task := range []string{"2", "12", course.Bonus} {
		d, got, ok := course.ParseTaskText(want.TaskText(task) + " (Engine.flush)")
		require.True(t, ok)
		require.Equal(t, want, d)
		require.Equal(t, task, got)
	}
	for _, text := range []string{"", "week 1 day 6", "week 1 day 6 task", "week 9 day 1 task 1", "week 1 day 6 task x"} {
		_, _, ok := course.ParseTaskText(text)
		require.False(t, ok, text)
	}
}

// A day that does not exist, or not yet, is an error that tells which of the two.
func TestFind_Errors(t *testing.T) {
	_, err := course.Find(1, 8)
	require.EqualError(t, err, "there is no week 1 day 8: the course has 3 weeks of 7 days")
	for _, d := range course.Days() {
		if !d.Released {
			_, err = course.Find(d.Week, d.Day)
			require.ErrorContains(t, err, " is not released yet; the course goes up to week ")
		}
	}
	_, err = course.Week(4)
	require.EqualError(t, err, "there is no week 4: the course has 3 weeks of 7 days")
	_, err = course.Parse("1.0")
	require.ErrorContains(t, err, `no such day: "1.0"`)
}

// Before leaves the day out and Through takes it in.
func TestBeforeAndThrough(t *testing.T) {
	d, err := course.Find(1, 3)
	require.NoError(t, err)
	week, err := course.Week(1)
	require.NoError(t, err)
	require.Equal(t, week[:2], course.Before(d))
	require.Equal(t, week[:3], course.Through(d))
	require.Empty(t, course.Before(week[0]))
}

// The root is found from any directory inside the lab, and not from outside.
func TestRoot(t *testing.T) {
	root, err := course.Root()
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(root, "internal", "course", "root.go"))

	t.Chdir(t.TempDir())
	_, err = course.Root()
	require.ErrorContains(t, err, "is not inside the lab")
	require.NoError(t, os.WriteFile("go.mod", []byte("module lsmlab\n"), 0o666))
	require.NoError(t, os.MkdirAll("a/b", 0o777))
	t.Chdir("a/b")
	_, err = course.Root()
	require.NoError(t, err)
}

// A clone is a learner's as soon as its state file is there.
func TestStarted(t *testing.T) {
	dir := t.TempDir()
	require.False(t, course.Started(dir))
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".lab"), 0o777))
	require.False(t, course.Started(dir))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".lab", "state.json"), []byte("{}"), 0o666))
	require.True(t, course.Started(dir))
}
