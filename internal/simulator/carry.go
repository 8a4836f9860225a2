package simulator

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"lsmlab/internal/shape"
)

// job is a task that is being carried out.
type job struct {
	task    shape.Task
	below   []shape.Run // as it was at the beginning
	flushes int         // how many memtables are flushed before it is done, if chance decides
	left    int64       // how many bytes are still to be merged, if the pace decides
	full    bool        // rewrite even what could be moved
}

// pick asks the policy, twice, since it must give the same answer to the same question.
func (m *sim) pick() (task shape.Task, ok bool, err error) {
	before := m.clone()
	policy := m.policy()
	task, ok = policy.Pick(m.tree)
	if err := m.unchanged(before, "Pick"); err != nil {
		return task, false, err
	}
	again, okAgain := policy.Pick(before)
	if ok != okAgain || ok && !reflect.DeepEqual(task, again) {
		return task, false, m.violation(RulePure, -1, "two calls of Pick for one tree differ: %s, then %s",
			told(task, ok), told(again, okAgain))
	}
	return task, ok, nil
}

// policy returns whose turn it is.
func (m *sim) policy() shape.Policy {
	if m.Before != nil && m.step <= m.Steps/2 {
		return m.Before
	}
	return m.Policy
}

// told returns a policy's answer for people.
func told(task shape.Task, ok bool) string {
	if !ok {
		return "nothing to do"
	}
	return task.String()
}

// unchanged returns a violation if a call has changed the tree.
func (m *sim) unchanged(before shape.Tree, call string) error {
	if !reflect.DeepEqual(before.Runs, m.tree.Runs) {
		was := before
		now := m.tree
		m.tree = was
		return m.violation(RulePure, -1, "%s has changed the tree that it was given to\n%s", call, sketch(now))
	}
	return nil
}

// begin checks a task, and notes what lies below it, as a compactor does when it starts.
func (m *sim) begin(task shape.Task) (*job, error) {
	m.task = &task
	if err := task.Check(m.tree); err != nil {
		return nil, m.violation(RuleTask, -1, "%v", err)
	}
	m.traceTask("pick", task)
	return &job{task: task, below: m.Below(m.tree, task)}, nil
}

// finish merges, and puts the result into the tree as it is by now.
func (m *sim) finish(j *job) error {
	task := j.task
	m.task = &task
	m.done++
	var outputs []shape.Table
	moved := !j.full && movable(task)
	inputs := task.Tables()
	if moved {
		outputs = slices.Clone(inputs)
		slices.SortFunc(outputs, func(a, b shape.Table) int { return bytes.Compare(a.First, b.First) })
		m.result.Moves++
	} else {
		outputs = m.split(m.merge(inputs, j.below), j.below, fmt.Sprintf("merged into %s", task.Output))
		m.result.written += shape.Size(outputs)
		if !j.full {
			m.result.Merges++
			m.result.Largest = max(m.result.Largest, shape.Size(inputs))
		}
	}
	if err := m.put(task, outputs); err != nil {
		return err
	}
	for _, in := range inputs {
		if !moved {
			m.tables[in.Number].died = fmt.Sprintf("step %d: merged into %s", m.step, task.Output)
		}
	}
	m.traceDone(moved, outputs)
	return m.look()
}

// movable reports whether a task needs no reading and writing, since no two of its tables overlap. A run that goes nowhere
// is rewritten: there must be a reason, for instance tombstones that hide nothing any more.
func movable(task shape.Task) bool {
	if len(task.Inputs) == 1 && task.Inputs[0].Place == task.Output {
		return false
	}
	tables := task.Tables()
	slices.SortFunc(tables, func(a, b shape.Table) int { return bytes.Compare(a.First, b.First) })
	for i := 1; i < len(tables); i++ {
		if bytes.Compare(tables[i-1].Last, tables[i].First) >= 0 {
			return false
		}
	}
	return true
}

// put asks for the edit, applies it, and compares the tree with what it should be.
func (m *sim) put(task shape.Task, outputs []shape.Table) error {
	before := m.clone()
	e := m.Edit(m.tree, task, slices.Clone(outputs))
	if err := m.unchanged(before, "Edit"); err != nil {
		return err
	}
	for _, r := range e.Drop {
		have, ok := m.tree.At(r.Place)
		if !ok || !reflect.DeepEqual(have, r) {
			return m.violation(RuleEdit, -1, "the edit drops %s, which the tree does not have", drawRun(r))
		}
	}
	want := m.apply(edit(m.tree, task, outputs))
	got := m.apply(e)
	if !reflect.DeepEqual(want, got) {
		return m.violation(RuleEdit, -1, "%s; the tree after the edit should be\n%sand is\n%s",
			lost(want, got), sketch(want), sketch(got))
	}
	m.tree = got
	return nil
}

// lost names the first table that should be in a tree and is not, or the other way round.
func lost(want, got shape.Tree) string {
	where := func(t shape.Tree) map[uint64]shape.Place {
		places := map[uint64]shape.Place{}
		for _, r := range t.Runs {
			for _, table := range r.Tables {
				places[table.Number] = r.Place
			}
		}
		return places
	}
	w, g := where(want), where(got)
	for _, r := range want.Runs {
		for _, t := range r.Tables {
			if at, ok := g[t.Number]; !ok {
				return fmt.Sprintf("table %d of %s is lost", t.Number, r.Place)
			} else if at != r.Place {
				return fmt.Sprintf("table %d stands in %s, not in %s", t.Number, at, r.Place)
			}
		}
	}
	for _, r := range got.Runs {
		for _, t := range r.Tables {
			if _, ok := w[t.Number]; !ok {
				return fmt.Sprintf("table %d is still in %s", t.Number, r.Place)
			}
		}
	}
	return "the runs are not in order"
}

// apply returns the tree with an edit done to it.
func (m *sim) apply(e shape.Edit) shape.Tree {
	var next shape.Tree
	for _, r := range m.tree.Runs {
		if !slices.ContainsFunc(e.Drop, func(d shape.Run) bool { return d.Place == r.Place }) {
			next.Runs = append(next.Runs, r)
		}
	}
	next.Runs = append(next.Runs, e.Add...)
	slices.SortStableFunc(next.Runs, func(a, b shape.Run) int { return a.Compare(b.Place) })
	return next
}

// edit is what a task does to a tree: its inputs go, its outputs come, everything else stays where it is.
func edit(now shape.Tree, task shape.Task, outputs []shape.Table) (e shape.Edit) {
	gone := map[uint64]bool{}
	for _, t := range task.Tables() {
		gone[t.Number] = true
	}
	into := shape.Run{Place: task.Output, Tables: slices.Clone(outputs)}
	for _, r := range now.Runs {
		rest := slices.DeleteFunc(slices.Clone(r.Tables), func(t shape.Table) bool { return gone[t.Number] })
		if r.Place == task.Output {
			into.Tables = append(into.Tables, rest...)
			e.Drop = append(e.Drop, r)
		} else if len(rest) < len(r.Tables) {
			e.Drop = append(e.Drop, r)
			if len(rest) > 0 {
				e.Add = append(e.Add, shape.Run{Place: r.Place, Tables: rest})
			}
		}
	}
	slices.SortFunc(into.Tables, func(a, b shape.Table) int {
		return cmp.Or(bytes.Compare(a.First, b.First), cmp.Compare(a.Number, b.Number))
	})
	if len(into.Tables) > 0 {
		e.Add = append(e.Add, into)
	}
	return e
}

// below returns the runs older than a task's output, and what stays of the inputs' own run at the output's place is none of
// them: nothing there overlaps.
func below(t shape.Tree, task shape.Task) (runs []shape.Run) {
	for _, r := range t.Runs {
		if r.Compare(task.Output) > 0 {
			runs = append(runs, r)
		}
	}
	return runs
}
