package compaction

import (
	"context"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/week1/engine"
	"lsmlab/week1/iterator"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
)

// Options says how tables are merged. The zero Options are usable.
type Options struct {
	// TargetSize is the size in bytes at which an output table ends, give or take a block and the versions of one user key.
	// Default 8 MiB.
	TargetSize int64
}

// defaultTargetSize is twice a memtable: what comes of a merge is not cut smaller than what went in. Measured: with 2 MiB a
// merge takes a third longer, with 256 KiB four times as long, as each table has its own sync; 32 MiB gain nothing.
const defaultTargetSize = 8 << 20

// Compactor is an engine.Compactor that does what a policy wants. It keeps nothing from one job to the next.
type Compactor struct {
	policy shape.Policy // nil: only full jobs
	opts   Options
}

var _ engine.Compactor = (*Compactor)(nil)

// New returns a compactor. Without a policy it works only when a full job asks it to, and merges everything into the oldest
// run's place.
func New(p shape.Policy, o Options) *Compactor {
	if o.TargetSize <= 0 {
		o.TargetSize = defaultTargetSize
	}
	return &Compactor{policy: p, opts: o}
}

// Compact does one task of the policy, and returns what it does to the version; nil if there is nothing to do. A task that
// would damage the tree is refused.
func (c *Compactor) Compact(ctx context.Context, job *engine.Job) (*version.Edit, error) {
	p, ok := newPlan(job.Version), false
	if p.task, ok = c.pick(p.tree, job.Full); !ok {
		return nil, nil
	}
	if err := p.task.Check(p.tree); err != nil {
		return nil, fmt.Errorf("the policy's task would damage the tree: %w", err)
	}
	inputs := p.task.Tables()
	job.Begin(p.real(inputs))
	if !job.Full && movable(p.task) {
		return p.edit(inputs), nil
	}
	made, err := c.merge(ctx, job, p)
	if err != nil {
		return nil, err
	}
	return p.edit(p.enter(made)), nil
}

// pick returns what is to be done; ok is false if nothing is.
func (c *Compactor) pick(tree shape.Tree, full bool) (task shape.Task, ok bool) {
	switch {
	case c.policy != nil && full:
		return c.policy.Full(tree)
	case c.policy != nil:
		return c.policy.Pick(tree)
	case full && len(tree.Runs) > 0:
		oldest := tree.Runs[len(tree.Runs)-1]
		return shape.Task{Inputs: tree.Runs, Output: oldest.Place, Reason: "everything, by hand"}, true
	default:
		return shape.Task{}, false
	}
}

// merge merges the inputs of a plan and returns the new tables, durable but for their names. After an error there are none. It
// leaves the block cache to those who read keys: what is merged is read once, and gone afterwards.
func (c *Compactor) merge(ctx context.Context, job *engine.Job, p *plan) ([]*sstable.Table, error) {
	var inputs []kv.Iterator // newest first, as Task.Check wants them
	for _, r := range p.task.Inputs {
		inputs = append(inputs, version.NewRun(r.Level, r.Epoch, p.real(r.Tables)).NewScanner())
	}
	in := iterator.NewMerging(inputs...)
	defer in.Close()
	out := &outputs{begin: job.NewOutput, target: c.opts.TargetSize}
	m := &merge{
		in:    in,
		thin:  thinner{filter: job.Filter, keeper: job.Keeper, visible: job.Visible},
		sieve: engine.NewSieve(job.Keeper),
		below: newBelow(Below(p.tree, p.task)),
		out:   out,
	}
	if err := m.run(ctx); err != nil {
		out.abort()
		return nil, err
	}
	return out.tables, nil
}
