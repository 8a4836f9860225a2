package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/store"
)

// Each byte of each file of a store is changed in turn, in three ways. The store says which file is damaged, or holds the right
// data; and only where the last record of a log was hit may it hold exactly what was there before that record.
func TestFlip_EachByteOfEachFile(t *testing.T) {
	fs, whole, before := storeFiles(t)
	names, err := fs.List("db")
	require.NoError(t, err)
	cases, torn := map[string]int{}, 0
	for _, name := range names {
		kind := strings.TrimLeft(filepath.Ext(name), ".")
		data, err := vfs.ReadFile(fs, filepath.Join("db", name))
		require.NoError(t, err)
		for at := range data {
			for _, pattern := range []byte{0x01, 0x80, 0xff} {
				cases[name]++
				flipped := append([]byte(nil), data...)
				flipped[at] ^= pattern
				after := fs.Clone()
				require.NoError(t, vfs.WriteFile(after, filepath.Join("db", name), flipped))
				switch got, err := contents(after); {
				case err != nil:
					require.ErrorContains(t, err, name, "byte %d of %s with %#x", at, name, pattern)
				case kind == "log" && got == before:
					torn++
				default:
					require.Equal(t, whole, got, "byte %d of %s with %#x", at, name, pattern)
				}
			}
		}
	}
	require.Len(t, cases, 4, "two tables, a log and the manifest: %v", cases)
	sum := 0
	for _, n := range cases {
		sum += n
	}
	t.Logf("%d flips (%v); %d of them hit the log's last record and were taken for a torn end", sum, cases, torn)
}

// storeFiles returns the files that a store has left whose process was killed, what it held, and what before its last write.
func storeFiles(t *testing.T) (fs *vfs.Mem, whole, before string) {
	t.Helper()
	fs = vfs.NewMem()
	s, err := store.Open("db", &store.Options{Options: engine.Options{FS: fs}, NoCompaction: true})
	require.NoError(t, err)
	defer s.Close()
	for round := range 2 {
		for i := range 12 {
			require.NoError(t, s.Put(fmt.Appendf(nil, "key%02d", i+6*round), fmt.Appendf(nil, "value%d", round)))
		}
		require.NoError(t, s.Delete([]byte("key03")))
		require.NoError(t, s.Flush(context.Background()))
	}
	for i := range 3 {
		before = whole
		var b kv.Batch
		b.Set(fmt.Appendf(nil, "last%d", i), []byte("v"))
		b.Delete(fmt.Appendf(nil, "key%02d", i))
		require.NoError(t, s.Apply(&b))
		whole, err = contents(fs.Clone())
		require.NoError(t, err)
	}
	return fs.Clone(), whole, before
}

// contents opens the store of a file system, and returns all it holds.
func contents(fs vfs.FS) (text string, err error) {
	s, err := store.Open("db", &store.Options{Options: engine.Options{FS: fs}, NoCompaction: true})
	if err != nil {
		return "", err
	}
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	var b strings.Builder
	for key, value := range scan.All() {
		fmt.Fprintf(&b, "%s=%s\n", key, value)
	}
	return b.String(), errors.Join(scan.Err(), scan.Close(), s.Close())
}
