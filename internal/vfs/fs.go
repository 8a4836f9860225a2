package vfs

import "io"

// FS is a file system, as far as a storage engine needs one. Names are slash- or OS-separated paths, as in package os.
// Errors satisfy errors.Is with fs.ErrNotExist and fs.ErrExist where these apply. Every method may be called by any
// number of goroutines.
type FS interface {
	// Create makes a new file, or empties an existing one, and opens it for writing and reading.
	Create(name string) (File, error)
	// Open opens an existing file for reading.
	Open(name string) (File, error)
	// OpenAppend opens an existing file for writing behind its present end.
	OpenAppend(name string) (File, error)
	// Remove removes a file. An open file stays readable by those who hold it.
	Remove(name string) error
	// Rename gives a file a new name, in one step, replacing what had that name.
	Rename(oldname, newname string) error
	// Link gives a file a second name. It fails if that name is taken.
	Link(oldname, newname string) error
	// MkdirAll makes a directory and its parents; it does nothing where they exist.
	MkdirAll(dir string) error
	// List returns the names, without path, of what is in a directory, sorted.
	List(dir string) ([]string, error)
	// Size returns a file's length in bytes.
	Size(name string) (int64, error)
	// SyncDir makes the directory's entries durable: files created, renamed and removed in it.
	SyncDir(dir string) error
	// Lock takes a lock that no other process, and no other caller in this one, can hold; Close gives it back.
	Lock(name string) (io.Closer, error)
}

// File is an open file. ReadAt may be called by any number of goroutines, the other methods by one at a time.
type File interface {
	// Write appends.
	io.Writer
	io.ReaderAt
	io.Closer
	// Sync makes everything written so far durable. The file's name is durable only after SyncDir of its directory.
	Sync() error
	// Size returns the present length in bytes.
	Size() (int64, error)
	// Truncate cuts the file to size bytes.
	Truncate(size int64) error
}
