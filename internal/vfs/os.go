package vfs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// OS returns the operating system's file system.
func OS() FS { return osFS{} }

// osFS is the operating system's file system. It has no state; what differs between systems is in os_windows.go and
// os_other.go, and the locks in lock_*.go.
type osFS struct{}

// Create makes a file, or empties an existing one.
func (osFS) Create(name string) (File, error) {
	return wrap(openFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC))
}

// Open opens a file for reading.
func (osFS) Open(name string) (File, error) { return wrap(openFile(name, os.O_RDONLY)) }

// OpenAppend does not use O_APPEND: on Windows such a handle may not be truncated. The file's own offset does.
func (osFS) OpenAppend(name string) (File, error) {
	f, err := openFile(name, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &osFile{f}, nil
}

// Remove removes a file.
func (osFS) Remove(name string) error { return removeFile(name) }

// Rename gives a file a new name.
func (osFS) Rename(oldname, newname string) error { return renameFile(oldname, newname) }

// Link gives a file a second name.
func (osFS) Link(oldname, newname string) error { return os.Link(oldname, newname) }

// MkdirAll makes a directory and its parents.
func (osFS) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o777) }

// List returns the sorted names in a directory.
func (osFS) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	return names, nil
}

// Size returns a file's length.
func (osFS) Size(name string) (int64, error) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// SyncDir makes a directory's entries durable.
func (osFS) SyncDir(dir string) error { return syncDir(cmp.Or(dir, ".")) }

// Lock opens the file, making it if need be, and locks it. The file stays behind when the lock is given back: whoever
// removes a lock file may remove the one that somebody else has just taken.
func (osFS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", name, err), f.Close())
	}
	return f, nil // closing a file gives its lock back
}

// wrap makes a File of what opening a file returned.
func wrap(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return &osFile{f}, nil
}

// osFile is an open file of the operating system. Write writes at the file's own offset, which is always its end.
type osFile struct{ *os.File }

// Size returns the present length in bytes.
func (f *osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Truncate cuts the file and moves the offset to the new end.
func (f *osFile) Truncate(size int64) error {
	if err := f.File.Truncate(size); err != nil {
		return err
	}
	_, err := f.Seek(size, io.SeekStart)
	return err
}
