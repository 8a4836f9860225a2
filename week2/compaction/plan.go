package compaction

import (
	"lsmlab/internal/shape"
	"lsmlab/week1/sstable"
	"lsmlab/week1/version"
)

// TreeOf returns the shape of a version. Keys are shared, and must not be changed.
func TreeOf(v *version.Version) shape.Tree { return newPlan(v).tree }

// plan is a task over the shape of a version, and the tables and runs behind its numbers and places.
type plan struct {
	tree   shape.Tree
	task   shape.Task // set by whoever knows it
	tables map[uint64]*sstable.Table
	runs   map[shape.Place]*version.Run
}

// newPlan returns a plan over a version, without a task.
func newPlan(v *version.Version) *plan {
	p := &plan{tables: map[uint64]*sstable.Table{}, runs: map[shape.Place]*version.Run{}}
	for _, r := range v.Runs {
		place := shape.Place{Level: r.Level(), Epoch: r.Epoch()}
		p.runs[place] = r
		p.tree.Runs = append(p.tree.Runs, shape.Run{Place: place, Tables: p.enter(r.Tables())})
	}
	return p
}

// enter takes up tables, so that real knows them, and returns what a policy knows of them.
func (p *plan) enter(tables []*sstable.Table) []shape.Table {
	shapes := make([]shape.Table, 0, len(tables))
	for _, t := range tables {
		p.tables[t.Number()] = t
		shapes = append(shapes, shape.Table{Number: t.Number(), Size: t.Size(), First: t.First(), Last: t.Last()})
	}
	return shapes
}

// real returns the tables behind shapes.
func (p *plan) real(shapes []shape.Table) []*sstable.Table {
	tables := make([]*sstable.Table, 0, len(shapes))
	for _, s := range shapes {
		tables = append(tables, p.tables[s.Number])
	}
	return tables
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
