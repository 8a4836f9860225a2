package version

import (
	"bytes"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/sstable"
)

// Run is a sorted run: tables side by side in the order of their keys. Each user key lies in at most one of them, with
// all of its versions that the run holds. A Run is immutable, so any number of goroutines may read it.
type Run struct {
	level  int
	epoch  uint64
	tables []*sstable.Table
	size   int64
}

// NewRun returns a run over tables, which are in the order of their keys, and of which there is at least one. It keeps
// the slice. The epoch gives the run its place among the runs of its level: the higher, the newer. Tables that
// CheckOrder refuses are a mistake of the programmer, and a panic.
func NewRun(level int, epoch uint64, tables []*sstable.Table) *Run {
	if err := CheckOrder(tables); err != nil {
		panic("version: NewRun: " + err.Error())
	}
	r := &Run{level: level, epoch: epoch, tables: tables}
	for _, t := range tables {
		r.size += t.Size()
	}
	return r
}

// CheckOrder returns why tables cannot be one run: there are none, or one does not end before the next begins.
func CheckOrder(tables []*sstable.Table) error {
	if len(tables) == 0 {
		return fmt.Errorf("a run of no tables")
	}
	for i, t := range tables[1:] {
		if before := tables[i]; bytes.Compare(before.Last(), t.First()) >= 0 {
			return fmt.Errorf("table %d ends at %q, not before table %d begins at %q", before.Number(), before.Last(), t.Number(), t.First())
		}
	}
	return nil
}

// Level returns the level that the run is on. Level 0 is where flushed memtables arrive.
func (r *Run) Level() int { return r.level }

// Epoch returns the number that places the run among those of its level.
func (r *Run) Epoch() uint64 { return r.epoch }

// Tables returns the run's tables in the order of their keys. The caller must not change the slice.
func (r *Run) Tables() []*sstable.Table { return r.tables }

// First returns the run's smallest user key. The caller must not change it.
func (r *Run) First() []byte { return r.tables[0].First() }

// Last returns the run's largest user key. The caller must not change it.
func (r *Run) Last() []byte { return r.tables[len(r.tables)-1].Last() }

// Size returns the length of all tables' files in bytes.
func (r *Run) Size() int64 { return r.size }

// Table returns the only table of the run that may hold user, nil if none can.
func (r *Run) Table(user []byte) *sstable.Table {
	if i := r.find(user); i < len(r.tables) {
		return r.tables[i]
	}
	return nil
}

// Get returns the newest version of user with a sequence number of at most at. The value is borrowed: the caller must
// not change it. An error means that the answer is not known, whatever found says.
func (r *Run) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool, err error) {
	t := r.Table(user)
	if t == nil {
		return nil, 0, false, nil
	}
	return t.Get(user, at)
}

// find returns the index of the first table whose last key is not before user, and the number of tables if there is
// none. That table may also begin behind user: then user falls into a gap of the run. It looks at keys in memory only,
// at as many as a binary search must, and allocates nothing.
func (r *Run) find(user []byte) int {
	// TODO(week 1, day 5, task 1): implement find. Chapter: book/week1/day5-read-path.md#find
	//
	// Hint: All tables left of the answer end before user; the answer and all right of it do not. Halve the part in doubt.
	// Hint: A table that ends with exactly user is the one that holds it.
	panic(todo.Reached("week 1 day 5 task 1", "Run.find"))
}
