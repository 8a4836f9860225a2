package main

import (
	"errors"
	"math"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable/block"

	"lsmlab/internal/bench"
)

// pebbleStore is Pebble behind bench.Store.
type pebbleStore struct{ db *pebble.DB }

// quiet drops Pebble's log lines.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, _ ...any) {
	panic("pebble: " + format)
}

// pebblePeer returns Pebble with its log off and without compression, as this lab's first week has neither. Without
// compaction its tree is, like ours, what the flushes left.
func pebblePeer(name string, compaction bool) bench.Peer {
	return bench.Peer{Name: name, Open: func(dir string, s bench.Settings) (bench.Store, error) {
		cache := pebble.NewCache(s.Cache)
		defer cache.Unref()
		o := &pebble.Options{
			Cache: cache, DisableWAL: true, MemTableSize: uint64(s.Memtable), MemTableStopWritesThreshold: 8,
			FormatMajorVersion: pebble.FormatNewest, Logger: quiet{}, MaxOpenFiles: 4096,
		}
		for i := range o.Levels {
			o.Levels[i].BlockSize = 4 << 10
			o.Levels[i].FilterPolicy = bloom.FilterPolicy(s.Bits)
			o.Levels[i].Compression = func() *block.CompressionProfile { return block.NoCompression }
		}
		if !compaction {
			o.DisableAutomaticCompactions = true
			o.L0CompactionThreshold, o.L0CompactionFileThreshold, o.L0StopWritesThreshold = math.MaxInt32, math.MaxInt32, math.MaxInt32
		}
		db, err := pebble.Open(dir, o)
		if err != nil {
			return nil, err
		}
		return &pebbleStore{db: db}, nil
	}}
}

// Put writes without a sync.
func (p *pebbleStore) Put(key, value []byte) error { return p.db.Set(key, value, pebble.NoSync) }

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

// Close closes the database.
func (p *pebbleStore) Close() error { return p.db.Close() }
