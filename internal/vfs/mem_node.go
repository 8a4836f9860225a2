package vfs

import (
	"errors"
	iofs "io/fs"
	"maps"
	"slices"
)

// What else can be wrong with a name.
var (
	errIsDir    = errors.New("is a directory")
	errNotDir   = errors.New("not a directory")
	errNotEmpty = errors.New("directory not empty")
)

// node is a file or a directory of a Mem, in both images. Its bytes are never changed in place: appending writes behind
// what anybody holds, cutting copies. So the durable image may share memory with the other, and Sync copies nothing.
type node struct {
	data    []byte // of a file, as programs see it
	durable []byte // of a file, as it would be found after a crash
	cut     bool   // data was cut since it was made durable, so it need not begin with what is durable

	children map[string]*node // of a directory, as programs see it; nil for a file
	kept     map[string]*node // of a directory, as it would be found after a crash
}

// newDir returns an empty directory.
func newDir() *node { return &node{children: map[string]*node{}, kept: map[string]*node{}} }

// isDir reports whether n is a directory.
func (n *node) isDir() bool { return n.children != nil }

// dirty reports whether n is a file with bytes that are not durable.
func (n *node) dirty() bool { return !n.isDir() && (n.cut || len(n.data) != len(n.durable)) }

// change is one indivisible change of directories: a rename sets two entries, everything else one.
type change []entry

// entry says what stands in a directory under a name; nil for nothing.
type entry struct {
	dir  *node
	base string
	n    *node
}

// apply makes the change in the durable image.
func (c change) apply() {
	for _, e := range c {
		set(e.dir.kept, e.base, e.n)
	}
}

// set stores n under base, or removes what stands there if n is nil.
func set(entries map[string]*node, base string, n *node) {
	if n == nil {
		delete(entries, base)
		return
	}
	entries[base] = n
}

// changeLocked makes a change in the image that programs see, and remembers it as not durable.
func (m *Mem) changeLocked(c change) {
	for _, e := range c {
		set(e.dir.children, e.base, e.n)
	}
	m.pending = append(m.pending, c)
}

// settleLocked makes all pending changes of dir durable, in order. A rename between two directories is indivisible, so
// it takes with it what is pending for the other directory.
func (m *Mem) settleLocked(dir *node) {
	dirs := map[*node]bool{dir: true}
	touched := func(c change) bool {
		return slices.ContainsFunc(c, func(e entry) bool { return dirs[e.dir] })
	}
	for known := 0; known != len(dirs); {
		known = len(dirs)
		for _, c := range m.pending {
			if touched(c) {
				for _, e := range c {
					dirs[e.dir] = true
				}
			}
		}
	}
	m.pending = slices.DeleteFunc(m.pending, func(c change) bool {
		if !touched(c) {
			return false
		}
		c.apply()
		return true
	})
}

// lookLocked finds what has that name, nil if nothing has.
func (m *Mem) lookLocked(elements []string) *node {
	at := m.root
	for _, base := range elements {
		if at == nil || !at.isDir() {
			return nil
		}
		at = at.children[base]
	}
	return at
}

// dirLocked finds a directory.
func (m *Mem) dirLocked(op Op, name string) (*node, error) {
	n := m.lookLocked(split(name))
	switch {
	case n == nil:
		return nil, fail(op, name, iofs.ErrNotExist)
	case !n.isDir():
		return nil, fail(op, name, errNotDir)
	}
	return n, nil
}

// fileLocked finds a file.
func (m *Mem) fileLocked(op Op, name string) (*node, error) {
	n := m.lookLocked(split(name))
	switch {
	case n == nil:
		return nil, fail(op, name, iofs.ErrNotExist)
	case n.isDir():
		return nil, fail(op, name, errIsDir)
	}
	return n, nil
}

// parentLocked finds the directory in which name stands, or would stand, and the name's last element.
func (m *Mem) parentLocked(op Op, name string) (dir *node, base string, err error) {
	elements := split(name)
	if len(elements) == 0 {
		return nil, "", fail(op, name, errIsDir)
	}
	last := len(elements) - 1
	dir = m.lookLocked(elements[:last])
	if dir == nil || !dir.isDir() {
		return nil, "", fail(op, name, iofs.ErrNotExist)
	}
	return dir, elements[last], nil
}

// sortedKeys returns the names in a directory, sorted.
func sortedKeys(entries map[string]*node) []string { return slices.Sorted(maps.Keys(entries)) }
