//lab:day 1.5

package version_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
)

// newTable returns a table that holds the user keys, each once.
func newTable(t testing.TB, number uint64, o sstable.Options, users ...string) *sstable.Table {
	fs := vfs.NewMem()
	f, err := fs.Create("t")
	require.NoError(t, err)
	w := sstable.NewWriter(f, o)
	for i, user := range users {
		require.NoError(t, w.Add(kv.MakeKey([]byte(user), kv.Seq(i+1), kv.KindSet), make([]byte, 100)))
	}
	_, err = w.Finish()
	require.NoError(t, err)
	f, err = fs.Open("t")
	require.NoError(t, err)
	table, err := sstable.Open(f, sstable.FileName(number), number, o)
	require.NoError(t, err)
	t.Cleanup(func() { table.Close() })
	return table
}

// A run's tables stand side by side. What is no run is refused: by CheckOrder with a reason, for what comes from disk; by
// NewRun with a panic, for what the engine has put together itself.
func TestCheckOrder(t *testing.T) {
	ab, bc, cd := newTable(t, 1, sstable.Options{}, "a", "b"), newTable(t, 2, sstable.Options{}, "b", "c"), newTable(t, 3, sstable.Options{}, "c", "d")
	require.NoError(t, version.CheckOrder([]*sstable.Table{ab}))
	require.NoError(t, version.CheckOrder([]*sstable.Table{ab, cd}))
	require.ErrorContains(t, version.CheckOrder(nil), "no tables")
	require.ErrorContains(t, version.CheckOrder([]*sstable.Table{ab, bc}), `table 1 ends at "b"`)
	require.ErrorContains(t, version.CheckOrder([]*sstable.Table{cd, ab}), `table 3 ends at "d"`)
	require.Panics(t, func() { version.NewRun(0, 1, []*sstable.Table{bc, ab}) })
	require.Panics(t, func() { version.NewRun(0, 1, nil) })

	r := version.NewRun(1, 7, []*sstable.Table{ab, cd})
	require.Equal(t, "a", string(r.First()))
	require.Equal(t, "d", string(r.Last()))
	require.Equal(t, ab.Size()+cd.Size(), r.Size())
	require.Equal(t, 1, r.Level())
	require.Equal(t, uint64(7), r.Epoch())
}
