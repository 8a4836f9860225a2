//lab:day 2.1

package compaction

import (
	"time"

	"lsmlab/solution/week1/version"
)

// maxDelay is what a write pays just before writers are stopped: a thousand writes a second, of each writer.
const maxDelay = time.Millisecond

// Throttle returns an engine's Options.Throttle that goes by the number of runs on level 0, each of which is one more that a
// reader has to ask. Below slow runs, writes pay nothing; from slow on, more with each run, up to a millisecond; from stop on,
// writers that want another memtable wait. slow is at least 1 and below stop.
//
//lab:todo 5 compaction#throttle
//lab:hint v.Runs are newest first: those of level 0 stand in front.
//lab:hint Between slow and stop there are stop-slow steps. The last one is maxDelay, and stays it.
//lab:stub return func(*version.Version) (time.Duration, bool) { return 0, false }
func Throttle(slow, stop int) func(*version.Version) (time.Duration, bool) {
	// #region throttle
	return func(v *version.Version) (delay time.Duration, stopped bool) {
		runs := 0
		for runs < len(v.Runs) && v.Runs[runs].Level() == 0 {
			runs++
		}
		steps := min(runs, stop-1) - slow + 1
		return maxDelay * time.Duration(max(steps, 0)) / time.Duration(max(stop-slow, 1)), runs >= stop
	}
	// #endregion
}
