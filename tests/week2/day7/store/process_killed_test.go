package store_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/crashlab"
	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/store"
)

// deathbed is a disk as a process leaves it that dies while its machine goes on: everything it wrote is there, synced
// or not, and its locks are free.
type deathbed struct{ vfs.FS }

// Lock gives everybody a lock.
func (deathbed) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// The process dies, and the machine goes on. The next process replays what it finds in the logs; none of that was ever
// synced. It writes one key, with sync, and now the power goes. If that key is there and the replayed ones are not,
// then history has a hole. So what is replayed must be made durable before anybody builds on it.
//
//lab:task 1 points=2
func TestOpen_MakesReplayedWritesDurable(t *testing.T) {
	d := newDisk()
	o := small(store.LogWritten)
	o.FS = deathbed{d}
	first, err := store.Open(rigDir, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = first.Close() }) // long after its death
	put(t, first, "apple", "red")

	second, err := store.Open(rigDir, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = second.Close() })
	holds(t, "after the first process has died", second, "apple = red")
	_, err = second.Write(batch("banana=yellow"), true)
	require.NoError(t, err)
	holds(t, "after a power cut", open(t, d.crashed(false), small(store.LogWritten)), "apple = red", "banana = yellow")
}

// childDir is the environment variable that makes a process of this test the child that is killed, and says in which
// directory.
const childDir = "LAB_STORE_CHILD"

// The file system of the laboratory is a model. So once more with a real disk and a real process: a child writes as
// fast as it can, from four goroutines, and is killed in the middle, several times. What it was told is stored must be
// there, with nothing but the write behind it that was under way; and each time the store must open again.
//
//lab:task 1 points=3 random
func TestCrash_ProcessIsKilled(t *testing.T) {
	const writers, rounds = 4, 4
	if dir := os.Getenv(childDir); dir != "" {
		work(t, dir, writers)
		return
	}
	dir := t.TempDir()
	o := small(store.LogWritten)
	s, err := store.Open(dir, o)
	require.NoError(t, err)
	closeStore(t, s)
	l := crashlab.Lab{Open: func(vfs.FS) (crashlab.Store, error) {
		s, err := store.Open(dir, o)
		return crashable{s}, err
	}}
	var before []crashlab.Pair
	for seed := range uint64(rounds) {
		child := exec.Command(os.Args[0], "-test.run=^TestCrash_ProcessIsKilled$")
		child.Env = append(os.Environ(), childDir+"="+dir, fmt.Sprintf("LAB_SEED=%d", seed))
		after, _, err := l.Kill(child, seed, writers, before)
		require.NoError(t, err)
		before = after
	}
}

// work is what the child does until it is killed.
func work(t *testing.T, dir string, writers int) {
	t.Helper()
	var seed uint64
	_, err := fmt.Sscan(os.Getenv("LAB_SEED"), &seed)
	require.NoError(t, err)
	s, err := store.Open(dir, small(store.LogWritten))
	require.NoError(t, err)
	_ = crashlab.Work(crashable{s}, seed, writers, os.Stdout) // it does not end by itself
}
