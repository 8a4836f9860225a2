package compaction

import (
	"context"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
)

// checkEvery is after how many versions a merge looks whether it should end: often enough for a Close that waits, seldom enough
// to cost nothing.
const checkEvery = 256

// merge is one walk over the inputs of a task.
type merge struct {
	in    kv.Iterator   // all versions of the inputs, in order
	thin  thinner       // turns into tombstones what the compaction filter wants to go
	sieve *engine.Sieve // knows which versions must stay
	below *below        // knows which keys lie below
	out   *outputs      // takes what stays
}

// run walks over the inputs from the first version to the last, hands to the outputs what must stay, and finishes the last of
// them. It returns the first error, or the context's when that ends, and leaves the clean-up to its caller.
func (m *merge) run(ctx context.Context) error {
	// TODO(week 2, day 1, task 2): implement run. Chapter: book/week2/day1-compaction.md#merge
	//
	// Hint: For each version: m.thin.version, m.sieve.Keep, m.out.add. Then, behind the last: is it the end, or an error?
	// Hint: The sieve must be asked about every version, in order, those included that it refuses.
	// Hint: bottom means: nothing older of this user key lies below. m.below.mayHold answers the opposite question.
	// Hint: Ask ctx.Err() once in checkEvery versions, and count versions that are dropped as well.
	panic(todo.Reached("week 2 day 1 task 2", "merge.run"))
}
