package engine_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/version"
)

// Two writers have got the numbers 1 and 2. Number 1 waits for its log; number 2 is done. It must not be seen yet, and its Put
// must not return: a reader who saw 2 without 1 would see a history that never was, and a crash could make it true.
//
//lab:task 1 points=3
func TestWrite_IsVisibleInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		o := patient()
		o.Logs = &fakeLogs{commit: func(_ uint64, end int64, _ bool) error {
			if end == 1 {
				<-goOn
			}
			return nil
		}}
		r := openRig(t, o)
		release := sync.OnceFunc(func() { close(goOn) })
		t.Cleanup(release)
		first := inBackground(func() error { return r.Put([]byte("apple"), []byte("red")) })
		synctest.Wait()
		second := inBackground(func() error { return r.Put([]byte("banana"), []byte("yellow")) })
		synctest.Wait()
		require.Equal(t, kv.Seq(0), r.Visible(), "the visible number while write 1 is under way")
		r.expect(t, "while write 1 is under way", "apple", "not found", "banana", "not found")
		select {
		case <-second:
			t.Error("the second Put has returned, though nobody can see its write")
		default:
		}
		release()
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		require.Equal(t, kv.Seq(2), r.Visible(), "the visible number in the end")
		r.flush(t)
		same(t, "runs", [][]string{{`"apple"#1,set = "red"`, `"banana"#2,set = "yellow"`}}, r.contents(t))
	})
}

// Many writers at once, and the log lets them go in the opposite order. Each of them must find its own write when its Put
// returns, and in the end all numbers are visible: nobody is forgotten in the queue.
//
//lab:task 1 points=2 race
func TestWrite_ReturnsWhenItCanBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const writers = 20
		var turns [writers + 1]chan struct{}
		for i := range turns {
			turns[i] = make(chan struct{})
		}
		o := patient()
		o.Logs = &fakeLogs{commit: func(_ uint64, end int64, _ bool) error {
			<-turns[end]
			return nil
		}}
		r := openRig(t, o)
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				key := string(rune('a' + i))
				if err := r.Put([]byte(key), []byte("x")); err != nil {
					t.Errorf("put %s: %v", key, err)
				}
				r.expect(t, "when Put has returned", key, `"x"`)
			})
		}
		synctest.Wait()
		for i := writers; i > 0; i-- {
			close(turns[i])
			synctest.Wait()
		}
		all.Wait()
		require.Equal(t, kv.Seq(writers), r.Visible())
		r.flush(t)
		require.Len(t, r.contents(t)[0], writers, "entries of the table")
	})
}

// The log could not be written. The put fails, and the write is nowhere: not visible now, not in a table later. What the log
// holds on disk is in doubt, so all later writes are refused, with the reason.
//
//lab:task 1 points=2
func TestWrite_FailedCommitIsNeverVisible(t *testing.T) {
	broken := errors.New("log: input/output error")
	fail := false
	o := patient()
	o.Logs = &fakeLogs{commit: func(uint64, int64, bool) error {
		if fail {
			return broken
		}
		return nil
	}}
	r := openRig(t, o)
	r.put(t, "apple", "red")
	fail = true
	err := r.Put([]byte("apple"), []byte("green"))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, kv.ErrReadOnly)
	fail = false
	require.ErrorIs(t, r.Put([]byte("banana"), nil), broken, "a put afterwards gives the reason")
	require.ErrorIs(t, r.Flush(context.Background()), broken, "a flush afterwards gives the reason")
	r.expect(t, "afterwards", "apple", `"red"`, "banana", "not found")
	same(t, "scan afterwards", []string{"apple = red"}, scanned(t, r.Scan(kv.Unbounded(), kv.Unbounded())))
}

// Each memtable has a log, and a log goes when the contents of its memtable are in a table for good: after the manifest has
// recorded that, not before. Writes are appended before anything else sees them.
//
//lab:task 1 points=2
func TestFlush_DropsLogAfterEditIsDurable(t *testing.T) {
	logs := &fakeLogs{}
	o := patient()
	o.Logs = logs
	o.Manifest = fakeManifest(func(*version.Edit, *version.Version) error {
		logs.note("manifest")
		return nil
	})
	r := openRig(t, o)
	r.put(t, "apple", "red")
	r.put(t, "banana", "yellow")
	r.flush(t)
	same(t, "what happened", []string{
		"create 1",
		"append to 1: 1 writes from 1", "commit 1 to 1, sync false",
		"append to 1: 1 writes from 2", "commit 1 to 2, sync false",
		"create 2", "manifest", "close 1", "remove 1",
	}, logs.read())
}

// Writes are synced. A writer still waits for the log of a memtable that has just been frozen; the next writer is already in
// the next log. Before it syncs its own it must sync the older one. Otherwise a crash could keep the later write and lose
// the earlier: a hole in history.
//
//lab:task 1 points=2
func TestWrite_SyncsOlderLogsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		slow := true
		logs := &fakeLogs{}
		logs.commit = func(number uint64, _ int64, _ bool) error {
			if number == 1 && slow {
				slow = false
				<-goOn
			}
			return nil
		}
		o := patient()
		o.Logs, o.Sync = logs, true
		r := openRig(t, o)
		release := sync.OnceFunc(func() { close(goOn) })
		t.Cleanup(release)
		first := inBackground(func() error { return r.Put([]byte("apple"), big("red")) })
		synctest.Wait()
		second := inBackground(func() error { return r.Put([]byte("banana"), big("yellow")) })
		synctest.Wait()
		release()
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		r.flush(t)
		commits := slices.DeleteFunc(logs.read(), func(line string) bool { return line[:6] != "commit" })
		same(t, "commits", []string{
			"commit 1 to 1, sync true", // the first writer, who waits
			"commit 1 to 1, sync true", // the second writer, before its own
			"commit 2 to 1, sync true",
		}, commits)
	})
}

// A gate sees every batch in the order of numbers, before it is written anywhere, and may refuse it. The refused batch leaves
// nothing behind, and its number goes to the next one.
//
//lab:task 1 points=1
func TestWrite_GateMayRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []kv.Seq
		refused := errors.New("not today")
		logs := &fakeLogs{}
		r := openRig(t, &engine.Options{Logs: logs, Gate: fakeGate(func(first kv.Seq, b *kv.Batch) error {
			seen = append(seen, first)
			for op := range b.Ops() {
				if string(op.Key) == "forbidden" {
					return refused
				}
			}
			return nil
		})})
		r.put(t, "apple", "red")
		var b kv.Batch
		b.Set([]byte("banana"), []byte("yellow"))
		b.Set([]byte("forbidden"), []byte("fruit"))
		require.ErrorIs(t, r.Apply(&b), refused)
		next := inBackground(func() error { return r.Put([]byte("cherry"), []byte("black")) })
		synctest.Wait()
		require.Equal(t, kv.Seq(2), r.Visible(), "the visible number after the put that follows")
		require.NoError(t, <-next)
		same(t, "first numbers that the gate saw", []kv.Seq{1, 2, 2}, seen)
		r.flush(t)
		same(t, "runs", [][]string{{`"apple"#1,set = "red"`, `"cherry"#2,set = "black"`}}, r.contents(t))
		require.NotContains(t, logs.read(), "append to 1: 2 writes from 2", "the refused batch in the log")
	})
}

// An empty key, a key of more than 64 KiB, a value larger than the limit: each is refused by name, and nothing of the batch
// that it is in happens. What is just allowed goes through, also where it needs a memtable larger than the others.
//
//lab:task 1 points=2
func TestWrite_ChecksSizes(t *testing.T) {
	r := openRig(t, &engine.Options{MaxMemtables: 100, MaxValueSize: 5000})
	require.ErrorIs(t, r.Put(nil, []byte("x")), kv.ErrEmptyKey)
	require.ErrorIs(t, r.Delete(make([]byte, kv.MaxKeySize+1)), kv.ErrKeyTooLarge)
	require.ErrorIs(t, r.Put([]byte("k"), make([]byte, 5001)), kv.ErrValueTooLarge)
	var b kv.Batch
	b.Set([]byte("good"), nil)
	b.Set(nil, nil)
	require.ErrorIs(t, r.Apply(&b), kv.ErrEmptyKey, "a batch with one bad write")
	require.Equal(t, kv.Seq(0), r.Visible(), "nothing was written")

	long := make([]byte, kv.MaxKeySize)
	require.NoError(t, r.Put(long, make([]byte, 5000)), "the longest key with the longest value, larger than a memtable of 4 KiB")
	same(t, "entries of the memtables: the first one was empty and too small, and is not frozen", []int{1}, r.memtables())
	r.flush(t)
	value, err := r.Get(long)
	require.NoError(t, err)
	require.Len(t, value, 5000)
	r.expect(t, "the good write of the bad batch", "good", "not found")
}
