package memtable

import (
	"iter"
	"sync"
	"sync/atomic"

	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

// Table is one memtable: versions of keys, sorted, in memory. Any number of goroutines may read and write it at once.
type Table struct {
	id    uint64
	list  *skiplist
	count atomic.Int64 // versions
	size  atomic.Int64 // bytes of their keys, trailers and values

	reserved uint64         // bytes promised to writers; guarded by the lock of whoever calls Reserve
	inside   atomic.Int64   // writers between Reserve and Done
	writers  sync.WaitGroup // the same, to wait for
}

// New returns an empty table with an arena of capacity bytes. The id is the caller's own name for it: an engine takes
// the number of the file that the table will become.
func New(id uint64, capacity int) *Table { return &Table{id: id, list: newSkiplist(capacity)} }

// OnCompare has f called, with an entry's user key, each time a search is about to compare that entry with what it looks
// for. It is how a test stops a writer between two of its steps, and must be set before the table is shared.
func (t *Table) OnCompare(f func(user []byte)) { t.list.onCompare = f }

// ID returns the number given to New.
func (t *Table) ID() uint64 { return t.id }

// Put adds a version with a value; both slices are copied. No sequence number is used twice for one key. It returns
// ErrFull if the arena has no room.
func (t *Table) Put(seq kv.Seq, key, value []byte) error {
	if err := t.list.insert(kv.MakeKey(key, seq, kv.KindSet), value); err != nil {
		return err
	}
	t.count.Add(1)
	t.size.Add(int64(len(key) + kv.TrailerSize + len(value)))
	return nil
}

// Delete adds a tombstone; key is copied. It returns ErrFull if the arena has no room.
func (t *Table) Delete(seq kv.Seq, key []byte) error {
	// TODO(week 1, day 1, task 2): implement Delete. Chapter: book/week1/day1-memtable.md#table
	//
	// Hint: Nothing is taken out. A delete is one more version, of kind kv.KindDelete and without a value.
	// Hint: It takes room as a value does: Len and Size must know of it.
	panic(todo.Reached("week 1 day 1 task 2", "Table.Delete"))
}

// Apply adds the writes of a batch in order: the first has sequence number first, the next one more, and so on. It
// stops at the first that fails and returns its error.
func (t *Table) Apply(first kv.Seq, b *kv.Batch) error {
	// TODO(week 1, day 1, task 2): implement Apply. Chapter: book/week1/day1-memtable.md#batch
	//
	// Hint: A batch may write one key twice. Which of the two must a reader find, and what makes it so?
	panic(todo.Reached("week 1 day 1 task 2", "Table.Apply"))
}

// Get returns the newest version of user with a sequence number of at most at: its value and its kind. A tombstone is
// an answer, with found true and kind delete; found is false only if the table has no such version. The value is
// borrowed: it lives as long as the table and must not be changed. Get allocates nothing.
func (t *Table) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool) {
	// TODO(week 1, day 1, task 2): implement Get. Chapter: book/week1/day1-memtable.md#table
	//
	// Hint: kv.SeekKey gives the key before which no version that you may see can stand.
	// Hint: The node that seek finds may belong to the next user key, or there may be none.
	panic(todo.Reached("week 1 day 1 task 2", "Table.Get"))
}

// NewIterator returns an iterator over the table's versions.
func (t *Table) NewIterator() kv.Iterator { return &Iterator{list: t.list} }

// Len returns the number of versions, tombstones included.
func (t *Table) Len() int { return int(t.count.Load()) }

// Size returns the bytes of all versions: user keys, trailers and values, without the list's own links. It is about
// what the table will take on disk.
func (t *Table) Size() int { return int(t.size.Load()) }

// Towers iterates over the versions together with the height of each one's tower, for drawings and statistics.
func (t *Table) Towers() iter.Seq2[kv.Key, int] {
	return func(yield func(kv.Key, int) bool) {
		s := t.list
		for n := s.node(s.head.tower[0].Load()); n != nil; n = s.node(n.tower[0].Load()) {
			height := (int(n.keyAt) - s.offset(n) - nodeHeader) / 4
			if !yield(kv.Key{User: s.key(n), Trailer: n.trailer}, height) {
				return
			}
		}
	}
}
