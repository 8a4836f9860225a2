//lab:day 2.5

package manifest

import (
	"fmt"
	"slices"

	"lsmlab/internal/kv"
	"lsmlab/internal/shape"
	"lsmlab/solution/week1/version"
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
//
//lab:todo 6 manifest#diff
//lab:hint entries lists the tables of runs. An Entry is comparable, so it can be the key of a map.
//lab:hint A table that moves from one place to another is two different entries.
func diff(e *version.Edit) Record {
	// #region diff
	drop, add := entries(e.Drop), entries(e.Add)
	return Record{
		MinLog: e.MinLog, Next: e.Next, Last: e.Last,
		Drop: without(drop, add), Add: without(add, drop),
	}
	// #endregion
}

// without returns the entries of list that others does not have.
//
//lab:omit
func without(list, others []Entry) []Entry {
	have := map[Entry]bool{}
	for _, e := range others {
		have[e] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(e Entry) bool { return have[e] })
}

// apply takes the state one record further. A record that does not follow from the state is refused, and the words say why: a
// snapshot that is not the first record, an edit that is; a table that is dropped where it does not stand, or added while it
// stands somewhere; numbers that go back. After a refusal the state is of no use.
//
//lab:todo 3 manifest#apply
//lab:hint s.Tables is nil before the first record. A snapshot adds all its tables to a state of none.
//lab:hint First what goes, then what comes: a table that moves does both.
//lab:hint MinLog, Next and Last of a record are the new ones, not something to be added. They never become smaller.
func (s *State) apply(r Record) (wrong string) {
	// #region apply
	if first := s.Tables == nil; first != r.Snapshot {
		return "a snapshot is the first record, and no other"
	} else if first {
		s.Tables, s.Format = map[uint64]shape.Place{}, r.Format
	}
	for _, e := range r.Drop {
		if place, ok := s.Tables[e.Number]; !ok || place != e.Place {
			return fmt.Sprintf("table %d is dropped from %v, where it is not", e.Number, e.Place)
		}
		delete(s.Tables, e.Number)
	}
	for _, e := range r.Add {
		if place, ok := s.Tables[e.Number]; ok {
			return fmt.Sprintf("table %d is added to %v, and is in %v", e.Number, e.Place, place)
		}
		s.Tables[e.Number] = e.Place
	}
	if r.MinLog < s.MinLog || r.Next < s.Next || r.Last < s.Last {
		return fmt.Sprintf("numbers go back: min log %d to %d, next %d to %d, last %d to %d", s.MinLog, r.MinLog, s.Next, r.Next, s.Last, r.Last)
	}
	s.MinLog, s.Next, s.Last = r.MinLog, r.Next, r.Last
	return ""
	// #endregion
}
