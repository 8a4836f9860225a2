package main

import (
	"lsmlab/internal/bench"
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/filter"
)

// ours returns the reference's engine with Bloom filter and prefix-compressed keys.
func ours() bench.Peer {
	return bench.Peer{Name: "this lab's reference", Open: func(dir string, s bench.Settings) (bench.Store, error) {
		e, err := engine.Open(dir, &engine.Options{
			MemtableSize: s.Memtable, CacheSize: s.Cache, Filter: filter.Bloom(s.Bits), Codec: block.Prefix(),
		})
		if err != nil {
			return nil, err
		}
		return bench.Over[*engine.Scan](e), nil
	}}
}
