//go:build labcompare

package comparememtable_test

import (
	"testing"

	"lsmlab/internal/differ/harness"
	"lsmlab/internal/kv"
	refmemtable "lsmlab/solution/week1/memtable"
	"lsmlab/week1/memtable"
)

// room is the size of each table's arena: more than a run of operations needs.
const room = 64 << 10

// TestCompare puts the same writes, freezes and reads through both stacks.
func TestCompare(t *testing.T) {
	names := []string{"put", "put", "put", "delete", "freeze", "drop oldest", "get", "get", "get earlier", "entries"}
	harness.Compare(t, names, func() (harness.Side, harness.Side, error) {
		student := &side[*memtable.Table, memtable.Stack]{stack: memtable.NewStack(memtable.New(1, room)), create: memtable.New}
		reference := &side[*refmemtable.Table, refmemtable.Stack]{stack: refmemtable.NewStack(refmemtable.New(1, room)), create: refmemtable.New}
		return student, reference, nil
	})
}

// table is what both kinds of table do.
type table interface {
	comparable
	Put(seq kv.Seq, key, value []byte) error
	Delete(seq kv.Seq, key []byte) error
	NewIterator() kv.Iterator
}

// stack is what both kinds of stack do.
type stack[T table, S any] interface {
	Active() T
	Oldest() T
	Freeze(next T) S
	Without(t T) S
	Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool)
}

// side is one stack and the number of its last write.
type side[T table, S stack[T, S]] struct {
	stack  S
	create func(id uint64, capacity int) T
	seq    kv.Seq
	id     uint64
}

// Do carries out one operation.
func (s *side[T, S]) Do(o harness.Op) string {
	var none T
	switch o.Name {
	case "put":
		s.seq++
		return answer(s.stack.Active().Put(s.seq, o.Key, o.Value))
	case "delete":
		s.seq++
		return answer(s.stack.Active().Delete(s.seq, o.Key))
	case "freeze":
		s.id++
		s.stack = s.stack.Freeze(s.create(s.id+1, room))
	case "drop oldest":
		if t := s.stack.Oldest(); t != none {
			s.stack = s.stack.Without(t)
		}
	case "get":
		return harness.Answer(s.stack.Get(o.Key, s.seq))
	case "get earlier":
		return harness.Answer(s.stack.Get(o.Key, max(s.seq, kv.Seq(o.Number))-kv.Seq(o.Number)))
	case "entries":
		it := s.stack.Active().NewIterator()
		it.First()
		return harness.Entries(it)
	}
	return ""
}

// answer returns an error as text.
func answer(err error) string {
	if err != nil {
		return err.Error()
	}
	return "no error"
}

// Close has nothing to give back.
func (s *side[T, S]) Close() error { return nil }
