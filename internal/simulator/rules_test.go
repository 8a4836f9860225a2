package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/shape"
	"lsmlab/internal/simulator"
)

// violate runs a subject that breaks a rule, and returns the violation.
func violate(t *testing.T, s simulator.Subject, o simulator.Options) *simulator.Violation {
	t.Helper()
	if o.Steps == 0 {
		o.Steps = 60
	}
	o.Keys = 200
	_, err := simulator.Run(s, o)
	var v *simulator.Violation
	require.ErrorAs(t, err, &v)
	t.Log(err)
	return v
}

// goodEdit is an edit that breaks no rule, in another way than the simulator's own: it drops and adds every run.
func goodEdit(now shape.Tree, task shape.Task, outputs []shape.Table) shape.Edit {
	e := shape.Edit{Drop: now.Runs}
	placed := false
	for _, r := range now.Runs {
		tables := slices.DeleteFunc(slices.Clone(r.Tables), func(t shape.Table) bool {
			return slices.ContainsFunc(task.Tables(), func(in shape.Table) bool { return in.Number == t.Number })
		})
		if r.Place == task.Output {
			tables, placed = append(tables, outputs...), true
			slices.SortFunc(tables, func(a, b shape.Table) int { return strings.Compare(string(a.First), string(b.First)) })
		}
		if len(tables) > 0 {
			e.Add = append(e.Add, shape.Run{Place: r.Place, Tables: tables})
		}
	}
	if !placed && len(outputs) > 0 {
		e.Add = append(e.Add, shape.Run{Place: task.Output, Tables: outputs})
	}
	return e
}

func TestRun_AcceptsAnyEditThatLeadsToTheSameTree(t *testing.T) {
	_, err := simulator.Run(simulator.Subject{Policy: stack(), Edit: goodEdit}, simulator.Options{Seed: 3, Steps: 40, Keys: 200})
	require.NoError(t, err)
}

func TestRun_CatchesAnEditThatLosesWhatWasFlushedMeanwhile(t *testing.T) {
	stale := func(now shape.Tree, task shape.Task, outputs []shape.Table) shape.Edit {
		return shape.Edit{Drop: now.Runs, Add: []shape.Run{{Place: task.Output, Tables: outputs}}}
	}
	v := violate(t, simulator.Subject{Policy: atFour(), Edit: stale}, simulator.Options{Seed: 1})
	require.Equal(t, simulator.RuleEdit, v.Rule)
	require.Regexp(t, `table \d+ of L0@\d+ is lost`, v.Message)
	_, err := simulator.Run(simulator.Subject{Policy: atFour(), Edit: stale}, simulator.Options{Seed: 1, Steps: 40, Keys: 200, Quiescent: true})
	require.NoError(t, err, "when no flush comes between, this edit does no harm: only other schedules see it")
}

func TestRun_CatchesEditsThatAreWrong(t *testing.T) {
	for want, broken := range map[string]func(e shape.Edit) shape.Edit{
		"which the tree does not have": func(e shape.Edit) shape.Edit {
			e.Drop = append(slices.Clone(e.Drop), shape.Run{Place: shape.Place{Level: 5}})
			return e
		},
		"is still in L0": func(e shape.Edit) shape.Edit {
			e.Drop = e.Drop[1:]
			return e
		},
		"not in L1": func(e shape.Edit) shape.Edit {
			e.Add = slices.Clone(e.Add)
			for i := range e.Add {
				e.Add[i].Level++
			}
			return e
		},
	} {
		edit := func(now shape.Tree, task shape.Task, outputs []shape.Table) shape.Edit {
			return broken(goodEdit(now, task, outputs))
		}
		v := violate(t, simulator.Subject{Policy: atFour(), Edit: edit}, simulator.Options{Quiescent: true})
		require.Equal(t, simulator.RuleEdit, v.Rule)
		require.Contains(t, v.Message, want)
	}
}

func TestRun_CatchesATombstoneThatIsDroppedAboveTheBottom(t *testing.T) {
	nothing := func(shape.Tree, shape.Task) []shape.Run { return nil }
	v := violate(t, simulator.Subject{Policy: stack(), Below: nothing}, simulator.Options{Seed: 2})
	require.Equal(t, simulator.RuleRevived, v.Rule)
	require.NotEmpty(t, v.Story)
	require.Regexp(t, `tombstone@\d+; step \d+: merged into L0@\d+, where it was dropped`, strings.Join(v.Story, "\n"), "the story tells where the tombstone went")
}

func TestRun_CatchesBelowThatSeesGhosts(t *testing.T) {
	all := func(tree shape.Tree, _ shape.Task) []shape.Run { return tree.Runs }
	v := violate(t, simulator.Subject{Policy: atFour(), Below: all}, simulator.Options{})
	require.Equal(t, simulator.RuleFull, v.Rule)
	require.Contains(t, v.Message, "tombstone of key")
}

func TestRun_CatchesATaskThatPassesAnOlderVersion(t *testing.T) {
	skips := policy{full: mergeAll, pick: func(tree shape.Tree) (shape.Task, bool) {
		runs := tree.Level(0)
		if len(runs) < 4 {
			return shape.Task{}, false
		}
		return shape.Task{Inputs: runs[:2], Output: shape.Place{Level: 1}, Reason: "the newest two"}, true
	}}
	v := violate(t, simulator.Subject{Policy: skips}, simulator.Options{})
	require.Equal(t, simulator.RuleTask, v.Rule)
	require.Contains(t, v.Message, "would be passed")
}

func TestRun_CatchesAPolicyThatNeverRests(t *testing.T) {
	again := policy{full: mergeAll, pick: mergeAll}
	for _, quiescent := range []bool{true, false} {
		v := violate(t, simulator.Subject{Policy: again}, simulator.Options{Quiescent: quiescent})
		require.Equal(t, simulator.RuleRest, v.Rule)
	}
}

func TestRun_CatchesPoliciesThatAreNotPure(t *testing.T) {
	calls := 0
	counts := policy{full: mergeAll, pick: func(tree shape.Tree) (shape.Task, bool) {
		calls++
		task, ok := mergeAll(tree)
		return task, ok && calls%3 == 0
	}}
	v := violate(t, simulator.Subject{Policy: counts}, simulator.Options{})
	require.Equal(t, simulator.RulePure, v.Rule)
	require.Contains(t, v.Message, "two calls of Pick for one tree differ")

	turns := policy{full: mergeAll, pick: func(tree shape.Tree) (shape.Task, bool) {
		slices.Reverse(tree.Runs)
		return shape.Task{}, false
	}}
	v = violate(t, simulator.Subject{Policy: turns}, simulator.Options{})
	require.Equal(t, simulator.RulePure, v.Rule)
	require.Contains(t, v.Message, "Pick has changed the tree")
}

func TestRun_CatchesAFullThatIsNotFull(t *testing.T) {
	lazy := atFour()
	lazy.full = func(shape.Tree) (shape.Task, bool) { return shape.Task{}, false }
	require.Equal(t, simulator.RuleFull, violate(t, simulator.Subject{Policy: lazy}, simulator.Options{}).Rule)
	lazy.full = func(tree shape.Tree) (shape.Task, bool) {
		runs := tree.Runs[len(tree.Runs)-1:]
		return shape.Task{Inputs: runs, Output: runs[0].Place, Reason: "the last run"}, true
	}
	v := violate(t, simulator.Subject{Policy: lazy}, simulator.Options{Seed: 2, Steps: 6, Quiescent: true})
	require.Equal(t, simulator.RuleFull, v.Rule)
	require.Contains(t, v.Message, "Full merges")
}

func TestRun_SaysWhichOptionIsWrong(t *testing.T) {
	_, err := simulator.Run(simulator.Subject{Policy: atFour()}, simulator.Options{Workload: "odd"})
	require.ErrorContains(t, err, `there is no workload "odd": choose one of [uniform hot`)
	o := simulator.Options{Steps: 1 << 20, Workload: simulator.Sequential}
	_, err = simulator.Run(simulator.Subject{Policy: atFour()}, o)
	require.ErrorContains(t, err, "make the steps fewer")
}
