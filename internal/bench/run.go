package bench

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Plan says what to measure.
type Plan struct {
	Peers    []Peer // the first is what the ratios refer to
	Entries  int    // keys in a store
	Rounds   int
	Settings Settings
	Progress io.Writer // a line a step; nil for none
}

// Table holds all figures: by workload, by peer, by round.
type Table struct {
	Plan  Plan
	Names []string     // of the workloads
	Cells [][][]Figure // [workload][peer][round]
}

// Run measures everything. A store's files lie in a directory of their own under the system's temporary one, and are
// removed.
func Run(p Plan) (*Table, error) {
	rows := workloads()
	t := &Table{Plan: p, Cells: make([][][]Figure, len(rows))}
	for i, w := range rows {
		t.Names = append(t.Names, w.name)
		t.Cells[i] = make([][]Figure, len(p.Peers))
	}
	for round := range p.Rounds {
		for turn := range p.Peers {
			peer := (turn + round) % len(p.Peers)
			p.say("round %d of %d: %s", round+1, p.Rounds, p.Peers[peer].Name)
			if err := t.runPeer(rows, peer); err != nil {
				return nil, fmt.Errorf("%s: %w", p.Peers[peer].Name, err)
			}
		}
	}
	return t, nil
}

// say prints a line of progress.
func (p Plan) say(format string, args ...any) {
	if p.Progress != nil {
		fmt.Fprintf(p.Progress, format+"\n", args...)
	}
}

// runPeer runs all workloads once on one peer.
func (t *Table) runPeer(rows []workload, peer int) (err error) {
	base, err := os.MkdirTemp("", "lsm-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(base)
	var s Store
	defer func() {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for i, w := range rows {
		if w.fresh {
			if s, err = t.renew(s, w, peer, filepath.Join(base, fmt.Sprint(i))); err != nil {
				return err
			}
		}
		f, err := measure(w, s, t.Plan.Entries)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		t.Cells[i][peer] = append(t.Cells[i][peer], f)
	}
	return nil
}

// renew closes the store of before and opens an empty one. A workload with a cache of its own needs data in it.
func (t *Table) renew(old Store, w workload, peer int, dir string) (Store, error) {
	if old != nil {
		if err := old.Close(); err != nil {
			return nil, err
		}
	}
	settings := t.Plan.Settings
	if w.cache > 0 {
		settings.Cache = w.cache
	}
	s, err := t.Plan.Peers[peer].Open(dir, settings)
	if err != nil || w.cache == 0 {
		return s, err
	}
	if _, err := settled(fill(1))(s, t.Plan.Entries); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
