package version

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
	"lsmlab/week1/sstable"
)

// NewIterator returns an iterator over all versions in the run. It reads nothing before it is positioned.
func (r *Run) NewIterator() kv.Iterator { return r.iterate((*sstable.Table).NewIterator) }

// NewScanner is NewIterator for who walks through the whole run once, as a merge of runs does: it uses blocks that are
// in the cache and adds none.
func (r *Run) NewScanner() kv.Iterator { return r.iterate((*sstable.Table).NewScanner) }

// iterate returns an iterator over the run that gets one for each table from walk. A run of one table needs no more
// than that table's own.
func (r *Run) iterate(walk func(*sstable.Table) *sstable.Iterator) kv.Iterator {
	if len(r.tables) == 1 {
		return walk(r.tables[0])
	}
	return &concat{run: r, walk: walk}
}

// concat is a kv.Iterator over a run: its tables one behind the other. One table at a time has an iterator, and that
// one is made when the walk gets there. A seek into the middle of a run of a thousand tables reads from one.
type concat struct {
	run *Run
	// walk returns the iterator of one table.
	walk func(*sstable.Table) *sstable.Iterator
	// at is the index of the table that current walks over; meaningful only while current is not nil.
	at int
	// current is nil before the first positioning and behind the last table.
	current *sstable.Iterator
	// closeErr is the first error of closing a table's iterator, for Close to return.
	closeErr error
}

// open makes current an iterator over table i, not positioned yet, or nil if there is no table i. It keeps the one it
// has if that walks over table i already.
func (c *concat) open(i int) {
	if c.current != nil && c.at == i {
		return
	}
	c.drop()
	if i < len(c.run.tables) {
		c.at, c.current = i, c.walk(c.run.tables[i])
	}
}

// drop closes current and leaves none.
func (c *concat) drop() {
	if c.current == nil {
		return
	}
	if err := c.current.Close(); c.closeErr == nil {
		c.closeErr = err
	}
	c.current = nil
}

// First moves to the run's first version.
func (c *concat) First() {
	c.open(0)
	c.current.First()
	c.skipEnded()
}

// SeekGE moves to the first version at or after target. It opens no table that ends before target.User.
func (c *concat) SeekGE(target kv.Key) {
	// TODO(week 1, day 5, task 2): implement SeekGE. Chapter: book/week1/day5-read-path.md#concat
	//
	// Hint: Which table may hold target.User? You have just written the function that knows. There may be none.
	// Hint: That table may hold nothing at or after target: it may hold only newer versions of target.User. What then?
	panic(todo.Reached("week 1 day 5 task 2", "concat.SeekGE"))
}

// Next moves to the following version, in the next table if this one has no more. Requires Valid.
func (c *concat) Next() {
	// TODO(week 1, day 5, task 2): implement Next. Chapter: book/week1/day5-read-path.md#concat
	//
	// Hint: Two lines: move the table's own iterator, then skip what has ended.
	panic(todo.Reached("week 1 day 5 task 2", "concat.Next"))
}

// skipEnded moves on to the following tables for as long as current has come to its end. A table that ended with an
// error is not at its end: current stays, so that Err can tell. Behind the last table, current is nil.
func (c *concat) skipEnded() {
	// TODO(week 1, day 5, task 2): implement skipEnded. Chapter: book/week1/day5-read-path.md#concat
	//
	// Hint: There are two reasons why current may not be valid. Only one of them allows to go on.
	// Hint: open(i) behind the last table leaves current nil: that is where the loop ends.
	panic(todo.Reached("week 1 day 5 task 2", "concat.skipEnded"))
}

// Valid reports whether the iterator stands on a version.
func (c *concat) Valid() bool { return c.current != nil && c.current.Valid() }

// Key returns the current version's key, valid until the iterator moves. Requires Valid.
func (c *concat) Key() kv.Key { return c.current.Key() }

// Value returns the current version's value, valid until the iterator moves. Requires Valid.
func (c *concat) Value() []byte { return c.current.Value() }

// Err returns the error of the table at which the walk ended, nil if it ended behind the last.
func (c *concat) Err() error {
	if c.current == nil {
		return nil
	}
	return c.current.Err()
}

// Close closes the one table iterator that is open.
func (c *concat) Close() error {
	c.drop()
	return c.closeErr
}
