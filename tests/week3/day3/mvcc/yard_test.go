package mvcc_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/internal/labtest"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week3/mvcc"
)

// yard is a store with a collector, in memory, that is flushed and merged when the test says so.
type yard struct {
	*mvcc.DB
	t         labtest.TB
	fault     *vfs.Fault
	collector *mvcc.Watermark
}

// openYard opens an empty yard whose collector keeps that many versions.
func openYard(t labtest.TB, keepVersions int) *yard {
	t.Helper()
	return yardOn(t, vfs.NewMem(), keepVersions, nil)
}

// yardOn opens a yard on a disk, with a compaction filter if that is not nil. At clean-up it is closed, if the test
// has not done that, and what it has left on the disk is looked at.
func yardOn(t labtest.TB, mem *vfs.Mem, keepVersions int, filter engine.CompactionFilter) *yard {
	t.Helper()
	y := &yard{t: t, fault: vfs.NewFault(mem), collector: mvcc.NewCollector(keepVersions)}
	o := &mvcc.Options{Collector: y.collector}
	o.FS, o.NoCompaction, o.CompactionFilter = y.fault, true, filter
	o.MemtableSize, o.CacheSize = 64<<10, -1
	db, err := mvcc.Open("db", o)
	require.NoError(t, err, "open")
	y.DB = db
	t.Cleanup(func() {
		y.fault.Clear()
		if !t.Failed() {
			if err := db.Verify(context.Background()); !errors.Is(err, kv.ErrClosed) {
				require.NoError(t, err, "what is on the disk at the end of the test")
			}
		}
		if err := db.Close(); !errors.Is(err, kv.ErrClosed) {
			require.NoError(t, err, "close")
		}
		labtest.NoStrayFiles(t, mem, "db", "*.sst", "*.log", "MANIFEST", "LOCK")
	})
	return y
}

// do carries out steps: "k=1" puts, "k-" deletes, "k=1,m=2,n-" is a batch, "flush" and "compact".
func (y *yard) do(steps string) {
	y.t.Helper()
	for _, step := range strings.Fields(steps) {
		var err error
		switch step {
		case "flush":
			err = y.Flush(context.Background())
		case "compact":
			err = y.Compact(context.Background())
		default:
			err = y.Apply(stepsOf(step))
		}
		require.NoError(y.t, err, step)
	}
}

// stepsOf returns a batch of "k=1" and "k-", separated by commas.
func stepsOf(step string) *kv.Batch {
	b := &kv.Batch{}
	for _, op := range strings.Split(step, ",") {
		if key, value, ok := strings.Cut(op, "="); ok {
			b.Set([]byte(key), []byte(value))
		} else {
			b.Delete([]byte(strings.TrimSuffix(op, "-")))
		}
	}
	return b
}

// onDisk returns how many versions are in tables.
func (y *yard) onDisk() int {
	n := 0
	for _, run := range y.Stats().Runs {
		for _, table := range run.Tables {
			n += table.Entries
		}
	}
	return n
}

// holds compares all versions of the store, in memtables and tables, with those wanted: "k#4=red k#2- m#1=x".
func (y *yard) holds(what, want string) {
	y.t.Helper()
	tree, _ := y.View()
	entries, err := labtest.Collect(tree.NewIterator(kv.Unbounded(), kv.Unbounded()))
	require.NoError(y.t, err)
	var got []string
	for _, e := range entries {
		got = append(got, nameOf(e.Key)+valueOf(e))
	}
	equal(y.t, what+": all versions in the store", want, strings.Join(got, " "))
}

// nameOf writes a version as "k#4", and a tombstone as "k#4-".
func nameOf(key kv.Key) string {
	mark := ""
	if key.Kind() == kv.KindDelete {
		mark = "-"
	}
	return fmt.Sprintf("%s#%d%s", key.User, key.Seq(), mark)
}

// valueOf writes the value of an entry as "=red"; a tombstone has none.
func valueOf(e labtest.Entry) string {
	if e.Key.Kind() == kv.KindDelete {
		return ""
	}
	return "=" + string(e.Value)
}

// reading is what a snapshot and a store have in common.
type reading interface {
	Scan(lower, upper kv.Bound) *engine.Scan
}

// sees compares everything that a scan shows with what is wanted: "k=4 m=2".
func (y *yard) sees(who string, r reading, want string) {
	y.t.Helper()
	scan := r.Scan(kv.Unbounded(), kv.Unbounded())
	var got []string
	for key, value := range scan.All() {
		got = append(got, fmt.Sprintf("%s=%s", key, value))
	}
	require.NoError(y.t, errors.Join(scan.Err(), scan.Close()), "scan")
	equal(y.t, who+" sees", want, strings.Join(got, " "))
}

// equal compares two texts or numbers, and ends the test if they differ.
func equal[T comparable](t labtest.TB, what string, want, got T) {
	t.Helper()
	if want != got {
		t.Fatalf("%s (-want +got)\n- %s\n+ %s", what, orNothing(want), orNothing(got))
	}
}

// orNothing writes what may be an empty text.
func orNothing(v any) string {
	if text := fmt.Sprint(v); text != "" {
		return text
	}
	return "nothing"
}

// sift asks a keeper about versions, "k#9 k#7- m#4", newest first within a key, and returns those that stay. All keys
// are lent in the same memory, as an iterator may do it.
func sift(keeper engine.Keeper, bottom bool, versions string) string {
	sieve := engine.NewSieve(keeper)
	var kept []string
	var lent []byte
	for _, text := range strings.Fields(versions) {
		key := versionOf(text)
		lent = append(lent[:0], key.User...)
		key.User = lent
		if sieve.Keep(key, bottom) {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, " ")
}

// rule is a collector that keeps that many versions, at a watermark.
type rule struct {
	keep int
	at   kv.Seq
}

// keeps fails the test unless a flush or merge by this rule keeps, of some versions, those wanted.
func (r rule) keeps(t labtest.TB, versions string, bottom bool, want string) {
	t.Helper()
	place := "with something below"
	if bottom {
		place = "at the bottom"
	}
	equal(t, fmt.Sprintf("NewCollector(%d), watermark %d, %s: of %s stay", r.keep, r.at, place, versions),
		want, sift(mvcc.NewCollector(r.keep).Keeper(r.at), bottom, versions))
}

// versionOf undoes nameOf.
func versionOf(text string) kv.Key {
	kind := kv.KindSet
	text, deleted := strings.CutSuffix(text, "-")
	if deleted {
		kind = kv.KindDelete
	}
	user, number, _ := strings.Cut(text, "#")
	seq, err := strconv.ParseUint(number, 10, 56)
	if err != nil {
		panic(err)
	}
	return kv.MakeKey([]byte(user), kv.Seq(seq), kind)
}

// at returns a function that always returns v, which is what is visible in a test of a collector alone.
func at(v kv.Seq) func() kv.Seq { return func() kv.Seq { return v } }

// waits is how long a test waits for what should not take any time. It is spent in full only by a test that fails.
const waits = 5 * time.Second

// endsOrWaits returns when done is closed, or when the goroutine that runs the named function waits for a lock or a
// channel.
func endsOrWaits(t labtest.TB, name string, done <-chan struct{}) {
	t.Helper()
	for end := time.Now().Add(waits); time.Now().Before(end); runtime.Gosched() {
		select {
		case <-done:
			return
		default:
		}
		if waiting(name) {
			return
		}
	}
	t.Fatalf("%s neither ends nor waits", name)
}

// stacks has room for what all goroutines are doing.
var stacks = make([]byte, 1<<20)

// waiting reports whether a goroutine that runs the named function waits for somebody. To wait for the runtime, which
// collects garbage or stops the world, is something else.
func waiting(name string) bool {
	for _, stack := range strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		state, calls, _ := strings.Cut(stack, "\n")
		_, state, _ = strings.Cut(state, "[")
		for _, wait := range []string{"sync.", "chan ", "select"} {
			if strings.HasPrefix(state, wait) && strings.Contains(calls, name) {
				return true
			}
		}
	}
	return false
}
