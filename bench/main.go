// Command bench measures the reference beside other engines. It is a module of its own, so that a learner does not
// download them; `go tool mage bench -peers` runs it.
package main

import (
	"flag"
	"fmt"
	"os"

	"lsmlab/internal/bench"
	"lsmlab/solution/week2/store"
)

func main() {
	entries := flag.Int("entries", 1_000_000, "keys in a store")
	rounds := flag.Int("rounds", 3, "rounds, each store once in each")
	memtable := flag.Int("memtable", 4, "MiB of a memtable")
	cache := flag.Int64("cache", 256, "MiB of block cache")
	flag.Parse()
	t, err := bench.Run(bench.Plan{
		Peers: []bench.Peer{
			pebblePeer("Pebble (log buffered)", false), pebblePeer("Pebble, tuned", true), goleveldbPeer(), badgerPeer(), boltPeer(),
			ours("ours, one write a put", store.LogWritten), ours("ours, log buffered", store.LogLosesOnKill),
		},
		Entries: *entries, Rounds: *rounds, Progress: os.Stderr,
		Settings: bench.Settings{Memtable: *memtable << 20, Cache: *cache << 20, Bits: 10},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	t.Print(os.Stdout)
}
