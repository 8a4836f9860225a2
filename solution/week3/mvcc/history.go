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

// GetVersion returns what was written to key by exactly version v, a delete included. It returns kv.ErrNotFound if v
// is a write of another key, or is not visible yet, or not kept any more.
//
//lab:todo 2 snapshots#history
//lab:hint db.versions finds the newest at or before v. Is it v?
//lab:hint A neighbour is not an answer: whoever wants "at or before" has GetAt.
func (db *DB) GetVersion(key []byte, v kv.Seq) (Version, error) {
	// #region get-version
	found, err := db.versions(key, v, 1)
	if err == nil && (len(found) == 0 || found[0].Seq != v) {
		err = kv.ErrNotFound
	}
	if err != nil {
		return Version{}, err
	}
	return found[0], nil
	// #endregion
}

// Latest returns the newest version of key, with its number. It returns kv.ErrNotFound if there is none, or it is a
// delete.
//
//lab:todo 2 snapshots#history
//lab:hint The newest version decides. An older one that has a value does not come back.
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

// History returns all versions of key that are kept, deletes included, in the order in which they were written. A key
// that was never written has none, and that is no error.
//
//lab:todo 2 snapshots#history
//lab:hint db.versions has them all, the newest first. Who reads a history wants the oldest first.
func (db *DB) History(key []byte) ([]Version, error) {
	found, err := db.versions(key, kv.MaxSeq, -1)
	slices.Reverse(found)
	return found, err
}

// versions returns the visible versions of key with numbers up to at, the newest first, at most limit of them; below
// 0: all. On a closed DB it returns kv.ErrClosed. It asks every run that may hold the key, since each may hold some of
// its versions, and no filter: it looks for all of them.
//
//lab:todo 2 snapshots#history
//lab:hint A tree's Scan hides what you want to see. Its NewIterator shows every version between two bounds.
//lab:hint Versions of one key stand side by side, the newest first. Where do you enter, and where do you leave?
//lab:hint Of what is not visible yet nobody has been told. kv.SeekKey skips what is newer than a number.
//lab:hint A memtable is not closed with the store: it would go on answering. db.get asks db.closed for that reason.
//lab:hint An iterator lends its slices, wants to be closed, and may have ended by an error.
func (db *DB) versions(key []byte, at kv.Seq, limit int) (found []Version, err error) {
	// #region versions
	if db.closed.Load() {
		return nil, kv.ErrClosed
	}
	tree, visible := db.View()
	it := tree.NewIterator(kv.Included(key), kv.Included(key))
	it.SeekGE(kv.SeekKey(key, min(at, visible)))
	for ; it.Valid() && bytes.Equal(it.Key().User, key) && len(found) != limit; it.Next() {
		v := Version{Seq: it.Key().Seq(), Deleted: it.Key().Kind() == kv.KindDelete}
		if !v.Deleted {
			v.Value = append([]byte{}, it.Value()...)
		}
		found = append(found, v)
	}
	if err := it.Err(); err != nil {
		return nil, errors.Join(err, it.Close())
	}
	return found, it.Close()
	// #endregion
}
