package engine

import (
	"time"

	"lsmlab/week1/version"
)

// throttleLocked asks Options.Throttle what writers must pay from now on. It is called for each new version.
func (e *Engine) throttleLocked(v *version.Version) {
	if e.opts.Throttle == nil {
		return
	}
	delay, stop := e.opts.Throttle(v)
	e.stopped = stop
	e.delay.Store(int64(delay))
}

// slowDown makes a write wait before it begins, if Options.Throttle wants that: many short waits are better than the one long
// one that would follow. Close ends it.
func (e *Engine) slowDown() {
	delay := time.Duration(e.delay.Load())
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.ctx.Done():
	}
}
