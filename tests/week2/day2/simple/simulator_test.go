package simple_test

import (
	"bytes"
	"testing"

	"lsmlab/internal/labtest"
	"lsmlab/internal/simulator"
	"lsmlab/solution/week2/compaction"
	"lsmlab/solution/week2/simple"
)

// try drives a policy through a workload, with the edits of day 1.
func try(t *testing.T, p simple.Policy, o simulator.Options) *simulator.Result {
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
			try(t, simple.Policy{}, simulator.Options{Workload: workload, Seed: seed, Steps: 50, Keys: 200})
		}
		try(t, simple.Policy{Runs: 1, Ratio: 1, Levels: 2}, simulator.Options{Workload: workload, Steps: 40, Keys: 200})
		seven := simple.Policy{Runs: 2, Ratio: 10, Levels: 7}
		try(t, seven, simulator.Options{Workload: workload, Steps: 40, Keys: 200, Quiescent: true})
	}
}

// One run of the simulator, step by step: what is picked, where it goes, what comes of it. If yours differs, look at
// the first line that does, and at the tree before it: which of the rules decides there?
//
//lab:task 4 points=3
func TestSimulator_Trace(t *testing.T) {
	var trace bytes.Buffer
	try(t, simple.Policy{}, simulator.Options{Workload: simulator.Hot, Seed: 22, Steps: 50, Keys: 1000, Trace: &trace})
	labtest.Trace(t, "testdata/w2d2_trace.txt", trace.String())
}
