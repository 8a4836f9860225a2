//lab:day 3.3

package mvcc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/mvcc"
)

// The tree is flushed and merged 1,000 times by hand, and in the background besides, while writes overwrite and delete
// everything again and again, and the watermark drops what it may. A snapshot shows each time what it showed the first
// time; what lies between it and the present is gone.
func TestSnapshot_StaysTheSameThroughAThousandFlushesAndMerges(t *testing.T) {
	labtest.NoLeaks(t)
	o := &mvcc.Options{Collector: mvcc.NewCollector(0)}
	o.FS, o.MemtableSize, o.CacheSize = vfs.NewMem(), 8<<10, 64<<10
	db, err := mvcc.Open("db", o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	const keys = 50
	key := func(i int) []byte { return fmt.Appendf(nil, "key %02d", i%keys) }
	for i := range keys {
		_, err := db.Put(key(i), fmt.Appendf(nil, "first %d", i))
		require.NoError(t, err)
	}
	s := db.Snapshot()
	want := shown(t, s)
	require.Equal(t, keys, bytes.Count(want, []byte("\n")))
	for round := range 1000 {
		b := &kv.Batch{}
		b.Set(key(7*round), fmt.Appendf(nil, "round %d", round))
		b.Delete(key(3 * round))
		require.NoError(t, db.Apply(b))
		require.NoError(t, db.Compact(context.Background()), "flushes, and merges everything")
		if got := shown(t, s); !bytes.Equal(want, got) {
			t.Fatalf("after round %d the snapshot shows\n%s\nand not\n%s", round, got, want)
		}
	}
	stats := db.Stats()
	require.GreaterOrEqual(t, stats.Flushes, int64(1000))
	require.GreaterOrEqual(t, stats.Compactions, int64(1000))
	require.NoError(t, s.Close())
	_, err = db.Put(key(0), []byte("last"))
	require.NoError(t, err)
	require.NoError(t, db.Compact(context.Background()))
	versions, err := db.History(key(0))
	require.NoError(t, err)
	require.Len(t, versions, 1, "versions of a key, when the snapshot is closed and everything is merged")
}

// shown returns all that a snapshot shows.
func shown(t *testing.T, s *mvcc.Snapshot) []byte {
	var text bytes.Buffer
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		fmt.Fprintf(&text, "%s=%s\n", key, value)
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()))
	return text.Bytes()
}
