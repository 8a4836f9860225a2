// Package crashlab stops the world at every operation of the file system, and looks at what is found afterwards.
//
// A Script is run over a file system in memory that can lose power. Each of its operations, by whoever it is done, is a
// crash point: the script runs again up to there, the power goes, and of what was not synced everything is lost, or all is
// kept, or some of it is torn. Then the store is opened, and what it holds is compared with what it was told:
//
//  1. It opens.
//  2. It holds the state after some prefix of the writes, each whole: no half batch, nothing out of order, nothing undead.
//  3. The prefix holds every write that was acknowledged as durable; if only the process died, every acknowledged one.
//  4. It takes more writes, and holds all of that when it is closed and opened once more.
//
// Recovery is work too: it is interrupted itself, at a random operation, and begun again. Fail does the same with a disk that
// answers with an error instead of dying.
//
//	lab := crashlab.Lab{Open: func(fs vfs.FS) (crashlab.Store, error) { … }}
//	report, err := lab.Crash(crashlab.Random(seed, 40))
//
// It is given, and there is one copy of it.
package crashlab

import (
	"context"
	"fmt"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
)

// Store is what is crashed.
type Store interface {
	// Write stores a batch; with sync it is durable when the call returns, and all before it.
	Write(b *kv.Batch, sync bool) (first kv.Seq, err error)
	Get(key []byte) ([]byte, error)
	// Sync makes everything durable that was written before.
	Sync() error
	Flush(ctx context.Context) error
	Compact(ctx context.Context) error
	Close() error
	// Dump returns all keys and values in the order of keys.
	Dump() ([]Pair, error)
}

// Pair is a key and its value.
type Pair struct{ Key, Value string }

// String returns the pair for people.
func (p Pair) String() string { return fmt.Sprintf("%q = %q", p.Key, p.Value) }

// Lab says how a store is opened, and what is expected of it.
type Lab struct {
	// Open opens the store, which it makes if there is none, in some directory of fs.
	Open func(fs vfs.FS) (Store, error)
	// LosesOnKill says that a write that was acknowledged without sync may be lost even if only the process dies.
	LosesOnKill bool
	// Torn is how many torn outcomes are tried at each crash point, beside all lost and all kept. Default 2.
	Torn int
	// Stride tries every so many-th operation only. Default 1: each.
	Stride int
	// Seed of the dice.
	Seed uint64
}

// Report counts what was tried.
type Report struct {
	// Points is the number of crash points, or of failing operations.
	Points int
	// Recoveries is how often the store was opened after a crash or a failure, and found right.
	Recoveries int
}

// Add adds up two reports.
func (r *Report) Add(more Report) {
	r.Points += more.Points
	r.Recoveries += more.Recoveries
}

// String returns the report for people.
func (r Report) String() string {
	return fmt.Sprintf("%d points, %d recoveries", r.Points, r.Recoveries)
}

// torn returns the number of torn outcomes.
func (l Lab) torn() int {
	if l.Torn == 0 {
		return 2
	}
	return l.Torn
}

// stride returns the distance of points.
func (l Lab) stride() int { return max(l.Stride, 1) }

// outcome is a way in which a crash may end.
type outcome struct {
	vfs.Policy
	name string
	kept bool // only the process died
}

// outcomes returns those to be tried at a point.
func (l Lab) outcomes(point int) []outcome {
	all := []outcome{{vfs.LoseUnsynced, "what was not synced is lost", false}, {vfs.KeepUnsynced, "everything is kept", true}}
	for i := range l.torn() {
		seed := l.Seed + uint64(point*l.torn()+i)
		all = append(all, outcome{vfs.Tear(seed), fmt.Sprintf("what was not synced is torn, seed %d", seed), false})
	}
	return all
}
