// Command bench measures the reference beside other engines. It is a module of its own, so that a learner does not
// download them; `go tool mage bench -peers` runs it.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"lsmlab/internal/bench"
	"lsmlab/solution/week2/store"
)

func main() {
	entries := flag.Int("entries", 1_000_000, "keys in a store")
	rounds := flag.Int("rounds", 3, "rounds, each store once in each")
	memtable := flag.Int("memtable", 4, "MiB of a memtable")
	cache := flag.Int64("cache", 256, "MiB of block cache")
	only := flag.String("only", "", "only the stores whose names hold one of these words, with commas between them")
	profile := flag.String("cpuprofile", "", "write a CPU profile of everything to this file")
	flag.Parse()
	if *entries < 1 || *rounds < 1 || *memtable < 1 || *cache < 1 {
		fmt.Fprintln(os.Stderr, "bench: -entries, -rounds, -memtable and -cache count from 1")
		os.Exit(1)
	}
	if *profile != "" {
		defer startProfile(*profile)()
	}
	t, err := bench.Run(bench.Plan{
		Peers: chosen(*only,
			pebblePeer("Pebble (log buffered)", false), pebblePeer("Pebble, tuned", true), goleveldbPeer(), badgerPeer(), boltPeer(),
			ours("ours, one write a put", store.LogWritten), ours("ours, log buffered", store.LogLosesOnKill),
		),
		Entries: *entries, Rounds: *rounds, Progress: os.Stderr, AtLeast: 300 * time.Millisecond,
		Settings: bench.Settings{Memtable: *memtable << 20, Cache: *cache << 20, Bits: 10},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	t.Print(os.Stdout)
}

// chosen returns the peers whose names hold one of the words.
func chosen(words string, all ...bench.Peer) []bench.Peer {
	var out []bench.Peer
	for _, p := range all {
		for _, word := range strings.Split(words, ",") {
			if strings.Contains(p.Name, word) {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// startProfile begins a CPU profile, and returns what ends it.
func startProfile(name string) (stop func()) {
	f, err := os.Create(name)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: no profile:", err)
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}
}
