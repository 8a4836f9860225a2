package differ

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lsmlab/internal/course"
)

func TestChoose_TakesTheEngineForAllBelowIt(t *testing.T) {
	for last, want := range map[int][]string{
		1: {"comparememtable"},
		2: {"comparememtable", "compareiterator"},
		5: {"comparememtable", "compareiterator"},
		6: {"compareengine"},
		7: {"compareengine"},
	} {
		d, err := course.Find(1, last)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, choose(course.Through(d))); diff != "" {
			t.Errorf("through day %d (-want +got)\n%s", last, diff)
		}
	}
}
