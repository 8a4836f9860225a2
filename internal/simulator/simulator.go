// Package simulator tries a compaction policy on a tree that exists only in memory, and watches every step.
//
// The keys are real: each table holds versions (key, sequence number, kind, size), and a merge merges them, as an engine
// would, by the policy's own tasks and the compactor's own edits. Only the values are missing: a number stands for their
// bytes. So a run over a gigabyte takes a moment, and what it does is the same on every platform for a given seed.
//
// After every step the simulator looks whether the newest version of each key is found first from the top, whether a
// deleted key came back, whether a table was lost; a rule that is broken is a *Violation, which tells the key's story.
//
//	result, err := simulator.Run(
//		simulator.Subject{Policy: tiered.Policy{}, Edit: compaction.Edit, Below: compaction.Below},
//		simulator.Options{Seed: 7, Workload: simulator.Hot, Trace: os.Stdout},
//	)
//	fmt.Println(result.Last().WriteAmp)
package simulator

import (
	"fmt"
	"io"
	"math/rand/v2"

	"lsmlab/internal/shape"
)

// Subject is what is tried.
type Subject struct {
	// Policy decides what is merged.
	Policy shape.Policy
	// Edit says what a task that is done does to the tree as it is now. Default: the simulator's own.
	Edit func(now shape.Tree, t shape.Task, outputs []shape.Table) shape.Edit
	// Below returns the runs that may hold older versions of what a task writes. Default: the simulator's own.
	Below func(t shape.Tree, task shape.Task) []shape.Run
}

// Options say what happens to the tree. The zero value is usable.
type Options struct {
	// Seed decides everything that is random.
	Seed uint64
	// Steps is how many memtables are flushed. Default 100.
	Steps int
	// Workload decides which keys are written. Default Uniform.
	Workload Workload
	// Keys is how many keys there are, at least 16; Sequential and Queue count on from there. Default 2,000.
	Keys int
	// EntrySize is the size of one version in bytes; a tombstone has a sixteenth. Default 64 KiB: an entry stands for many.
	EntrySize int64
	// FlushSize is how many bytes of writes a memtable takes. Default 4 MiB.
	FlushSize int64
	// TargetSize is where an output table ends, in bytes. Default 8 MiB.
	TargetSize int64
	// MaxOverlap is how many bytes of the run below its place an output table may overlap before it ends. A wide table full
	// of gaps would drag many tables along when it goes further down. Default: no limit; LevelDB has ten times TargetSize.
	MaxOverlap int64
	// Quiescent does all merges that the policy wants before the next flush comes. Otherwise a merge takes its time, and
	// flushes arrive while it goes on.
	Quiescent bool
	// Pace is how many bytes of tables are merged while a memtable fills, if merges are not Quiescent. Default: chance
	// decides how many flushes come before a merge is done, which tries more orders of things, and measures less.
	Pace int64
	// Before is the policy of the first half of the steps, nil for the subject's own. A directory may have been made with
	// another policy, and the one that comes after must cope with the tree that it finds.
	Before shape.Policy
	// Stop is how many runs in level 0 make flushes wait for the merge that is going on. Default 20.
	Stop int
	// Trace is told each step, in lines that are the same on every platform; nil tells nobody.
	Trace io.Writer
	// Reasons adds to the trace the policy's reasons, in its own words, and what the simulator is about.
	Reasons bool
}

// withDefaults returns o with what is missing filled in.
func (o Options) withDefaults() Options {
	set := func(n *int64, to int64) {
		if *n <= 0 {
			*n = to
		}
	}
	if o.Steps <= 0 {
		o.Steps = 100
	}
	if o.Workload == "" {
		o.Workload = Uniform
	}
	if o.Keys <= 0 {
		o.Keys = 2000
	}
	o.Keys = max(o.Keys, 16)
	if o.Stop <= 0 {
		o.Stop = 20
	}
	set(&o.EntrySize, 64<<10)
	set(&o.FlushSize, 4<<20)
	set(&o.TargetSize, 8<<20)
	return o
}

// sim is one run of the simulator.
type sim struct {
	Subject
	Options
	rand *rand.Rand
	work worker

	tree   shape.Tree
	tables map[uint64]*table // all that ever were, by number
	latest []version         // what each key should be, by key
	next   uint64            // the number of the next file
	active uint64            // the epoch of the memtable that is written to
	seq    uint64            // the newest sequence number
	step   int               // memtables flushed
	done   int               // tasks done
	task   *shape.Task       // the last task, for violations
	result Result
	scan   scanner
}

// Run drives the subject through a workload. The error is a *Violation if a rule is broken, or says which option is wrong;
// the result is what was measured until then.
func Run(s Subject, o Options) (*Result, error) {
	o = o.withDefaults()
	work, err := newWorker(o)
	if err != nil {
		return nil, err
	}
	if s.Edit == nil {
		s.Edit = edit
	}
	if s.Below == nil {
		s.Below = below
	}
	m := &sim{
		Subject: s, Options: o, work: work, rand: rand.New(rand.NewPCG(o.Seed, 0x51)),
		tables: map[uint64]*table{}, next: 2, active: 1,
	}
	m.result = Result{Workload: o.Workload, Seed: o.Seed}
	err = m.run()
	m.result.Tree = m.tree
	return &m.result, err
}

// run does all steps, lets the tree come to rest, and merges everything at the end.
func (m *sim) run() error {
	m.tracef("workload %s, seed %d", m.Workload, m.Seed)
	var going *job
	for m.step < m.Steps {
		if err := m.flush(); err != nil {
			return err
		}
		var err error
		if m.Quiescent {
			err = m.settle()
		} else {
			going, err = m.background(going)
		}
		if err != nil {
			return err
		}
		m.measure()
	}
	if going != nil {
		if err := m.finish(going); err != nil {
			return err
		}
	}
	if err := m.settle(); err != nil {
		return err
	}
	return m.full()
}

// background is the compaction worker's part of a step: it goes on with a merge, and perhaps begins others. It returns the
// merge that goes on while the next memtable is flushed.
func (m *sim) background(going *job) (*job, error) {
	for budget := m.Pace; ; going = nil {
		if going == nil {
			task, ok, err := m.pick()
			if err != nil || !ok {
				return nil, err
			}
			if going, err = m.begin(task); err != nil {
				return nil, err
			}
			m.plan(going)
		}
		if len(m.tree.Level(0)) < m.Stop && (going.flushes > 0 || going.left > budget) {
			going.flushes--
			going.left -= budget
			return going, nil
		}
		budget = max(0, budget-going.left)
		if err := m.finish(going); err != nil {
			return nil, err
		}
	}
}

// plan decides how long a task takes.
func (m *sim) plan(j *job) {
	if m.Pace <= 0 {
		j.flushes = max(0, m.rand.IntN(6)-2) // 0 in half of the cases, 3 at most
	} else if !movable(j.task) {
		j.left = shape.Size(j.task.Tables())
	}
}

// settle does what the policy wants until it wants nothing.
func (m *sim) settle() error {
	limit := 50 + 10*len(m.live())
	for n := 0; ; n++ {
		task, ok, err := m.pick()
		if err != nil || !ok {
			return err
		}
		if n == limit {
			return m.violation(RuleRest, -1, "after %d tasks without a flush the policy still wants more", n)
		}
		going, err := m.begin(task)
		if err != nil {
			return err
		}
		if err := m.finish(going); err != nil {
			return err
		}
	}
}

// full merges everything, as Engine.Compact does, and looks that nothing is left which need not be.
func (m *sim) full() error {
	before := m.clone()
	if m.Reasons {
		m.tracef("\nat rest; now everything is merged, to see that nothing is left behind")
	}
	task, ok := m.Policy.Full(m.tree)
	if err := m.unchanged(before, "Full"); err != nil {
		return err
	}
	if !ok {
		if len(m.tree.Runs) > 0 {
			return m.violation(RuleFull, -1, "Full finds nothing to do, but there are tables")
		}
		return nil
	}
	m.task = &task
	if n := len(task.Tables()); n != len(m.live()) {
		return m.violation(RuleFull, -1, "Full merges %d of %d tables", n, len(m.live()))
	}
	going, err := m.begin(task)
	if err != nil {
		return err
	}
	going.full = true
	if err := m.finish(going); err != nil {
		return err
	}
	for key, v := range m.latest {
		if v.seq > 0 && v.tombstone && m.scan.held[key] {
			return m.violation(RuleFull, key, "all is merged into one run, and the tombstone of key %s is still there", keyName(key))
		}
	}
	return m.settle()
}

// tracef writes a line of the trace.
func (m *sim) tracef(format string, args ...any) {
	if m.Trace != nil {
		fmt.Fprintf(m.Trace, format+"\n", args...)
	}
}
