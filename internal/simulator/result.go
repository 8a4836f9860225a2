package simulator

import "lsmlab/internal/shape"

// Point is what was measured after one step.
type Point struct {
	// Step counts the memtables that were flushed.
	Step int
	// User is how many bytes have been written by users, Written how many have gone to tables because of that.
	User, Written int64
	// Bytes are in tables now; Live of them are in the newest versions of keys that are not deleted.
	Bytes, Live int64
	// Tables and Runs of the tree.
	Tables, Runs int
	// WriteAmp is Written/User, SpaceAmp is Bytes/Live, from the beginning; 0 where there is nothing to divide by.
	WriteAmp, SpaceAmp float64
	// ReadAmp is how many tables a read of a live key asks on average if there are no filters; ReadWorst is the most that
	// the read of any key asks.
	ReadAmp   float64
	ReadWorst int
}

// Amplifications returns those of writes, of reads on average, and of space.
func (p Point) Amplifications() [3]float64 { return [3]float64{p.WriteAmp, p.ReadAmp, p.SpaceAmp} }

// Result is what came of a run.
type Result struct {
	// Name of the policy, for tables and charts; Run leaves it empty.
	Name string
	// Workload and Seed that the run had.
	Workload Workload
	Seed     uint64
	// Points are the measurements, one a step. The full compaction at the end is not in them.
	Points []Point
	// Merges and Moves count the tasks: those that rewrote tables, and those that only moved them. The full compaction is
	// none of them.
	Merges, Moves int
	// Largest is how many bytes the largest merge read. Until it is done, its inputs and its outputs both take space.
	Largest int64
	// Tree at the end.
	Tree shape.Tree

	user, written int64
}

// Last returns the last measurement, a zero Point if there is none.
func (r *Result) Last() Point {
	if len(r.Points) == 0 {
		return Point{}
	}
	return r.Points[len(r.Points)-1]
}

// Late are the measurements of the second half of a run, when the tree has found its shape.
type Late struct {
	// WriteAmp, ReadAmp and SpaceAmp are means; WriteAmp is of the bytes put and written in that half alone.
	WriteAmp, ReadAmp, SpaceAmp float64
	// ReadWorst and SpaceMost are the highest.
	ReadWorst int
	SpaceMost float64
}

// Amplifications returns those of writes, of reads, and of space.
func (l Late) Amplifications() [3]float64 { return [3]float64{l.WriteAmp, l.ReadAmp, l.SpaceAmp} }

// Late returns the measurements of the second half.
func (r *Result) Late() (l Late) {
	half := len(r.Points) / 2
	late := r.Points[half:]
	for _, p := range late {
		l.ReadAmp += p.ReadAmp / float64(len(late))
		l.SpaceAmp += p.SpaceAmp / float64(len(late))
		l.ReadWorst = max(l.ReadWorst, p.ReadWorst)
		l.SpaceMost = max(l.SpaceMost, p.SpaceAmp)
	}
	var before Point
	if half > 0 {
		before = r.Points[half-1]
	}
	l.WriteAmp = ratio(r.Last().Written-before.Written, r.Last().User-before.User)
	return l
}
