//lab:day 1.5

package version

import (
	"lsmlab/internal/kv"
	"lsmlab/solution/week1/sstable"
)

// NewIterator returns an iterator over all versions in the run. It reads nothing before it is positioned.
func (r *Run) NewIterator() kv.Iterator { return &concat{run: r, fill: true, at: len(r.tables)} }

// NewScanner is NewIterator for who walks through the whole run once, as a merge of runs does: it uses blocks that are
// in the cache and adds none.
func (r *Run) NewScanner() kv.Iterator { return &concat{run: r, at: len(r.tables)} }

// concat is a kv.Iterator over a run: its tables one behind the other. One table at a time has an iterator, and that
// one begins when the walk gets there. A seek into the middle of a run of a thousand tables reads from one.
type concat struct {
	run  *Run
	fill bool // put blocks that had to be read into the cache
	// at is the index of the table that current walks over; the number of tables if there is none.
	at int
	// current is the iterator over that table. Over none it is at its end, before the first positioning and behind the
	// last table.
	current sstable.Iterator
}

// open makes current an iterator over table i, not positioned yet, and reports whether there is a table i. It keeps the
// one it has if that walks over table i already.
func (c *concat) open(i int) bool {
	switch {
	case i == len(c.run.tables):
		c.current = sstable.Iterator{}
	case i != c.at:
		c.current.Init(c.run.tables[i], c.fill)
	}
	c.at = i
	return i < len(c.run.tables)
}

// First moves to the run's first version.
func (c *concat) First() {
	c.open(0)
	c.current.First()
	c.skipEnded()
}

// SeekGE moves to the first version at or after target. It opens no table that ends before target.User.
//
//lab:todo 2 read-path#concat
//lab:hint Which table may hold target.User? You have just written the function that knows. There may be none: open tells.
//lab:hint That table may hold nothing at or after target: it may hold only newer versions of target.User. What then?
func (c *concat) SeekGE(target kv.Key) {
	// #region seek
	if c.open(c.run.find(target.User)) {
		c.current.SeekGE(target)
		c.skipEnded()
	}
	// #endregion
}

// Next moves to the following version, in the next table if this one has no more. Requires Valid.
//
//lab:todo 2 read-path#concat
//lab:hint Move the table's own iterator. Most steps stay in the table; skip what has ended.
func (c *concat) Next() {
	if c.current.Next(); !c.current.Valid() {
		c.skipEnded()
	}
}

// skipEnded moves on to the following tables for as long as current has come to its end. A table that ended with an
// error is not at its end: current stays, so that Err can tell.
//
//lab:todo 2 read-path#concat
//lab:hint There are two reasons why current may not be valid. Only one of them allows to go on.
//lab:hint open says whether there is a next table: behind the last one the loop ends.
func (c *concat) skipEnded() {
	// #region skip
	for !c.current.Valid() && c.current.Err() == nil && c.open(c.at+1) {
		c.current.First()
	}
	// #endregion
}

// Valid reports whether the iterator stands on a version.
func (c *concat) Valid() bool { return c.current.Valid() }

// Key returns the current version's key, valid until the iterator moves. Requires Valid.
func (c *concat) Key() kv.Key { return c.current.Key() }

// Value returns the current version's value, valid until the iterator moves. Requires Valid.
func (c *concat) Value() []byte { return c.current.Value() }

// Err returns the error of the table at which the walk ended, nil if it ended behind the last.
func (c *concat) Err() error { return c.current.Err() }

// Close closes the one table iterator that is open.
func (c *concat) Close() error { return c.current.Close() }
