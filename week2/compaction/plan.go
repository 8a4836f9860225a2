package compaction

import (
	"lsmlab/internal/shape"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
)

// TreeOf returns the shape of a version. Keys are shared, and must not be changed.
func TreeOf(v *version.Version) shape.Tree {
	tree := shape.Tree{Runs: make([]shape.Run, 0, len(v.Runs))}
	for _, r := range v.Runs {
		tree.Runs = append(tree.Runs, shape.Run{Place: placeOf(r), Tables: shapes(r.Tables())})
	}
	return tree
}

// placeOf returns where a run stands.
func placeOf(r *version.Run) shape.Place { return shape.Place{Level: r.Level(), Epoch: r.Epoch()} }

// shapes returns what a policy knows of tables.
func shapes(tables []*sstable.Table) []shape.Table {
	out := make([]shape.Table, 0, len(tables))
	for _, t := range tables {
		out = append(out, shape.Table{Number: t.Number(), Size: t.Size(), First: t.First(), Last: t.Last()})
	}
	return out
}

// plan is a task, and the tables and runs behind its numbers and places.
type plan struct {
	tree   shape.Tree
	task   shape.Task
	tables map[uint64]*sstable.Table
	runs   map[shape.Place]*version.Run
}

// newPlan returns the plan of a task over a version, whose shape is tree.
func newPlan(v *version.Version, tree shape.Tree, task shape.Task) *plan {
	p := &plan{tree: tree, task: task, tables: map[uint64]*sstable.Table{}, runs: map[shape.Place]*version.Run{}}
	for _, r := range v.Runs {
		p.runs[placeOf(r)] = r
		for _, t := range r.Tables() {
			p.tables[t.Number()] = t
		}
	}
	return p
}

// inputs returns the tables that the task reads or moves.
func (p *plan) inputs() []*sstable.Table { return p.real(p.task.Tables()) }

// real returns the tables behind shapes.
func (p *plan) real(tables []shape.Table) []*sstable.Table {
	out := make([]*sstable.Table, 0, len(tables))
	for _, t := range tables {
		out = append(out, p.tables[t.Number])
	}
	return out
}

// enter takes up new tables, so that real knows them, and returns their shapes.
func (p *plan) enter(made []*sstable.Table) []shape.Table {
	for _, t := range made {
		p.tables[t.Number()] = t
	}
	return shapes(made)
}

// edit returns what the task does to the version, given what comes to the task's output.
func (p *plan) edit(outputs []shape.Table) *version.Edit {
	edit := Edit(p.tree, p.task, outputs)
	result := &version.Edit{}
	for _, r := range edit.Drop {
		result.Drop = append(result.Drop, p.runs[r.Place])
	}
	for _, r := range edit.Add {
		result.Add = append(result.Add, version.NewRun(r.Level, r.Epoch, p.real(r.Tables)))
	}
	return result
}
