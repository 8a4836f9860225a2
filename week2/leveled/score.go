package leveled

import (
	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
)

// Scores returns, by level, how much each needs that something is merged out of it; from 1 on it does.
//
//   - Level 0: its runs, divided by Runs.
//   - A level with a target: its size, divided by the target.
//   - A level that should be empty and is not: its size, divided by BaseSize, but 1 at least: others first.
//   - The bottom: 0, it has nowhere to go.
//
// Level 0 counts runs because every read has to look into each of them; in bytes they may be few. LevelDB and RocksDB
// do so too.
func (p Policy) Scores(t shape.Tree) []float64 {
	// TODO(week 2, day 4, task 2): implement Scores. Chapter: book/week2/day4-leveled.md#scores
	//
	// Hint: The bottom is the last level of targets, not of the runs that the tree has now.
	// Hint: Divide floats: of 3 runs and a trigger of 4, integers make 0.
	panic(todo.Reached("week 2 day 4 task 2", "Policy.Scores"))
}

// Urgent returns the level with the highest score, and that score. Of several it is the highest up in the tree: what
// leaves level 0 makes every read cheaper, and writers may be waiting for it.
func (p Policy) Urgent(t shape.Tree) (level int, score float64) {
	// TODO(week 2, day 4, task 2): implement Urgent. Chapter: book/week2/day4-leveled.md#urgent
	//
	// Hint: Greater, or greater or equal? One of the two gives the level that is higher up.
	panic(todo.Reached("week 2 day 4 task 2", "Policy.Urgent"))
}
