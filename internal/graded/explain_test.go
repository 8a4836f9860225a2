package graded

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
)

// TestExplainer_LooksAtTaskAndDay asks about stubs of tasks before, at and behind a test's own.
func TestExplainer_LooksAtTaskAndDay(t *testing.T) {
	day6, err := course.Find(1, 6)
	require.NoError(t, err)
	explains := Explainer([]Test{
		{Name: "TestFlush", Package: "week1/engine", Day: day6, Task: "2"},
		{Name: "TestStall", Package: "week1/engine", Day: day6, Task: "bonus", Bonus: true},
	})
	for _, c := range []struct {
		test, stub string
		want       bool
	}{
		{"TestFlush", "week 1 day 6 task 1 (Engine.flush)", true},
		{"TestFlush", "week 1 day 6 task 2 (Engine.wake)", true},
		{"TestFlush", "week 1 day 6 task 3 (keyWithin)", false},
		{"TestFlush", "week 1 day 6 bonus (Engine.stallLocked)", false},
		{"TestFlush", "week 1 day 2 task 2 (Merging.failed)", true},
		{"TestFlush", "week 1 day 7 task 1 (x)", false},
		{"TestStall", "week 1 day 6 task 3 (keyWithin)", true},
		{"TestStall", "week 1 day 6 bonus (Engine.stallLocked)", true},
		{"TestOwn", "week 1 day 7 task 1 (x)", true},
	} {
		require.Equal(t, c.want, explains("week1/engine", c.test, c.stub), "%s, %s", c.test, c.stub)
	}
}
