// Command lsm-bench measures the student's engine beside the reference: the same keys, the same work, in turn.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"lsmlab/internal/bench"
	"lsmlab/internal/todo"
	refblock "lsmlab/solution/week1/block"
	refengine "lsmlab/solution/week1/engine"
	reffilter "lsmlab/solution/week1/filter"
	"lsmlab/week1/block"
	"lsmlab/week1/engine"
	"lsmlab/week1/filter"
)

// flags are the command line.
type flags struct {
	Entries  int   `default:"200000" help:"Keys in a store."`
	Rounds   int   `default:"3" help:"Rounds; each store runs once in each."`
	Memtable int   `default:"4" help:"MiB of a memtable."`
	Cache    int64 `default:"64" help:"MiB of block cache."`
	Plain    bool  `help:"Without filters and with plain keys, so that it works before day 7."`
}

func main() {
	var f flags
	about := kong.Description("Measures the student's engine beside the reference.")
	kong.Parse(&f, kong.Name("lsm-bench"), about, kong.Exit(func(code int) { os.Exit(min(code, 1)) }))
	if err := run(f); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures and prints. A task that is not done yet is an error like any other.
func run(f flags) (err error) {
	defer func() {
		if text, ok := todo.Recovered(recover()); ok {
			err = errors.New("the student's engine: " + text + "; try --plain, or finish that day first")
		}
	}()
	if f.Entries < 1 || f.Rounds < 1 || f.Memtable < 1 || f.Cache < 1 {
		return errors.New("--entries, --rounds, --memtable and --cache count from 1")
	}
	t, err := bench.Run(bench.Plan{
		Peers: []bench.Peer{
			{Name: "reference", Open: openReference(f.Plain)},
			{Name: "student", Open: openStudent(f.Plain)},
		},
		Entries: f.Entries, Rounds: f.Rounds, Progress: os.Stderr, AtLeast: 300 * time.Millisecond,
		Settings: bench.Settings{Memtable: f.Memtable << 20, Cache: f.Cache << 20, Bits: 10},
	})
	if err != nil {
		return err
	}
	t.Print(os.Stdout)
	return nil
}

// openReference returns how to open the reference's engine.
func openReference(plain bool) func(string, bench.Settings) (bench.Store, error) {
	return func(dir string, s bench.Settings) (bench.Store, error) {
		o := &refengine.Options{MemtableSize: s.Memtable, CacheSize: s.Cache}
		if !plain {
			o.Filter, o.Codec = reffilter.Bloom(s.Bits), refblock.Prefix()
		}
		e, err := refengine.Open(dir, o)
		if err != nil {
			return nil, err
		}
		return bench.Over[*refengine.Scan](e), nil
	}
}

// openStudent returns how to open the student's engine.
func openStudent(plain bool) func(string, bench.Settings) (bench.Store, error) {
	return func(dir string, s bench.Settings) (bench.Store, error) {
		o := &engine.Options{MemtableSize: s.Memtable, CacheSize: s.Cache}
		if !plain {
			o.Filter, o.Codec = filter.Bloom(s.Bits), block.Prefix()
		}
		e, err := engine.Open(dir, o)
		if err != nil {
			return nil, err
		}
		return bench.Over[*engine.Scan](e), nil
	}
}
