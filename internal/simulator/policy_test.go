package simulator_test

import (
	"fmt"

	"lsmlab/internal/shape"
)

// policy makes a Policy of two functions.
type policy struct {
	pick func(shape.Tree) (shape.Task, bool)
	full func(shape.Tree) (shape.Task, bool)
}

// Pick calls pick.
func (p policy) Pick(t shape.Tree) (shape.Task, bool) { return p.pick(t) }

// Full calls full.
func (p policy) Full(t shape.Tree) (shape.Task, bool) { return p.full(t) }

// mergeAll returns the task that merges everything into level 1.
func mergeAll(t shape.Tree) (shape.Task, bool) {
	return shape.Task{Inputs: t.Runs, Output: shape.Place{Level: 1}, Reason: "all of it"}, len(t.Runs) > 0
}

// atFour is a policy that merges everything into level 1 as soon as level 0 has four runs.
func atFour() policy {
	return policy{full: mergeAll, pick: func(t shape.Tree) (shape.Task, bool) {
		task, _ := mergeAll(t)
		n := len(t.Level(0))
		task.Reason = fmt.Sprintf("level 0 has %d runs", n)
		return task, n >= 4
	}}
}

// stack is a policy of tiers: the two oldest runs of level 0 become one as soon as there are six, never the bottom.
func stack() policy {
	return policy{full: mergeAll, pick: func(t shape.Tree) (shape.Task, bool) {
		runs := t.Level(0)
		if len(runs) < 6 {
			return shape.Task{}, false
		}
		return shape.Task{Inputs: runs[1:4], Output: runs[3].Place, Reason: "six runs"}, true
	}}
}
