package simulator_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/shape"
	"lsmlab/internal/simulator"
)

func TestRun_SoundPoliciesBreakNoRule(t *testing.T) {
	for _, workload := range simulator.Workloads() {
		for name, p := range map[string]policy{"all": atFour(), "stack": stack()} {
			for seed := range uint64(3) {
				o := simulator.Options{Seed: seed, Steps: 40, Keys: 200, Workload: workload, Quiescent: seed == 0}
				r, err := simulator.Run(simulator.Subject{Policy: p}, o)
				require.NoError(t, err, "%s, %s, seed %d", name, workload, seed)
				require.Len(t, r.Points, 40)
				t.Logf("%-6s %-10s %d %+v", name, workload, seed, r.Last())
			}
		}
	}
}

// golden are the traces of two small runs: whatever changes them changes the golden traces of the course's own tests too.
func TestRun_TraceIsGolden(t *testing.T) {
	for name, p := range map[string]policy{"all": atFour(), "stack": stack()} {
		var got bytes.Buffer
		o := simulator.Options{Seed: 2, Steps: 12, Keys: 60, EntrySize: 1 << 20, Trace: &got}
		_, err := simulator.Run(simulator.Subject{Policy: p}, o)
		require.NoError(t, err)
		file := filepath.Join("testdata", "trace_"+name+".txt")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			require.NoError(t, os.WriteFile(file, got.Bytes(), 0o666))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got.String())
	}
}

func TestRun_TraceWithReasons(t *testing.T) {
	var got strings.Builder
	_, err := simulator.Run(simulator.Subject{Policy: atFour()}, simulator.Options{Steps: 4, Trace: &got, Reasons: true})
	require.NoError(t, err)
	require.Contains(t, got.String(), "4 pick merge L0@6 9, L0@4 7, L0@2 5, L0@1 3 into L1: level 0 has 4 runs\n")
}

// Policies are compared over the same writes.
func TestRun_WritesDoNotDependOnThePolicy(t *testing.T) {
	for _, workload := range simulator.Workloads() {
		a, err := simulator.Run(simulator.Subject{Policy: atFour()}, simulator.Options{Seed: 5, Steps: 20, Keys: 200, Workload: workload})
		require.NoError(t, err)
		o := simulator.Options{Seed: 5, Steps: 20, Keys: 200, Workload: workload, Quiescent: true}
		b, err := simulator.Run(simulator.Subject{Policy: stack()}, o)
		require.NoError(t, err)
		for i := range a.Points {
			require.Equal(t, a.Points[i].User, b.Points[i].User)
			require.Equal(t, a.Points[i].Live, b.Points[i].Live)
		}
	}
}

// The numbers of a case that is small enough to be counted by hand: 4 tables of 4 entries each, all keys different; at the
// fourth flush they are merged or, since they do not overlap, moved.
func TestRun_Measures(t *testing.T) {
	o := simulator.Options{Steps: 4, Workload: simulator.Sequential, EntrySize: 1 << 20, Quiescent: true}
	r, err := simulator.Run(simulator.Subject{Policy: atFour()}, o)
	require.NoError(t, err)
	require.Equal(t, simulator.Point{
		Step: 4, User: 16 << 20, Written: 16 << 20, Bytes: 16 << 20, Live: 16 << 20, Tables: 4, Runs: 1,
		WriteAmp: 1, SpaceAmp: 1, ReadAmp: 1, ReadWorst: 1,
	}, r.Last())
	require.Equal(t, 1, r.Moves)
	require.Zero(t, r.Merges)

	// Queue with room for 16 keys is 16 sets, then a delete and a set in turn.
	o = simulator.Options{Steps: 5, Workload: simulator.Queue, Keys: 16, EntrySize: 1 << 20, Quiescent: true}
	never := policy{full: mergeAll, pick: func(shape.Tree) (shape.Task, bool) { return shape.Task{}, false }}
	r, err = simulator.Run(simulator.Subject{Policy: never}, o)
	require.NoError(t, err)
	require.Equal(t, int64(16<<20), r.Last().Live)
	require.InDelta(t, 1.0, r.Last().WriteAmp, 0.001)
	require.Zero(t, r.Largest)
	require.Greater(t, r.Last().SpaceAmp, 1.2, "nothing is merged, so what was deleted is still there")
}

func TestRun_BeginsWithTheTreeOfAnotherPolicy(t *testing.T) {
	for seed := range uint64(5) {
		_, err := simulator.Run(simulator.Subject{Policy: atFour()}, simulator.Options{Seed: seed, Steps: 40, Keys: 200, Before: stack()})
		require.NoError(t, err)
	}
}

// At a pace of half a memtable a step, a merge of four memtables, which are a little over their size, takes eight steps.
func TestRun_PaceDecidesHowLongMergesTake(t *testing.T) {
	var trace strings.Builder
	o := simulator.Options{Steps: 12, EntrySize: 1 << 20, Pace: 2 << 20, Trace: &trace}
	_, err := simulator.Run(simulator.Subject{Policy: atFour()}, o)
	require.NoError(t, err)
	require.Contains(t, trace.String(), "\n4 pick merge")
	require.Contains(t, trace.String(), "\n12 merged to")
}
