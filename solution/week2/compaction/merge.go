//lab:day 2.1

package compaction

import (
	"context"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
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
//
//lab:todo 2 compaction#merge
//lab:hint For each version: m.thin.version, m.sieve.Keep, m.out.add. Then, behind the last: is it the end, or an error?
//lab:hint The sieve must be asked about every version, in order, those included that it refuses.
//lab:hint bottom means: nothing older of this user key lies below. m.below.mayHold answers the opposite question.
//lab:hint Ask ctx.Err() once in checkEvery versions, and count versions that are dropped as well.
func (m *merge) run(ctx context.Context) error {
	// #region run
	m.in.First()
	for n := 0; m.in.Valid(); n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key, value := m.thin.version(m.in.Key(), m.in.Value())
		if m.sieve.Keep(key, !m.below.mayHold(key.User)) {
			if err := m.out.add(key, value); err != nil {
				return err
			}
		}
		m.in.Next()
	}
	if err := m.in.Err(); err != nil {
		return err
	}
	return m.out.finish()
	// #endregion
}
