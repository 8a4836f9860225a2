package manifest_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week2/manifest"
)

// lockEnv names the directory that a second process is to lock.
const lockEnv = "LSMLAB_W2D5_LOCK"

// init is the second process: this very program, started by a test. It says what Lock said, and holds the lock until somebody
// kills it, or for as long as its input is open.
func init() {
	where := os.Getenv(lockEnv)
	if where == "" {
		return
	}
	_, err := manifest.Lock(vfs.OS(), where)
	fmt.Println("lock:", err)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends, one way or another
	os.Exit(0)
}

// Two programs that append to one manifest destroy each other's trees within a second. So who opens a directory takes its lock
// first; the second one is refused, with the directory's name, and can try again when the first has closed.
//
//lab:task 5 points=2
func TestLock_OneAtATime(t *testing.T) {
	mem := newMem(t, nil)
	lock, err := manifest.Lock(mem, dir)
	require.NoError(t, err)
	second, err := manifest.Lock(mem, dir)
	require.ErrorIs(t, err, vfs.ErrLocked, "the second opener")
	require.Contains(t, strings.ReplaceAll(err.Error(), filepath.Join(dir, "LOCK"), "(the lock's file)"), dir,
		"the second opener's error must say which directory is in use: %v", err)
	require.Nil(t, second, "the second opener's lock")
	other, err := manifest.Lock(mem, "elsewhere")
	require.NoError(t, err, "another directory")
	require.NoError(t, other.Close())
	require.NoError(t, lock.Close())
	third, err := manifest.Lock(mem, dir)
	require.NoError(t, err, "after the first has closed")
	require.NoError(t, third.Close())

	fault := vfs.NewFault(mem)
	fault.FailNext(vfs.OpLock, "", nil)
	_, err = manifest.Lock(fault, dir)
	require.ErrorIs(t, err, vfs.ErrInjected, "the file system cannot lock")
	require.NotErrorIs(t, err, vfs.ErrLocked, "the file system cannot lock, and nobody has the directory")
}

// A store begins in a directory that nobody has made yet. Its parents are made too; and since a directory's name is an entry of the
// one above, each of those above is synced. Otherwise the power fails a week later, and everything in the directory is synced but
// the directory.
//
//lab:task 5 points=2
func TestLock_MakesTheDirectoryDurably(t *testing.T) {
	mem := vfs.NewMem()
	lock, err := manifest.Lock(mem, filepath.Join("data", "stores", "db"))
	require.NoError(t, err)
	defer lock.Close()
	_, err = mem.Preview(vfs.LoseUnsynced).List(filepath.Join("data", "stores", "db"))
	require.NoError(t, err, "the directory after a crash")
}

// What the lock is for is another process, and it must work when that one dies without giving it back: kill -9 runs no clean-up. A
// file that merely says "locked" would stay for ever. A lock of the operating system goes with its process.
//
//lab:task 5 points=2
func TestLock_AnotherProcess(t *testing.T) {
	where := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), lockEnv+"="+where)
	in, err := cmd.StdinPipe() // which keeps it waiting
	require.NoError(t, err)
	defer in.Close()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || said != "lock: <nil>\n" {
		_ = cmd.Process.Kill() // it has not got so far as to wait
		_ = cmd.Wait()
		_, err := manifest.Lock(vfs.OS(), where) // if Lock is missing, this says so
		t.Fatalf("the other process: %q; Lock in this one: %v", said, err)
	}
	_, err = manifest.Lock(vfs.OS(), where)
	require.ErrorIs(t, err, vfs.ErrLocked, "while the other process has the directory")
	require.ErrorContains(t, err, where)

	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // says that it was killed
	lock, err := manifest.Lock(vfs.OS(), where)
	require.NoError(t, err, "after the other process was killed")
	require.NoError(t, lock.Close())
}
