package mvcc

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Cleanup lets go of the versions of key that were written so far, but for the newest keep of them, which is at least
// 1, and for what readers need. They go when the next flushes and merges meet them. What is written later is not
// meant. With keep 1, a key that is deleted goes altogether. A request is forgotten when the store is closed. A keep
// below 1 is an error, and so is a DB without a Collector, which has keepAll{}: it would never do what was asked.
func (db *DB) Cleanup(key []byte, keep int) error {
	// TODO(week 3, day 3, task 4): implement Cleanup. Chapter: book/week3/day3-garbage-collection.md#cleanup
	//
	// Hint: db.versions returns the newest versions. Which is the first one too many? Its number is what a merge needs.
	// Hint: A key that has nothing too many needs no request: it would stay on the list for ever.
	// Hint: With keep 1, is a tombstone worth keeping? What does NewCollector(1) do with one?
	panic(todo.Reached("week 3 day 3 task 4", "DB.Cleanup"))
}

// has reports whether a version of key with a number up to upTo is still there, or whether it cannot be read.
func (db *DB) has(key []byte, upTo kv.Seq) bool {
	found, err := db.versions(key, upTo, 1)
	return err != nil || len(found) > 0
}

// minSweep is how many keys the list of cleanups may have before somebody looks which of them are done.
const minSweep = 256

// Cleanup puts a key on the list of those whose versions up to a number are let go.
//
// Nobody says when that is done: a merge does not know what lies in other tables. So a list that has become long asks
// the store about each key, and may become twice as long as what is left before it asks again.
func (w *Watermark) Cleanup(key []byte, upTo kv.Seq, left func(key []byte, upTo kv.Seq) bool) {
	// TODO(week 3, day 3, task 4): implement Cleanup. Chapter: book/week3/day3-garbage-collection.md#list
	//
	// Hint: A key may be on the list already, with another number. Which one counts?
	// Hint: left reads from the disk: not under w.mu, where readers would wait for it. What may happen meanwhile?
	panic(todo.Reached("week 3 day 3 task 4", "Watermark.Cleanup"))
}
