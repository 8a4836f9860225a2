package partition_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week3/partition"
)

// rigDir is the directory of every database that a test opens, unless it says otherwise.
const rigDir = "db"

// disk is a file system in memory that fails, or waits, where the test wants it to, and knows which files are open.
type disk struct {
	*vfs.Fault
	mem     *vfs.Mem
	handles *handles
}

// newDisk returns an empty disk.
func newDisk() *disk { return diskOf(vfs.NewMem()) }

// diskOf returns a disk that holds what mem holds.
func diskOf(mem *vfs.Mem) *disk {
	h := &handles{FS: mem, open: map[string]int{}}
	return &disk{vfs.NewFault(h), mem, h}
}

// handles is a file system that counts the open files of each name.
type handles struct {
	vfs.FS
	mu   sync.Mutex
	open map[string]int
}

// add counts a file that was opened, or closed.
func (h *handles) add(name string, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open[name] += n
}

// handle is an open file.
type handle struct {
	vfs.File
	close func()
}

// Close counts.
func (h handle) Close() error {
	h.close()
	return h.File.Close()
}

// count counts a file that was opened.
func (h *handles) count(name string, f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	h.add(name, 1)
	return handle{f, func() { h.add(name, -1) }}, nil
}

// Create counts.
func (h *handles) Create(name string) (vfs.File, error) {
	f, err := h.FS.Create(name)
	return h.count(name, f, err)
}

// Open counts.
func (h *handles) Open(name string) (vfs.File, error) {
	f, err := h.FS.Open(name)
	return h.count(name, f, err)
}

// OpenAppend counts.
func (h *handles) OpenAppend(name string) (vfs.File, error) {
	f, err := h.FS.OpenAppend(name)
	return h.count(name, f, err)
}

// by returns options with a router, small memtables, and neither a cache nor compaction in the background.
func by(r partition.Router) *partition.Options {
	o := &partition.Options{Router: r, Store: store.Options{NoCompaction: true}}
	o.Store.MemtableSize, o.Store.CacheSize = 16<<10, -1
	return o
}

// on returns a copy of the options that works on a disk.
func on(fs vfs.FS, o *partition.Options) *partition.Options {
	full := *o
	full.Store.FS = fs
	return &full
}

// tryOpen opens the database in rigDir. It is closed at clean-up, if the test has not done it.
func tryOpen(t labtest.TB, fs vfs.FS, o *partition.Options) (*partition.DB, error) {
	t.Helper()
	db, err := partition.Open(rigDir, on(fs, o))
	if err == nil {
		t.Cleanup(func() {
			if d, ok := fs.(*disk); ok {
				d.Clear()
			}
			_ = db.Close() // most tests have closed it, or broken it
		})
	}
	return db, err
}

// open opens the database in rigDir, and fails the test if that fails.
func open(t labtest.TB, fs vfs.FS, o *partition.Options) *partition.DB {
	t.Helper()
	db, err := tryOpen(t, fs, o)
	require.NoError(t, err, "open with %v", o.Router)
	return db
}

// closeDB closes a database, and fails the test if that fails.
func closeDB(t labtest.TB, db *partition.DB) {
	t.Helper()
	require.NoError(t, db.Close(), "close")
}

// rebalance moves the keys of the database in rigDir, and fails the test if that fails.
func rebalance(t labtest.TB, fs vfs.FS, o *partition.Options) int {
	t.Helper()
	moved, err := partition.Rebalance(context.Background(), rigDir, on(fs, o))
	require.NoError(t, err, "rebalance to %v", o.Router)
	return moved
}

// put stores small values: pairs of keys and values.
func put(t labtest.TB, db *partition.DB, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(t, db.Put([]byte(pairs[i]), []byte(pairs[i+1])), "put %s", pairs[i])
	}
}

// fill stores n keys, key00 and so on, each with its number as its value, and returns what a scan shows then.
func fill(t labtest.TB, db *partition.DB, n int) []string {
	t.Helper()
	lines := []string{}
	for i := range n {
		put(t, db, key(i), fmt.Sprint(i))
		lines = append(lines, fmt.Sprintf("%s = %d", key(i), i))
	}
	return lines
}

// key returns key number i, and keys these as bytes.
func key(i int) string { return fmt.Sprintf("key%02d", i) }

// bytesOf returns texts as bytes.
func bytesOf(texts ...string) (all [][]byte) {
	for _, text := range texts {
		all = append(all, []byte(text))
	}
	return all
}

// batch returns a batch of "key=value" and "-key" items.
func batch(items ...string) *kv.Batch {
	b := &kv.Batch{}
	for _, item := range items {
		if gone, ok := strings.CutPrefix(item, "-"); ok {
			b.Delete([]byte(gone))
			continue
		}
		k, v, _ := strings.Cut(item, "=")
		b.Set([]byte(k), []byte(v))
	}
	return b
}

// flush flushes everything.
func flush(t labtest.TB, db *partition.DB) {
	t.Helper()
	require.NoError(t, db.Flush(context.Background()), "flush")
}

// held returns what a database shows, in words: by a scan, with each key looked up as well.
func held(t labtest.TB, db *partition.DB) []string {
	t.Helper()
	lines := []string{}
	scan := db.Scan(kv.Unbounded(), kv.Unbounded())
	for k, v := range scan.All() {
		value, err := db.Get(k)
		require.NoError(t, err, "get of %q, which the scan shows", k)
		require.Equal(t, string(v), string(value), "%q by the scan, and by Get", k)
		lines = append(lines, fmt.Sprintf("%s = %s", k, v))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()), "scan")
	return lines
}

// has looks up what lines say, as fill returns them. Unlike held it needs no scan.
func has(t labtest.TB, what string, db *partition.DB, lines []string) {
	t.Helper()
	for _, line := range lines {
		k, want, _ := strings.Cut(line, " = ")
		value, err := db.Get([]byte(k))
		require.NoError(t, err, "%s: get of %s", what, k)
		require.Equal(t, want, string(value), "%s: value of %s", what, k)
	}
}

// finds looks up "key=value" items, and fails the test if one of them is not found.
func finds(t labtest.TB, what string, db *partition.DB, items ...string) {
	t.Helper()
	got := []string{}
	for _, item := range items {
		k, _, _ := strings.Cut(item, "=")
		value, err := db.Get([]byte(k))
		if err != nil {
			value = []byte(err.Error())
		}
		got = append(got, fmt.Sprintf("%s=%s", k, value))
	}
	same(t, what, items, got)
}

// partitionHolds returns the keys that lie in the directory of one partition of a database that is closed.
func partitionHolds(t labtest.TB, fs vfs.FS, i int) (keys []string) {
	t.Helper()
	o := &store.Options{NoCompaction: true}
	o.FS, o.CacheSize = fs, -1
	s, err := store.Open(fmt.Sprintf("%s/partition_%d", rigDir, i), o)
	require.NoError(t, err, "open the store of partition %d", i)
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	for k := range scan.All() {
		keys = append(keys, string(k))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close(), s.Close()))
	return keys
}

// same compares two lists of lines, or anything else.
func same(t labtest.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// allClosed fails the test if a file of the disk is open.
func allClosed(t labtest.TB, d *disk, what string) {
	t.Helper()
	d.handles.mu.Lock()
	defer d.handles.mu.Unlock()
	names := []string{}
	for name, n := range d.handles.open {
		if n > 0 {
			names = append(names, fmt.Sprintf("%s, %d times", name, n))
		}
	}
	slices.Sort(names)
	same(t, what+": files that are still open", []string{}, names)
}

// directories returns the names in the database's directory, without those of files that are no matter here.
func directories(t labtest.TB, fs vfs.FS) []string {
	t.Helper()
	return slices.DeleteFunc(labtest.Files(t, fs, rigDir), func(name string) bool { return name == "LOCK" || name == "PARTITIONS.tmp" })
}

// partitions returns the names that directories shows of a database with n partitions.
func partitions(n int) []string {
	names := []string{"PARTITIONS"}
	for i := range n {
		names = append(names, fmt.Sprintf("partition_%d", i))
	}
	slices.Sort(names)
	return names
}
