//lab:day 3.1

package mvcc

import (
	"bytes"
	"errors"
	"slices"

	"lsmlab/internal/kv"
)

// Version is one write of a key.
type Version struct {
	// Seq is its number.
	Seq kv.Seq
	// Deleted tells that the key was deleted by it. There is no value then.
	Deleted bool
	// Value is what was written, in memory of its own.
	Value []byte
}

// GetVersion returns what was written to key by exactly version v, a delete included. It returns kv.ErrNotFound if v wrote
// another key, or is not there, or is not kept any more.
func (db *DB) GetVersion(key []byte, v kv.Seq) (Version, error) {
	found, err := db.versions(key, v, 1)
	if err == nil && (len(found) == 0 || found[0].Seq != v) {
		err = kv.ErrNotFound
	}
	if err != nil {
		return Version{}, err
	}
	return found[0], nil
}

// Latest returns the newest version of key, with its number. It returns kv.ErrNotFound if there is none, or it is a delete.
func (db *DB) Latest(key []byte) (Version, error) {
	found, err := db.versions(key, kv.MaxSeq, 1)
	if err == nil && (len(found) == 0 || found[0].Deleted) {
		err = kv.ErrNotFound
	}
	if err != nil {
		return Version{}, err
	}
	return found[0], nil
}

// History returns all versions of key that are kept, deletes included, in the order in which they were written. A key that was
// never written has none, and that is no error.
func (db *DB) History(key []byte) ([]Version, error) {
	found, err := db.versions(key, kv.MaxSeq, -1)
	slices.Reverse(found)
	return found, err
}

// versions returns the visible versions of key with numbers up to at, the newest first, at most limit of them; below 0: all.
func (db *DB) versions(key []byte, at kv.Seq, limit int) (found []Version, err error) {
	if db.closed.Load() {
		return nil, kv.ErrClosed
	}
	tree, visible := db.View()
	it := tree.NewIterator(kv.Included(key), kv.Included(key))
	defer func() { err = errors.Join(err, it.Close()) }()
	for it.SeekGE(kv.SeekKey(key, min(at, visible))); it.Valid() && bytes.Equal(it.Key().User, key) && len(found) != limit; it.Next() {
		v := Version{Seq: it.Key().Seq(), Deleted: it.Key().Kind() == kv.KindDelete}
		if !v.Deleted {
			v.Value = append([]byte{}, it.Value()...)
		}
		found = append(found, v)
	}
	if err = it.Err(); err != nil && db.closed.Load() {
		err = kv.ErrClosed // the file was closed under the reader
	}
	return found, err
}
