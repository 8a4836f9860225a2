package progress

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/course"
	"lsmlab/internal/fixture"
	"lsmlab/internal/graded"
	"lsmlab/internal/report"
	"lsmlab/internal/scheck"
	"lsmlab/internal/skeleton"
)

// states returns how the first three days stand, and the whole table.
func states(t *testing.T, root string) ([]state, string) {
	t.Helper()
	rows, err := look(root)
	require.NoError(t, err)
	require.Len(t, rows, 21)
	var out bytes.Buffer
	show(&out, rows, report.Style{})
	return []state{rows[0].state, rows[1].state, rows[20].state}, out.String()
}

func TestLook_FollowsALearner(t *testing.T) {
	root := fixture.Lab(t)
	// What the generator makes of the tiny lab is the untouched tree.
	first, err := course.Find(1, 1)
	require.NoError(t, err)
	writeSkeleton(t, root)
	want := func(when string, days ...state) {
		t.Helper()
		got, table := states(t, root)
		for i := range days {
			if got[i] != days[i] {
				t.Errorf("%s: want %v, got %v\n%s", when, days, got, table)
				return
			}
		}
	}
	want("at first", notStarted, notStarted)
	_, err = graded.Copy(root, []course.Day{first}, false)
	require.NoError(t, err)
	want("copied", untouched, notStarted)
	fixture.Write(t, root, "-- week1/memtable/add.go --\npackage memtable\n\nfunc Add(a, b int) int { return a }\n")
	want("begun", unchecked, notStarted)
	_, err = scheck.Run(context.Background(), scheck.Options{Root: root, NoRace: true})
	require.NoError(t, err)
	want("checked", red, notStarted)
	fixture.Write(t, root, fixture.Solved)
	if _, table := states(t, root); !strings.Contains(table, "just now *") {
		t.Errorf("a change since the check is not told:\n%s", table)
	}
	var out bytes.Buffer
	require.NoError(t, Command(context.Background(), &out, root, true, report.Style{}))
	want("solved", green, notStarted)
	if !strings.Contains(out.String(), "5 of 5") || !strings.Contains(out.String(), "8 of 13") {
		t.Errorf("points are wrong:\n%s", &out)
	}
}

// writeSkeleton writes the generated student's tree.
func writeSkeleton(t *testing.T, root string) {
	t.Helper()
	source, err := skeleton.Load(root)
	require.NoError(t, err)
	files, err := source.Skeleton()
	require.NoError(t, err)
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), data, 0o666))
	}
}
