package main

import (
	"lsmlab/internal/bench"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/filter"
	"lsmlab/solution/week2/compaction"
	"lsmlab/solution/week2/leveled"
	"lsmlab/solution/week2/store"
)

// ours returns the reference's store with Bloom filter and prefix-compressed keys, in one of its log modes.
func ours(name string, mode store.LogMode) bench.Peer {
	return bench.Peer{Name: name, Durable: true, Open: func(dir string, s bench.Settings) (bench.Store, error) {
		policy := leveled.Policy{LeastOverlap: true} // the store's default
		o := &store.Options{
			Options: engine.Options{MemtableSize: s.Memtable, CacheSize: s.Cache, Filter: filter.Bloom(s.Bits), Codec: block.Prefix()},
			Policy:  policy, Log: mode,
		}
		if s.Sync {
			o.Log = store.LogSynced
		}
		db, err := store.Open(dir, o)
		if err != nil {
			return nil, err
		}
		busy := func() bool {
			v, _ := db.View()
			_, more := policy.Pick(compaction.TreeOf(v))
			return more
		}
		return bench.OverCompacting[*engine.Scan](db, busy), nil
	}}
}
