package tiered_test

import (
	"bytes"
	"testing"

	"lsmlab/internal/labtest"
	"lsmlab/internal/simulator"
	"lsmlab/solution/week2/compaction"
	"lsmlab/solution/week2/tiered"
)

// drive takes a policy through a workload, with the edits of day 1.
func drive(t *testing.T, p tiered.Policy, o simulator.Options) *simulator.Result {
	t.Helper()
	result, err := simulator.Run(simulator.Subject{Policy: p, Edit: compaction.Edit, Below: compaction.Below}, o)
	if err != nil {
		t.Fatalf("%v\nwith %+v", err, p)
	}
	return result
}

// The simulator writes, overwrites and deletes keys, and carries out what you pick with the edits of day 1. Memtables
// are flushed while merges go on. After each step it looks for every key: nothing may be lost, stale, or come back
// from the dead.
//
//lab:task 4 points=4
func TestSimulator_NothingIsLost(t *testing.T) {
	for _, workload := range simulator.Workloads() {
		for seed := range uint64(2) {
			drive(t, tiered.Policy{}, simulator.Options{Workload: workload, Seed: seed, Steps: 50, Keys: 200})
			narrow := tiered.Policy{Runs: 3, SpaceAmp: 400, MaxWidth: 2}
			drive(t, narrow, simulator.Options{Workload: workload, Seed: seed, Steps: 40, Keys: 200})
		}
		wide := tiered.Policy{Runs: 2, SpaceAmp: 50, SizeRatio: 100, MinWidth: 3}
		drive(t, wide, simulator.Options{Workload: workload, Steps: 40, Keys: 200, Quiescent: true})
	}
}

// One run of the simulator, step by step: what is picked, where it goes, what comes of it. If yours differs, look at
// the first line that does, and at the tree before it: which of the three reasons decides there?
//
//lab:task 4 points=3
func TestSimulator_Trace(t *testing.T) {
	var trace bytes.Buffer
	p := tiered.Policy{Runs: 4, SpaceAmp: 150, MaxWidth: 4}
	drive(t, p, simulator.Options{Workload: simulator.Hot, Seed: 23, Steps: 50, Keys: 1000, Trace: &trace})
	labtest.Trace(t, "testdata/w2d3_trace.txt", trace.String())
}
