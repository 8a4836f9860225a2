package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
)

// twoTables returns an open store with two tables of a thousand keys each.
func twoTables(t *testing.T, fs vfs.FS) *store.Store {
	s, err := store.Open("db", &store.Options{NoCompaction: true, Options: engine.Options{FS: fs}})
	require.NoError(t, err)
	for range 2 {
		for i := range 1000 {
			require.NoError(t, s.Put(fmt.Appendf(nil, "key%d", i), nil))
		}
		require.NoError(t, s.Flush(context.Background()))
	}
	return s
}

// Close ends a merge that is under way. Whoever waits for it is told that the store is closed, since his own context has not
// ended; and the half-written table is gone.
func TestCompact_EndedByClose(t *testing.T) {
	labtest.NoLeaks(t)
	mem := vfs.NewMem()
	fault := vfs.NewFault(mem)
	s := twoTables(t, fault)
	before := labtest.Files(t, mem, "db")
	reached, release := fault.BlockAt(vfs.OpCreate, "*.sst")
	merged, closed := make(chan error, 1), make(chan error, 1)
	go func() { merged <- s.Compact(context.Background()) }()
	<-reached
	go func() { closed <- s.Close() }()
	for s.Sync() == nil { // until Close has begun
	}
	for range 1000 {
		if _, err := s.Get([]byte("key1")); err != nil {
			require.ErrorIs(t, err, kv.ErrClosed)
		}
	}
	release()
	if err := <-merged; err != nil { // Close may come too late for this merge
		require.ErrorIs(t, err, kv.ErrClosed)
		require.Equal(t, before, labtest.Files(t, mem, "db"))
	}
	require.NoError(t, <-closed)
}

// The manifest fails while the result of a merge is being recorded. The tables stay on the disk, since nobody knows whether it
// names them; but nobody has them open any more when the store is closed.
func TestCompact_ManifestFails(t *testing.T) {
	fault := vfs.NewFault(vfs.NewMem())
	s := twoTables(t, fault)
	fault.FailNext(vfs.OpSync, "MANIFEST*", nil)
	require.ErrorIs(t, s.Compact(context.Background()), vfs.ErrInjected)
	require.Error(t, s.Put([]byte("key"), nil))
	_ = s.Close()
	open := 0
	for _, c := range fault.Log() {
		if ok := c.Op == vfs.OpOpen || c.Op == vfs.OpCreate; ok {
			open++
		} else if c.Op == vfs.OpClose {
			open--
		}
	}
	require.Zero(t, open, "files that are still open")
	s, err := store.Open("db", &store.Options{Options: engine.Options{FS: fault}})
	require.NoError(t, err)
	require.NoError(t, s.Verify(context.Background()))
	require.NoError(t, s.Close())
}
