package leveled_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/simulator"
	"lsmlab/solution/week2/compaction"
	"lsmlab/solution/week2/leveled"
	refsimple "lsmlab/solution/week2/simple"
	reftiered "lsmlab/solution/week2/tiered"
)

// manyDeletes are the workloads in which trees become small again, or at least small somewhere.
var manyDeletes = []simulator.Workload{simulator.Shrinking, simulator.Queue, simulator.Mixed, simulator.Uniform}

// schedule plays the n-th of any number of schedules: another workload, other settings, other moments at which flushes
// come between Pick and the end of its merge. The same n is the same schedule, on every machine.
func schedule(t labtest.TB, n, steps int) *simulator.Result {
	t.Helper()
	p := leveled.Policy{
		Runs: 1 + n%4, BaseSize: 8 << 20 << (n / 4 % 3), Multiplier: 2 + n/3%9, Levels: 3 + n/5%5,
	}
	workload := manyDeletes[n%len(manyDeletes)]
	o := simulator.Options{Seed: uint64(n), Steps: steps, Keys: 300 + n%7*200, Workload: workload}
	result, err := simulator.Run(simulator.Subject{Policy: p}, o)
	require.NoError(t, err, "schedule %d: policy %+v, workload %s", n, p, workload)
	return result
}

// Random schedules: keys are written, overwritten, and most of them deleted again; merges take their time, and flushes
// come meanwhile. After each step every key is looked for from the top. What was written must be there, what was
// deleted must not.
//
// If a policy chooses a base level below a level that still has tables, this is where it is found out: such a tree
// shrinks.
//
//lab:task 4 points=5
func TestSchedules_NoWriteIsLostAndNoDeleteUndone(t *testing.T) {
	for n := range 24 {
		schedule(t, n, 60)
	}
}

// As many schedules as you like, and longer ones: go test -run='^$' -bench=Schedules -benchtime=1000x
func BenchmarkSchedules(b *testing.B) {
	for n := range b.N {
		schedule(b, n, 120)
	}
}

// The policy together with your own compaction of day 1: its Edit puts the outputs into the tree as it is by then, with
// the runs of level 0 that have come since, and its Below says where older versions may lie.
//
//lab:task 4 points=3
func TestSchedules_WithYourCompaction(t *testing.T) {
	subject := simulator.Subject{Policy: leveled.Policy{}, Edit: compaction.Edit, Below: compaction.Below}
	for seed := range uint64(4) {
		for _, workload := range manyDeletes[:2] {
			_, err := simulator.Run(subject, simulator.Options{Seed: seed, Steps: 60, Keys: 500, Workload: workload})
			require.NoError(t, err)
		}
	}
}

// A directory that another policy has filled: eight tiers in level 0, or four levels of which the lowest is not the
// bottom. Yours takes over in the middle of the work.
//
//lab:task 4 points=3
func TestSchedules_AfterAnotherPolicy(t *testing.T) {
	for name, before := range map[string]shape.Policy{
		"tiered": reftiered.Policy{},
		"simple": refsimple.Policy{Runs: 2, Ratio: 2, Levels: 4},
	} {
		for seed := range uint64(4) {
			o := simulator.Options{Seed: seed, Steps: 80, Keys: 500, Workload: simulator.Shrinking, Before: before}
			_, err := simulator.Run(simulator.Subject{Policy: leveled.Policy{BaseSize: 8 << 20, Multiplier: 4}}, o)
			require.NoError(t, err, "after the policy %s", name)
		}
	}
}

// A tree grows, then nearly everything is deleted, and at the end everything is merged into the bottom. While it grows
// the base level goes up; when the bottom alone is left the base level is there again. At no time a level above it has
// tables.
//
//lab:task 4 points=3
func TestSchedules_BaseLevelGoesUpAndDownAgain(t *testing.T) {
	p := leveled.Policy{BaseSize: 1 << 20, Multiplier: 4, Levels: 7}
	var seen []int
	watch := watcher{Policy: p, look: func(tree shape.Tree) {
		_, base := p.Targets(tree)
		for l := 1; l < base; l++ {
			if len(tree.Level(l)) > 0 {
				t.Fatalf("the base level is %d, but level %d has tables\n%s", base, l, labtest.Drawing(tree))
			}
		}
		if len(seen) == 0 || seen[len(seen)-1] != base {
			seen = append(seen, base)
		}
	}}
	o := simulator.Options{
		Seed: 4, Steps: 60, Keys: 500, TargetSize: 1 << 20, Workload: simulator.Shrinking, Quiescent: true,
	}
	result, err := simulator.Run(simulator.Subject{Policy: watch}, o)
	require.NoError(t, err)
	same(t, "base levels, one after the other, on the way to the end", result.Tree, []int{6, 4, 3, 6}, seen)
}

// watcher is a policy that shows the trees that it is asked about.
type watcher struct {
	shape.Policy
	look func(shape.Tree)
}

// Pick shows the tree, and asks the policy.
func (w watcher) Pick(t shape.Tree) (shape.Task, bool) {
	w.look(t)
	return w.Policy.Pick(t)
}

// One run of the simulator, line by line: each flush, what is picked, what comes of it, the tree after that. Where
// yours goes another way, look at the tree above the first line that differs: which level has the highest score there,
// which table the lowest number, and what does it meet?
//
//lab:task 4 points=3
func TestSchedules_GoldenTrace(t *testing.T) {
	const golden = "testdata/w2d4_trace.txt"
	var trace bytes.Buffer
	subject := simulator.Subject{Policy: leveled.Policy{BaseSize: 8 << 20, Multiplier: 4, Levels: 6}}
	o := simulator.Options{Seed: 7, Steps: 44, Keys: 600, Workload: simulator.Shrinking, Trace: &trace}
	_, err := simulator.Run(subject, o)
	require.NoError(t, err)
	if os.Getenv("LAB_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, trace.Bytes(), 0o666))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(trace.String(), "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		if lineOf(wantLines, i) != lineOf(gotLines, i) {
			before := wantLines[max(0, min(i, len(wantLines))-12):min(i, len(wantLines))]
			t.Fatalf("line %d of the trace differs\n%s\n  want: %s\n  got:  %s", i+1,
				strings.Join(before, "\n"), lineOf(wantLines, i), lineOf(gotLines, i))
		}
	}
}

// lineOf returns a line, or says that there is none.
func lineOf(lines []string, i int) string {
	if i >= len(lines) {
		return fmt.Sprintf("(no line %d)", i+1)
	}
	return lines[i]
}
