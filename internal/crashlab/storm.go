package crashlab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
)

// Storm has several goroutines write at once, each to keys of its own, while another flushes and compacts, and cuts the power
// at a random operation. Each writer must find a prefix of its own writes again, as Crash says.
func (l Lab) Storm(seed uint64, writers, steps int) (Report, error) {
	dice := rand.New(rand.NewPCG(seed, 0x5702))
	mem := vfs.NewMem()
	point := 1 + dice.IntN(4*writers*steps)
	mem.CrashAt(point)
	histories := make([]history, writers)
	if store, err := l.Open(mem); err == nil {
		blow(store, seed, histories, steps)
		_ = store.Close() // it fails, if the power has gone by now
	}
	report := Report{Points: 1}
	for _, o := range l.outcomes(point) {
		pairs, err := l.look(mem.Crash(o.Policy))
		if err == nil {
			err = l.judge(pairs, histories, o)
		}
		if err != nil {
			return report, fmt.Errorf("storm %d of %d writers, crash at operation %d, %s: %w", seed, writers, point, o.name, err)
		}
		report.Recoveries++
	}
	return report, nil
}

// blow lets the writers run until they have done their steps, or cannot.
func blow(store Store, seed uint64, histories []history, steps int) {
	var writing, tending sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	tending.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if i%4 == 3 {
				_ = store.Compact(ctx)
			} else {
				_ = store.Flush(ctx)
			}
		}
	})
	for w := range histories {
		writing.Go(func() {
			r := &run{store: store}
			for _, step := range Random(seed*1000+uint64(w), steps) {
				if step.Kind != SyncedWrite {
					step.Kind = Write
				}
				if step.Ops == nil {
					continue
				}
				if r.write(owned(step.Ops, w), step.Kind == SyncedWrite) != nil {
					break
				}
			}
			histories[w] = r.history
		})
	}
	writing.Wait()
	cancel()
	tending.Wait()
}

// owned returns the same writes, to the writer's own keys.
func owned(ops labtest.Write, writer int) labtest.Write {
	var mine labtest.Write
	for _, op := range ops {
		op.Key = append([]byte(prefix(writer)), op.Key...)
		mine = append(mine, op)
	}
	return mine
}

// prefix is what the keys of a writer begin with.
func prefix(writer int) string { return fmt.Sprintf("w%02d/", writer) }

// judge looks at each writer's part of what was found.
func (l Lab) judge(pairs []Pair, histories []history, o outcome) error {
	for w := range histories {
		h := &histories[w]
		var mine []Pair
		for _, p := range pairs {
			if strings.HasPrefix(p.Key, prefix(w)) {
				mine = append(mine, p)
			}
		}
		atLeast := h.durable
		if o.kept && !l.LosesOnKill {
			atLeast = h.acked()
		}
		if _, err := h.prefix(mine, atLeast); err != nil {
			return fmt.Errorf("writer %d: %w", w, err)
		}
	}
	return nil
}
