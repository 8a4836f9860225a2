package wal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week2/wal"
)

// store is an engine with logs, which survives its process. It flushes nothing unless the test says so: there is no
// manifest.
type store struct {
	*engine.Engine
	found *wal.Recovered
}

// openStore opens a store over what an earlier one left. Its memtables have 4 KiB. It is closed at clean-up.
func openStore(t labtest.TB, fs vfs.FS, o wal.Options) store {
	t.Helper()
	s, err := tryOpenStore(t, fs, o)
	require.NoError(t, err, "open")
	return s
}

// tryOpenStore is openStore, which may fail.
func tryOpenStore(t labtest.TB, fs vfs.FS, o wal.Options) (store, error) {
	t.Helper()
	o.FS = fs
	logs, found, err := wal.Open(walDir, o, 0)
	if err != nil {
		return store{}, err
	}
	e, err := engine.Open(walDir, &engine.Options{
		FS: fs, Logs: logs, MemtableSize: 4 << 10, MaxMemtables: 1000, CacheSize: -1,
		State: &engine.State{Memtables: found.Memtables, Next: found.Next, Last: found.Last},
	})
	if err != nil {
		return store{}, err
	}
	t.Cleanup(func() { e.Close() })
	return store{Engine: e, found: found}, nil
}

// filler is what makes a value big: two of these do not fit into a memtable together, so each gets a log of its own.
var filler = strings.Repeat(".", 2000)

// contents returns what a scan over everything shows, in words.
func (s store) contents(t labtest.TB) []string {
	t.Helper()
	lines := []string{}
	scan := s.Scan(kv.Unbounded(), kv.Unbounded())
	for key, value := range scan.All() {
		lines = append(lines, fmt.Sprintf("%s=%s", key, strings.TrimRight(string(value), ".")))
	}
	require.NoError(t, errors.Join(scan.Err(), scan.Close()), "scan")
	return lines
}

// modelContents returns what contents must be.
func modelContents(m *labtest.Model) []string {
	lines := []string{}
	for _, e := range m.Scan(kv.Unbounded(), kv.Unbounded(), kv.MaxSeq) {
		lines = append(lines, fmt.Sprintf("%s=%s", e.Key.User, strings.TrimRight(string(e.Value), ".")))
	}
	return lines
}

// The point of the day: put, end, begin again, get. Newer values win over older ones, deleted keys stay deleted, an
// empty value is there, over as many logs and as many lives as it takes. And numbers go on: were they to begin again
// with 1, new writes would stand below the old ones, and nobody would ever see them.
//
//lab:task 4 points=3
func TestEngine_Remembers(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk(t)
	for life := range 3 {
		s := openStore(t, d, wal.Options{})
		same(t, fmt.Sprintf("writes before life %d", life), kv.Seq(7*life), s.found.Last)
		require.NoError(t, s.Apply(batch("a=first"+filler, fmt.Sprintf("k%d=1", life))))
		require.NoError(t, s.Apply(batch(fmt.Sprintf("a=life %d%s", life, filler))))
		require.NoError(t, s.Apply(batch("gone=1", "empty=1", "-gone", "empty=")))
		require.NoError(t, s.Close())
	}
	want := []string{"a=life 2", "empty=", "k0=1", "k1=1", "k2=1"}
	s := openStore(t, d, wal.Options{})
	same(t, "contents", want, s.contents(t))
	same(t, "visible", kv.Seq(21), s.Visible())
}

// A batch whose commit failed is not in the store, now or later in this life: write the log first, then the memtable.
// In the other order a reader sees a value that the next start does not know.
//
//lab:task 4 points=2
func TestEngine_FailedCommitIsNeverSeen(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk(t)
	s := openStore(t, d, wal.Options{})
	require.NoError(t, s.Apply(batch("a=1")))
	d.ShortWrite("*.log", 7, errDisk)
	require.ErrorIs(t, s.Apply(batch("a=2")), errDisk)
	same(t, "contents after a write that failed", []string{"a=1"}, s.contents(t))
	require.ErrorIs(t, s.Apply(batch("b=1")), kv.ErrReadOnly, "the next write")
	require.ErrorIs(t, s.Close(), errDisk, "Close says it once more")
	same(t, "contents in the next life", []string{"a=1"}, openStore(t, d, wal.Options{}).contents(t))
}

// A synced write makes all writes before it durable, also those in other logs. Without that, a crash leaves the last
// log and not the one before it, and by the rule of the hole the synced write itself is cut off.
//
//lab:task 4 points=2
func TestEngine_SyncedWriteBringsAllBeforeIt(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk(t)
	s := openStore(t, d, wal.Options{})
	require.NoError(t, s.Apply(batch("a=1"+filler)))
	require.NoError(t, s.Apply(batch("b=1"+filler)))
	_, err := s.Write(batch("c=1"+filler), true)
	require.NoError(t, err)
	after := openStore(t, overMem(t, d.mem.Crash(vfs.LoseUnsynced)), wal.Options{})
	same(t, "contents after the power has failed", []string{"a=1", "b=1", "c=1"}, after.contents(t))
}

// LoseOnKill may lose the last 32 KiB when the process is killed, and not more. That is easily said while there is one
// log. When the next one begins, the end of the one before may still be in a buffer; if the new log reaches the file
// first, that end is a hole, and everything behind it is lost too.
//
//lab:task 4 points=3
func TestEngine_LoseOnKillLosesLittle(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk(t)
	s := openStore(t, d, wal.Options{LoseOnKill: true})
	value := strings.Repeat("v", 1000)
	for i := range 100 {
		require.NoError(t, s.Put(fmt.Appendf(nil, "k%03d", i), []byte(value)))
		left := openStore(t, overMem(t, d.mem.Preview(vfs.KeepUnsynced)), wal.Options{})
		if missing := i + 1 - int(left.found.Last); missing > 34 {
			t.Fatalf("killed after %d writes of 1 KB, the store has %d; %d KB are lost", i+1, left.found.Last, missing)
		}
	}
}

// A log whose memtable has become a table is removed, and the one that is still needed is not.
//
//lab:task 4 points=1
func TestEngine_FlushRemovesTheLog(t *testing.T) {
	labtest.NoLeaks(t)
	d := newDisk(t)
	s := openStore(t, d, wal.Options{})
	require.NoError(t, s.Apply(batch("a=1"+filler)))
	require.NoError(t, s.Apply(batch("b=1"+filler)))
	require.NoError(t, s.Close())
	s = openStore(t, d, wal.Options{})
	same(t, "logs before the flush", 3, logsIn(t, d))
	require.NoError(t, s.Flush(context.Background()))
	same(t, "logs after the flush", 1, logsIn(t, d))
}

// logsIn returns the number of logs.
func logsIn(t labtest.TB, d *disk) int {
	t.Helper()
	n := 0
	for _, name := range labtest.Files(t, d.mem, walDir) {
		if strings.HasSuffix(name, ".log") {
			n++
		}
	}
	return n
}
