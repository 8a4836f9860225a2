package vfs

import (
	"errors"
	"io"
	"path"
	"path/filepath"
)

// Op names an operation of [FS] or [File], for those that count, fail or block them.
type Op string

// The operations. Those of a File carry the name under which the file was opened.
const (
	OpCreate     Op = "create"
	OpOpen       Op = "open"
	OpOpenAppend Op = "open-append"
	OpRemove     Op = "remove"
	OpRename     Op = "rename"
	OpLink       Op = "link"
	OpMkdirAll   Op = "mkdir-all"
	OpList       Op = "list"
	OpSize       Op = "size" // of FS and of File
	OpSyncDir    Op = "sync-dir"
	OpLock       Op = "lock"
	OpWrite      Op = "write"
	OpRead       Op = "read" // File.ReadAt
	OpSync       Op = "sync"
	OpTruncate   Op = "truncate"
	OpClose      Op = "close"
)

var (
	// ErrLocked is what Lock returns, wrapped, while somebody else holds the lock.
	ErrLocked = errors.New("locked by somebody else")
	// ErrCrashed is what every operation of a crashed file system returns.
	ErrCrashed = errors.New("file system has crashed")
	// ErrInjected is what a Fault returns where it was given no error of its own.
	ErrInjected = errors.New("injected error")
)

// Call is one operation on one name.
type Call struct {
	Op   Op
	Name string // the file or directory; for OpRename and OpLink the old name
	To   string // the new name of OpRename and OpLink, otherwise empty
}

// matches reports whether c is an op (any if empty) on a name whose last element matches pattern, as in path.Match
// (any if empty).
func (c Call) matches(op Op, pattern string) bool {
	if op != "" && op != c.Op {
		return false
	}
	return pattern == "" || matchBase(pattern, c.Name) || c.To != "" && matchBase(pattern, c.To)
}

// matchBase reports whether the last element of name matches pattern. A malformed pattern is the programmer's mistake.
func matchBase(pattern, name string) bool {
	ok, err := path.Match(pattern, path.Base(filepath.ToSlash(name)))
	if err != nil {
		panic("vfs: malformed pattern " + pattern)
	}
	return ok
}

// ReadFile returns the contents of the named file.
func ReadFile(fs FS, name string) (data []byte, err error) {
	f, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	data = make([]byte, size)
	n, err := f.ReadAt(data, 0)
	if n == len(data) || errors.Is(err, io.EOF) {
		err = nil
	}
	return data[:n], err
}

// WriteFile makes the named file hold data, and syncs it; the directory is the caller's to sync.
func WriteFile(fs FS, name string, data []byte) error {
	f, err := fs.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
