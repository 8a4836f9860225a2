package checkpoint_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"lsmlab/internal/checkpoint"
	"lsmlab/internal/course"
)

// twoDays is a lab of two days that holds the law; the second day has a file in the first day's package, too.
const twoDays = `
-- go.mod --
module lsmlab

go 1.26
-- solution/week1/memtable/add.go --
//lab:day 1.1

package memtable

// Add adds.
//
//lab:todo 1 memtable#add
//lab:hint Add.
func Add(a, b int) int { return a + b }
-- solution/week1/memtable/double.go --
//lab:day 1.2

package memtable

// Double doubles.
//
//lab:todo 1 merging-iterators#double
//lab:hint Double.
//lab:stub return 0
func Double(a int) int { return Add(a, a) }
-- solution/week1/iterator/sum.go --
//lab:day 1.2

package iterator

import "lsmlab/solution/week1/memtable"

// Sum sums.
//
//lab:todo 2 merging-iterators#sum
//lab:hint Sum.
func Sum(list ...int) (sum int) {
	for _, n := range list {
		sum = memtable.Add(sum, n)
	}
	return sum
}
-- tests/week1/day1/memtable/add_test.go --
package memtable_test

import (
	"os"
	"testing"

	"lsmlab/solution/week1/memtable"
)

// Why.
//
//lab:task 1 points=1
func TestAdd(t *testing.T) {
	if _, err := os.ReadFile("testdata/w1d1_golden"); err != nil {
		t.Fatal(err)
	}
	if memtable.Add(1, 2) != 3 {
		t.Error("not 3")
	}
}
-- tests/week1/day1/memtable/testdata/w1d1_golden --
golden
-- tests/week1/day2/memtable/double_test.go --
package memtable_test

import (
	"testing"

	"lsmlab/solution/week1/memtable"
)

// Why.
//
//lab:task 1 points=1
func TestDouble(t *testing.T) {
	if got := memtable.Double(2); got != 4 {
		t.Error("not 4", got)
	}
}
-- tests/week1/day2/iterator/bonus_sum_test.go --
package iterator_test

import (
	"testing"

	"lsmlab/solution/week1/iterator"
)

// Why.
//
//lab:task bonus points=1
func TestSum(t *testing.T) {
	if iterator.Sum(1, 2) != 3 {
		t.Error("not 3")
	}
}
`

// check lays the lab, with some files replaced or added, and runs its two checkpoints.
func check(t *testing.T, changes string) (faults []string, log string) {
	t.Helper()
	root := t.TempDir()
	lab, err := course.Root()
	require.NoError(t, err)
	todo, err := os.ReadFile(filepath.Join(lab, "internal", "todo", "todo.go"))
	require.NoError(t, err)
	files := append(txtar.Parse([]byte(twoDays)).Files, txtar.Parse([]byte(changes)).Files...)
	files = append(files, txtar.File{Name: "internal/todo/todo.go", Data: todo})
	// What stands in the student's tree must not matter: a learner's unfinished work.
	files = append(files, txtar.File{Name: "week1/memtable/helper.go", Data: []byte("package memtable\n\nthis is no Go\n")})
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, f.Data, 0o666))
	}
	var out strings.Builder
	days, err := course.Week(1)
	require.NoError(t, err)
	found, err := checkpoint.Run(context.Background(), checkpoint.Options{Root: root, Days: days, NoRace: true, Log: &out})
	require.NoError(t, err)
	for _, f := range found {
		faults = append(faults, f.String())
	}
	return faults, out.String()
}

// A lab that holds the law has no faults, and the log tells how many tests did what.
func TestRun_Green(t *testing.T) {
	faults, log := check(t, "")
	require.Empty(t, faults)
	require.Contains(t, log, "week 1 day 1: 0 earlier tests pass, 1 of its own reach a TODO")
	require.Contains(t, log, "week 1 day 2: 1 earlier tests pass, 2 of its own reach a TODO")
	require.Contains(t, log, "through week 1 day 2: 3 tests pass")
}

// Each way in which a test can break the law is found, at the right checkpoint and test.
func TestRun_TestFaults(t *testing.T) {
	faults, _ := check(t, `
-- tests/week1/day1/memtable/more_test.go --
package memtable_test

import (
	"testing"

	"lsmlab/solution/week1/memtable"
)

// Why.
//
//lab:task 1 points=1
func TestIdle(t *testing.T) { _ = memtable.Add }

// Why.
//
//lab:task 1 points=1
func TestAhead(t *testing.T) {
	if memtable.Double(1) != 2 {
		t.Error("not 2")
	}
}
-- tests/week1/day2/memtable/more_test.go --
package memtable_test

import (
	"testing"

	"lsmlab/solution/week1/memtable"
)

// Why.
//
//lab:task 1 points=1
func TestEager(t *testing.T) {
	if memtable.Add(1, 1) == 2 {
		t.Fatal("too early")
	}
}
`)
	for _, want := range []string{
		"checkpoint 1.1: week1/memtable TestIdle: passes on the skeleton: it reaches no TODO of its day",
		"checkpoint 1.1: week1/memtable TestAhead: must fail by reaching a TODO, but: fail\nnot 2",
		"checkpoint 1.2: week1/memtable TestAhead: belongs to an earlier day or is solved, and must pass, but: fail",
		"checkpoint 1.2: week1/memtable TestEager: must fail by reaching a TODO, but: fail\ntoo early",
	} {
		requirePrefix(t, faults, want)
	}
}

// A skeleton that does not compile, or does not vet, is found in the first tree, and told with the path that it stands for.
func TestRun_SkeletonFaults(t *testing.T) {
	faults, _ := check(t, `
-- solution/week1/iterator/more.go --
//lab:day 1.2

package iterator

// More is more.
//
//lab:todo 2 merging-iterators#sum
//lab:hint H.
//lab:stub return nowhere
func More() int { return 1 }
-- solution/week1/memtable/more.go --
//lab:day 1.2

package memtable

// More is more.
//
//lab:todo 2 merging-iterators#sum
//lab:hint H.
//lab:stub x := 1
//lab:stub x = x
func More() {}
`)
	requirePrefix(t, faults, "checkpoint 1.1: go vet: exit status 1\n")
	vet := faults[0]
	require.Contains(t, vet, "week1/iterator/more.go:11:9: undefined: nowhere")
	require.Contains(t, vet, "self-assignment of x")
	require.NotContains(t, vet, "lsmlab-overlay")
	requirePrefix(t, faults, "checkpoint 1.2: week1/iterator does not compile:\nweek1/iterator/more.go:11:9: undefined: nowhere")
}

// requirePrefix makes sure that one of the faults begins with want.
func requirePrefix(t *testing.T, faults []string, want string) {
	t.Helper()
	for _, f := range faults {
		if strings.HasPrefix(f, want) {
			return
		}
	}
	t.Errorf("want %q, got:\n%s", want, strings.Join(faults, "\n"))
}
