//lab:day 1.1

package memtable

import "lsmlab/internal/kv"

// Stack is the table that is being written and those that are frozen, newest first. It is an immutable value: a reader
// that holds one sees the same tables for ever, whoever freezes and flushes meanwhile. The zero Stack has no table.
type Stack struct {
	tables []*Table // newest first: tables[0] is the active one; never changed once it is here
}

// NewStack returns a stack of one active table.
func NewStack(active *Table) Stack { return Stack{tables: []*Table{active}} }

// Active returns the table that takes writes, nil for the zero Stack.
func (s Stack) Active() *Table {
	if len(s.tables) == 0 {
		return nil
	}
	return s.tables[0]
}

// Tables returns all tables, newest first. The caller must not change the slice.
func (s Stack) Tables() []*Table { return s.tables }

// Frozen returns the tables that take no more writes, newest first. The caller must not change the slice.
func (s Stack) Frozen() []*Table { return s.tables[min(1, len(s.tables)):] }

// Oldest returns the frozen table that was active first, nil if none is frozen.
func (s Stack) Oldest() *Table {
	if len(s.tables) < 2 {
		return nil
	}
	return s.tables[len(s.tables)-1]
}

// Len returns the number of tables.
func (s Stack) Len() int { return len(s.tables) }

// Size returns the sum of the tables' sizes in bytes.
func (s Stack) Size() int {
	sum := 0
	for _, t := range s.tables {
		sum += t.Size()
	}
	return sum
}

// Get returns the newest version of user with a sequence number of at most at, as Table.Get does: the first table from
// the top that has an answer gives it, and a tombstone is an answer.
//
//lab:todo 3 memtable#stack
//lab:hint Which table can hold the newest version? What does a tombstone in it say about the tables below?
func (s Stack) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool) {
	for _, t := range s.tables {
		if value, kind, found = t.Get(user, at); found {
			return value, kind, true
		}
	}
	return nil, 0, false
}

// Freeze returns a stack in which next is active, and the table that was active is the newest of the frozen ones.
// The receiver does not change.
//
//lab:todo 3 memtable#stack
//lab:hint A reader may hold s at this moment. Build a slice of your own.
func (s Stack) Freeze(next *Table) Stack {
	tables := make([]*Table, 0, len(s.tables)+1)
	tables = append(tables, next)
	return Stack{tables: append(tables, s.tables...)}
}

// Without returns a stack that lacks the table t, which has been written to disk. The receiver does not change. The
// active table stays, and a table that is not in the stack leaves it as it was.
//
//lab:todo 3 memtable#stack
//lab:hint slices.Delete would move the tables of the slice that readers of s are looking at.
func (s Stack) Without(t *Table) Stack {
	tables := make([]*Table, 0, len(s.tables))
	for i, have := range s.tables {
		if i == 0 || have != t {
			tables = append(tables, have)
		}
	}
	return Stack{tables: tables}
}
