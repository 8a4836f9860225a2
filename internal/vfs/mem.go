package vfs

import (
	"fmt"
	"io"
	iofs "io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Mem is a file system in memory. Like a real one it holds two images of everything: what programs see, and what would
// be found after a power failure. Sync of a file and SyncDir of a directory bring the second up to the first; Crash
// shows what is left.
//
// Every operation counts, so that a test can stop the world at each of them in turn (CrashAt).
//
//	m := vfs.NewMem()
//	m.CrashAt(17)                      // the 17th operation fails, and all after it
//	…                                  // run the engine until it gives up
//	after := m.Crash(vfs.LoseUnsynced) // what the disk holds: open the engine again over it
type Mem struct {
	mu      sync.Mutex
	root    *node
	pending []change // changes of directories that are not durable yet, oldest first
	locks   map[string]bool
	ops     int
	crashAt int // the operation that fails, 0 for none
	crashed bool
	last    bool // the present operation is the one that the crash interrupts
}

// NewMem returns an empty file system, which has only its root directory. Relative and absolute names are the same to it.
func NewMem() *Mem { return &Mem{root: newDir(), locks: map[string]bool{}} }

// Ops returns the number of operations so far, those of open files included.
func (m *Mem) Ops() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ops
}

// CrashAt makes the n-th operation, counted as Ops counts, and all later ones fail with ErrCrashed. What fails has no
// effect, but for a write, which may have reached the disk in part: that is for Crash to decide.
func (m *Mem) CrashAt(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.crashAt = n
}

// Crashed reports whether the file system has crashed.
func (m *Mem) Crashed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.crashed
}

// begin locks m, counts an operation and says whether it may go on. The caller unlocks in either case.
func (m *Mem) begin(op Op, name string) error {
	m.mu.Lock()
	m.ops++
	m.last = !m.crashed && m.crashAt > 0 && m.ops >= m.crashAt
	m.crashed = m.crashed || m.last
	if m.crashed {
		return fail(op, name, ErrCrashed)
	}
	return nil
}

// fail returns err in the form that package os uses.
func fail(op Op, name string, err error) error {
	return &iofs.PathError{Op: string(op), Path: name, Err: err}
}

// Create makes a file. An existing one is emptied, for those too who have it open; the emptying is durable when it is synced.
func (m *Mem) Create(name string) (File, error) {
	err := m.begin(OpCreate, name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	dir, base, err := m.parentLocked(OpCreate, name)
	if err != nil {
		return nil, err
	}
	n := dir.children[base]
	switch {
	case n == nil:
		n = &node{}
		m.changeLocked(change{{dir, base, n}})
	case n.isDir():
		return nil, fail(OpCreate, name, errIsDir)
	default:
		n.data, n.cut = nil, true
	}
	return &memFile{m: m, n: n, name: name, writable: true}, nil
}

// Open opens a file for reading.
func (m *Mem) Open(name string) (File, error) { return m.open(OpOpen, name, false) }

// OpenAppend opens a file for writing at its end.
func (m *Mem) OpenAppend(name string) (File, error) { return m.open(OpOpenAppend, name, true) }

// open opens an existing file.
func (m *Mem) open(op Op, name string, writable bool) (File, error) {
	err := m.begin(op, name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	n, err := m.fileLocked(op, name)
	if err != nil {
		return nil, err
	}
	return &memFile{m: m, n: n, name: name, writable: writable}, nil
}

// Remove removes a file, or an empty directory.
func (m *Mem) Remove(name string) error {
	err := m.begin(OpRemove, name)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	dir, base, err := m.parentLocked(OpRemove, name)
	if err != nil {
		return err
	}
	n := dir.children[base]
	if n == nil {
		return fail(OpRemove, name, iofs.ErrNotExist)
	}
	if len(n.children) > 0 {
		return fail(OpRemove, name, errNotEmpty)
	}
	m.changeLocked(change{{dir, base, nil}})
	return nil
}

// Rename gives a file a new name. After a crash it has one of the two names, never none.
func (m *Mem) Rename(oldname, newname string) error {
	err := m.begin(OpRename, oldname)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	n, err := m.fileLocked(OpRename, oldname)
	if err != nil {
		return err
	}
	from, oldbase, _ := m.parentLocked(OpRename, oldname)
	to, newbase, err := m.parentLocked(OpRename, newname)
	if err != nil {
		return err
	}
	if there := to.children[newbase]; there == n {
		return nil
	} else if there != nil && there.isDir() {
		return fail(OpRename, newname, errIsDir)
	}
	m.changeLocked(change{{from, oldbase, nil}, {to, newbase, n}})
	return nil
}

// Link gives a file a second name.
func (m *Mem) Link(oldname, newname string) error {
	err := m.begin(OpLink, oldname)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	n, err := m.fileLocked(OpLink, oldname)
	if err != nil {
		return err
	}
	dir, base, err := m.parentLocked(OpLink, newname)
	if err != nil {
		return err
	}
	if dir.children[base] != nil {
		return fail(OpLink, newname, iofs.ErrExist)
	}
	m.changeLocked(change{{dir, base, n}})
	return nil
}

// MkdirAll makes a directory and its parents. As with files, each is durable once the directory above it is synced.
func (m *Mem) MkdirAll(name string) error {
	err := m.begin(OpMkdirAll, name)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	at := m.root
	for _, base := range split(name) {
		next := at.children[base]
		if next == nil {
			next = newDir()
			m.changeLocked(change{{at, base, next}})
		}
		if !next.isDir() {
			return fail(OpMkdirAll, name, errNotDir)
		}
		at = next
	}
	return nil
}

// List returns the names in a directory, sorted.
func (m *Mem) List(name string) ([]string, error) {
	err := m.begin(OpList, name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	dir, err := m.dirLocked(OpList, name)
	if err != nil {
		return nil, err
	}
	return sortedKeys(dir.children), nil
}

// Size returns a file's length.
func (m *Mem) Size(name string) (int64, error) {
	err := m.begin(OpSize, name)
	defer m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := m.fileLocked(OpSize, name)
	if err != nil {
		return 0, err
	}
	return int64(len(n.data)), nil
}

// SyncDir makes the entries of a directory durable; not what is in the files, and not the directory's own name.
func (m *Mem) SyncDir(name string) error {
	err := m.begin(OpSyncDir, name)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	dir, err := m.dirLocked(OpSyncDir, name)
	if err != nil {
		return err
	}
	m.settleLocked(dir)
	return nil
}

// Lock takes the lock of that name and makes the file if it is missing, as the operating system's does.
func (m *Mem) Lock(name string) (io.Closer, error) {
	err := m.begin(OpLock, name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	dir, base, err := m.parentLocked(OpLock, name)
	if err != nil {
		return nil, err
	}
	key := strings.Join(split(name), "/")
	if m.locks[key] {
		return nil, fmt.Errorf("lock %s: %w", name, ErrLocked)
	}
	if dir.children[base] == nil {
		m.changeLocked(change{{dir, base, &node{}}})
	}
	m.locks[key] = true
	return &memLock{m: m, key: key}, nil
}

// memLock is a lock that is held.
type memLock struct {
	m   *Mem
	key string
}

// Close gives the lock back. A second call is an error, as with a file.
func (l *memLock) Close() error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	if !l.m.locks[l.key] {
		return fail(OpClose, l.key, iofs.ErrClosed)
	}
	delete(l.m.locks, l.key)
	return nil
}

// split returns the elements of a name; none for the root.
func split(name string) []string {
	clean := path.Clean("/" + filepath.ToSlash(name))
	return slices.DeleteFunc(strings.Split(clean, "/"), func(s string) bool { return s == "" })
}
