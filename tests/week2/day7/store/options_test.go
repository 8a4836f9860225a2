package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week2/store"
)

// Whoever opens a store without options expects a lookup of a missing key to be cheap: tables have filters, unless the options
// say otherwise. And filters are a matter of each table: a store that is opened without them reads its old tables all the same.
//
//lab:task 1 points=1
func TestOpen_TablesHaveFiltersByDefault(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk()
	for _, o := range []*store.Options{small(store.LogWritten), small(store.LogWritten)} {
		s := open(t, d, o)
		put(t, s, "apple", "red", "kiwi", "green")
		flush(t, s)
		_, err := s.Get([]byte("fig"))
		require.ErrorIs(t, err, kv.ErrNotFound)
		if stats := s.Stats(); stats.FilterChecks == 0 || stats.BlockReads > 0 {
			t.Errorf("get of a missing key: filters asked %d times, blocks read %d; want a filter to end it", stats.FilterChecks, stats.BlockReads)
		}
		closeStore(t, s)
	}
	o := small(store.LogWritten)
	o.NoFilter = true
	s := open(t, d, o)
	put(t, s, "plum", "blue", "yam", "brown")
	flush(t, s)
	before := s.Stats().FilterChecks
	_, err := s.Get([]byte("rye"))
	require.ErrorIs(t, err, kv.ErrNotFound)
	require.Equal(t, before, s.Stats().FilterChecks, "filters asked, with NoFilter")
	holds(t, "all of it", s, "apple = red", "kiwi = green", "plum = blue", "yam = brown")
}
