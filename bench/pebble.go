package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable/block"

	"lsmlab/internal/bench"
)

// pebbleStore is Pebble behind bench.Store.
type pebbleStore struct {
	db   *pebble.DB
	sync *pebble.WriteOptions
}

// quiet drops Pebble's log lines.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, _ ...any) {
	panic("pebble: " + format)
}

// pebblePeer returns Pebble without compression. Tuned, it merges level 0 from two files on, and its tables have an index of one
// level, like ours. Its log buffers in the process: a put returns before the operating system has it.
func pebblePeer(name string, tuned bool) bench.Peer {
	return bench.Peer{Name: name, Durable: true, Open: func(dir string, s bench.Settings) (bench.Store, error) {
		cache := pebble.NewCache(s.Cache)
		defer cache.Unref()
		o := &pebble.Options{
			Cache: cache, MemTableSize: uint64(s.Memtable), MemTableStopWritesThreshold: 8,
			FormatMajorVersion: pebble.FormatNewest, Logger: quiet{}, MaxOpenFiles: 4096,
		}
		for i := range o.Levels {
			o.Levels[i].BlockSize = 4 << 10
			o.Levels[i].FilterPolicy = bloom.FilterPolicy(s.Bits)
			o.Levels[i].Compression = func() *block.CompressionProfile { return block.NoCompression }
			if tuned {
				o.Levels[i].IndexBlockSize = 1 << 30
			}
		}
		if tuned {
			o.L0CompactionThreshold, o.L0CompactionFileThreshold = 2, 2
		}
		db, err := pebble.Open(dir, o)
		if err != nil {
			return nil, err
		}
		return &pebbleStore{db, &pebble.WriteOptions{Sync: s.Sync}}, nil
	}}
}

// Put writes one key.
func (p *pebbleStore) Put(key, value []byte) error { return p.db.Set(key, value, p.sync) }

// Get reads a value and copies it, as our Get does.
func (p *pebbleStore) Get(key []byte) (bool, error) {
	value, closer, err := p.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sink = append([]byte(nil), value...)
	return true, closer.Close()
}

// sink keeps a copy from being optimised away.
var sink []byte

// Scan reads keys and values.
func (p *pebbleStore) Scan(from []byte, limit int) (n int, err error) {
	it, err := p.db.NewIter(&pebble.IterOptions{LowerBound: from})
	if err != nil {
		return 0, err
	}
	total := 0
	for valid := it.First(); valid && n < limit; valid = it.Next() {
		total += len(it.Key()) + len(it.Value())
		n++
	}
	return n, errors.Join(it.Error(), it.Close())
}

// Settle flushes and waits until no compaction is running.
func (p *pebbleStore) Settle() error {
	if err := p.db.Flush(); err != nil {
		return err
	}
	for p.db.Metrics().Compact.NumInProgress > 0 {
		pause()
	}
	return nil
}

// Compact merges everything.
func (p *pebbleStore) Compact() error {
	return p.db.Compact(context.Background(), []byte{0}, bytes.Repeat([]byte{0xff}, 32), false)
}

// Close closes the database.
func (p *pebbleStore) Close() error { return p.db.Close() }
