package manifest

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/internal/todo"
	"lsmlab/week1/version"
)

// State is what the records of a manifest, taken together, say.
type State struct {
	// Tables has the place of each table, by file number.
	Tables map[uint64]shape.Place
	// Format, MinLog, Next and Last are those of Record, the latest of each.
	Format       map[string]string
	MinLog, Next uint64
	Last         kv.Seq
}

// entries returns the tables of runs, each in its place.
func entries(runs []*version.Run) []Entry {
	var list []Entry
	for _, r := range runs {
		for _, t := range r.Tables() {
			list = append(list, Entry{shape.Place{Level: r.Level(), Epoch: r.Epoch()}, t.Number()})
		}
	}
	return list
}

// diff returns the record of an edit. A run that changes is dropped and added whole, since runs are immutable. The record names
// only the tables that come, go or move: of a level of a thousand tables perhaps three.
func diff(e *version.Edit) Record {
	// TODO(week 2, day 5, task 6): implement diff. Chapter: book/week2/day5-manifest.md#diff
	//
	// Hint: entries lists the tables of runs. An Entry is comparable, so it can be the key of a map.
	// Hint: A table that moves from one place to another is two different entries.
	panic(todo.Reached("week 2 day 5 task 6", "diff"))
}

// apply takes the state one record further. A record that does not follow from the state is refused, and the words say why: a
// snapshot that is not the first record, an edit that is; a table that is dropped where it does not stand, or added while it
// stands somewhere; numbers that go back. After a refusal the state is of no use.
func (s *State) apply(r Record) (wrong string) {
	// TODO(week 2, day 5, task 3): implement apply. Chapter: book/week2/day5-manifest.md#apply
	//
	// Hint: s.Tables is nil before the first record. A snapshot adds all its tables to a state of none.
	// Hint: First what goes, then what comes: a table that moves does both.
	// Hint: MinLog, Next and Last of a record are the new ones, not something to be added. They never become smaller.
	panic(todo.Reached("week 2 day 5 task 3", "State.apply"))
}
