package vfs

import "io"

// The methods of FS: each hands on to the file system inside, by way of the rules.

// Create makes a file.
func (f *Fault) Create(name string) (File, error) {
	return f.file(OpCreate, name, f.inner.Create)
}

// Open opens a file for reading.
func (f *Fault) Open(name string) (File, error) {
	return f.file(OpOpen, name, f.inner.Open)
}

// OpenAppend opens a file for writing at its end.
func (f *Fault) OpenAppend(name string) (File, error) {
	return f.file(OpOpenAppend, name, f.inner.OpenAppend)
}

// Remove removes a file.
func (f *Fault) Remove(name string) error {
	return f.do(Call{Op: OpRemove, Name: name}, func() error { return f.inner.Remove(name) })
}

// Rename gives a file a new name.
func (f *Fault) Rename(oldname, newname string) error {
	return f.do(Call{Op: OpRename, Name: oldname, To: newname}, func() error { return f.inner.Rename(oldname, newname) })
}

// Link gives a file a second name.
func (f *Fault) Link(oldname, newname string) error {
	return f.do(Call{Op: OpLink, Name: oldname, To: newname}, func() error { return f.inner.Link(oldname, newname) })
}

// MkdirAll makes a directory.
func (f *Fault) MkdirAll(dir string) error {
	return f.do(Call{Op: OpMkdirAll, Name: dir}, func() error { return f.inner.MkdirAll(dir) })
}

// List lists a directory.
func (f *Fault) List(dir string) (names []string, err error) {
	err = f.do(Call{Op: OpList, Name: dir}, func() (err error) { names, err = f.inner.List(dir); return err })
	return names, err
}

// Size returns a file's length.
func (f *Fault) Size(name string) (size int64, err error) {
	err = f.do(Call{Op: OpSize, Name: name}, func() (err error) { size, err = f.inner.Size(name); return err })
	return size, err
}

// SyncDir makes a directory's entries durable.
func (f *Fault) SyncDir(dir string) error {
	return f.do(Call{Op: OpSyncDir, Name: dir}, func() error { return f.inner.SyncDir(dir) })
}

// Lock takes a lock.
func (f *Fault) Lock(name string) (lock io.Closer, err error) {
	err = f.do(Call{Op: OpLock, Name: name}, func() (err error) { lock, err = f.inner.Lock(name); return err })
	if err != nil && lock != nil { // taken, and reported as failed: nobody could give it back
		lock.Close()
		lock = nil
	}
	return lock, err
}

// file opens a file. One that was opened and is then reported as failed is closed, as nobody would have it.
func (f *Fault) file(op Op, name string, open func(string) (File, error)) (file File, err error) {
	err = f.do(Call{Op: op, Name: name}, func() (err error) { file, err = open(name); return err })
	if err != nil {
		if file != nil {
			file.Close()
		}
		return nil, err
	}
	return &faultFile{f: f, name: name, inner: file}, nil
}

// faultFile is an open file of a Fault.
type faultFile struct {
	f     *Fault
	name  string // as it was opened
	inner File
}

// Write is the one operation that may fail halfway.
func (w *faultFile) Write(p []byte) (n int, err error) {
	c := Call{Op: OpWrite, Name: w.name}
	act := func() (err error) { n, err = w.inner.Write(p); return err }
	r := w.f.note(c)
	if r != nil && r.short > 0 {
		p = p[:min(r.short, len(p))]
		r = &rule{err: r.err, after: true}
	}
	err = w.f.follow(r, c, act)
	return n, err
}

// ReadAt reads at an offset.
func (w *faultFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = w.f.do(Call{Op: OpRead, Name: w.name}, func() (err error) { n, err = w.inner.ReadAt(p, off); return err })
	return n, err
}

// Sync makes what was written durable.
func (w *faultFile) Sync() error {
	return w.f.do(Call{Op: OpSync, Name: w.name}, w.inner.Sync)
}

// Size returns the present length.
func (w *faultFile) Size() (size int64, err error) {
	err = w.f.do(Call{Op: OpSize, Name: w.name}, func() (err error) { size, err = w.inner.Size(); return err })
	return size, err
}

// Truncate cuts the file.
func (w *faultFile) Truncate(size int64) error {
	return w.f.do(Call{Op: OpTruncate, Name: w.name}, func() error { return w.inner.Truncate(size) })
}

// Close closes the file inside even if it is told to fail, so that no handle is left.
func (w *faultFile) Close() error {
	return w.f.do(Call{Op: OpClose, Name: w.name}, w.inner.Close)
}
