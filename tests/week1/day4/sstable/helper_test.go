package sstable_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/solution/week1/sstable"
	refsstable "lsmlab/solution/week1/sstable"
)

// sstFile is a table file in memory. It counts, remembers and fails as a test wants. Reading takes no lock, so that the
// race detector sees what the tables themselves do about two readers.
type sstFile struct {
	data   []byte
	fail   atomic.Pointer[error] // what ReadAt, Write and Sync return, nil for nothing
	reads  atomic.Int64          // calls of ReadAt
	lowest atomic.Int64          // the smallest offset that was read
	closed atomic.Bool

	mu     sync.Mutex
	events []string // write, sync, close
}

// newSSTFile returns a file with contents.
func newSSTFile(data []byte) *sstFile {
	f := &sstFile{data: data}
	f.lowest.Store(1 << 62)
	return f
}

// failWith makes every later operation but Close return err; nil ends that.
func (f *sstFile) failWith(err error) {
	if err == nil {
		f.fail.Store(nil)
		return
	}
	f.fail.Store(&err)
}

// note remembers an event and returns the error that operations are to fail with.
func (f *sstFile) note(event string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, event)
	if err := f.fail.Load(); err != nil {
		return *err
	}
	return nil
}

func (f *sstFile) Write(p []byte) (int, error) {
	if err := f.note("write"); err != nil {
		return 0, err
	}
	f.data = append(f.data, p...)
	return len(p), nil
}

func (f *sstFile) ReadAt(p []byte, off int64) (int, error) {
	f.reads.Add(1)
	for {
		low := f.lowest.Load()
		if off >= low || f.lowest.CompareAndSwap(low, off) {
			break
		}
	}
	if err := f.fail.Load(); err != nil {
		return 0, *err
	}
	if f.closed.Load() {
		return 0, errors.New("the file is closed")
	}
	return bytes.NewReader(f.data).ReadAt(p, off)
}

func (f *sstFile) Sync() error          { return f.note("sync") }
func (f *sstFile) Size() (int64, error) { return int64(len(f.data)), nil }
func (f *sstFile) Truncate(int64) error { return errors.New("nobody truncates a table") }
func (f *sstFile) Close() error         { f.closed.Store(true); f.note("close"); return nil }

// sstTB is a test, random or not, with what has to be done at its end.
type sstTB interface {
	labtest.TB
	Cleanup(func())
}

// sstWriter is what your writer and the reference's have in common.
type sstWriter interface {
	Add(key kv.Key, value []byte) error
}

// sstAdd adds entries to a writer.
func sstAdd(t labtest.TB, w sstWriter, entries []labtest.Entry) {
	t.Helper()
	for _, e := range entries {
		require.NoError(t, w.Add(e.Key, e.Value), "add %v", e.Key)
	}
}

// sstWrite returns the bytes of a table that your writer makes of the entries.
func sstWrite(t labtest.TB, o sstable.Options, entries ...labtest.Entry) []byte {
	t.Helper()
	f := newSSTFile(nil)
	w := sstable.NewWriter(f, o)
	sstAdd(t, w, entries)
	_, err := w.Finish()
	require.NoError(t, err, "finish")
	return f.data
}

// sstRefWrite returns the bytes of a table that the reference's writer makes of the entries.
func sstRefWrite(t labtest.TB, o refsstable.Options, entries ...labtest.Entry) []byte {
	t.Helper()
	f := newSSTFile(nil)
	w := refsstable.NewWriter(f, o)
	sstAdd(t, w, entries)
	_, err := w.Finish()
	require.NoError(t, err, "finish")
	return f.data
}

// sstOpen opens a table with your code, under the number 1, and closes it when the test is over.
func sstOpen(t sstTB, data []byte, o sstable.Options) (*sstable.Table, *sstFile) {
	t.Helper()
	return sstOpenAs(t, 1, data, o)
}

// sstOpenAs is sstOpen under another number.
func sstOpenAs(t sstTB, number uint64, data []byte, o sstable.Options) (*sstable.Table, *sstFile) {
	t.Helper()
	f := newSSTFile(data)
	table, err := sstable.Open(f, sstable.FileName(number), number, o)
	require.NoError(t, err, "open")
	t.Cleanup(func() { table.Close() })
	return table, f
}

// sstRefOpen opens a table with the reference.
func sstRefOpen(t sstTB, data []byte, o refsstable.Options) *refsstable.Table {
	t.Helper()
	table, err := refsstable.Open(newSSTFile(data), refsstable.FileName(1), 1, o)
	require.NoError(t, err, "open with the reference")
	t.Cleanup(func() { table.Close() })
	return table
}

// sstGetter is a table, yours or the reference's.
type sstGetter interface {
	Get(user []byte, at kv.Seq) (value []byte, kind kv.Kind, found bool, err error)
}

// sstAnswer puts what a table says about a key into words.
func sstAnswer(g sstGetter, key string, at kv.Seq) string {
	value, kind, found, err := g.Get([]byte(key), at)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case !found:
		return "no answer"
	case kind == kv.KindDelete:
		return "deleted"
	}
	return fmt.Sprintf("%q", value)
}

// sstExpect compares a table's answer with the one wanted.
func sstExpect(t labtest.TB, g sstGetter, key string, at kv.Seq, want string) {
	t.Helper()
	if got := sstAnswer(g, key, at); got != want {
		t.Errorf("Get(%q) at sequence number %v: want %s, got %s", key, at, want, got)
	}
}

// sstCorrupt checks that err is a CorruptionError for table 1 with an offset, and returns it.
func sstCorrupt(t labtest.TB, err error, what string) *kv.CorruptionError {
	t.Helper()
	var damage *kv.CorruptionError
	require.ErrorAs(t, err, &damage, "%s: want a *kv.CorruptionError", what)
	require.Equal(t, "000001.sst", damage.File, "%s: the file that the error names", what)
	require.NotEmpty(t, damage.Reason, "%s: the error's reason", what)
	return damage
}

// sstVerify opens a table with your code and verifies all of it. It closes the table.
func sstVerify(data []byte, o sstable.Options) error {
	table, err := sstable.Open(newSSTFile(data), "000001.sst", 1, o)
	if err != nil {
		return err
	}
	defer table.Close()
	return table.Verify(context.Background())
}

// sstFruit are twelve entries that, with blocks of 64 bytes, lie two in a block: apple and banana in block 0, cherry and
// date in block 1, and so on. Every value is "v-" and the key.
func sstFruit() []labtest.Entry {
	var out []labtest.Entry
	for i, name := range strings.Fields("apple banana cherry date elder fig grape hazel iris jujube kiwi lemon") {
		out = append(out, labtest.E(name, kv.Seq(i+1), "v-"+name))
	}
	return out
}

// sstSmall are options under which sstFruit makes six blocks.
func sstSmall() sstable.Options { return sstable.Options{BlockSize: 64} }

// sstRefFruit returns sstFruit as a table of six blocks, written by the reference.
func sstRefFruit(t labtest.TB) []byte {
	t.Helper()
	return sstRefWrite(t, refsstable.Options{BlockSize: 64}, sstFruit()...)
}

// sstRefBlocks returns the handles of a table's data blocks, as the reference reads them.
func sstRefBlocks(t sstTB, data []byte) []refsstable.BlockInfo {
	t.Helper()
	var out []refsstable.BlockInfo
	for info := range sstRefOpen(t, data, refsstable.Options{}).Blocks() {
		require.NoError(t, info.Err)
		if info.Kind == refsstable.BlockData {
			out = append(out, info)
		}
	}
	return out
}

// sstCollect returns all entries of an iterator, which labtest watches for breaches of the iterator's contract.
func sstCollect(t labtest.TB, it kv.Iterator) []labtest.Entry {
	t.Helper()
	out, err := labtest.Collect(labtest.Check(t, it))
	require.NoError(t, err)
	return out
}

// sstList is a filter that lists the keys it was given; it is never wrong. T and B let it serve your package and the
// reference's, whose interfaces differ in name.
type sstList struct {
	name  string
	added []string
	asked *atomic.Int64 // counts questions, if not nil
}

func (l *sstList) Name() string    { return l.name }
func (l *sstList) Add(user []byte) { l.added = append(l.added, string(user)) }
func (l *sstList) Finish() []byte  { return []byte(strings.Join(l.added, ",")) }
func (l *sstList) MayContain(user []byte) bool {
	if l.asked != nil {
		l.asked.Add(1)
	}
	return slices.Contains(l.added, string(user))
}

// parse returns the list that Finish has written.
func (l *sstList) parse(data []byte) (*sstList, error) {
	if strings.HasPrefix(string(data), "?") {
		return nil, errors.New("no list of keys")
	}
	return &sstList{added: strings.Split(string(data), ","), asked: l.asked}, nil
}

// sstPolicy is sstList as a filter policy of your package.
type sstPolicy struct{ sstList }

func (p *sstPolicy) NewBuilder() sstable.FilterBuilder         { p.added = nil; return &p.sstList }
func (p *sstPolicy) Parse(data []byte) (sstable.Filter, error) { return p.parse(data) }

// sstRefPolicy is sstList as a filter policy of the reference.
type sstRefPolicy struct{ sstList }

func (p *sstRefPolicy) NewBuilder() refsstable.FilterBuilder         { p.added = nil; return &p.sstList }
func (p *sstRefPolicy) Parse(data []byte) (refsstable.Filter, error) { return p.parse(data) }

// errSST is what files in these tests fail with.
var errSST = fmt.Errorf("the disk is on fire: %w", io.ErrNoProgress)
