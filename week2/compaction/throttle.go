package compaction

import (
	"time"

	"lsmlab/internal/todo"
	"lsmlab/week1/version"
)

// maxDelay is what a write pays just before writers are stopped: a thousand writes a second, of each writer.
const maxDelay = time.Millisecond

// Throttle returns an engine's Options.Throttle that goes by the number of runs on level 0, each of which is one more that a
// reader has to ask. Below slow runs, writes pay nothing; from slow on, more with each run, up to a millisecond; from stop on,
// writers that want another memtable wait. slow is at least 1 and below stop.
func Throttle(slow, stop int) func(*version.Version) (time.Duration, bool) {
	// TODO(week 2, day 1, task 5): implement Throttle. Chapter: book/week2/day1-compaction.md#throttle
	//
	// Hint: v.Runs are newest first: those of level 0 stand in front.
	// Hint: Between slow and stop there are stop-slow steps. The last one is maxDelay, and stays it.
	todo.Note("week 2 day 1 task 5", "Throttle")
	return func(*version.Version) (time.Duration, bool) { return 0, false }
}
