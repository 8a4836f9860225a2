package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/labtest"
	"lsmlab/internal/shape"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week2/leveled"
	"lsmlab/solution/week2/simple"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week2/tiered"
)

// A policy may be content with more runs than the default Throttle lets pass. Nobody would make fewer of them, so writers must
// not wait for that.
func TestOpen_PatientPolicyStopsNobody(t *testing.T) {
	labtest.NoLeaks(t)
	for _, p := range []shape.Policy{leveled.Policy{Runs: 60}, tiered.Policy{Runs: 60}, simple.Policy{Runs: 60}} {
		s, err := store.Open("db", &store.Options{Policy: p, Options: engine.Options{FS: vfs.NewMem(), MemtableSize: 4 << 10}})
		require.NoError(t, err)
		for i := range 55 {
			require.NoError(t, s.Put(fmt.Appendf(nil, "key%d", i), make([]byte, 3000)))
		}
		require.NoError(t, s.Flush(context.Background()))
		require.Greater(t, len(s.Stats().Runs), 40, "%T", p)
		require.NoError(t, s.Close())
	}
}

// The directory of a store is found when it is opened. Where the process goes afterwards, another store may have the same name,
// and its tables the same numbers.
func TestOpen_WorkingDirectoryMayChange(t *testing.T) {
	for _, place := range []string{t.TempDir(), t.TempDir()} {
		t.Chdir(place)
		s, err := store.Open("db", nil)
		require.NoError(t, err)
		defer func() {
			require.NoError(t, s.Flush(context.Background()))
			require.NoError(t, s.Close())
			require.Len(t, glob(t, filepath.Join(place, "db", "*.sst")), 1, "tables")
		}()
		require.NoError(t, s.Put([]byte("place"), []byte(place)))
	}
}

// Two stores may use one cache together. Their tables have the same numbers, and not the same contents.
func TestOpen_SharedCache(t *testing.T) {
	cache, fs := sstable.NewCache(1<<20), vfs.NewMem()
	for _, name := range []string{"first", "second"} {
		s, err := store.Open(name, &store.Options{Options: engine.Options{FS: fs, Cache: cache}})
		require.NoError(t, err)
		defer s.Close()
		for range 2 {
			require.NoError(t, s.Put([]byte("name"), []byte(name)))
			require.NoError(t, s.Flush(context.Background()))
			for range 2 { // from the disk, and from the cache
				value, err := s.Get([]byte("name"))
				require.NoError(t, err)
				require.Equal(t, name, string(value))
			}
		}
		before := cache.Stats().Blocks
		require.NoError(t, s.Compact(context.Background()))
		require.Equal(t, before-2, cache.Stats().Blocks, "blocks, now that two tables have gone")
	}
}

// glob returns the names that match a pattern.
func glob(t *testing.T, pattern string) []string {
	names, err := filepath.Glob(pattern)
	require.NoError(t, err)
	return names
}
