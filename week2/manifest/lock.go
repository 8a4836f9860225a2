package manifest

import (
	"errors"
	"io"
	iofs "io/fs"
	"path/filepath"

	"lsmlab/internal/todo"
	"lsmlab/internal/vfs"
)

// lockName is the name of the file that whoever has a directory open holds a lock on. The file stays behind; the lock does not,
// even if the process dies.
const lockName = "LOCK"

// Lock makes dir the caller's until the lock is closed, and makes the directory if it is missing. While somebody else has it, in
// this process or another, that is an error that names the directory and unwraps to vfs.ErrLocked. Whatever
// else goes wrong is not somebody else's lock, and is not called so.
func Lock(fs vfs.FS, dir string) (io.Closer, error) {
	// TODO(week 2, day 5, task 5): implement Lock. Chapter: book/week2/day5-manifest.md#lock
	//
	// Hint: MakeDir first: a lock file needs a directory. Then fs.Lock.
	// Hint: A person who reads the error wants to know which directory it is, and that another process has it open.
	panic(todo.Reached("week 2 day 5 task 5", "Lock"))
}

// MakeDir makes a directory where it is missing, with its parents, and makes their names durable: the name of a directory is an
// entry of the one above.
func MakeDir(fs vfs.FS, dir string) error {
	parent := filepath.Dir(dir)
	if _, err := fs.List(dir); !errors.Is(err, iofs.ErrNotExist) || parent == dir {
		return err
	}
	if err := MakeDir(fs, parent); err != nil {
		return err
	}
	if err := fs.MkdirAll(dir); err != nil {
		return err
	}
	return fs.SyncDir(parent)
}
