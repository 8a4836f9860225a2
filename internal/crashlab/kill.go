package crashlab

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
)

// The file system in memory is a model, and a model may be wrong. So Kill does it to a real process over a real disk: a child
// writes as fast as it can, tells each acknowledged write on its standard output, and is killed in the middle. Parent and
// child throw the same dice, so that the parent knows what was written without being told more.

// Work is what the child does: writers write to keys of their own, without end, until the process is killed or a write fails. Each
// acknowledged write is a line on out.
func Work(store Store, seed uint64, writers int, out io.Writer) error {
	errs := make([]error, writers)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			r := &run{store: store}
			for i, steps := 0, newWork(seed, w); errs[w] == nil; i++ {
				if errs[w] = r.write(steps.next(i)); errs[w] == nil {
					_, errs[w] = fmt.Fprintf(out, "%d %d\n", w, i)
				}
				r.writes = r.writes[:0] // the parent keeps the history
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// work is the endless work of one writer.
type work struct {
	dice   *rand.Rand
	writer int
}

// newWork returns the work of a writer, the same for the same seed.
func newWork(seed uint64, writer int) *work {
	return &work{dice: rand.New(rand.NewPCG(seed, uint64(writer)+1)), writer: writer}
}

// next returns the i-th write, and whether it is synced. Calls must be in order.
func (w *work) next(i int) (ops labtest.Write, sync bool) {
	ops = owned(randomOps(w.dice, i), w.writer)
	return ops, w.dice.IntN(16) == 0
}

// Kill starts child, whose process must call Work over the store in dir with the same seed and number of writers, kills it
// after a while, and checks what is found. before is what the store held before. It returns what it holds now, and how
// many writes were acknowledged.
func (l Lab) Kill(child *exec.Cmd, seed uint64, writers int, before []Pair) (after []Pair, acknowledged int, err error) {
	acked, err := kill(child, writers, 1+rand.New(rand.NewPCG(seed, 0)).IntN(500))
	if err != nil {
		return nil, 0, err
	}
	if after, err = l.look(vfs.OS()); err != nil {
		return nil, 0, err
	}
	for w, n := range acked {
		acknowledged += n
		if err := judgeWork(seed, w, n, before, after); err != nil {
			return nil, acknowledged, fmt.Errorf("killed child, seed %d, writer %d, %d writes acknowledged: %w", seed, w, n, err)
		}
	}
	return after, acknowledged, nil
}

// kill runs the child until it has acknowledged so many writes, kills it, and returns how many each writer had acknowledged.
func kill(child *exec.Cmd, writers, after int) (acked []int, err error) {
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var complaint strings.Builder
	child.Stderr = &complaint
	if err := child.Start(); err != nil {
		return nil, err
	}
	acked = make([]int, writers)
	lines := bufio.NewScanner(out)
	seen := 0
	for lines.Scan() {
		var w, i int
		if _, err := fmt.Sscanf(lines.Text(), "%d %d", &w, &i); err != nil || w < 0 || w >= writers {
			continue // cut in the middle
		}
		acked[w] = i + 1
		if seen++; seen == after {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait() // killed
	if seen < after {
		return nil, fmt.Errorf("the child ended by itself, after %d writes: %s", seen, complaint.String())
	}
	return acked, nil
}

// judgeWork checks that what was found of a writer's keys is what its first n writes left, or one more, which was under way.
func judgeWork(seed uint64, writer, n int, before, after []Pair) error {
	h := history{}
	var first labtest.Write
	for _, p := range before {
		if strings.HasPrefix(p.Key, prefix(writer)) {
			first = append(first, kv.Op{Kind: kv.KindSet, Key: []byte(p.Key), Value: []byte(p.Value)})
		}
	}
	h.began(first)
	steps := newWork(seed, writer)
	for i := range n + 1 {
		ops, _ := steps.next(i)
		h.began(ops)
	}
	var mine []Pair
	for _, p := range after {
		if strings.HasPrefix(p.Key, prefix(writer)) {
			mine = append(mine, p)
		}
	}
	_, err := h.prefix(mine, n+1)
	return err
}
