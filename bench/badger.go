package main

import (
	"errors"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"lsmlab/internal/bench"
)

// badgerStore is Badger behind bench.Store.
type badgerStore struct{ db *badger.DB }

// badgerPeer returns Badger without compression and with its values beside the keys, as all others have them.
func badgerPeer() bench.Peer {
	return bench.Peer{Name: "Badger", Durable: true, Mapped: true, Open: func(dir string, s bench.Settings) (bench.Store, error) {
		o := badger.DefaultOptions(dir).WithLogger(nil).WithSyncWrites(s.Sync).WithMemTableSize(int64(s.Memtable)).
			WithNumVersionsToKeep(1).WithDetectConflicts(false).WithCompression(options.None).
			WithBlockCacheSize(s.Cache).WithValueThreshold(min(1<<10, int64(s.Memtable)/8))
		db, err := badger.Open(o)
		if err != nil {
			return nil, err
		}
		return &badgerStore{db: db}, nil
	}}
}

// Put writes one key in a transaction, the only way there is.
func (b *badgerStore) Put(key, value []byte) error {
	return b.db.Update(func(tx *badger.Txn) error { return tx.Set(append([]byte(nil), key...), append([]byte(nil), value...)) })
}

// Get reads a value and copies it.
func (b *badgerStore) Get(key []byte) (bool, error) {
	err := b.db.View(func(tx *badger.Txn) error {
		item, err := tx.Get(key)
		if err == nil {
			sink, err = item.ValueCopy(nil)
		}
		return err
	})
	if errors.Is(err, badger.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Scan reads keys and values.
func (b *badgerStore) Scan(from []byte, limit int) (n int, err error) {
	err = b.db.View(func(tx *badger.Txn) error {
		o := badger.DefaultIteratorOptions
		o.PrefetchSize = min(limit, o.PrefetchSize)
		it := tx.NewIterator(o)
		defer it.Close()
		total := 0
		for it.Seek(from); it.Valid() && n < limit; it.Next() {
			total += len(it.Item().Key())
			if err := it.Item().Value(func(value []byte) error { total += len(value); return nil }); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// Settle waits until no level asks for a compaction. Badger flushes its memtable when it is closed, and not before.
func (b *badgerStore) Settle() error {
	for busy := true; busy; pause() {
		busy = false
		for _, level := range b.db.Levels() {
			busy = busy || level.Score >= 1
		}
	}
	return nil
}

// Compact merges everything into one level.
func (b *badgerStore) Compact() error { return b.db.Flatten(1) }

// Close closes the database.
func (b *badgerStore) Close() error { return b.db.Close() }
