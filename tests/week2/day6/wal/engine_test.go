package wal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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

// step is one write of a scripted life.
type step struct {
	b    *kv.Batch
	sync bool
}

// life makes the steps in a store, and returns how many were acknowledged, and how many up to the last synced one.
func life(s store, steps []step) (acknowledged, durable int) {
	for i, step := range steps {
		if _, err := s.Write(step.b, step.sync); err != nil {
			return i, durable
		}
		if step.sync {
			durable = i + 1
		}
	}
	return len(steps), durable
}

// script is a life with batches, big values that change logs, and a sync now and then.
func script() []step {
	return []step{
		{batch("a=1"), false}, {batch("b=1", "c=1"), true}, {batch("d=1" + filler), false}, {batch("-a", "e="+filler), false},
		{batch("f=1"), false}, {batch("g=1" + filler), true}, {batch("b=2", "c=2", "-d"), false}, {batch("h=1"), true}, {batch("a=3"), false},
	}
}

// prefixes returns the contents of a store after each number of steps.
func prefixes(steps []step) [][]string {
	m, next := labtest.NewModel(), kv.Seq(1)
	all := [][]string{modelContents(m)}
	for _, s := range steps {
		m.Apply(next, s.b)
		next += kv.Seq(s.b.Len())
		all = append(all, modelContents(m))
	}
	return all
}

// The store is stopped at each of its operations on the disk, one after the other, and begun again over what may be
// left. What it shows then is what it showed after some number of batches: whole batches, none missing in between. No
// synced write is missing; if only the process died, no acknowledged one. Then it goes on, and ends, and begins once
// more.
//
//lab:task 4 points=4
func TestEngine_CrashAtEveryOperation(t *testing.T) {
	labtest.NoLeaks(t)
	steps := script()
	states := prefixes(steps)
	for at := 1; ; at++ {
		d := newDisk(t)
		d.mem.CrashAt(d.mem.Ops() + at)
		acknowledged, durable := 0, 0
		if s, err := tryOpenStore(t, d, wal.Options{}); err == nil {
			acknowledged, durable = life(s, steps)
		}
		if !d.mem.Crashed() {
			require.Greater(t, at, 20, "operations of this life")
			return
		}
		for i, policy := range vfs.Policies(4) {
			least := durable
			if policy == vfs.KeepUnsynced {
				least = acknowledged
			}
			after := overMem(t, d.mem.Crash(policy))
			what := fmt.Sprintf("crash at operation %d, outcome %d, %d acknowledged, %d of them durable", at, i, acknowledged, durable)
			checkPrefix(t, what, after, states, least)
		}
	}
}

// checkPrefix opens a store over what a crash has left, compares, goes on with one write, and opens it again.
func checkPrefix(t labtest.TB, what string, after *disk, states [][]string, least int) {
	t.Helper()
	s := openStore(t, after, wal.Options{})
	got := s.contents(t)
	found := -1
	for i, state := range states {
		if strings.Join(state, "|") == strings.Join(got, "|") {
			found = i
		}
	}
	if found < least {
		t.Fatalf("%s: the store shows %q, which is not what it was after batch %d or a later one", what, got, least)
	}
	_, err := s.Write(batch("z=new"), true)
	require.NoError(t, err, "%s: write in the next life", what)
	again := openStore(t, overMem(t, after.mem.Crash(vfs.LoseUnsynced)), wal.Options{})
	same(t, what+": after one more write and one more crash", append(got, "z=new"), again.contents(t))
}

// Random lives, one after the other, over one disk: random batches, synced or not, and at the end of each life the
// store is closed, or killed, or the power fails. What the next life finds is what the simplest store there is holds
// after some number of batches.
//
//lab:task 4 points=3 random
func TestEngine_RandomLives(t *testing.T) {
	labtest.NoLeaks(t)
	rapid.Check(t, func(t *rapid.T) {
		d := newDisk(t)
		var past []step // what the store holds for certain
		for range rapid.IntRange(1, 4).Draw(t, "lives") {
			s := openStore(t, d, wal.Options{LoseOnKill: rapid.Bool().Draw(t, "lose on kill")})
			steps := randomSteps(t)
			_, durable := life(s, steps)
			policy, least := vfs.LoseUnsynced, durable
			switch rapid.IntRange(0, 2).Draw(t, "end") {
			case 0:
				require.NoError(t, s.Close())
				least = len(steps)
			case 1:
				policy = vfs.Tear(rapid.Uint64Range(1, 100).Draw(t, "dice"))
			}
			d = overMem(t, d.mem.Crash(policy))
			past = append(past, survivors(t, d, past, steps, least)...)
		}
	})
}

// randomSteps returns some batches, of which some are large and some are synced.
func randomSteps(t *rapid.T) []step {
	var steps []step
	for _, w := range labtest.Ops(8).Draw(t, "batches") {
		b := &kv.Batch{}
		w.AddTo(b)
		if rapid.IntRange(0, 3).Draw(t, "big") == 0 {
			b.Set([]byte("big"), []byte(filler))
		}
		steps = append(steps, step{b: b, sync: rapid.IntRange(0, 3).Draw(t, "sync") == 0})
	}
	return steps
}

// survivors opens a store over a disk, checks that it holds the past and the first steps, at least so many, and returns
// these.
func survivors(t *rapid.T, d *disk, past, steps []step, least int) []step {
	s := openStore(t, overMem(t, d.mem.Clone()), wal.Options{})
	m, next := labtest.NewModel(), kv.Seq(1)
	n := -len(past)
	for _, step := range append(append([]step{}, past...), steps...) {
		if n >= least && next > s.found.Last {
			break
		}
		m.Apply(next, step.b)
		next += kv.Seq(step.b.Len())
		n++
	}
	same(t, "last write", next-1, s.found.Last)
	same(t, fmt.Sprintf("contents with %d of %d batches of this life, at least %d", n, len(steps), least), modelContents(m), s.contents(t))
	return steps[:max(n, 0)]
}
