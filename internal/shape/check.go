package shape

import (
	"bytes"
	"fmt"
	"slices"
)

// Check returns what is wrong with a tree: runs out of order, two at one place, none or overlapping tables in a run, a table
// twice.
func (t Tree) Check() error {
	seen := map[uint64]Place{}
	for i, r := range t.Runs {
		if i > 0 && t.Runs[i-1].Compare(r.Place) >= 0 {
			return fmt.Errorf("run %s stands behind %s", r.Place, t.Runs[i-1].Place)
		}
		if len(r.Tables) == 0 {
			return fmt.Errorf("run %s has no tables", r.Place)
		}
		for j, table := range r.Tables {
			if where, twice := seen[table.Number]; twice {
				return fmt.Errorf("table %d stands in %s and in %s", table.Number, where, r.Place)
			}
			seen[table.Number] = r.Place
			if j > 0 && bytes.Compare(r.Tables[j-1].Last, table.First) >= 0 {
				return fmt.Errorf("run %s: table %d ends at %q, not before table %d begins at %q",
					r.Place, r.Tables[j-1].Number, r.Tables[j-1].Last, table.Number, table.First)
			}
		}
	}
	return nil
}

// Check returns why a task would damage a tree. Merging moves versions down, from the places of the inputs to the output; so
// no version may pass an older one of the same key that stays where it is.
func (t Task) Check(tree Tree) error {
	if len(t.Inputs) == 0 {
		return fmt.Errorf("task %q has no inputs", t.Reason)
	}
	staying := map[Place][]Table{}
	for _, r := range tree.Runs {
		staying[r.Place] = r.Tables
	}
	for i, in := range t.Inputs {
		if i > 0 && t.Inputs[i-1].Compare(in.Place) >= 0 {
			return fmt.Errorf("inputs are not newest first: %s stands behind %s", in.Place, t.Inputs[i-1].Place)
		}
		if len(in.Tables) == 0 || in.Compare(t.Output) > 0 {
			return fmt.Errorf("input %s with %d tables cannot go up to %s", in.Place, len(in.Tables), t.Output)
		}
		for _, table := range in.Tables {
			at := slices.IndexFunc(staying[in.Place], func(s Table) bool { return s.Number == table.Number })
			if at < 0 {
				return fmt.Errorf("input table %d is not in run %s", table.Number, in.Place)
			}
			staying[in.Place] = slices.Delete(slices.Clone(staying[in.Place]), at, at+1)
		}
	}
	return t.checkPasses(tree, staying)
}

// checkPasses looks for tables that stay and would be passed: they are older than an input, and newer than the output, or they
// stay at the output's own place, where nothing may overlap.
func (t Task) checkPasses(tree Tree, staying map[Place][]Table) error {
	for _, r := range tree.Runs {
		if r.Compare(t.Output) > 0 {
			continue
		}
		for _, stays := range staying[r.Place] {
			for _, in := range t.Inputs {
				if in.Compare(r.Place) > 0 {
					continue // newer than the input: nothing passes it
				}
				for _, moves := range in.Tables {
					if in.Place != r.Place && moves.Overlaps(stays) {
						return fmt.Errorf("table %d of %s would be passed by the newer table %d of %s on its way to %s",
							stays.Number, r.Place, moves.Number, in.Place, t.Output)
					}
				}
			}
		}
	}
	// At the output's place the new tables stand beside those that stay, and may lie anywhere between the inputs' ends.
	first, last := Span(t.Tables())
	for _, stays := range staying[t.Output] {
		if stays.Overlaps(Table{First: first, Last: last}) {
			return fmt.Errorf("table %d stays in %s, between the ends of what is merged into it", stays.Number, t.Output)
		}
	}
	return nil
}

// Span returns the smallest and the largest key of tables, of which there is at least one.
func Span(tables []Table) (first, last []byte) {
	first, last = tables[0].First, tables[0].Last
	for _, t := range tables[1:] {
		if bytes.Compare(t.First, first) < 0 {
			first = t.First
		}
		if bytes.Compare(t.Last, last) > 0 {
			last = t.Last
		}
	}
	return first, last
}
