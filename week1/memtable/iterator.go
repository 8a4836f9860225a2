package memtable

import "lsmlab/internal/kv"

// Iterator walks a table's versions in order. It sees those that were there when it came by; versions added behind its
// back may or may not appear, so a reader looks at them through a sequence number. Its slices live as long as the table.
type Iterator struct {
	list *skiplist
	at   *node // nil: not valid
}

// First moves to the first version.
func (it *Iterator) First() { it.at = it.list.node(it.list.head.tower[0].Load()) }

// SeekGE moves to the first version at or after target.
func (it *Iterator) SeekGE(target kv.Key) { it.at = it.list.seek(target) }

// Next moves to the following version. Requires Valid.
func (it *Iterator) Next() { it.at = it.list.node(it.at.tower[0].Load()) }

// Valid reports whether the iterator stands on a version.
func (it *Iterator) Valid() bool { return it.at != nil }

// Key returns the version's key. Requires Valid.
func (it *Iterator) Key() kv.Key { return kv.Key{User: it.list.key(it.at), Trailer: it.at.trailer} }

// Value returns the version's value, empty for a delete. Requires Valid.
func (it *Iterator) Value() []byte { return it.list.value(it.at) }

// Err returns nil: memory does not fail.
func (it *Iterator) Err() error { return nil }

// Close ends the iterator.
func (it *Iterator) Close() error {
	it.at = nil
	return nil
}
