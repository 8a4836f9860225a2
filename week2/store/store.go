package store

import (
	"io"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/engine"
	"lsmlab/week2/manifest"
	"lsmlab/week2/wal"
)

// Store is an open store. It is an engine, with all of the engine's methods, whose contents outlive it. Any number of
// goroutines may use it.
type Store struct {
	*engine.Engine
	dir      string
	opts     Options
	lock     io.Closer          // against a second opener
	manifest *manifest.Manifest // the record of the tree's shape
	lost     []wal.Loss         // what recovery has cut off
	member   *member            // of opts.Budget; nil without one
	closing  atomic.Bool        // Close has been called
}

// Lost returns what Open found behind the end of the logs and cut off, for people: a batch that was being written when the
// power went. It was not acknowledged as durable.
func (s *Store) Lost() []wal.Loss { return s.lost }

// Write stores all writes of a batch, or none; see Engine.Write. With sync it is durable when Write returns nil, and so are
// all before it, whatever the LogMode.
func (s *Store) Write(b *kv.Batch, sync bool) (first kv.Seq, err error) {
	// TODO(week 2, day 7, task 3): implement Write. Chapter: book/week2/day7-batches-and-crashes.md#modes
	//
	// Hint: Without logs the engine has nothing to sync: Engine.Write would return nil, and nothing would be durable.
	// Hint: What does make a write durable in a store without logs?
	todo.Note("week 2 day 7 task 3", "Store.Write")
	return s.Engine.Write(b, sync)
}

// Sync makes every write durable that has returned.
func (s *Store) Sync() error {
	// TODO(week 2, day 7, task 3): implement Sync. Chapter: book/week2/day7-batches-and-crashes.md#modes
	//
	// Hint: Engine.Sync does nothing without logs.
	todo.Note("week 2 day 7 task 3", "Store.Sync")
	return s.Engine.Sync()
}
