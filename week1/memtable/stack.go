package memtable

import (
	"lsmlab/internal/kv"
	"lsmlab/internal/todo"
)

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
func (s Stack) Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool) {
	// TODO(week 1, day 1, task 3): implement Get. Chapter: book/week1/day1-memtable.md#stack
	//
	// Hint: Which table can hold the newest version? What does a tombstone in it say about the tables below?
	panic(todo.Reached("week 1 day 1 task 3", "Stack.Get"))
}

// Freeze returns a stack in which next is active, and the table that was active is the newest of the frozen ones.
// The receiver does not change.
func (s Stack) Freeze(next *Table) Stack {
	// TODO(week 1, day 1, task 3): implement Freeze. Chapter: book/week1/day1-memtable.md#stack
	//
	// Hint: A reader may hold s at this moment. Build a slice of your own.
	panic(todo.Reached("week 1 day 1 task 3", "Stack.Freeze"))
}

// Without returns a stack that lacks the table t, which has been written to disk. The receiver does not change. The
// active table stays, and a table that is not in the stack leaves it as it was.
func (s Stack) Without(t *Table) Stack {
	// TODO(week 1, day 1, task 3): implement Without. Chapter: book/week1/day1-memtable.md#stack
	//
	// Hint: slices.Delete would move the tables of the slice that readers of s are looking at.
	panic(todo.Reached("week 1 day 1 task 3", "Stack.Without"))
}
