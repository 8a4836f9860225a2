package vfs

import (
	"errors"
	"io"
	iofs "io/fs"
	"slices"
)

// Errors of a broken call.
var (
	errReadOnly = errors.New("opened for reading only")
	errNegative = errors.New("negative offset or size")
)

// memFile is an open file of a Mem. It holds the node, so it outlives the file's name.
type memFile struct {
	m        *Mem
	n        *node
	name     string // as it was opened
	writable bool
	closed   bool // guarded by m.mu
}

// begin locks, counts and checks. The caller unlocks m.mu in either case.
func (f *memFile) begin(op Op, write bool) error {
	if err := f.m.begin(op, f.name); err != nil {
		return err
	}
	switch {
	case f.closed:
		return fail(op, f.name, iofs.ErrClosed)
	case write && !f.writable:
		return fail(op, f.name, errReadOnly)
	}
	return nil
}

// Write appends. A write at which the file system crashes reaches the image that is not durable, so that Crash may
// let a part of it survive.
func (f *memFile) Write(p []byte) (int, error) {
	err := f.begin(OpWrite, true)
	defer f.m.mu.Unlock()
	if err == nil || f.m.last && f.writable && !f.closed {
		f.n.data = append(f.n.data, p...)
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// ReadAt reads at an offset, as io.ReaderAt says.
func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	err := f.begin(OpRead, false)
	defer f.m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, fail(OpRead, f.name, errNegative)
	}
	if off > int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Sync makes the file's present contents durable.
func (f *memFile) Sync() error {
	err := f.begin(OpSync, false)
	defer f.m.mu.Unlock()
	if err != nil {
		return err
	}
	f.n.durable, f.n.cut = slices.Clip(f.n.data), false
	return nil
}

// Size returns the present length.
func (f *memFile) Size() (int64, error) {
	err := f.begin(OpSize, false)
	defer f.m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return int64(len(f.n.data)), nil
}

// Truncate cuts the file to size bytes, or lengthens it with zeros.
func (f *memFile) Truncate(size int64) error {
	err := f.begin(OpTruncate, true)
	defer f.m.mu.Unlock()
	if err != nil {
		return err
	}
	if size < 0 {
		return fail(OpTruncate, f.name, errNegative)
	}
	data := slices.Clone(f.n.data[:min(size, int64(len(f.n.data)))]) // the durable image may share the old bytes
	f.n.data, f.n.cut = append(data, make([]byte, size-int64(len(data)))...), true
	return nil
}

// Close closes this handle; the node lives as long as somebody holds it.
func (f *memFile) Close() error {
	err := f.begin(OpClose, false)
	defer f.m.mu.Unlock()
	if err != nil {
		return err
	}
	f.closed = true
	return nil
}
