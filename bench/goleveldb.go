package main

import (
	"errors"
	"math"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"

	"lsmlab/internal/bench"
)

// levelStore is goleveldb behind bench.Store.
type levelStore struct {
	db   *leveldb.DB
	sync opt.WriteOptions
}

// goleveldbPeer returns goleveldb without compression. It hands each put to the operating system.
func goleveldbPeer() bench.Peer {
	return bench.Peer{Name: "goleveldb", Durable: true, Open: func(dir string, s bench.Settings) (bench.Store, error) {
		db, err := leveldb.OpenFile(dir, &opt.Options{
			BlockCacheCapacity: int(min(s.Cache, math.MaxInt32)), Compression: opt.NoCompression,
			Filter: filter.NewBloomFilter(s.Bits), WriteBuffer: s.Memtable, BlockSize: 4 << 10, OpenFilesCacheCapacity: 4096,
		})
		if err != nil {
			return nil, err
		}
		return &levelStore{db, opt.WriteOptions{Sync: s.Sync}}, nil
	}}
}

// Put writes one key.
func (l *levelStore) Put(key, value []byte) error { return l.db.Put(key, value, &l.sync) }

// Get reads a value; goleveldb copies it.
func (l *levelStore) Get(key []byte) (bool, error) {
	_, err := l.db.Get(key, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Scan reads keys and values.
func (l *levelStore) Scan(from []byte, limit int) (n int, err error) {
	it := l.db.NewIterator(&util.Range{Start: from}, nil)
	total := 0
	for valid := it.First(); valid && n < limit; valid = it.Next() {
		total += len(it.Key()) + len(it.Value())
		n++
	}
	it.Release()
	return n, it.Error()
}

// Settle waits until the number of tables and the bytes written stand still.
func (l *levelStore) Settle() error {
	var last, now leveldb.DBStats
	for same := 0; same < 3; {
		pause()
		now = leveldb.DBStats{}
		if err := l.db.Stats(&now); err != nil {
			return err
		}
		if now.IOWrite == last.IOWrite {
			same++
		} else {
			same = 0
		}
		last = now
	}
	return nil
}

// Compact merges everything.
func (l *levelStore) Compact() error { return l.db.CompactRange(util.Range{}) }

// Close closes the database.
func (l *levelStore) Close() error { return l.db.Close() }

// pause waits a moment for another store's background work, about which nothing can be asked but its counters.
func pause() { time.Sleep(2 * time.Millisecond) }
