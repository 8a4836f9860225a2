package mvcc

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Version is one write of a key.
type Version struct {
	// Seq is its number.
	Seq kv.Seq
	// Deleted tells that the key was deleted by it. There is no value then.
	Deleted bool
	// Value is what was written, in memory of its own.
	Value []byte
}

// GetVersion returns what was written to key by exactly version v, a delete included. It returns kv.ErrNotFound if v
// is a write of another key, or is not visible yet, or not kept any more.
func (db *DB) GetVersion(key []byte, v kv.Seq) (Version, error) {
	// TODO(week 3, day 1, task 2): implement GetVersion. Chapter: book/week3/day1-snapshots.md#history
	//
	// Hint: db.versions finds the newest at or before v. Is it v?
	// Hint: A neighbour is not an answer: whoever wants "at or before" has GetAt.
	panic(todo.Reached("week 3 day 1 task 2", "DB.GetVersion"))
}

// Latest returns the newest version of key, with its number. It returns kv.ErrNotFound if there is none, or it is a
// delete.
func (db *DB) Latest(key []byte) (Version, error) {
	// TODO(week 3, day 1, task 2): implement Latest. Chapter: book/week3/day1-snapshots.md#history
	//
	// Hint: The newest version decides. An older one that has a value does not come back.
	panic(todo.Reached("week 3 day 1 task 2", "DB.Latest"))
}

// History returns all versions of key that are kept, deletes included, in the order in which they were written. A key
// that was never written has none, and that is no error.
func (db *DB) History(key []byte) ([]Version, error) {
	// TODO(week 3, day 1, task 2): implement History. Chapter: book/week3/day1-snapshots.md#history
	//
	// Hint: db.versions has them all, the newest first. Who reads a history wants the oldest first.
	panic(todo.Reached("week 3 day 1 task 2", "DB.History"))
}

// versions returns the visible versions of key with numbers up to at, the newest first, at most limit of them; below
// 0: all. On a closed DB it returns kv.ErrClosed. It asks every run that may hold the key, since each may hold some of
// its versions, and no filter: it looks for all of them.
func (db *DB) versions(key []byte, at kv.Seq, limit int) (found []Version, err error) {
	// TODO(week 3, day 1, task 2): implement versions. Chapter: book/week3/day1-snapshots.md#history
	//
	// Hint: A tree's Scan hides what you want to see. Its NewIterator shows every version between two bounds.
	// Hint: Versions of one key stand side by side, the newest first. Where do you enter, and where do you leave?
	// Hint: Of what is not visible yet nobody has been told. kv.SeekKey skips what is newer than a number.
	// Hint: A memtable is not closed with the store: it would go on answering. db.get asks db.closed for that reason.
	// Hint: An iterator lends its slices, wants to be closed, and may have ended by an error.
	panic(todo.Reached("week 3 day 1 task 2", "DB.versions"))
}
