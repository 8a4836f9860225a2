package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"lsmlab/internal/bench"
)

// boltStore is bbolt behind bench.Store. It is a B+ tree and no LSM tree: there for comparison.
type boltStore struct {
	db   *bolt.DB
	sync bool
}

// bucket holds all keys.
var bucket = []byte("b")

// boltPeer returns bbolt, a transaction a put; with Sync, concurrent puts are batched, as its own documentation advises.
func boltPeer() bench.Peer {
	return bench.Peer{Name: "bbolt", Open: func(dir string, s bench.Settings) (bench.Store, error) {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
		db, err := bolt.Open(filepath.Join(dir, "db"), 0o666, &bolt.Options{NoSync: !s.Sync, NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
		if err != nil {
			return nil, err
		}
		db.MaxBatchDelay = 100 * time.Microsecond
		err = db.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucketIfNotExists(bucket); return err })
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		return &boltStore{db, s.Sync}, nil
	}, Durable: true}
}

// Put writes one key.
func (b *boltStore) Put(key, value []byte) error {
	put := func(tx *bolt.Tx) error { return tx.Bucket(bucket).Put(key, value) }
	if b.sync {
		return b.db.Batch(put)
	}
	return b.db.Update(put)
}

// Get reads a value and copies it.
func (b *boltStore) Get(key []byte) (found bool, err error) {
	err = b.db.View(func(tx *bolt.Tx) error {
		if value := tx.Bucket(bucket).Get(key); value != nil {
			found, sink = true, append([]byte(nil), value...)
		}
		return nil
	})
	return found, err
}

// Scan reads keys and values.
func (b *boltStore) Scan(from []byte, limit int) (n int, err error) {
	err = b.db.View(func(tx *bolt.Tx) error {
		total := 0
		cursor := tx.Bucket(bucket).Cursor()
		for key, value := cursor.Seek(from); key != nil && n < limit; key, value = cursor.Next() {
			total += len(key) + len(value)
			n++
		}
		return nil
	})
	return n, err
}

// Settle does nothing: there is no background work.
func (b *boltStore) Settle() error { return nil }

// Compact does nothing: the tree is always in the state in which it is read.
func (b *boltStore) Compact() error { return nil }

// Close closes the database.
func (b *boltStore) Close() error { return b.db.Close() }
