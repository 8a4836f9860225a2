package kv

import (
	"bytes"
	"fmt"
)

// Bound is one end of a range of user keys. The zero Bound is unbounded. It keeps its key and does not copy it.
type Bound struct {
	key  []byte
	kind boundKind
}

// boundKind says what a Bound does with its own key.
type boundKind uint8

const (
	unbounded boundKind = iota
	included
	excluded
)

// Unbounded returns the bound that admits every key.
func Unbounded() Bound { return Bound{} }

// Included returns the bound at key that admits key itself.
func Included(key []byte) Bound { return Bound{key: key, kind: included} }

// Excluded returns the bound at key that does not admit key itself.
func Excluded(key []byte) Bound { return Bound{key: key, kind: excluded} }

// IsUnbounded reports whether b admits every key.
func (b Bound) IsUnbounded() bool { return b.kind == unbounded }

// IsIncluded reports whether b is at a key and admits it.
func (b Bound) IsIncluded() bool { return b.kind == included }

// IsExcluded reports whether b is at a key and does not admit it.
func (b Bound) IsExcluded() bool { return b.kind == excluded }

// Key returns the key at which the bound stands, nil if it is unbounded. The caller must not change it.
func (b Bound) Key() []byte { return b.key }

// Clone returns the same bound over memory of its own.
func (b Bound) Clone() Bound { return Bound{key: bytes.Clone(b.key), kind: b.kind} }

// AdmitsFromBelow reports whether key lies inside a range that has b as its lower bound.
func (b Bound) AdmitsFromBelow(key []byte) bool { return b.kind == unbounded || b.admits(key, 1) }

// AdmitsFromAbove reports whether key lies inside a range that has b as its upper bound.
func (b Bound) AdmitsFromAbove(key []byte) bool { return b.kind == unbounded || b.admits(key, -1) }

// admits reports whether key lies on the side of b's own key that has this sign, or on that key if it is included.
func (b Bound) admits(key []byte, side int) bool {
	c := bytes.Compare(key, b.key)
	return c == side || c == 0 && b.kind == included
}

// Within reports whether key lies in the range from lower to upper.
func Within(lower, upper Bound, key []byte) bool {
	return lower.AdmitsFromBelow(key) && upper.AdmitsFromAbove(key)
}

// String returns the bound for people.
func (b Bound) String() string {
	switch b.kind {
	case included:
		return fmt.Sprintf("included %q", b.key)
	case excluded:
		return fmt.Sprintf("excluded %q", b.key)
	}
	return "unbounded"
}
