package engine_test

import (
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/memtable"
)

// newMemtable returns a memtable with one value in it.
func newMemtable(t labtest.TB, id uint64, seq kv.Seq, key, value string) *memtable.Table {
	t.Helper()
	m := memtable.New(id, 4<<10)
	require.NoError(t, m.Put(seq, []byte(key), []byte(value)))
	return m
}

// memtablesNewestFirst returns its arguments, in the order in which a State wants them.
func memtablesNewestFirst(tables ...*memtable.Table) []*memtable.Table { return tables }
