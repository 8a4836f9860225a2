// Package compaction merges the runs of a tree: old versions go, deleted keys go in the end, and readers have fewer runs to
// ask.
//
// What is merged, and where the result goes, a shape.Policy decides; the packages of the next three days are such policies.
// This package carries a task out:
//
//	L0@9   [b c]  [m q]  ─┐                           new tables stand where
//	L0@7   [a d]         ─┼─ merge → sieve → split ─→ task.Output says; what the
//	L1     [a f]  [l r]  ─┘                           inputs leave over stays
//	L2     [a k]          below: a tombstone of "c" must stay, one of "m" may go
//
// Invariants:
//
//  1. For every reader at the job's visible number, or later, an answer is the same before and after.
//  2. The output's tables are one run: in order, and all versions of a user key in one of them.
//  3. The tree may grow meanwhile, by flushes, always on top. The edit says what goes and what comes, so it holds for any
//     tree that still has the inputs.
//  4. An error, or the end of the context, leaves no file behind and changes nothing.
//
// An engine that merges everything when asked to, and nothing by itself:
//
//	e, err := engine.Open("data/db", &engine.Options{Compactor: compaction.New(nil, compaction.Options{})})
//	…
//	err = e.Compact(ctx)
package compaction
