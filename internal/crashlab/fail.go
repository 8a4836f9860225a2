package crashlab

import (
	"errors"
	"fmt"

	"lsmlab/internal/vfs"
)

// Fail runs a script once for each operation of the file system, which fails there with err: once, and in a second run from
// there on, as a full disk does. The script goes on as far as the store lets it. What was acknowledged must be read all the
// time, what failed never; and after the trouble has ended and the store was opened again, what failed is there as a whole
// or not at all. The report's points are the failing operations, twice.
func (l Lab) Fail(s Script, err error) (Report, error) {
	calm := vfs.NewFault(vfs.NewMem())
	whole := &run{lab: l, fs: calm}
	if err := errors.Join(whole.play(s), whole.close()); err != nil {
		return Report{}, fmt.Errorf("without any failure: %w\n%s", err, s)
	}
	var report Report
	for point := 1; point <= len(calm.Log()); point += l.stride() {
		for _, from := range []bool{false, true} {
			n, failure := l.failAt(s, point, from, err)
			report.Points++
			report.Recoveries += n
			if failure != nil {
				return report, fmt.Errorf("operation %d fails (from there on: %t): %w\nThe script:\n%s", point, from, failure, s)
			}
		}
	}
	return report, nil
}

// failAt runs the script with one failing operation, or with all from there on failing.
func (l Lab) failAt(s Script, point int, from bool, with error) (recoveries int, err error) {
	mem := vfs.NewMem()
	fault := vfs.NewFault(mem)
	seen := 0
	fault.FailAt(func(c vfs.Call) bool {
		if c.Op == vfs.OpRead || c.Op == vfs.OpSize || c.Op == vfs.OpClose {
			return false
		}
		seen++
		return seen == point || from && seen > point
	}, with)
	r := &run{lab: l, fs: fault}
	if err := r.stumble(s); err != nil {
		return 0, fmt.Errorf("%w\nThe last operations:\n%s", err, lastCalls(fault))
	}
	fault.Clear()
	if r.store != nil {
		_ = r.store.Close() // it may tell the error once more
		r.store = nil
	}
	pairs, err := l.look(fault)
	if err == nil {
		err = r.settle(pairs)
	}
	if err != nil {
		return 0, fmt.Errorf("opened again, without failures: %w\nThe last operations:\n%s", err, lastCalls(fault))
	}
	if err := l.goOn(fault, pairs); err != nil {
		return 1, err
	}
	return 3, nil
}

// stumble runs the script whatever fails, and looks after each failed step.
func (r *run) stumble(s Script) error {
	for i, step := range s {
		if r.store == nil {
			if err := r.revive(); err != nil {
				return fmt.Errorf("before step %d: %w", i+1, err)
			}
			if r.store == nil {
				continue
			}
		}
		var err error
		if step.Kind == Reopen {
			_ = r.close() // what it had not made durable by then has failed
			err = r.revive()
		} else if r.do(step) != nil {
			err = r.acknowledgedOnly()
		}
		if err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step, err)
		}
	}
	return nil
}

// revive opens the store if it can be opened, and settles what it holds.
func (r *run) revive() error {
	if r.open() != nil {
		return nil
	}
	pairs, err := dump(r.store)
	if err != nil {
		return err
	}
	return r.settle(pairs)
}

// acknowledgedOnly checks that a store that is open shows what was acknowledged and nothing that failed.
func (r *run) acknowledgedOnly() error {
	found, err := dump(r.store)
	if err != nil {
		return fmt.Errorf("it cannot be read any more: %w", err)
	}
	want := r.state(len(r.writes), func(int) bool { return false })
	if same(want, found) {
		return nil
	}
	return fmt.Errorf("it does not show what was acknowledged (-want +got):\n%s", diff(want, found))
}

// settle looks, in a store that was opened again, which failed write has been stored after all: none, or a single one. From
// then on the store is held to that.
func (h *history) settle(found []Pair) error {
	for pick := -1; pick < len(h.writes); pick++ {
		if pick >= 0 && (h.writes[pick].acked || h.writes[pick].gone) {
			continue
		}
		if same(h.state(len(h.writes), func(i int) bool { return i == pick }), found) {
			for i := range h.writes {
				w := &h.writes[i]
				w.acked, w.gone = w.acked || i == pick, !w.acked && i != pick
			}
			return nil
		}
	}
	want := h.state(len(h.writes), func(int) bool { return false })
	return fmt.Errorf("it holds neither what was acknowledged, nor that and a single failed write (-want without failed ones +got):\n%s", diff(want, found))
}
