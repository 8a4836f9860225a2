package crashlab

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"lsmlab/internal/vfs"
)

// Crash runs a script once for each crash point, as the package says, and returns at the first violation.
func (l Lab) Crash(s Script) (Report, error) {
	mem := vfs.NewMem()
	whole := &run{lab: l, fs: mem}
	if err := errors.Join(whole.play(s), whole.close()); err != nil {
		return Report{}, fmt.Errorf("without any crash: %w\n%s", err, s)
	}
	var report Report
	for point := 1; point <= mem.Ops(); point += l.stride() {
		n, err := l.crashAt(s, point)
		report.Points++
		report.Recoveries += n
		if err != nil {
			return report, fmt.Errorf("crash at operation %d: %w\nThe script:\n%s", point, err, s)
		}
	}
	return report, nil
}

// crashAt runs the script into one crash, and tries all its outcomes. It returns how many recoveries were right.
func (l Lab) crashAt(s Script, point int) (recoveries int, err error) {
	mem := vfs.NewMem()
	fault := vfs.NewFault(mem)
	mem.CrashAt(point)
	r := &run{lab: l, fs: fault}
	stopped := r.play(s)
	if r.store != nil {
		_ = r.close() // it fails, or was the last step
	}
	if stopped != nil && !errors.Is(stopped, vfs.ErrCrashed) {
		return 0, fmt.Errorf("a step failed for another reason than the crash: %w", stopped)
	}
	for _, o := range l.outcomes(point) {
		n, err := l.recover(mem.Crash(o.Policy), r, o)
		recoveries += n
		if err != nil {
			return recoveries, fmt.Errorf("%s; the last operations before:\n%s%w", o.name, lastCalls(fault), err)
		}
	}
	return recoveries, nil
}

// recover looks at what a crash has left, after having been interrupted once itself.
func (l Lab) recover(after *vfs.Mem, r *run, o outcome) (recoveries int, err error) {
	atLeast := r.durable
	if o.kept && !l.LosesOnKill {
		atLeast = r.acked()
	}
	pairs, err := l.look(after.Clone())
	if err != nil {
		return 0, err
	}
	if _, err := r.prefix(pairs, atLeast); err != nil {
		return 0, err
	}
	again := l.interrupted(after, o)
	if pairs, err = l.look(again); err != nil {
		return 1, fmt.Errorf("after a crash during recovery: %w", err)
	}
	if _, err = r.prefix(pairs, atLeast); err != nil {
		return 1, fmt.Errorf("after a crash during recovery: %w", err)
	}
	if err := l.goOn(again, pairs); err != nil {
		return 2, err
	}
	return 4, nil
}

// interrupted opens the store of a file system that loses power meanwhile, and returns what is left.
func (l Lab) interrupted(after *vfs.Mem, o outcome) *vfs.Mem {
	calm := after.Clone()
	if _, err := l.look(calm); err != nil {
		return calm
	}
	first := after.Clone()
	dice := rand.New(rand.NewPCG(l.Seed, uint64(calm.Ops())))
	first.CrashAt(1 + dice.IntN(max(calm.Ops(), 1)))
	_, _ = l.look(first) // it fails, or has ended before
	return first.Crash(o.Policy)
}
