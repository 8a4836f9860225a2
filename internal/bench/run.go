package bench

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Plan says what to measure.
type Plan struct {
	Peers    []Peer // the first is what the ratios refer to
	Entries  int    // keys in a store
	Rounds   int
	AtLeast  time.Duration // how long each reading is measured: a few milliseconds tell the machine's mood, and no more
	Settings Settings
	Progress io.Writer // a line a step; nil for none
}

// Table holds all figures: by workload, by peer, by round.
type Table struct {
	Plan   Plan
	Names  []string     // of the workloads
	Cells  [][][]Figure // [workload][peer][round]
	Usages [][]Usage    // of the first fill: [peer][round]
}

// Run measures everything. A store's files lie in a directory of their own under the system's temporary one, and are
// removed.
func Run(p Plan) (*Table, error) {
	t := &Table{Plan: p, Usages: make([][]Usage, len(p.Peers))}
	for _, s := range scenes() {
		for _, w := range s.workloads {
			t.add(w.name)
		}
	}
	t.add(reopening)
	for round := range p.Rounds {
		for turn := range p.Peers {
			peer := (turn + round) % len(p.Peers)
			p.say("round %d of %d: %s", round+1, p.Rounds, p.Peers[peer].Name)
			if err := t.runPeer(peer); err != nil {
				return nil, fmt.Errorf("%s: %w", p.Peers[peer].Name, err)
			}
		}
	}
	return t, nil
}

// add adds an empty row.
func (t *Table) add(name string) {
	t.Names = append(t.Names, name)
	t.Cells = append(t.Cells, make([][]Figure, len(t.Plan.Peers)))
}

// put enters a figure.
func (t *Table) put(name string, peer int, f Figure) {
	row := slices.Index(t.Names, name)
	t.Cells[row][peer] = append(t.Cells[row][peer], f)
}

// say prints a line of progress.
func (p Plan) say(format string, args ...any) {
	if p.Progress != nil {
		fmt.Fprintf(p.Progress, format+"\n", args...)
	}
}

// runPeer runs everything once on one peer.
func (t *Table) runPeer(peer int) error {
	base, err := os.MkdirTemp("", "lsm-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(base)
	for i, s := range scenes() {
		syncDisks() // what the peer before has left to the operating system is not this one's work
		if err := t.runScene(s, peer, filepath.Join(base, fmt.Sprint(i)), i == 0); err != nil {
			return err
		}
	}
	f, err := t.reopen(peer, filepath.Join(base, "crash"))
	if err != nil {
		return fmt.Errorf("%s: %w", reopening, err)
	}
	t.put(reopening, peer, f)
	return nil
}

// runScene prepares a store and measures with it. If closely, its first workload is a fill whose usage is measured too.
func (t *Table) runScene(scene scene, peer int, dir string, closely bool) (err error) {
	p, n := t.Plan.Peers[peer], t.Plan.Entries
	if scene.durable && !p.Durable {
		for _, w := range scene.workloads {
			t.put(w.name, peer, Figure{})
		}
		return nil
	}
	s, err := p.Open(dir, scene.settings(t.Plan.Settings))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(), os.RemoveAll(dir)) }()
	if scene.prepare != nil {
		if err := scene.prepare(s, n); err != nil {
			return err
		}
	}
	rest := scene.workloads
	if closely {
		f, u, err := fillUsage(rest[0], s, n, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", rest[0].name, err)
		}
		t.put(rest[0].name, peer, f)
		t.Usages[peer], rest = append(t.Usages[peer], u), rest[1:]
	}
	return t.runWorkloads(rest, s, peer)
}

// runWorkloads measures one after the other. Before the first that wants a compacted tree, it is compacted.
func (t *Table) runWorkloads(workloads []workload, s Store, peer int) error {
	compacter, can := s.(Compacter)
	compacted := false
	for _, w := range workloads {
		if w.compacts && !can {
			t.put(w.name, peer, Figure{})
			continue
		}
		if w.compacts && !compacted {
			compacted = true
			if err := compacter.Compact(); err != nil {
				return fmt.Errorf("compact: %w", err)
			}
		}
		f, err := measure(w, s, t.Plan.Entries, t.Plan.AtLeast)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		t.put(w.name, peer, f)
	}
	return nil
}

// reopen measures how long it takes until a store answers that was not closed: a copy of its files is opened, as they are
// while it runs.
func (t *Table) reopen(peer int, dir string) (f Figure, err error) {
	p := t.Plan.Peers[peer]
	if !p.Durable {
		return f, nil
	}
	running, err := p.Open(dir, t.Plan.Settings)
	if err != nil {
		return f, err
	}
	n := t.Plan.Entries / 4
	if err = settledFill(running, n); err == nil {
		// What is to be replayed: half a memtable, so that no flush changes the files while they are copied.
		_, err = fill(1)(running, min(n, t.Plan.Settings.Memtable/2/(keySize+valueSize)))
	}
	if err == nil {
		err = copyWhole(dir, dir+"-copy")
	}
	if err = errors.Join(err, running.Close()); err != nil {
		return f, err
	}
	start := time.Now()
	s, err := p.Open(dir+"-copy", t.Plan.Settings)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	key := make([]byte, keySize)
	keyAt(key, 0)
	return Figure{Ops: 1, Elapsed: time.Since(start)}, want(s, key, true)
}

// copyWhole copies a directory whose files still go and come, for background work that nothing tells the end of: it tries again
// when one has gone.
func copyWhole(from, to string) (err error) {
	for range 50 {
		if err = os.CopyFS(to, os.DirFS(from)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}
