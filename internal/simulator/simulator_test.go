package simulator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/simulator"
)

func TestRun_SoundPoliciesBreakNoRule(t *testing.T) {
	for _, workload := range simulator.Workloads() {
		for name, p := range map[string]policy{"all": atFour(), "stack": stack()} {
			for seed := range uint64(4) {
				o := simulator.Options{Seed: seed, Steps: 60, Keys: 300, Workload: workload, Quiescent: seed == 0}
				r, err := simulator.Run(simulator.Subject{Policy: p}, o)
				require.NoError(t, err, "%s, %s, seed %d", name, workload, seed)
				require.Len(t, r.Points, 60)
				t.Logf("%-6s %-10s %d %+v", name, workload, seed, r.Last())
			}
		}
	}
}
